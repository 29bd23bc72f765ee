// -- bars of several plans in each of several networks --------------------------------------------
const BAR = { high: 13, gap: 3, between: 14, size: 12 };

drawers.strip = (host, data) => () => {
  host.replaceChildren();
  const width = Math.max(280, host.clientWidth);
  const beside = width >= 620; // else names stand above their bars
  const side = beside ? Math.min(0.3 * width, Math.max(...data.rows.map((row) => wide(row.name, BAR.size))) + 16) : 0;
  const room = Math.max(...data.rows.flatMap((row) => row.bars.map((bar) => wide(bar.text, BAR.size)))) + 10;
  const most = Math.max(LEAST, ...data.rows.flatMap((row) => row.bars.map((bar) => bar.t)));
  const x = (t) => side + (Math.max(0, t) / most) * (width - side - room);
  const keys = keyLines(data.kinds, width);
  const tall = (row) => row.bars.length * (BAR.high + BAR.gap) + BAR.between + (beside ? 0 : 18);
  const height = keys.length * 20 + 10 + sum(data.rows.map(tall));
  const svg = canvas(host, width, height, `Figure: ${host.dataset.title}`, "strip");
  keys.forEach((line, i) => drawKeyLine(svg, line, 13 + 20 * i));
  let y = keys.length * 20 + 10;
  for (const row of data.rows) {
    const top = beside ? y : y + 18;
    const middle = top + (row.bars.length * (BAR.high + BAR.gap) - BAR.gap) / 2;
    const room_ = beside ? side - 12 : width;
    element("text", { x: 0, y: beside ? middle + 4 : y + 12, "font-size": BAR.size, class: "number" }, svg, clipped(row.name, room_, BAR.size));
    row.bars.forEach((bar, i) => {
      const at = top + i * (BAR.high + BAR.gap);
      const drawn = element("rect", { class: `bar-${bar.kind}`, x: side, y: at, width: Math.max(1, x(bar.t) - side).toFixed(1), height: BAR.high }, svg);
      tells(drawn, () => [row.name, `${data.kinds.find(([kind]) => kind === bar.kind)[1]}: ${bar.text} ${data.unit}`]);
      element("text", { x: (x(bar.t) + 5).toFixed(1), y: at + BAR.high - 2.5, "font-size": BAR.size }, svg, bar.text);
    });
    y += tall(row);
  }
};

function keyLines(kinds, width) {
  const found = [[]];
  let at = 0;
  for (const [kind, text] of kinds) {
    const needed = wide(text) + 44;
    if (at && at + needed > width) { found.push([]); at = 0; }
    found.at(-1).push([kind, text, at]);
    at += needed;
  }
  return found;
}

function drawKeyLine(svg, line, y) {
  for (const [kind, text, at] of line) {
    element("rect", { class: `bar-${kind}`, x: at + 0.5, y: y - 9, width: 22, height: 10 }, svg);
    element("text", { x: at + 28, y, "font-size": BAR.size }, svg, text);
  }
}
