// -- what money buys ------------------------------------------------------------------------------
drawers.frontier = (host, data) => {
  let chosen = data.chosen;
  const select = document.getElementById(`budget-${data.number}`);
  const panel = document.getElementById(`chosen-${data.number}`);
  function choose(i) {
    chosen = i;
    select.value = String(i);
    draw();
    tellPlan(panel, data, i);
    const map = figures[`map-${data.number}`];
    if (map) map.choose(i + 1);
  }
  select.addEventListener("change", () => choose(Number(select.value)));
  function draw() {
    host.replaceChildren();
    drawFrontier(host, data, chosen, choose);
  }
  return Object.assign(draw, { start: () => choose(chosen) });
};

function drawFrontier(host, data, chosen, choose) {
  const width = Math.max(300, host.clientWidth);
  const [left, right, top, middle, gap, low, bottom] = [58, 14, 36, 262, 34, 92, 44];
  const height = top + middle + gap + low + bottom;
  const svg = canvas(host, width, height, `Figure: ${data.what} by budget`, "frontier");
  const n = data.budgets.length;
  const [b0, b1] = [data.budgets[0], data.budgets[n - 1]];
  const x = (b) => left + (b1 > b0 ? ((b - b0) / (b1 - b0)) * (width - left - right) : (width - left - right) / 2);
  const bounds = data.bound.map((b, i) => (b === null ? data.value[i] : b));
  const values = [...data.value, ...bounds, ...data.ladder.y];
  const pad = 0.06 * (Math.max(...values) - Math.min(...values)) || 1;
  const [lowest, highest] = [Math.min(...values) - pad, Math.max(...values) + pad];
  const y = (v) => top + ((highest - v) / (highest - lowest)) * middle;
  const base = top + middle + gap + low;
  const most = Math.max(0, ...data.marginal.filter((m) => m !== null)) || 1;
  const h = (m) => base - (m / most) * low;
  const axes = element("g", { class: "axes" }, svg);
  for (const v of ticks(lowest, highest, 5)) rule(axes, left, width - right, y(v), numeral(v));
  for (const m of ticks(0, most, 3)) rule(axes, left, width - right, h(m), numeral(m));
  for (const b of ticks(b0, b1, Math.min(10, width / 80))) {
    element("text", { x: x(b), y: base + 16, "text-anchor": "middle", "font-size": 11 }, axes, numeral(b));
  }
  element("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle", "font-size": 12 }, axes, `budget, ${data.money}`);
  turned(axes, 13, top + middle / 2, data.what);
  turned(axes, 13, base - low / 2, `cut, ${data.per}`, low + 30);
  let band = "";
  for (let i = 0; i + 1 < n; i += 1) band += `M${x(data.budgets[i])},${y(data.value[i])}H${x(data.budgets[i + 1])}V${y(bounds[i + 1])}H${x(data.budgets[i])}Z`;
  element("path", { class: "band between", d: band }, svg);
  const bars = element("g", { class: "bars" }, svg);
  for (let i = 1; i < n; i += 1) {
    if (data.marginal[i] === null) continue;
    const [from, to] = [x(data.budgets[i - 1]), x(data.budgets[i])];
    const bar = element("rect", { class: `gain${i === chosen ? " chosen" : ""}`, x: from + 0.06 * (to - from), width: 0.88 * (to - from), y: h(data.marginal[i]), height: base - h(data.marginal[i]) }, bars);
    bar.dataset.i = i;
  }
  steps(svg, data.ladder.x, data.ladder.y, x, y, "ladder");
  data.ladder.x.forEach((b, i) => element("path", { class: "rung", d: "M0,-4.5L4.5,0L0,4.5L-4.5,0Z", transform: `translate(${x(b)},${y(data.ladder.y[i])})` }, svg));
  steps(svg, data.budgets, data.value, x, y, "best");
  data.budgets.forEach((b, i) => {
    if (data.knees.includes(b)) element("circle", { class: "ring", cx: x(b), cy: y(data.value[i]), r: 9 }, svg);
    element("circle", { class: `point${i === chosen ? " chosen" : ""}`, cx: x(b), cy: y(data.value[i]), r: i === chosen ? 6 : 4 }, svg);
  });
  element("path", { class: "at", d: `M${x(data.budgets[chosen])},${top}V${base}` }, svg);
  legend(svg, data, left);
  // One column for each budget takes the pointer.
  data.budgets.forEach((b, i) => {
    const from = i ? (x(b) + x(data.budgets[i - 1])) / 2 : left;
    const to = i + 1 < n ? (x(b) + x(data.budgets[i + 1])) / 2 : width - right;
    const column = element("rect", { class: "column", x: from, y: top, width: Math.max(1, to - from), height: base - top }, svg);
    tells(column, () => [`budget ${numeral(b)} ${data.money}`, `${say(data.value[i])} ${data.unit}`,
      ...(data.bound[i] === null ? [] : [`no plan below ${say(data.bound[i])}`]),
      ...(data.marginal[i] === null ? [] : [`the last ones cut ${data.marginal[i].toFixed(3)} ${data.per}`])]);
    column.addEventListener("click", () => choose(i));
  });
}

function rule(axes, from, to, y, text) {
  element("path", { class: "grid", d: `M${from},${y.toFixed(1)}H${to}` }, axes);
  element("text", { x: from - 6, y: y + 4, "text-anchor": "end", "font-size": 11 }, axes, text);
}

function turned(axes, x, y, text, room = 300) {
  element("text", { x, y, "text-anchor": "middle", "font-size": 12, transform: `rotate(-90 ${x} ${y})` }, axes, clipped(text, room));
}

function steps(svg, xs, ys, x, y, name) {
  if (!xs.length) return;
  const d = xs.map((b, i) => (i ? `H${x(b)}V${y(ys[i])}` : `M${x(b)},${y(ys[i])}`)).join("");
  element("path", { class: `line ${name}`, d }, svg);
}

function legend(svg, data, left) {
  const items = [["best", "best plan"], ...(data.ladder.x.length ? [["ladder", "the ladder"]] : []), ...(data.knees.length ? [["ring", "knee"]] : [])];
  const group = element("g", { class: "key" }, svg);
  let at = left;
  for (const [name, text] of items) {
    if (name === "ring") element("circle", { class: "ring", cx: at + 12, cy: 13, r: 7 }, group);
    else element("path", { class: `line ${name}`, d: `M${at},13h24` }, group);
    element("text", { x: at + 30, y: 17, "font-size": 12 }, group, text);
    at += wide(text) + 46;
  }
}

// The plan of one budget, and what is new in it.
function tellPlan(panel, data, i) {
  const plan = data.plans[i];
  panel.replaceChildren();
  const left = `${say(data.value[i])} ${data.unit} ${data.says}`;
  tag("p", {}, panel).append(tag("strong", {}, null, `${numeral(data.budgets[i])} ${data.money}: ${left}`), `; the plan costs ${plan.spent.toFixed(2)} ${data.money}.`);
  if (!plan.measures.length) { tag("p", {}, panel, "It buys nothing."); return; }
  const list = tag("ol", {}, panel);
  for (const measure of plan.measures) {
    const item = tag("li", { id: `chosen-${data.number}-${encodeURIComponent(measure.id)}` }, list);
    item.append(`${measure.name} `, tag("span", { class: "id" }, null, `${measure.id}, ${measure.cost.toFixed(2)} ${data.money}`));
    if (measure.new && i) item.append(" ", tag("span", { class: "new" }, null, "new"));
  }
  if (plan.gone.length && i) tag("p", { class: "about" }, panel, `No longer in it: ${plan.gone.join("; ")}.`);
  const tools = tag("p", { class: "tools" }, panel);
  const ids = `--measures ${plan.measures.map((measure) => measure.id).join(",")}`;
  const button = tag("button", { type: "button", "data-copy": ids }, tools, "Copy the plan");
  tag("span", { class: "small", role: "status", "data-copied": "" }, tools);
  button.addEventListener("click", () => copyText(button));
}
