// -- small maps side by side: one for each period, on one scale ------------------------------------
drawers.maps = (host, data) => () => {
  host.replaceChildren();
  const map = DATA.figures[data.map];
  const found = map.panels.find((each) => each.key === data.panel) || map.panels[0];
  const panel = { ...found, key: "source" }; // with all legs, those at home as well
  const columns = Math.max(1, Math.min(data.periods.length, Math.floor((host.clientWidth + 12) / 172), 5));
  const width = Math.max(150, Math.floor((Math.max(280, host.clientWidth) - 12 * (columns - 1)) / columns));
  const [west, east, south, north] = panel.box;
  const height = Math.round(width * Math.min(1.25, Math.max(0.5, (north - south) / (east - west))));
  const p = projection({ ...panel, zoom: 1, centre: null }, width, height);
  const ends = clusters(panel, map, p);
  const drawn = data.periods.map((_, i) => {
    const state = { view: "after", goods: 0, before: 2 * i, plan: 2 * i + 1 };
    return { state, bundles: bundled(panel, map, state, p, ends).bundles };
  });
  const most = Math.max(LEAST, ...drawn.map((one) => widest(one.bundles, one.state)));
  drawn.forEach(({ bundles }, i) => {
    const box = tag("div", { class: "small-map" }, host);
    box.style.width = `${width}px`;
    tag("div", { class: "title" }, box, data.periods[i].name);
    const svg = canvas(box, width, height, `Map of ${panel.title}, ${data.periods[i].name}`, "map");
    element("rect", { class: "sea", width, height }, svg);
    element("path", { class: "land", d: outlined(panel.land, p) }, svg);
    const opened = new Set(data.opened[i].arcs);
    for (const one of bundles) if (one.t >= LEAST) drawSmall(svg, one, one.legs.some(({ leg }) => opened.has(leg.arc)), most, p);
    for (const at of data.opened[i].places.map((lonlat) => p.at(...lonlat))) {
      element("path", { class: "grown", d: "M0,-4.5L4.5,0L0,4.5L-4.5,0Z", transform: `translate(${at.map((v) => v.toFixed(1))})` }, svg);
    }
    for (const mark of map.marks[2 * i + 1] || []) {
      const at = p.at(...mark.at);
      if (inside(p, at)) element("circle", { class: "ring", cx: at[0].toFixed(1), cy: at[1].toFixed(1), r: 4.5 }, svg);
    }
  });
  const key = tag("ul", { class: "kinds" }, host);
  const items = [["leg flow", "M0,7H24", `flow, the widest ${say(most)} ${map.unit}`, 4], ["leg more", "M0,7H24", "on capacity opened by then", 4],
    ["grown", "M12,1.5L17.5,7L12,12.5L6.5,7Z", "fields, workshops or demand that grew", 0.8], ["ring", "M6.5,7a5.5,5.5 0 1,0 11,0a5.5,5.5 0 1,0 -11,0Z", "where the schedule acts", 2]];
  for (const [name, d, text, thickness] of items) {
    const item = tag("li", {}, key);
    const svg = element("svg", { class: "fig", viewBox: "0 0 24 14", width: 24, height: 14, "aria-hidden": "true" }, item);
    element("path", { class: name, d, "stroke-width": thickness }, svg);
    item.append(text);
  }
};

function drawSmall(svg, one, grown, most, p) {
  for (const shift of p.world ? [0, -360, 360] : [0]) {
    const [a, b] = one.way.map(([x, y]) => p.at(x + shift, y));
    if (shift && !inside(p, a, 40) && !inside(p, b, 40)) continue;
    element("path", { class: `leg ${grown ? "more" : "flow"}`, d: curve(a, b, control(a, b, one.sea)), "stroke-width": (0.6 + 5.4 * (one.t / most)).toFixed(2) }, svg);
  }
}
