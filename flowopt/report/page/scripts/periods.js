// -- figures by period: lines, stacked bars, and schedules as dots ---------------------------------
const YEARS = { size: 12, left: 52, tall: 250, top: 12, foot: 40 };
const MARKS = { // by the kind of a line, so that those who don't see colours tell them apart
  baseline: "M-4,-4L4,4M-4,4L4,-4", plan: "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z", closed: "M-3.6,-3.6H3.6V3.6H-3.6Z", myopic: "M0,-5L4.6,3.6H-4.6Z",
  "series-0": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z", "series-1": "M-3.6,-3.6H3.6V3.6H-3.6Z", "series-2": "M0,-5L4.6,3.6H-4.6Z",
  "series-3": "M0,-5L5,0L0,5L-5,0Z", "series-4": "M0,5L4.6,-3.6H-4.6Z", "series-5": "M0,-5.4L1.6,-1.7L5.4,-1.7L2.4,0.9L3.4,5L0,2.6L-3.4,5L-2.4,0.9L-5.4,-1.7L-1.6,-1.7Z",
  "series-6": "M-5,0H5M0,-5V5", "series-7": "M-4,-4L4,4M-4,4L4,-4",
};

// Where the periods stand from left to right, each as wide as it is long.
function spans(periods, left, right) {
  const years = sum(periods.map((each) => each.years));
  let at = left;
  return periods.map((each) => {
    const from = at;
    at += (each.years / years) * (right - left);
    return { from, to: at, middle: (from + at) / 2 };
  });
}

function nameSpans(axes, periods, places, y) {
  const most = Math.max(...periods.map((each) => wide(each.name, 11)));
  const every = Math.ceil((most + 8) / Math.max(1, Math.min(...places.map((place) => place.to - place.from))));
  periods.forEach((each, i) => {
    if (i % every) return;
    const room = every * (places[i].to - places[i].from);
    element("text", { x: places[i].middle.toFixed(1), y, "text-anchor": "middle", "font-size": 11 }, axes, clipped(each.name, Math.max(room, 40), 11));
  });
}

// Names beside the ends of lines, moved apart where they would lie on each other.
function apart(items, gap, low, high) {
  const found = [...items].sort((a, b) => a.y - b.y);
  found.forEach((item, i) => { item.at = Math.max(item.y, i ? found[i - 1].at + gap * found[i - 1].rows : low); });
  let floor = high;
  for (const item of [...found].reverse()) {
    item.at = Math.min(item.at, floor - gap * (item.rows - 1));
    floor = item.at - gap;
  }
  return found;
}

drawers.lines = (host, data) => () => {
  host.replaceChildren();
  const width = Math.max(280, host.clientWidth);
  const beside = width >= 620; // else names stand above the lines
  const side = beside ? Math.min(0.34 * width, Math.max(...data.lines.map((line) => wide(line.text))) + 28) : 10;
  const keys = beside ? [] : data.lines.map((line) => line.text);
  const top = YEARS.top + 10 + keys.length * 18;
  const height = top + YEARS.tall + YEARS.foot;
  const svg = canvas(host, width, height, `Figure: ${host.dataset.title}`, "lines");
  const all = data.lines.flatMap((line) => line.values);
  const pad = 0.08 * (Math.max(...all) - Math.min(...all)) || 0.1 * Math.abs(all[0]) || 1;
  const [low, high] = [Math.max(Math.min(0, ...all), Math.min(...all) - pad), Math.max(...all) + pad];
  const y = (v) => top + ((high - v) / (high - low)) * YEARS.tall;
  const places = spans(data.periods, YEARS.left, width - side - 6);
  const axes = element("g", { class: "axes" }, svg);
  for (const v of ticks(low, high, 5)) rule(axes, YEARS.left, width - side - 6, y(v), numeral(v));
  nameSpans(axes, data.periods, places, top + YEARS.tall + 18);
  element("text", { x: 0, y: height - 6, "font-size": 11 }, axes, clipped(`${data.what}, ${data.unit}${low > 0 ? "; the scale does not begin at 0" : ""}`, width, 11));
  const named = data.lines.map((line) => ({ line, y: y(line.values.at(-1)), rows: 1, texts: lines(line.text, side - 28, 3) }));
  for (const one of named) one.rows = one.texts.length;
  data.lines.forEach((line, place) => {
    const group = element("g", { class: `run ${line.kind}` }, svg);
    const points = line.values.map((v, i) => [places[i].middle, y(v)]);
    const drawn = element("path", { class: "line", d: points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)},${b.toFixed(1)}`).join("") }, group);
    if (line.kind.startsWith("series")) drawn.style.strokeWidth = `${2 + 1.2 * (data.lines.length - 1 - place)}px`; // lines that run together stay seen
    points.forEach(([a, b], i) => {
      const mark = element("path", { class: "mark", d: MARKS[line.kind], transform: `translate(${a.toFixed(1)},${b.toFixed(1)})` }, group);
      mark.dataset.v = line.values[i];
    });
  });
  if (beside) {
    for (const item of apart(named, 15, top + 4, top + YEARS.tall)) {
      const x = width - side;
      const end = places.at(-1).middle;
      element("path", { class: "lead", d: `M${(end + 7).toFixed(1)},${item.y.toFixed(1)}L${x - 2},${item.at.toFixed(1)}` }, svg);
      const group = element("g", { class: `run ${item.line.kind}`, transform: `translate(${x + 8},${item.at.toFixed(1)})` }, svg);
      element("path", { class: "mark", d: MARKS[item.line.kind] }, group);
      item.texts.forEach((text, i) => element("text", { x: 10, y: 4 + 15 * i, "font-size": YEARS.size }, group, text));
    }
  } else {
    data.lines.forEach((line, i) => {
      const group = element("g", { class: `run ${line.kind}`, transform: `translate(16,${YEARS.top + 18 * i})` }, svg);
      element("path", { class: "line", d: "M-14,0H14" }, group);
      element("path", { class: "mark", d: MARKS[line.kind] }, group);
      element("text", { x: 22, y: 4, "font-size": YEARS.size }, group, clipped(line.text, width - 44));
    });
  }
  places.forEach((place, i) => {
    const column = element("rect", { class: "column", x: place.from.toFixed(1), y: top, width: (place.to - place.from).toFixed(1), height: YEARS.tall }, svg);
    tells(column, () => [data.periods[i].name, ...data.lines.map((line) => `${line.text}: ${numeral(line.values[i])} ${data.unit}`)]);
  });
};

drawers.stack = (host, data) => {
  let chosen = 0;
  const key = tag("ul", { class: "kinds" }, null);
  data.parts.forEach((name, i) => {
    const item = tag("li", {}, key);
    const svg = element("svg", { class: "fig", viewBox: "0 0 14 14", width: 14, height: 14, "aria-hidden": "true" }, item);
    element("rect", { class: `part part-${i}`, width: 14, height: 14 }, svg);
    item.append(name);
  });
  function draw() {
    host.replaceChildren();
    const panels = data.sets[chosen];
    const width = Math.max(280, host.clientWidth);
    const beside = width >= 620;
    const gap = 34;
    const room = beside ? (width - gap * (panels.length - 1)) / panels.length : width;
    const each = 26 + YEARS.tall + 28;
    const height = (beside ? each : each * panels.length) + 16;
    const svg = canvas(host, width, height, `Figure: ${host.dataset.title}`, "stack");
    const most = Math.max(LEAST, ...data.sets.flat().flatMap((panel) => panel.bars.map(sum)));
    panels.forEach((panel, p) => {
      const left = beside ? p * (room + gap) : 0;
      const top = 26 + (beside ? 0 : p * each);
      const y = (t) => top + (1 - t / most) * YEARS.tall;
      const axes = element("g", { class: "axes" }, svg);
      element("text", { class: "number", x: left, y: top - 12, "font-size": YEARS.size }, svg, panel.title);
      for (const t of ticks(0, most, 4)) rule(axes, left + 40, left + room, y(t), numeral(t));
      const places = spans(data.periods, left + 42, left + room);
      nameSpans(axes, data.periods, places, top + YEARS.tall + 17);
      panel.bars.forEach((bar, i) => {
        let below = 0;
        const [x, w] = [places[i].from + 2, places[i].to - places[i].from - 4];
        bar.forEach((t, part) => {
          if (t < LEAST) return;
          const [bottom, over] = [y(below), y(below + t)];
          below += t;
          const rect = element("rect", { class: `part part-${part}`, x: x.toFixed(1), y: over.toFixed(1), width: Math.max(1, w).toFixed(1), height: Math.max(0.4, bottom - over).toFixed(1) }, svg);
          tells(rect, () => [`${data.periods[i].name}: ${data.parts[part]}`, `${say(t)} ${data.unit} of ${say(sum(bar))}`]);
          const text = one(t);
          if (bottom - over >= 13 && w >= wide(text, 10.5) + 2) {
            element("text", { class: `inside on-${part}`, x: (x + w / 2).toFixed(1), y: ((bottom + over) / 2 + 3.7).toFixed(1), "text-anchor": "middle", "font-size": 10.5 }, svg, text);
          }
        });
      });
    });
    element("text", { class: "heading", x: 0, y: height - 3, "font-size": 11 }, svg, data.unit);
    host.append(key);
  }
  return Object.assign(draw, { chooseNetwork: (i) => { chosen = Math.min(i, data.sets.length - 1); draw(); } });
};

drawers.dots = (host, data) => () => {
  host.replaceChildren();
  const width = Math.max(280, host.clientWidth);
  const [top, tall, foot] = [26, 330, 46];
  const height = top + tall + foot;
  const svg = canvas(host, width, height, `Figure: ${host.dataset.title}`, "dots");
  const [xs, ys] = [0, 1].map((i) => [...data.dots.map((dot) => [dot.x, dot.y][i]), ...data.bound.map((b) => b[i])]);
  const [x1, y0, y1] = [Math.max(...xs) * 1.06 || 1, Math.min(...ys, data.baseline), Math.max(...ys, data.baseline)];
  const x0 = Math.max(0, Math.min(...xs) - 0.6 * (x1 - Math.min(...xs)));
  const pad = 0.08 * (y1 - y0) || 1;
  const [low, high] = [Math.max(Math.min(0, y0), y0 - pad), y1 + pad];
  const x = (v) => YEARS.left + ((v - x0) / (x1 - x0)) * (width - YEARS.left - 12);
  const y = (v) => top + ((high - v) / (high - low)) * tall;
  const axes = element("g", { class: "axes" }, svg);
  for (const v of ticks(low, high, 5)) rule(axes, YEARS.left, width - 12, y(v), numeral(v));
  for (const v of ticks(x0, x1, Math.min(8, width / 90))) element("text", { x: x(v).toFixed(1), y: top + tall + 16, "text-anchor": "middle", "font-size": 11 }, axes, numeral(v));
  element("text", { x: YEARS.left, y: height - 8, "font-size": YEARS.size }, axes, clipped(`spent, ${data.money}`, width - YEARS.left));
  element("text", { x: 0, y: 12, "font-size": 11 }, axes, clipped(`${data.what}, ${data.unit}${low > 0 ? "; the scale does not begin at 0" : ""}`, width, 11));
  const taken = [];
  element("path", { class: "at", d: `M${YEARS.left},${y(data.baseline).toFixed(1)}H${width - 12}` }, svg);
  const area = { width, height: top + tall };
  // The money of each schedule falls on the periods in its own way, so its bound is its own, and no line.
  for (const [a, b] of data.bound) element("path", { class: "floor", d: "M-9,0H9", transform: `translate(${x(a).toFixed(1)},${y(b).toFixed(1)})` }, svg);
  const points = data.dots.map((dot) => ({ ...dot, at: [x(dot.x), y(dot.y)] }));
  for (const { at } of points) taken.push([at[0] - 6, at[1] - 6, at[0] + 6, at[1] + 6]);
  points.forEach((dot) => {
    const mark = element("circle", { class: `dot${dot.broken ? " broken" : ""}`, cx: dot.at[0].toFixed(1), cy: dot.at[1].toFixed(1), r: 5.5 }, svg);
    tells(mark, () => [dot.name, `spends ${numeral(dot.x)} ${data.money}`, `leaves ${numeral(dot.y)} ${data.unit}`, ...(dot.broken ? ["breaks a condition"] : [])]);
  });
  const texts = element("g", { class: "labels" }, svg);
  const base = placed(area, taken, [YEARS.left + 4, y(data.baseline)], 0, "without measures", 11);
  if (base) element("text", { x: base[0].toFixed(1), y: (base[1] + 4).toFixed(1), "font-size": 11 }, texts, "without measures");
  if (data.bound.length) {
    const words = "no schedule for the same money goes below";
    const lowest = data.bound.reduce((one, other) => (other[1] < one[1] ? other : one));
    const spot = placed(area, taken, [x(lowest[0]), y(lowest[1])], 10, words, 11);
    if (spot) element("text", { x: spot[0].toFixed(1), y: (spot[1] + 4).toFixed(1), "font-size": 11 }, texts, words);
  }
  for (const dot of points) {
    const name = clipped(dot.name, 0.6 * width, 11.5);
    const spot = placed(area, taken, dot.at, 6, name, 11.5);
    if (!spot) continue;
    const left = spot[0] < dot.at[0] - wide(name, 11.5); // the name ends at its dot, however wide its letters are
    element("text", { x: (left ? dot.at[0] - 9 : spot[0]).toFixed(1), y: (spot[1] + 4).toFixed(1), "font-size": 11.5, "text-anchor": left ? "end" : "start" }, texts, name);
  }
};
