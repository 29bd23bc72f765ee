// -- pictures of the figures as files: the finding above, light whatever the screen is --------------
function rulesOfFigures() {
  const found = [];
  for (const rule of document.styleSheets[0].cssRules) {
    if (rule.selectorText === ":root") found.push(rule.cssText.replace(":root", "svg"));
    else if (rule.selectorText && rule.selectorText.includes(".fig")) found.push(rule.cssText);
  }
  return found.join("\n");
}

function pictureOf(host) {
  const parts = [...host.querySelectorAll("svg.fig")];
  const frame = host.getBoundingClientRect();
  const [pad, title, size] = [16, host.dataset.title || "", 17];
  const width = Math.max(600, Math.ceil(frame.width)) + 2 * pad;
  const heads = [...lines(DATA.finding, width - 2 * pad, 3, size)];
  const top = pad + heads.length * size * 1.3 + 26;
  const shown = [...parts, ...host.querySelectorAll(".kinds li")].map((part) => part.getBoundingClientRect().bottom);
  const height = Math.ceil(top + Math.max(...shown) - frame.top + pad);
  const svg = element("svg", { xmlns: SVG_NS, width, height, viewBox: `0 0 ${width} ${height}`, class: "fig",
    "font-family": "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" });
  element("style", {}, svg, rulesOfFigures());
  element("rect", { width, height, fill: "#ffffff" }, svg);
  heads.forEach((text, i) => element("text", { x: pad, y: pad + size + i * size * 1.3, "font-size": size, "font-weight": 600 }, svg, text));
  element("text", { x: pad, y: top - 12, "font-size": 13 }, svg, title);
  for (const part of parts) {
    const at = part.getBoundingClientRect();
    const copy = part.cloneNode(true);
    copy.setAttribute("x", pad + at.left - frame.left);
    copy.setAttribute("y", top + at.top - frame.top);
    copy.setAttribute("width", at.width);
    copy.setAttribute("height", at.height);
    copy.querySelectorAll(".touch, .column").forEach((each) => each.remove());
    svg.append(copy);
  }
  for (const item of host.querySelectorAll(".kinds li, .panel .title")) {
    const range = document.createRange();
    range.selectNodeContents(item);
    const at = [...range.getClientRects()].at(-1);
    if (at) element("text", { x: pad + at.left - frame.left, y: top + at.bottom - frame.top - 4, "font-size": 12 }, svg, item.textContent);
  }
  return { text: new XMLSerializer().serializeToString(svg), width, height };
}

const SVG_NS = "http://www.w3.org/2000/svg";

function savePicture(button) {
  const host = document.getElementById(button.dataset.picture);
  const { text, width, height } = pictureOf(host);
  const name = `${DATA.name}-${host.id}`;
  const blob = new Blob([text], { type: "image/svg+xml" });
  if (button.dataset.format === "svg") { download(`${name}.svg`, blob); return; }
  const image = new Image();
  image.onload = () => {
    const board = tag("canvas", { width: 2 * width, height: 2 * height });
    const pen = board.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    board.toBlob((made) => download(`${name}.png`, made), "image/png");
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}
