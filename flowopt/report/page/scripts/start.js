// -- everything together --------------------------------------------------------------------------
function listen(part) {
  const on = (selector, event, action) => {
    for (const found of part.querySelectorAll(selector)) found.addEventListener(event, () => action(found));
  };
  on("button.sort", "click", sortBy);
  on("[data-csv]", "click", saveTable);
  on("[data-all]", "click", showAll);
  on("[data-copy]", "click", copyText);
  on("[data-picture]", "click", savePicture);
  on('a[href^="#source-"]', "click", () => { document.getElementById("sources").open = true; });
}
listen(document);

// A measure is lit in its row while the pointer is on its ring, and the other way round.
function light(name, lit) {
  for (const found of document.querySelectorAll(`[data-measure="${CSS.escape(name)}"]`)) found.classList.toggle("lit", lit);
}
for (const row of document.querySelectorAll("tr[id^='measure-']")) {
  const name = row.querySelector("th").dataset.id;
  row.dataset.measure = name;
  row.addEventListener("pointerenter", () => light(name, true));
  row.addEventListener("pointerleave", () => light(name, false));
}
document.addEventListener("pointerover", (event) => {
  const badge = event.target.closest && event.target.closest(".badge");
  if (badge) light(badge.dataset.measure, true);
});
document.addEventListener("pointerout", (event) => {
  const badge = event.target.closest && event.target.closest(".badge");
  if (badge) light(badge.dataset.measure, false);
});

const widths = new Map();
const drawing = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    if (Math.abs((widths.get(target) || 0) - contentRect.width) < 1 || contentRect.width < 1) continue;
    widths.set(target, contentRect.width);
    figures[target.id]();
  }
});
function begin() {
  for (const [name, data] of Object.entries(DATA.figures)) {
    const host = document.getElementById(name);
    figures[name] = drawers[data.draw](host, data);
    widths.set(host, host.clientWidth);
    figures[name]();
    drawing.observe(host);
  }
  for (const figure of Object.values(figures)) if (figure.start) figure.start();
  if (choices.length) chooseNetwork(Number(choices[0].value));
  for (const action of whenReady) action();
  document.documentElement.dataset.ready = "true";
}

const folds = document.querySelectorAll("details");
window.addEventListener("beforeprint", () => {
  for (const found of folds) {
    found.dataset.was = found.open;
    found.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const found of folds) found.open = found.dataset.was === "true";
});
// The text is painted before the figures are drawn; a page in the background is not painted at all.
if (document.hidden) begin();
else requestAnimationFrame(() => setTimeout(begin));
