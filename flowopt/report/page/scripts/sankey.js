// -- the diagram from the fields to the markets ---------------------------------------------------
const SANKEY = { bar: 12, gap: 5, least: 15, tall: 430, top: 26, size: 11.5 };
const least = (stage) => (stage === 1 || stage === 2 ? 29 : SANKEY.least); // in the middle, name and number have a line each

drawers.sankey = (host, data) => {
  let [view, flow] = ["change", 0];
  document.querySelector(`[data-for="${host.id}"]`).addEventListener("change", (event) => {
    view = event.target.value;
    draw();
  });
  function draw() {
    host.replaceChildren();
    const width = Math.max(720, host.clientWidth);
    const side = Math.round(Math.min(220, width * 0.19));
    const drawn = { ...data, ...data.flows[flow] };
    const layout = placedBoxes(drawn, width, side);
    const svg = canvas(host, width, layout.height, "Diagram: growing areas, first processing, exits, markets", "sankey");
    data.headings.forEach((text, i) => element("text", { class: "heading", x: layout.x(i) + (i === 3 ? 0 : SANKEY.bar),
      y: 14, "text-anchor": i === 0 ? "end" : i === 3 ? "start" : "middle", "font-size": 12 }, svg, text));
    const bands = element("g", { class: "bands" }, svg);
    const most = drawBands(bands, drawn, layout, view);
    drawBoxes(svg, drawn, layout, view, side, width);
    host.dataset.bands = bands.childElementCount;
    const what = { before: "Without measures.", after: "Under the plan, in the places of before.",
      change: "The change: orange bands carry more, blue ones less; hollow boxes are before, full ones after." }[view];
    document.getElementById("sankey-note").textContent = `${what} The widest band is ${say(most)} ${data.unit}.`;
  }
  return Object.assign(draw, { chooseNetwork: (i) => { flow = i; draw(); } });
};

const one = (t) => t.toLocaleString("en-US", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const shown = (t, view) => (view === "before" ? t[0] : view === "after" ? t[1] : t[1] - t[0]);

// Boxes keep their places in every view: each has room for the larger of before and after.
function placedBoxes(data, width, side) {
  const inner = width - 2 * side;
  const x = (stage) => side + (stage * (inner - SANKEY.bar)) / 3;
  const stages = data.headings.map((_, i) => data.boxes.filter((box) => box.stage === i));
  const most = Math.max(LEAST, ...stages.map((boxes) => sum(boxes.map((box) => Math.max(...box.t)))));
  const scale = SANKEY.tall / most;
  let height = 0;
  const places = new Map();
  for (const boxes of stages) {
    let y = SANKEY.top;
    for (const box of boxes) {
      const room = Math.max(...box.t) * scale;
      places.set(box, { y: y + Math.max(0, (least(box.stage) - room) / 2), room });
      y += Math.max(least(box.stage), room) + SANKEY.gap;
    }
    height = Math.max(height, y);
  }
  return { x, scale, height, places };
}

function drawBands(group, data, layout, view) {
  const amounts = data.bands.map((band) => shown(band.t, view));
  let scale = layout.scale;
  if (view === "change") { // as wide as their boxes allow
    const through = new Map();
    data.bands.forEach((band, i) => {
      for (const end of [`o${band.from}`, `i${band.to}`]) through.set(end, (through.get(end) || 0) + Math.abs(amounts[i]));
    });
    const fits = [...through].map(([end, t]) => (t < LEAST ? Infinity : Math.max(SANKEY.least, layout.places.get(data.boxes[Number(end.slice(1))]).room) / t));
    scale = Math.min(4 * layout.scale, Math.max(layout.scale, Math.min(...fits)));
  }
  const start = (box) => layout.places.get(box).y;
  const [out, into] = [new Map(), new Map()];
  const order = data.bands.map((_, i) => i).sort((a, b) => data.bands[a].from - data.bands[b].from || data.bands[a].to - data.bands[b].to);
  let most = 0;
  for (const i of order) {
    const t = amounts[i];
    if (Math.abs(t) < LEAST) continue;
    most = Math.max(most, Math.abs(t));
    const [tail, head] = [data.boxes[data.bands[i].from], data.boxes[data.bands[i].to]];
    const w = Math.abs(t) * scale;
    const y0 = start(tail) + (out.get(tail) || 0), y1 = start(head) + (into.get(head) || 0);
    out.set(tail, (out.get(tail) || 0) + w);
    into.set(head, (into.get(head) || 0) + w);
    const [x0, x1] = [layout.x(tail.stage) + SANKEY.bar, layout.x(head.stage)];
    const m = (x0 + x1) / 2;
    const f = (v) => v.toFixed(1);
    const d = `M${f(x0)},${f(y0)}C${f(m)},${f(y0)} ${f(m)},${f(y1)} ${f(x1)},${f(y1)}V${f(y1 + w)}C${f(m)},${f(y1 + w)} ${f(m)},${f(y0 + w)} ${f(x0)},${f(y0 + w)}Z`;
    const classes = view !== "change" ? "flow" : t > 0 ? "more" : "less";
    const path = element("path", { class: `band ${classes}`, d }, group);
    const [before, after] = data.bands[i].t;
    tells(path, () => [`${tail.name} → ${head.name}`, `before ${say(before)}, after ${say(after)} ${data.unit}`, signed(after - before)]);
  }
  return most;
}

function drawBoxes(svg, data, layout, view, side, width) {
  const group = element("g", { class: "boxes" }, svg);
  const texts = element("g", { class: "labels" }, svg);
  const middle = layout.x(1) - layout.x(0) - SANKEY.bar;
  for (const box of data.boxes) {
    const { y, room } = layout.places.get(box);
    const x = layout.x(box.stage);
    const [before, after] = box.t;
    const kind = ["area", "site", "exit", "market"][box.stage];
    const full = Math.max(0.8, (view === "before" ? before : after) * layout.scale);
    if (view === "change") element("rect", { class: "was", x, y, width: SANKEY.bar, height: Math.max(0.8, before * layout.scale) }, group);
    const bar = element("rect", { class: `stage ${kind}`, x, y, width: SANKEY.bar, height: full }, group);
    tells(bar, () => [box.name, `before ${say(before)}, after ${say(after)} ${data.unit}`, signed(after - before)]);
    const number = view !== "change" ? one(shown(box.t, view))
      : Math.abs(after - before) < 0.05 ? one(after) : `${one(after)} (${after > before ? "+" : "−"}${one(Math.abs(after - before))})`;
    const left = box.stage < 2; // between the first two stages there are few bands
    const space = (box.stage === 0 || box.stage === 3 ? side : middle * 0.94) - 8;
    const anchor = left ? "end" : "start";
    const tx = left ? x - 6 : x + SANKEY.bar + 6;
    const s = SANKEY.size;
    const two = Math.max(room, least(box.stage)) >= 2.2 * s;
    const rows = two ? [...lines(box.name, space, room >= 3.5 * s ? 2 : 1, s), number]
      : [`${clipped(box.name, space - wide(`  ${number}`, s), s)}  ${number}`];
    const from = y + Math.max(room, 0.8) / 2 - ((rows.length - 1) * s * 1.15) / 2 + s * 0.35;
    const text = element("text", { "text-anchor": anchor, "font-size": s, class: box.stage === 1 || box.stage === 2 ? "halo" : "" }, texts);
    rows.forEach((row, i) => {
      const last = i === rows.length - 1;
      const line = element("tspan", { x: tx.toFixed(1), y: (from + i * s * 1.15).toFixed(1) }, text, last && !two ? row.slice(0, row.length - number.length) : row);
      if (last && two) line.setAttribute("class", "number");
      if (last && !two) element("tspan", { class: "number" }, text, number);
    });
    element("title", {}, text, `${box.name}: before ${say(before)}, after ${say(after)} ${data.unit}`);
  }
}
