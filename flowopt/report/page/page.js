"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paper = window.matchMedia("print");
  let printing = false;
  const LIGHT = { ink: "#1b1f24", soft: "#565f6b", grid: "#e3e7eb", land: "#eceae4", coast: "#b9b5aa",
    flow: "#0072b2", more: "#c1510a", less: "#0072b2", paper: "#ffffff", mark: "#000000",
    band: "rgba(0,114,178,0.32)", box: "#0072b2" };
  const DARK = { ink: "#e8ebee", soft: "#a9b2bc", grid: "#2a323a", land: "#252c33", coast: "#4b5661",
    flow: "#56b4e9", more: "#f2a15f", less: "#56b4e9", paper: "#14181d", mark: "#ffffff",
    band: "rgba(86,180,233,0.35)", box: "#56b4e9" };
  // Okabe and Ito's colours, told apart by the colour-blind; each kind has a shape of its own too.
  const KINDS = { area: ["#009e73", "circle"], precursor: ["#cc79a7", "diamond"],
    site: ["#d55e00", "square"], transit: ["#8a8f96", "circle-open"],
    airstrip: ["#e69f00", "triangle-up"], port: ["#0072b2", "pentagon"],
    border: ["#8a8f96", "x"], market: ["#7b3fa0", "star"] };
  const BRIGHT = { port: "#56b4e9", market: "#c79bea" };  // instead, on a dark page
  const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  const LEAST = 0.0005;
  const colours = () => (printing || paper.matches || !dark.matches ? LIGHT : DARK);
  const say = (x) => x.toLocaleString("en-US", { maximumFractionDigits: Math.abs(x) < 0.1 ? 3 : 1 });
  const signed = (x) => (Math.abs(x) < LEAST ? "no change" : (x > 0 ? "+" : "−") + say(Math.abs(x)));
  const chosen = (name) => Number(document.querySelector(`input[name="${name}"]:checked`).value);
  const label = (c) => ({ bgcolor: c.paper, bordercolor: c.soft, font: { color: c.ink, size: 13 } });

  // -- the map --------------------------------------------------------------------------------
  const map = document.getElementById("map");
  let view = data.map ? data.map.views.world : null;

  function worth(leg, goods, state) {
    const [before, after] = leg.amounts[goods];
    return state === 0 ? before : state === 1 ? after : after - before;
  }

  function legTraces(c, state, goods) {
    const legs = data.map.legs.map((leg) => ({ leg, t: worth(leg, goods, state) }))
      .filter(({ t }) => Math.abs(t) >= LEAST);
    const all = data.map.legs.map((leg) => state === 2 ? [worth(leg, goods, 2)] : leg.amounts[goods]);
    const most = Math.max(LEAST, ...all.flat().map(Math.abs));
    legs.sort((a, b) => Math.abs(a.t) - Math.abs(b.t));
    const traces = legs.map(({ leg, t }) => {
      const [before, after] = leg.amounts[goods];
      const text = `${leg.text}<br>before ${say(before)}, after ${say(after)} ${data.map.unit}` +
        `<br>${signed(after - before)}`;
      return { type: "scatter", mode: "lines", x: leg.x, y: leg.y, meta: "leg", showlegend: false,
        line: { width: 0.8 + 9.2 * Math.abs(t) / most, color: state < 2 ? c.flow : t > 0 ? c.more : c.less,
          dash: state === 2 && t < 0 ? "3px,2px" : "solid" },
        opacity: 0.75, hoverinfo: "text", text, hovertext: leg.x.map(() => text), hoverlabel: label(c) };
    });
    traces.push({ type: "scatter", mode: "markers", hoverinfo: "skip", showlegend: false,
      x: legs.map(({ leg }) => leg.middle[0]), y: legs.map(({ leg }) => leg.middle[1]),
      marker: { symbol: "arrow", angle: legs.map(({ leg }) => leg.middle[2]), color: c.ink,
        size: legs.map(({ t }) => 5 + 6 * Math.abs(t) / most), line: { width: 0 } } });
    const what = ["without measures", "under the plan",
      "the change: full orange lines carry more, dashed blue lines less"][state];
    document.getElementById("map-note").textContent = `${legs.length} legs, ${what}. ` +
      `The widest line is ${say(most)} t a year, and width is in proportion to tonnes.`
        .replace(" t a year", ` ${unescaped(data.map.unit).replace("/yr", " a year")}`);
    map.dataset.legs = legs.length;
    return traces;
  }

  function unescaped(text) {
    return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
  }

  function placeTraces(c) {
    const colour = (kind) => (c === DARK && BRIGHT[kind]) || KINDS[kind][0];
    const nodes = data.map.nodes.map((group) => ({ type: "scatter", mode: "markers", name: group.label,
      x: group.x, y: group.y, hoverinfo: "text", hovertext: group.text, hoverlabel: label(c), meta: "nodes",
      marker: { size: 8, color: colour(group.kind), symbol: KINDS[group.kind][1],
        line: { width: 1, color: group.kind === "transit" || group.kind === "border" ? colour(group.kind) : c.paper } } }));
    const marks = { type: "scatter", mode: "markers", name: "a measure of the plan", x: data.map.marks.x,
      y: data.map.marks.y, hoverinfo: "text", hovertext: data.map.marks.text, hoverlabel: label(c), meta: "marks",
      marker: { size: 19, symbol: "circle-open", color: c.mark, line: { width: 2.5 } } };
    return data.map.marks.x.length ? [marks, ...nodes] : nodes;
  }

  function drawMap() {
    if (!data.map || !map) return;
    const c = colours();
    const land = { type: "scatter", mode: "lines", x: data.map.land.x, y: data.map.land.y, fill: "toself",
      fillcolor: c.land, line: { width: 0.7, color: c.coast }, hoverinfo: "skip", showlegend: false };
    const axis = { color: c.soft, gridcolor: c.grid, zeroline: false, ticksuffix: "°", nticks: 8 };
    const narrow = map.clientWidth < 600;
    // As tall as the view wants, so that there is no empty sky.
    const tall = (map.clientWidth - 60) * (view[3] - view[2]) / (view[1] - view[0]);
    const height = Math.max(narrow ? 220 : 320, Math.min(tall, 680));
    Plotly.react(map, [land, ...legTraces(c, chosen("state"), Number(document.getElementById("goods").value)),
      ...placeTraces(c)], { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: c.ink, family: "system-ui, DejaVu Sans, sans-serif", size: narrow ? 11 : 13 },
      height: height + (narrow ? 190 : 100), margin: { l: narrow ? 38 : 56, r: 8, t: 8, b: narrow ? 182 : 92 }, hovermode: "closest", dragmode: "pan", hoverdistance: 14,
      xaxis: { ...axis, range: [view[0], view[1]], constrain: "range", title: { text: "longitude", font: { size: 12 }, standoff: 4 } },
      yaxis: { ...axis, range: [view[2], view[3]], scaleanchor: "x", constrain: "range", title: { text: narrow ? "" : "latitude", font: { size: 12 } } },
      legend: { orientation: "h", y: -46 / height, yanchor: "top", x: 0, font: { size: 12 } } }, CONFIG);
  }

  function zoom(factor) {
    const [x, y] = [map.layout.xaxis.range, map.layout.yaxis.range];
    const around = ([a, b]) => [(a + b) / 2 - factor * (b - a) / 2, (a + b) / 2 + factor * (b - a) / 2];
    view = [...around(x), ...around(y)];
    drawMap();
  }

  // -- the Sankey diagram -----------------------------------------------------------------------
  const sankey = document.getElementById("sankey");

  function drawSankey() {
    if (!data.sankey || !sankey) return;
    const c = colours();
    const d = data.sankey;
    const flow = d.states[chosen("stage")];
    const hover = flow.value.map((t, i) =>
      `${d.hover[flow.source[i]]} → ${d.hover[flow.target[i]]}<br>${say(t)} ${d.unit}`);
    sankey.dataset.bands = flow.value.length;
    // Drawn anew: a change would move there slowly, and a printer does not wait.
    Plotly.newPlot(sankey, [{ type: "sankey", arrangement: "snap", valueformat: ",.1f", valuesuffix: " " + d.unit,
      node: { label: d.labels, customdata: d.hover, pad: 9, thickness: 13, line: { width: 0 },
        color: d.stages.map((s) => ["#009e73", "#d55e00", c.soft, c === DARK ? BRIGHT.market : KINDS.market[0]][s]),
        hovertemplate: "%{customdata}<br>%{value}<extra></extra>", hoverlabel: label(c) },
      link: { source: flow.source, target: flow.target, value: flow.value, customdata: hover, color: c.band,
        hovertemplate: "%{customdata}<extra></extra>", hoverlabel: label(c) } }],
      { height: 640, paper_bgcolor: "rgba(0,0,0,0)", font: { color: c.ink, size: 12, family: "system-ui, DejaVu Sans, sans-serif" },
        margin: { l: 4, r: 4, t: 26, b: 8 },
        annotations: d.headings.map((text, i) => ({ text, x: i / 3, y: 1, yanchor: "bottom", yshift: 4, xref: "paper",
          yref: "paper", showarrow: false, font: { color: c.soft, size: 12 }, xanchor: ["left", "center", "center", "right"][i] })) },
      CONFIG);
  }

  // -- tables that sort -------------------------------------------------------------------------
  function sortBy(button) {
    const th = button.closest("th");
    const table = th.closest("table");
    const column = th.cellIndex;
    const down = th.getAttribute("aria-sort") ? th.getAttribute("aria-sort") === "ascending"
      : th.classList.contains("n");
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    th.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => {
      const cell = row.cells[column];
      return cell.dataset.v === undefined ? cell.textContent.trim() : Number(cell.dataset.v);
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const order = typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true });
      return down ? -order : order;
    });
    table.tBodies[0].append(...rows);
  }

  // -- everything together ----------------------------------------------------------------------
  const draw = () => { drawMap(); drawSankey(); };
  const on = (selector, event, action) => {
    for (const found of document.querySelectorAll(selector)) found.addEventListener(event, () => action(found));
  };
  on("button.sort", "click", sortBy);
  on('input[name="state"], #goods', "change", drawMap);
  on('input[name="stage"]', "change", drawSankey);
  on("button[data-view]", "click", (found) => { view = data.map.views[found.dataset.view]; drawMap(); });
  on("button[data-zoom]", "click", (found) => zoom(Number(found.dataset.zoom)));
  on('a[href^="#source-"]', "click", () => { document.getElementById("sources").open = true; });
  dark.addEventListener("change", draw);
  window.addEventListener("beforeprint", () => {
    printing = true;
    for (const found of document.querySelectorAll("details")) {
      found.dataset.was = found.open;
      found.open = true;
    }
    if (dark.matches) draw();
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    for (const found of document.querySelectorAll("details")) found.open = found.dataset.was === "true";
    if (dark.matches) draw();
  });
  draw();
  document.documentElement.dataset.ready = "true";
})();
