// -- tables: sorted, whole, as CSV; text to copy --------------------------------------------------
function sortBy(button) {
  const th = button.closest("th");
  const table = th.closest("table");
  const column = th.cellIndex;
  const down = th.getAttribute("aria-sort") ? th.getAttribute("aria-sort") === "ascending" : th.classList.contains("n");
  for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
  th.setAttribute("aria-sort", down ? "descending" : "ascending");
  const key = (row) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return th.classList.contains("n") ? -Infinity : cell.textContent.trim();
  };
  const rows = [...table.tBodies[0].rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const order = typeof x === "number" ? (x === y ? 0 : x - y) : x.localeCompare(y, "en", { numeric: true });
    return down ? -order : order;
  });
  const most = rows.length - table.querySelectorAll("tr.rest").length;
  const few = most - table.querySelectorAll("tr.later").length;
  rows.forEach((row, i) => {
    row.classList.toggle("rest", i >= most);
    row.classList.toggle("later", i >= few && i < most);
  });
  table.tBodies[0].append(...rows);
}

// A cell as text: the number it sorts by, a name apart from its id.
function plainCell(cell) {
  if (cell.dataset.v !== undefined) return cell.dataset.v;
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".id").forEach((id) => id.remove());
  return copy.textContent.trim();
}

function quoted(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text; // no formula
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvOf(table) {
  const rows = [...table.rows];
  const named = new Set(rows.flatMap((row) => [...row.cells].filter((cell) => cell.dataset.id || cell.querySelector(".id")).map((cell) => cell.cellIndex)));
  const idOf = (cell) => cell.dataset.id || (cell.querySelector(".id") ? cell.querySelector(".id").textContent.trim() : "");
  return rows.map((row, i) => [...row.cells].filter((cell) => !cell.hasAttribute("aria-hidden")).flatMap((cell) => {
    const text = plainCell(cell);
    if (!named.has(cell.cellIndex)) return [text];
    return i ? [text, idOf(cell)] : [text, "id"];
  }).map(quoted).join(",")).join("\n") + "\n";
}

function download(name, blob) {
  const link = tag("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function saveTable(button) {
  const table = document.getElementById(button.dataset.csv);
  download(`${DATA.name}-${table.id}.csv`, new Blob([csvOf(table)], { type: "text/csv;charset=utf-8" }));
}

function showAll(button) {
  document.getElementById(button.dataset.all).classList.add("all");
  button.remove();
}

async function copyText(button) {
  const status = button.parentElement.querySelector("[data-copied]");
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // a page opened from a folder may not use the clipboard
    const area = tag("textarea", { readonly: "" }, document.body);
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  status.textContent = `Copied: ${text}`;
}
