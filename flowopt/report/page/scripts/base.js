// -- what all figures share -----------------------------------------------------------------------
const DATA = JSON.parse(document.getElementById("data").textContent);
const LEAST = 0.0005; // t/yr: less is not drawn
const FONT = 12;
const drawers = {}; // by the kind of a figure: (element, data) => a function that draws it anew
const figures = {}; // by the id of an element
const whenReady = []; // what is done once all figures are drawn

const say = (x) => x.toLocaleString("en-US", { maximumFractionDigits: Math.abs(x) < 0.1 ? 3 : 1 });
const signed = (x) => (Math.abs(x) < LEAST ? "no change" : (x > 0 ? "+" : "−") + say(Math.abs(x)));
const sum = (list) => list.reduce((a, b) => a + b, 0);

function element(name, attributes = {}, parent = null, text = null) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function tag(name, attributes = {}, parent = null, text = null) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== null) made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function canvas(host, width, height, label, classes = "") {
  return element("svg", { class: `fig ${classes}`, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label }, host);
}

const wide = (text, size = FONT) => 0.56 * size * text.length; // roughly, in pixels

function clipped(text, room, size = FONT) {
  const most = Math.max(3, Math.floor(room / (0.56 * size)));
  return text.length <= most ? text : text.slice(0, most - 1).trimEnd() + "…";
}

function lines(text, room, most, size = FONT) {
  const found = [""];
  for (const word of text.split(" ")) {
    const longer = found.at(-1) ? `${found.at(-1)} ${word}` : word;
    if (wide(longer, size) <= room || !found.at(-1)) found[found.length - 1] = longer;
    else found.push(word);
  }
  const kept = found.slice(0, most);
  if (found.length > most) kept[most - 1] = clipped(`${kept[most - 1]} ${found[most]}`, room, size);
  return kept.map((line) => clipped(line, room, size));
}

// Round numbers up to `most`: 1, 2 or 5 times a power of ten.
function round(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((f) => f * power).find((x) => x <= most * 1.0001);
}

function ticks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((x) => x >= rough * 0.999);
  const found = [];
  for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + 1e-9 * step; x += step) found.push(Math.abs(x) < 1e-9 * step ? 0 : x);
  return found;
}

const numeral = (x) => x.toLocaleString("en-US", { maximumSignificantDigits: 6 });

// -- what appears beside the pointer --------------------------------------------------------------
const tip = tag("div", { class: "tip", role: "presentation", hidden: "" }, document.body);

function showTip(event, texts) {
  tip.replaceChildren(...texts.map((text, i) => tag(i ? "span" : "strong", {}, null, text)));
  tip.hidden = false;
  const [w, h] = [tip.offsetWidth, tip.offsetHeight];
  const x = Math.min(event.clientX + 14, document.documentElement.clientWidth - w - 8);
  const y = event.clientY + 18 + h > window.innerHeight ? event.clientY - h - 12 : event.clientY + 18;
  tip.style.left = `${Math.max(4, x)}px`;
  tip.style.top = `${Math.max(4, y)}px`;
}

function tells(target, texts) {
  target.addEventListener("pointermove", (event) => showTip(event, texts()));
  target.addEventListener("pointerleave", () => { tip.hidden = true; });
}
