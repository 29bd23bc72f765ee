// -- the map --------------------------------------------------------------------------------------
const SHAPES = { // by kind, so that those who don't see colours tell them apart
  "growing area": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z", "precursor origin": "M0,-5L5,0L0,5L-5,0Z",
  processing: "M-4,-4H4V4H-4Z", transit: "M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0Z", airstrip: "M0,-5L5,4H-5Z",
  port: "M0,-5L5,-1L3,4H-3L-5,-1Z", border: "M-4,-4L4,4M4,-4L-4,4",
  market: "M0,-6L1.8,-1.9L6,-1.9L2.7,1L3.8,5.5L0,2.9L-3.8,5.5L-2.7,1L-6,-1.9L-1.8,-1.9Z",
};
const PLACES = { source: 14, world: 13 }; // labels
const STRIP = 24; // pixels, for the key
const BUNDLE = { source: 5, world: 13 }; // pixels: places as near as that are drawn as one

drawers.map = (host, data) => {
  const state = { view: "change", goods: 0, before: 0, plan: data.states.length > 2 ? data.states.length - 1 : 1 };
  host.classList.toggle("single", data.panels.length === 1);
  const panels = data.panels.map((panel) => newPanel(host, data, panel, () => paint()));
  const key = tag("ul", { class: "kinds", "aria-label": "Kinds of places" }, host);
  for (const kind of [...new Set(data.places.map((place) => place.kind))].sort()) {
    const item = tag("li", {}, key);
    const svg = element("svg", { class: "fig", viewBox: "-7 -7 14 14", width: 16, height: 16, "aria-hidden": "true" }, item);
    element("path", { d: SHAPES[data.kinds[kind]], class: `place kind-${kind}` }, svg);
    item.append(data.kinds[kind]);
  }
  const biggest = tag("div", { class: "biggest" }, host);
  function paint() {
    for (const panel of panels) if (panel.svg) panel.svg.remove();
    const counts = panels.map((panel) => drawPanel(panel, data, state));
    drawBiggest(biggest, data, state);
    const note = document.getElementById(`${host.id}-note`);
    const what = { before: "without measures", after: "under the plan",
      change: "the change: full orange lines carry more, dashed blue lines less" }[state.view];
    host.dataset.legs = counts[0].legs;
    note.textContent = `${counts[0].legs} legs, ${what}. Width is in proportion to tonnes, in each panel by its key.`;
  }
  const controls = document.querySelector(`[data-for="${host.id}"]`);
  controls.addEventListener("change", (event) => {
    if (event.target.name) state.view = event.target.value;
    else state.goods = Number(event.target.value);
    paint();
  });
  const choose = (plan, before = 0) => { Object.assign(state, { plan, before }); paint(); };
  return Object.assign(paint, { choose, chooseNetwork: (i) => choose(2 * i + 1, 2 * i) });
};

function newPanel(host, data, panel, paint) {
  const box = tag("div", { class: `panel ${panel.key}` }, host);
  const head = tag("div", { class: "head" }, box);
  tag("span", { class: "title" }, head, panel.title);
  const tools = tag("span", { class: "script", role: "group", "aria-label": `View of ${panel.title}` }, head);
  const found = { ...panel, element: box, zoom: 1, centre: null, svg: null };
  for (const [text, label, factor] of [["+", "closer", 1.6], ["−", "further away", 1 / 1.6], ["⟲", "all of it", 0]]) {
    tag("button", { type: "button", "aria-label": `${panel.title}: ${label}`, "data-zoom": factor }, tools, text)
      .addEventListener("click", () => {
        found.zoom = factor ? Math.max(1, Math.min(40, found.zoom * factor)) : 1;
        if (found.zoom === 1) found.centre = null;
        paint();
      });
  }
  let from = null;
  box.addEventListener("pointerdown", (event) => {
    if (event.target.closest("a, button") || found.zoom === 1) return;
    from = [event.clientX, event.clientY];
    box.setPointerCapture(event.pointerId);
  });
  box.addEventListener("pointermove", (event) => {
    if (!from) return;
    const p = found.project;
    const [x, y] = [event.clientX - from[0], event.clientY - from[1]];
    from = [event.clientX, event.clientY];
    found.centre = p.back(p.width / 2 - x, p.height / 2 - y);
    paint();
  });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, () => { from = null; });
  return found;
}

// A cylindrical projection: the world by Patterson's, a country by its own middle.
function projection(panel, width, height) {
  const [west, east, south, north] = panel.box;
  const world = north - south > 90;
  const rise = (lat) => {
    if (!world) return lat;
    const f = (lat * Math.PI) / 180;
    return (180 / Math.PI) * f * (1.0148 + f ** 4 * (0.23185 + f ** 2 * (-0.14499 + f ** 2 * 0.02406)));
  };
  const narrow = world ? 1 : Math.cos((((south + north) / 2) * Math.PI) / 180);
  const fit = Math.min(width / ((east - west) * narrow), height / (rise(north) - rise(south)));
  const scale = fit * panel.zoom;
  const middle = panel.centre || [(west + east) / 2, (rise(south) + rise(north)) / 2];
  const at = (lon, lat) => [width / 2 + (lon - middle[0]) * narrow * scale, height / 2 - (rise(lat) - middle[1]) * scale];
  const back = (x, y) => [middle[0] + (x - width / 2) / (narrow * scale), middle[1] - (y - height / 2) / scale];
  return { at, back, scale, width, height, world };
}

function drawPanel(panel, data, state) {
  const width = Math.max(280, panel.element.clientWidth);
  const [west, east, south, north] = panel.box;
  const tall = panel.key === "source" ? 1.18 : 0.62;
  const height = Math.round(Math.max(200, Math.min(660, width * Math.min(tall, Math.max(0.45, (north - south) / (east - west))))));
  const p = (panel.project = projection(panel, width, height));
  const svg = (panel.svg = canvas(panel.element, width, height + STRIP, `Map of ${panel.title}`, "map"));
  element("rect", { class: "sea", width, height }, svg);
  element("path", { class: "land", d: outlined(panel.land, p) }, svg);
  const taken = [];
  const ends = clusters(panel, data, p);
  const { bundles, legs } = bundled(panel, data, state, p, ends);
  panel.most = widestOf(bundles, panel, data, state, p, ends);
  drawBundles(svg, state, p, bundles, panel, data);
  const seen = drawPlaces(svg, data, p, ends, panel, taken);
  drawRings(svg, data, state, p, panel, taken);
  drawLabels(svg, p, seen, panel, taken);
  drawCountries(svg, p, panel, taken);
  drawKey(svg, data, panel, p, state);
  return { legs };
}

const inside = (p, [x, y], margin = 0) => x >= -margin && y >= -margin && x <= p.width + margin && y <= p.height + margin;

// Places that are nearer to each other than some pixels, the one that most passes first.
function clusters(panel, data, p) {
  const found = [];
  const by = new Map();
  for (const place of data.places) {
    const at = p.at(...place.at);
    let home = found.find((c) => Math.hypot(c.at[0] - at[0], c.at[1] - at[1]) <= BUNDLE[panel.key]);
    if (!home) found.push((home = { at, lonlat: place.at, places: [] }));
    home.places.push(place);
    by.set(String(place.at), home);
  }
  return { found, by };
}

// Legs as lines: at sea by the stretches they share, elsewhere by the places they join.
function bundled(panel, data, state, p, ends) {
  const sums = new Map();
  let legs = 0;
  const add = (key, way, sea, leg, amounts) => {
    if (!sums.has(key)) sums.set(key, { way, sea, before: 0, after: 0, legs: [] });
    const one = sums.get(key);
    one.before += amounts[0];
    one.after += amounts[1];
    one.legs.push({ leg, amounts });
  };
  for (const leg of data.legs) {
    const amounts = [leg.t[state.goods][state.before], leg.t[state.goods][state.plan]];
    if (Math.abs(worth({ before: amounts[0], after: amounts[1] }, state.view)) >= LEAST) legs += 1;
    if (Math.max(...amounts) < LEAST || (panel.key === "world" && data.panels.length > 1 && leg.home)) continue;
    const n = leg.way.length;
    const tail = ends.by.get(String([leg.way[0], leg.way[1]]));
    const turn = Math.round((leg.way[n - 2] - ((leg.way[n - 2] + 540) % 360 - 180)) / 360) * 360;
    const head = ends.by.get(String([Number((leg.way[n - 2] - turn).toFixed(2)), leg.way[n - 1]]));
    const start = tail ? tail.lonlat : [leg.way[0], leg.way[1]];
    const end = head ? [head.lonlat[0] + turn, head.lonlat[1]] : [leg.way[n - 2], leg.way[n - 1]];
    if (tail && tail === head) continue;
    if (!leg.sea) {
      add(`${start}>${end}`, [start, end], false, leg, amounts);
      continue;
    }
    const way = [start];
    for (let i = 2; i < n - 2; i += 2) way.push([leg.way[i], leg.way[i + 1]]);
    way.push(end);
    for (let i = 0; i + 1 < way.length; i += 1) {
      const shift = Math.round(way[i][0] / 360) * 360; // the same stretch, whichever way round
      const [a, b] = [way[i], way[i + 1]].map(([x, y]) => [Number((x - shift).toFixed(2)), y]);
      add(`${a}~${b}`, [a, b], true, leg, amounts);
    }
  }
  const bundles = [...sums.values()].map((one) => ({ ...one, t: worth(one, state.view) }));
  bundles.sort((a, b) => Math.abs(a.t) - Math.abs(b.t));
  return { bundles, legs };
}

const worth = (one, view) => (view === "before" ? one.before : view === "after" ? one.after : one.after - one.before);

function widest(bundles, state) {
  const all = bundles.map((b) => (state.view === "change" ? Math.abs(b.t) : Math.max(b.before, b.after)));
  return Math.max(LEAST, ...all);
}

const thick = (t, most) => 0.7 + 8.3 * (Math.abs(t) / most);

// Periods side by side, or one after another, share one scale.
function widestOf(bundles, panel, data, state, p, ends) {
  if (!data.common) return widest(bundles, state);
  const every = data.states.map((_, i) => i).filter((i) => i % 2 === 0);
  return Math.max(...every.map((before) => {
    const then = { ...state, before, plan: before + 1 };
    return widest(bundled(panel, data, then, p, ends).bundles, then);
  }));
}

function drawBundles(svg, state, p, bundles, panel, data) {
  const most = panel.most;
  const group = element("g", { class: "legs" }, svg);
  const arrows = element("g", { class: "arrows" }, svg);
  for (const one of bundles) {
    if (Math.abs(one.t) < LEAST) continue;
    const classes = state.view !== "change" ? "flow" : one.t > 0 ? "more" : "less";
    const width = thick(one.t, most);
    for (const shift of p.world ? [0, -360, 360] : [0]) {
      const [a, b] = one.way.map(([x, y]) => p.at(x + shift, y));
      if (!inside(p, a, 40) && !inside(p, b, 40) && shift) continue;
      const c = control(a, b, one.sea);
      const d = curve(a, b, c);
      const path = element("path", { class: `leg ${classes}`, d, "stroke-width": width.toFixed(2) }, group);
      const touch = element("path", { class: "touch", d, "stroke-width": Math.max(11, width) }, group);
      tells(touch, () => bundleTip(one, data));
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (length > (one.sea ? 45 : 26) && width > 1.05) {
        // On the curve at 0.6 of its parameter, along its tangent there.
        const at = [0, 1].map((i) => 0.16 * a[i] + 0.48 * c[i] + 0.36 * b[i]);
        const to = [0, 1].map((i) => 0.8 * (c[i] - a[i]) + 1.2 * (b[i] - c[i]));
        const turn = (Math.atan2(to[1], to[0]) * 180) / Math.PI;
        const size = Math.min(8, 3.4 + width * 0.55);
        element("path", { class: `arrow ${classes}`, d: `M${size},0L${-size * 0.7},${size * 0.75}L${-size * 0.7},${-size * 0.75}Z`,
          transform: `translate(${at[0].toFixed(1)},${at[1].toFixed(1)}) rotate(${turn.toFixed(0)})` }, arrows);
      }
      path.dataset.t = one.t;
    }
  }
}

function bundleTip(one, data) {
  const parts = [...one.legs].sort((a, b) => Math.max(...b.amounts) - Math.max(...a.amounts));
  const told = ({ leg, amounts }) => `${leg.from} → ${leg.to}${leg.mode ? `, ${leg.mode}` : ""}: ${say(amounts[0])} → ${say(amounts[1])}`;
  const head = parts.length === 1 ? `${parts[0].leg.from} → ${parts[0].leg.to}` : `${parts.length} legs run together here`;
  const rest = parts.length > 6 ? [`and ${parts.length - 6} more`] : [];
  return [head, `before ${say(one.before)}, after ${say(one.after)} ${data.unit} (${signed(one.after - one.before)})`,
    ...(parts.length > 1 ? parts.slice(0, 6).map(told) : [[parts[0].leg.mode, parts[0].leg.arc].filter(Boolean).join(", ")]), ...rest];
}

// Outlines of the land as one path.
function outlined(land, p) {
  return land.map((ring) => {
    let d = "";
    for (let i = 0; i < ring.length; i += 2) d += `${i ? "L" : "M"}${p.at(ring[i], ring[i + 1]).map((v) => v.toFixed(1))}`;
    return `${d}Z`;
  }).join("");
}

// A control point to the right of the way; y grows downwards.
function control(a, b, sea) {
  const bow = sea ? 0 : 0.24;
  return [(a[0] + b[0]) / 2 - bow * (b[1] - a[1]), (a[1] + b[1]) / 2 + bow * (b[0] - a[0])];
}

const curve = (a, b, c) => `M${a.map((v) => v.toFixed(1))}Q${c.map((v) => v.toFixed(1))} ${b.map((v) => v.toFixed(1))}`;

function drawPlaces(svg, data, p, ends, panel, taken) {
  const group = element("g", { class: "places" }, svg);
  const seen = [];
  for (const cluster of ends.found) {
    const at = p.at(...cluster.lonlat);
    if (!inside(p, at)) continue;
    const first = cluster.places[0];
    if (panel.key === "world" && data.panels.length > 1 && !first.passing) continue;
    let kinds = [...new Set(cluster.places.map((place) => place.kind))];
    kinds = panel.key === "source" ? kinds.slice(0, 4) : kinds.slice(0, 1);
    const one = element("g", {}, group);
    kinds.forEach((kind, i) => element("path", { class: `place kind-${kind}`, d: SHAPES[data.kinds[kind]],
      transform: `translate(${(at[0] + 9 * (i - (kinds.length - 1) / 2)).toFixed(1)},${at[1].toFixed(1)})` }, one));
    tells(one, () => [first.name, ...cluster.places.slice(1, 8).map((place) => place.name),
      [data.kinds[first.kind], first.country].filter(Boolean).join(", ")]);
    const half = 4.5 * kinds.length + 1;
    taken.push([at[0] - half, at[1] - 6, at[0] + half, at[1] + 6]);
    const named = cluster.places.filter((place) => panel.key === "source" || (place.passing && !(place.home && data.panels.length > 1)));
    const best = Math.min(...named.map((place) => rankOf(data, place)));
    const labels = named.filter((place) => rankOf(data, place) === best).map((place) => place.label).sort((a, b) => a.length - b.length);
    if (labels.length && first.passing) seen.push({ at, half, text: labels[0], passing: first.passing });
  }
  return seen;
}

// Of several places drawn as one, a port or the land names it sooner than a workshop there.
const NAMING = ["port", "growing area", "transit", "border", "market", "airstrip", "precursor origin", "processing"];
const rankOf = (data, place) => NAMING.indexOf(data.kinds[place.kind]) + (place.home && data.kinds[place.kind] === "market" ? 10 : 0);

const free = (taken, [a, b, c, d]) => !taken.some(([e, f, g, h]) => a < g && c > e && b < h && d > f);

function placed(p, taken, at, half, text, size, gap = 6) {
  const [w, h] = [wide(text, size), size * 1.1];
  const spots = [[at[0] + half + 3, at[1]], [at[0] - half - 3 - w, at[1]], [at[0] - w / 2, at[1] - gap - h / 2 - 2],
    [at[0] - w / 2, at[1] + gap + h / 2 + 2], [at[0] + half, at[1] - h * 0.8], [at[0] + half, at[1] + h * 0.8],
    [at[0] - half - w, at[1] - h * 0.8], [at[0] - half - w, at[1] + h * 0.8]];
  for (const [x, y] of spots) {
    const box = [x - 1, y - h / 2, x + w + 1, y + h / 2];
    if (box[0] > 2 && box[1] > 2 && box[2] < p.width - 2 && box[3] < p.height - 2 && free(taken, box)) {
      taken.push(box);
      return [x, y];
    }
  }
  return null;
}

function drawLabels(svg, p, seen, panel, taken) {
  const group = element("g", { class: "labels" }, svg);
  let left = PLACES[panel.key] || PLACES.world;
  const size = 11;
  for (const { at, half, text } of [...seen].sort((a, b) => b.passing - a.passing)) {
    if (!left) break;
    const spot = placed(p, taken, at, half, text, size);
    if (!spot) continue;
    element("text", { x: spot[0].toFixed(1), y: (spot[1] + size * 0.35).toFixed(1), "font-size": size }, group, text);
    left -= 1;
  }
}

function drawCountries(svg, p, panel, taken) {
  const group = element("g", { class: "countries" }, svg);
  let left = panel.key === "source" ? 12 : 8;
  for (const country of panel.countries) {
    if (!left) break;
    const at = p.at(...country.at);
    const w = wide(country.name, 11) * 1.15;
    const box = [at[0] - w / 2, at[1] - 7, at[0] + w / 2, at[1] + 7];
    if (box[0] < 2 || box[1] < 2 || box[2] > p.width - 2 || box[3] > p.height - 2 || !free(taken, box)) continue;
    taken.push(box);
    element("text", { x: at[0].toFixed(1), y: (at[1] + 4).toFixed(1), "font-size": 11 }, group, country.name.toUpperCase());
    left -= 1;
  }
}

// Numbered rings where the plan acts: the ranks of its measures, each leading to its row.
function drawRings(svg, data, state, p, panel, taken) {
  // In the world those of the source country would all be one.
  const [west, east, south, north] = panel.key === "world" && data.panels.length > 1 ? data.panels[0].box : [1, -1, 1, -1];
  const elsewhere = ([x, y]) => x < west || x > east || y < south || y > north;
  const group = element("g", { class: "rings" }, svg);
  const rings = [];
  for (const mark of data.marks[state.plan] || []) {
    const at = p.at(...mark.at);
    if (!inside(p, at, 6) || !elsewhere(mark.at)) continue;
    const near = rings.find((ring) => Math.hypot(ring.at[0] - at[0], ring.at[1] - at[1]) < 7);
    if (near) mark.measures.forEach((name) => near.names.add(name));
    else rings.push({ at, names: new Set(mark.measures) });
  }
  const stems = element("g", {}, group);
  for (const ring of rings) {
    element("circle", { class: "ring", cx: ring.at[0].toFixed(1), cy: ring.at[1].toFixed(1), r: rings.length > 12 ? 6 : 9 }, group);
    taken.push([ring.at[0] - 10, ring.at[1] - 10, ring.at[0] + 10, ring.at[1] + 10]);
  }
  for (const ring of rings) {
    const names = [...ring.names].sort((a, b) => data.ranks[state.plan][a] - data.ranks[state.plan][b]);
    const spots = [17, 24, 33, 42].flatMap((r) => [-40, 40, 140, 220, 0, 180, 90, 270].map((a) => [r * Math.cos((a * Math.PI) / 180), r * Math.sin((a * Math.PI) / 180)]));
    names.slice(0, 6).forEach((name) => {
      const rank = String(data.ranks[state.plan][name]);
      const spot = spots.map(([x, y]) => [ring.at[0] + x, ring.at[1] + y])
        .find(([x, y]) => free(taken, [x - 8, y - 8, x + 8, y + 8])) || [ring.at[0] + 13, ring.at[1] - 11];
      taken.push([spot[0] - 8, spot[1] - 8, spot[0] + 8, spot[1] + 8]);
      element("path", { class: "stem", d: `M${ring.at.map((v) => v.toFixed(1))}L${spot.map((v) => v.toFixed(1))}` }, stems);
      const link = element("a", { class: "badge", href: `#${data.rows[name]}`, "data-measure": name,
        "aria-label": `Rank ${rank}: ${data.names[name]}` }, group);
      if (!document.getElementById(data.rings[name])) link.id = data.rings[name];
      element("circle", { cx: spot[0].toFixed(1), cy: spot[1].toFixed(1), r: 8 }, link);
      element("text", { x: spot[0].toFixed(1), y: (spot[1] + 3.8).toFixed(1), "font-size": 11, "text-anchor": "middle" }, link, rank);
      tells(link, () => [`${rank}. ${data.names[name]}`]);
    });
  }
}

// The key stands in a strip below the map, where it hides nothing.
function drawKey(svg, data, panel, p, state) {
  const most = panel.most;
  const group = element("g", { class: "key", transform: `translate(0,${p.height})` }, svg);
  element("rect", { width: p.width, height: STRIP }, group);
  if (!(most > LEAST)) return;
  const top = round(most);
  const items = [top, round(top / 4), ...(p.width < 460 ? [] : [round(top / 20)])].filter((t, i, all) => t >= LEAST && all.indexOf(t) === i)
    .map((t) => ["plain", `${say(t)} ${data.unit}`, thick(t, most)]);
  if (state.view === "change") items.push(["more", "more", 3], ["less", "less", 3]);
  let at = 2;
  for (const [name, text, width] of items) {
    element("path", { class: `leg ${name}`, d: `M${at},13h26`, "stroke-width": width.toFixed(2) }, group);
    element("text", { x: at + 31, y: 17, "font-size": 11 }, group, text);
    at += 46 + wide(text, 11);
  }
}

// The legs that change most, or carry most, in words.
function drawBiggest(list, data, state) {
  const legs = data.legs.map((leg) => ({ leg, before: leg.t[state.goods][state.before], after: leg.t[state.goods][state.plan] }))
    .map((one) => ({ ...one, t: worth(one, state.view) })).filter(({ t }) => Math.abs(t) >= 0.05)
    .sort((a, b) => Math.abs(b.t) - Math.abs(a.t)).slice(0, 8);
  list.replaceChildren();
  tag("p", { class: "title" }, list, state.view === "change" ? "The largest changes" : "The largest flows");
  const rows = tag("ol", {}, list);
  for (const { leg, before, after, t } of legs) {
    const item = tag("li", {}, rows);
    item.append(tag("span", {}, null, `${leg.from} → ${leg.to}${leg.mode ? `, ${leg.mode}` : ""}`),
      tag("span", { class: `n ${state.view !== "change" ? "" : t > 0 ? "more" : "less"}` }, null,
        state.view === "change" ? `${say(before)} → ${say(after)} (${signed(t)})` : say(t)));
  }
  if (!legs.length) tag("li", {}, rows, "none");
}
