// -- a page fed by a server: plans tried by hand --------------------------------------------------
const LIVE = DATA.live;
const TOKEN = new URLSearchParams(location.search).get("token") || "";
const CLIENT = crypto.randomUUID ? crypto.randomUUID() : String(Math.random());
const rows = new Map(LIVE.measures.map((row) => [row.id, row]));
const at = (id) => document.getElementById(id);
const names = (ids) => ids.map((id) => (rows.has(id) ? rows.get(id).name : id)).join("; ");
const live = { plan: new Set(), budget: null, kept: null, place: 0, last: 0, turn: 0, answer: null, keptAnswer: null, settled: 0, points: [], job: null };

async function ask(path, body = {}, signal = undefined) {
  const reply = await fetch(`api/${path}`, {
    method: "POST", signal, cache: "no-store", credentials: "omit", redirect: "error",
    headers: { "Content-Type": "application/json", "X-Flowopt-Token": TOKEN, "X-Flowopt-Client": CLIENT },
    body: JSON.stringify(body),
  });
  const kind = reply.headers.get("Content-Type") || "";
  if (kind.startsWith("text/html") && reply.ok) return reply.text();
  const found = kind.startsWith("application/json") ? await reply.json() : {};
  if (!reply.ok) throw new Error(found.error || `the server answered ${reply.status}`);
  return found;
}

const asked = () => ({ question: LIVE.question, measures: [...live.plan], turn: live.turn });
const resulting = () => ({ question: LIVE.question, measures: [...live.plan], budget: live.budget });
const withKept = () => ({ ...asked(), ...(live.kept ? { pinned: [...live.kept] } : {}) });

function tell(text, wrong = false) {
  at("state").textContent = text;
  at("state").classList.toggle("wrong", wrong);
}

const failed = (error) => {
  if (error.name === "AbortError") return;
  const gone = error instanceof TypeError; // what fetch raises where nobody answers
  tell(gone ? "The program on this machine does not answer: it was stopped, or is busy. What you see is the last answer; start flowopt serve again and reload this page." : error.message, true);
};

// -- the state is in the address: a link shares it, and the browser goes back and forth ------------
function fromAddress() {
  const found = new URLSearchParams(location.hash.slice(1));
  const id = (text) => { try { return decodeURIComponent(text); } catch { return ""; } };
  const ids = (key) => (found.get(key) || "").split(",").map(id).filter((each) => rows.has(each));
  live.plan = new Set(ids("m"));
  live.kept = found.has("k") ? new Set(ids("k")) : null;
  live.budget = found.has("b") && Number(found.get("b")) >= 0 ? Number(found.get("b")) : null;
  live.place = (history.state && history.state.place) || 0;
  live.last = Math.max(live.last, live.place);
}

function address() {
  const list = (plan) => [...plan].map(encodeURIComponent).join(",");
  const found = new URLSearchParams({ m: list(live.plan) });
  if (live.budget !== null) found.set("b", String(live.budget));
  if (live.kept) found.set("k", list(live.kept));
  return `#${found}`;
}

function changed(anew = true) {
  if (anew) {
    live.place += 1;
    live.last = live.place;
    history.pushState({ place: live.place }, "", address());
  } else history.replaceState({ place: live.place }, "", address());
  refresh();
}

function refresh() {
  at("undo").disabled = live.place === 0;
  at("redo").disabled = live.place >= live.last;
  at("link").dataset.copy = location.href;
  drawShelf();
  answer();
}

// -- ticking --------------------------------------------------------------------------------------
function required(id, found = new Set()) {
  for (const other of rows.get(id).requires) {
    if (!rows.has(other) || found.has(other) || other === id) continue;
    found.add(other);
    required(other, found);
  }
  return found;
}

const requiring = (id) => LIVE.measures.filter((row) => live.plan.has(row.id) && required(row.id).has(id)).map((row) => row.id);
const forbidding = (id) => [id, ...required(id)].flatMap((one) => rows.get(one).excludes).filter((other) => live.plan.has(other));

function toggle(id, on) {
  if (on) {
    if (forbidding(id).length) return;
    const pulled = [...required(id)].filter((other) => !live.plan.has(other));
    for (const each of [id, ...pulled]) live.plan.add(each);
    at("found").textContent = pulled.length ? `With it came what it requires: ${names(pulled)}.` : "";
  } else {
    const gone = requiring(id);
    for (const each of [id, ...gone]) live.plan.delete(each);
    at("found").textContent = gone.length ? `With it went what requires it: ${names(gone)}.` : "";
  }
  changed();
}

const boxes = new Map();
function makeShelf() {
  const list = at("shelf");
  list.classList.toggle("many", LIVE.measures.length > 500); // what is not in view is not laid out
  for (const row of LIVE.measures) {
    const item = tag("li", { id: `tick-${encodeURIComponent(row.id)}`, "data-measure": row.id }, list);
    const input = tag("input", { type: "checkbox", id: `box-${encodeURIComponent(row.id)}` }, item);
    const label = tag("label", { for: input.id }, item, row.name);
    label.append(" ");
    tag("span", { class: "id" }, label, row.id);
    tag("span", { class: "n" }, item, numeral(row.cost));
    const why = tag("span", { class: "why", id: `why-${encodeURIComponent(row.id)}` }, item);
    input.setAttribute("aria-describedby", why.id);
    input.addEventListener("change", () => toggle(row.id, input.checked));
    item.addEventListener("pointerenter", () => light(row.id, true));
    item.addEventListener("pointerleave", () => light(row.id, false));
    boxes.set(row.id, { item, input, why, text: `${row.name} ${row.id} ${row.kind}`.toLowerCase() });
  }
}

function drawShelf() {
  for (const row of LIVE.measures) {
    const { item, input, why } = boxes.get(row.id);
    const ticked = live.plan.has(row.id);
    const forbidden = ticked ? [] : forbidding(row.id);
    input.checked = ticked;
    input.disabled = forbidden.length > 0;
    item.classList.toggle("ticked", ticked);
    const needs = ticked ? [] : [...required(row.id)].filter((other) => !live.plan.has(other));
    why.textContent = forbidden.length ? `not together with ${names(forbidden)}` : needs.length ? `brings along ${names(needs)}` : "";
  }
  find();
}

function find() {
  const words = at("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const only = at("bought").checked;
  let seen = 0;
  for (const [id, { item, text }] of boxes) {
    const fits = words.every((word) => text.includes(word)) && (!only || live.plan.has(id));
    item.hidden = !fits;
    seen += fits ? 1 : 0;
  }
  if (words.length || only) at("found").textContent = `${seen} of ${boxes.size} measures`;
}

// -- the answer -----------------------------------------------------------------------------------
// What takes the server longer is asked for once it comes near to the view.
const parts = [
  { host: "next-section", draw: following },
  { host: "diagram-section", draw: drawDiagram },
  { host: "where-section", draw: drawTables },
].map((part) => ({ ...part, near: false, turn: 0 }));

const watching = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const part = parts.find((each) => each.host === entry.target.id);
    part.near = entry.isIntersecting;
    if (part.near && live.settled === live.turn) drawPart(part).catch(failed);
  }
}, { rootMargin: "250px" });

async function drawPart(part) {
  const turn = live.turn;
  if (!part.near || part.turn === turn) return;
  part.turn = turn;
  let goesOn = false;
  try {
    goesOn = await part.draw(turn, asking.signal);
  } catch (error) {
    if (turn === live.turn) part.turn = 0;
    throw error;
  }
  if (turn === live.turn && !goesOn) stale(part, false);
}

function stale(part, is) {
  at(part.host).toggleAttribute("data-stale", is);
  at(part.host).setAttribute("aria-busy", String(is));
}

let asking = null;
async function answer() {
  const turn = (live.turn += 1);
  if (asking) asking.abort();
  asking = new AbortController();
  for (const part of parts) stale(part, true);
  const busy = setTimeout(() => document.body.classList.add("busy"), 150);
  try {
    const found = await ask("tick", withKept(), asking.signal);
    if (turn !== live.turn) return;
    show(found);
    clearTimeout(busy);
    document.body.classList.remove("busy");
    tell(found.broken.length ? `The plan breaks a condition: ${found.broken.join("; ")}.` : overspent(found), found.broken.length > 0 || overspent(found) !== "");
    document.documentElement.dataset.told = String(turn);
    const exact = await ask("map", withKept(), asking.signal);
    if (turn !== live.turn) return;
    showMap(exact);
    live.settled = turn;
    for (const part of parts) if (turn === live.turn) await drawPart(part);
    if (turn === live.turn) document.documentElement.dataset.turn = String(turn);
  } catch (error) { failed(error); }
  finally {
    clearTimeout(busy);
    if (turn === live.turn) document.body.classList.remove("busy");
  }
}

async function drawTables(turn, signal) {
  const found = await ask("parts", withKept(), signal);
  if (turn !== live.turn) return;
  put("where-part", found.where);
  put("earn-part", found.earn);
  at("earn-section").hidden = !found.earn;
}

const overspent = (found) => (live.budget !== null && found.spent > live.budget + 1e-9
  ? `The plan costs ${numeral(found.spent - live.budget)} ${LIVE.money} a year more than the budget.` : "");

function show(found) {
  live.answer = found;
  at("answer").textContent = found.answer;
  at("figures").replaceChildren(...found.figures.map((each) => {
    const box = tag("div");
    tag("dt", {}, box, each.label);
    const value = tag("dd", {}, box);
    tag("strong", {}, value, each.value);
    value.append(` ${each.unit}`);
    return box;
  }));
  at("bars").replaceChildren(...found.bars.map((bar) => {
    const box = tag("div", { class: `promised ${bar.style}` });
    tag("span", { class: "label" }, box, bar.label);
    tag("span", {}, tag("span", { class: "track" }, box)).style.width = `${bar.length.toFixed(2)}%`;
    tag("strong", {}, box, bar.value);
    return box;
  }));
  drawResources(found);
  showMap(found.map);
  drawBeside();
  drawMoney();
}

// Of equally good flows the first answer may show another one than the second, which is that of
// flowopt evaluate; mostly they are the same.
let onMap = "";
function showMap(map) {
  const text = JSON.stringify(map);
  if (!figures[LIVE.map] || text === onMap) return;
  onMap = text;
  Object.assign(DATA.figures[LIVE.map], {
    ...map,
    legs: map.legs.map(([i, t]) => ({ ...LIVE.ground.legs[i], t })),
    places: map.places.map(([i, passing]) => ({ ...LIVE.ground.places[i], passing })),
  });
  drawGoods(map.goods);
  figures[LIVE.map]();
}

// Which goods move may differ from plan to plan; the one that is looked at stays chosen by its name.
function drawGoods(goods) {
  const select = document.querySelector(`[data-for="${LIVE.map}"] [data-goods]`);
  const old = [...select.options].map((option) => option.text);
  if (old.join("\n") === goods.join("\n")) return;
  const chosen = Math.max(0, goods.indexOf(old[select.selectedIndex]));
  select.replaceChildren(...goods.map((name, i) => tag("option", { value: i }, null, name)));
  select.value = String(chosen);
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

// The text was made by the templates of the report, in which every name is text.
function put(id, text) {
  const host = at(id);
  const open = [...host.querySelectorAll("table")].filter((table) => table.classList.contains("all")).map((table) => table.id);
  host.innerHTML = text;
  for (const each of open) if (at(each)) at(each).classList.add("all");
  listen(host);
}

function drawResources(found) {
  const money = { id: "", name: "Money", unit: `${LIVE.money}/yr`, limit: live.budget, used: found.spent };
  const all = [money, ...LIVE.resources.map((row) => ({ ...row, used: found.used[row.id] || 0 }))];
  at("resources").replaceChildren(...all.map((row) => {
    const item = tag("li");
    const of = row.limit === null ? "" : ` of ${numeral(row.limit)}`;
    tag("span", {}, item, row.name);
    tag("span", { class: "n" }, item, `${numeral(row.used)}${of} ${row.unit}`);
    if (row.limit !== null) {
      const share = row.limit > 0 ? Math.min(100, (100 * row.used) / row.limit) : row.used > 0 ? 100 : 0;
      const bar = tag("span", { class: `after${row.used > row.limit + 1e-9 ? " over" : ""}` }, tag("span", { class: "track", "aria-hidden": "true" }, item));
      bar.style.width = `${share.toFixed(1)}%`;
    }
    return item;
  }));
}

async function drawDiagram(turn, signal) {
  const found = await ask("diagram", withKept(), signal);
  if (turn !== live.turn) return;
  const view = (document.querySelector('[name="sankey-view"]:checked') || {}).value;
  put("diagram-part", found.text);
  DATA.figures.sankey = found.figure;
  const host = at("sankey");
  figures.sankey = drawers.sankey(host, found.figure);
  const chosen = document.querySelector(`[name="sankey-view"][value="${view || "change"}"]`);
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
  drawing.observe(host);
}

// -- what comes next ------------------------------------------------------------------------------
function following(turn, signal) {
  at("next-state").textContent = "looking ...";
  return look(turn, signal);
}

// Returns whether the search goes on, with the other parts beside it, since the list is not ready.
async function look(turn, signal) {
  const left = live.budget === null ? null : Math.max(0, live.budget - live.answer.spent);
  try {
    const found = await ask("next", { ...asked(), left }, signal);
    if (turn !== live.turn) return false;
    at("next").replaceChildren(...found.rows.map((row) => {
      const item = tag("li");
      tag("button", { type: "button" }, item, row.name).addEventListener("click", () => toggle(row.id, true));
      tag("span", { class: "n" }, item, `${numeral(row.cost)} ${LIVE.money}`);
      tag("span", { class: "n less" }, item, `−${say(row.adds)} ${LIVE.unit}`);
      return item;
    }));
    if (found.looking) {
      at("next-state").textContent = found.rows.length ? "still looking: others may come before these ..." : "still looking ...";
      look(turn, signal).then((goesOn) => {
        if (turn === live.turn && !goesOn) stale(parts.find((part) => part.draw === following), false);
      });
      return true;
    }
    at("next-state").textContent = found.rows.length ? found.note : found.note || "No single measure within the money that is left cuts anything more.";
  } catch (error) {
    if (error.name !== "AbortError") at("next-state").textContent = "";
    failed(error);
  }
  return false;
}

// -- the best plan, in the background -------------------------------------------------------------
async function startBest() {
  const budget = live.budget === null ? live.answer.spent : live.budget;
  try {
    live.job = { budget, state: await ask("best/start", { question: LIVE.question, budget }) };
    at("best-stop").disabled = false;
    at("best-start").disabled = true;
    at("best-take").disabled = true;
    setTimeout(followBest, 100);
  } catch (error) { failed(error); }
}

async function followBest() {
  try {
    const found = await ask("best/state");
    at("best-state").textContent = found.words;
    if (found.state === "running" || found.state === "waiting") { setTimeout(followBest, 400); return; }
    at("best-stop").disabled = true;
    at("best-start").disabled = false;
    if (found.measures) {
      live.job.measures = found.measures;
      at("best-take").disabled = false;
      live.points = live.points.filter((point) => point.spent !== live.job.budget);
      live.points.push({ spent: live.job.budget, value: found.value, bound: found.bound, measures: found.measures, proved: found.status === "optimal", own: true });
      drawMoney();
    }
  } catch (error) {
    at("best-start").disabled = false;
    at("best-stop").disabled = true;
    failed(error);
  }
}

drawers.money = (host) => () => {
  host.replaceChildren();
  const width = Math.max(260, host.clientWidth), height = 190, left = 46, low = 26;
  const svg = canvas(host, width, height, "Value left against money", "money");
  const mine = live.answer ? [{ spent: live.answer.spent, value: live.answer.value }] : [];
  const kept = live.kept && live.keptAnswer ? [{ spent: live.keptAnswer.spent, value: live.keptAnswer.value }] : [];
  const known = knownPoints();
  const all = [...mine, ...kept, ...known];
  const top = LIVE.baseline || 1;
  const least = Math.min(top * 0.999, ...all.map((p) => (p.bound === undefined || p.bound === null ? p.value : p.bound)));
  const low_y = Math.max(0, least - 0.15 * (top - least));
  const most = Math.max(1e-9, live.budget || 0, ...all.map((p) => p.spent)) * 1.08;
  const x = (v) => left + ((width - left - 12) * v) / most;
  const y = (v) => 8 + ((height - low - 12) * (top - v)) / (top - low_y || 1);
  const axes = element("g", { class: "axes" }, svg);
  for (const v of ticks(low_y, top, 4)) {
    element("line", { class: "grid", x1: left, x2: width - 8, y1: y(v), y2: y(v) }, axes);
    element("text", { x: left - 6, y: y(v) + 4, "text-anchor": "end", "font-size": 11 }, axes, numeral(v));
  }
  for (const v of ticks(0, most, 5)) element("text", { x: x(v), y: height - 8, "text-anchor": "middle", "font-size": 11 }, axes, numeral(v));
  if (live.budget !== null) element("line", { class: "at", x1: x(live.budget), x2: x(live.budget), y1: 8, y2: height - low }, svg);
  const line = LIVE.frontier.points.map((p, i, all) => `${i ? `H${x(p.spent)}V` : `M${x(p.spent)},`}${y(p.value)}${i + 1 < all.length ? "" : `H${x(most)}`}`).join("");
  if (line) element("path", { class: "line best", d: line }, svg);
  for (const p of known) {
    if (p.bound !== null && p.bound < p.value) element("line", { class: "stem", x1: x(p.spent), x2: x(p.spent), y1: y(p.value), y2: y(p.bound) }, svg);
    const dot = element("circle", { class: p.own ? "point own" : "point", cx: x(p.spent), cy: y(p.value), r: p.own ? 4.5 : 3.5 }, svg);
    tells(dot, () => [`${p.own ? "found on this page" : "the frontier"}, for ${numeral(p.spent)} ${LIVE.money}`, `${say(p.value)} ${LIVE.unit} left, no plan leaves less than ${say(p.bound)}`]);
  }
  for (const p of kept) element("rect", { class: "rung", x: x(p.spent) - 4, y: y(p.value) - 4, width: 8, height: 8 }, svg);
  for (const p of mine) {
    const dot = element("circle", { class: "rung mine", cx: x(p.spent), cy: y(p.value), r: 5 }, svg);
    tells(dot, () => ["your plan", `${numeral(p.spent)} ${LIVE.money}, ${say(p.value)} ${LIVE.unit} left`]);
  }
};

// What is known of the money at hand. A plan for less money is one for more, and no plan for less
// money does better than the best one for more.
const knownPoints = () => [...LIVE.frontier.points, ...live.points];

function frontierAt(budget) {
  const near = 1e-9 * Math.max(1, budget);
  const known = knownPoints();
  const within = known.filter((p) => p.spent <= budget + near).sort((a, b) => a.value - b.value || a.spent - b.spent);
  const bounds = known.filter((p) => p.spent >= budget - near && p.bound !== null).map((p) => p.bound);
  return { plan: within[0] || null, bound: bounds.length ? Math.max(...bounds) : null };
}

const exactly = (x) => x.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const below = (x) => exactly(Math.floor(x * 100 + 1e-6) / 100); // a bound is never shown above itself
function drawMoney() {
  if (figures.money) figures.money();
  if (!live.answer) return;
  const budget = live.budget === null ? live.answer.spent : live.budget;
  const { plan, bound } = frontierAt(budget);
  const money = `${numeral(budget)} ${LIVE.money}`;
  at("frontier-take").disabled = !plan;
  if (!plan) {
    at("money-state").textContent = "No frontier is known for this money: find the best plan above, or start the program with --frontier and the folder of a flowopt compare.";
    return;
  }
  const source = plan.own ? "the plan found on this page" : "the frontier's plan";
  const same = Math.abs(plan.spent - budget) <= 1e-9 * Math.max(1, budget);
  const head = same ? `For ${money} ${source} leaves` : `For ${money} the best plan known is ${source} for ${numeral(plan.spent)}: it leaves`;
  const floor = bound === null ? "how good that is for this money is not known" : `no plan for this money leaves less than ${below(Math.min(bound, plan.value))}`;
  const over = live.answer.value - plan.value;
  const fits = live.answer.spent <= budget + 1e-9;
  const mine = !fits ? "Yours costs more." : over > 0.005 ? `Yours leaves ${exactly(over)} more.` : over < -0.005 ? `Yours leaves ${exactly(-over)} less.` : "Yours leaves as much.";
  at("money-state").textContent = `${head} ${exactly(plan.value)} ${LIVE.unit}; ${floor}. ${mine}`;
}

// -- two plans side by side -----------------------------------------------------------------------
function keep(plan) {
  live.kept = plan;
  live.keptAnswer = plan ? live.answer : null;
  changed();
}

function drawBeside() {
  at("forget").disabled = at("swap").disabled = !live.kept;
  at("against").textContent = live.kept ? "Before is the plan that you kept; the sentence at the top counts from no measures." : "Before is without measures.";
  const host = at("beside");
  if (!live.kept) {
    host.replaceChildren(tag("p", { class: "small" }, null, "Keep a plan, and the map, the diagram and the tables show what the next one changes against it."));
    return;
  }
  const [a, b] = [live.kept, live.plan];
  const only = (one, other) => [...one].filter((id) => !other.has(id));
  const list = tag("ul", { class: "small" });
  const line = (head, ids) => tag("li", {}, list, `${head}: ${ids.length ? names(ids) : "nothing"}`);
  const was = live.keptAnswer, now = live.answer;
  if (was) tag("li", {}, list, `The plan kept costs ${numeral(was.spent)} ${LIVE.money} and leaves ${say(was.value)} ${LIVE.unit}; this one costs ${numeral(now.spent)} and leaves ${say(now.value)} (${signed(now.value - was.value)}).`);
  line("Only in the plan kept", only(a, b));
  line("Only in this one", only(b, a));
  host.replaceChildren(list);
}

async function recallKept() {
  if (!live.kept || live.keptAnswer) return;
  try {
    live.keptAnswer = await ask("tick", { ...asked(), measures: [...live.kept] });
    drawBeside();
    drawMoney();
  } catch (error) { failed(error); }
}

// -- taking it along ------------------------------------------------------------------------------
const said = (text) => { at("save-state").textContent = text; };

function makeControls() {
  at("find").addEventListener("input", find);
  at("bought").addEventListener("change", find);
  at("undo").addEventListener("click", () => history.back());
  at("redo").addEventListener("click", () => history.forward());
  at("clear").addEventListener("click", () => { live.plan = new Set(); changed(); });
  at("keep").addEventListener("click", () => keep(new Set(live.plan)));
  at("forget").addEventListener("click", () => keep(null));
  at("swap").addEventListener("click", () => {
    [live.kept, live.plan, live.keptAnswer] = [live.plan, live.kept, live.answer];
    changed();
  });
  at("asking").addEventListener("submit", (event) => event.preventDefault());
  for (const select of document.querySelectorAll("#asking select")) {
    select.addEventListener("change", () => {
      const there = new URL(location.href);
      there.searchParams.set(select.name, select.value);
      there.hash = address();
      location.assign(there);
    });
  }
  const money = (value, anew) => {
    live.budget = value;
    if (anew) changed(); else { drawResources(live.answer); drawMoney(); }
  };
  at("budget").addEventListener("change", () => {
    const value = at("budget").value.trim();
    money(value === "" || !(Number(value) >= 0) ? null : Number(value), true);
    drawBudget();
  });
  at("budget-slider").addEventListener("input", () => {
    const value = Number(Number(at("budget-slider").value).toPrecision(3));
    at("budget").value = String(value);
    if (live.answer) money(value, false);
  });
  at("budget-slider").addEventListener("change", () => changed());
  at("best-start").addEventListener("click", startBest);
  at("best-stop").addEventListener("click", () => ask("best/stop").catch(failed));
  at("best-take").addEventListener("click", () => { live.plan = new Set(live.job.measures); changed(); });
  at("frontier-take").addEventListener("click", () => {
    const { plan } = frontierAt(live.budget === null ? live.answer.spent : live.budget);
    live.plan = new Set(plan.measures);
    changed();
  });
  at("save-plan").addEventListener("click", () => {
    const text = ["measure", ...[...live.plan].map(quoted)].join("\n");
    download(`${LIVE.network}-plan.csv`, new Blob([`${text}\n`], { type: "text/csv;charset=utf-8" }));
    said("The browser keeps the plan where it keeps downloads; flowopt evaluate --plan FILE reads it.");
  });
  at("save-result").addEventListener("click", async () => {
    said("saving ...");
    try { said((await ask("save", resulting())).words); } catch (error) { said(""); failed(error); }
  });
  at("save-page").addEventListener("click", async () => {
    said("making the page ...");
    try {
      const text = await ask("report", resulting());
      download(`${LIVE.network}-plan.html`, new Blob([text], { type: "text/html" }));
      said("The browser keeps the page where it keeps downloads; it needs no server.");
    } catch (error) { said(""); failed(error); }
  });
  window.addEventListener("popstate", () => { fromAddress(); drawBudget(); if (!live.kept) live.keptAnswer = null; refresh(); recallKept(); });
}

function drawBudget() {
  at("budget").value = live.budget === null ? "" : String(live.budget);
  at("budget-slider").value = live.budget === null ? at("budget-slider").max : String(live.budget);
}

// The server frees what a page held once it hears no more of it.
async function stay() {
  try {
    const found = await ask("here");
    if (found.changed) {
      tell("The network's files have changed since they were read. ", true);
      tag("button", { type: "button" }, at("state"), "Read them again").addEventListener("click", async () => {
        try { await ask("reread"); location.reload(); } catch (error) { failed(error); }
      });
    }
  } catch (error) { failed(error); }
  setTimeout(stay, 5000);
}

// The address holds the plan, so that what leads to a place on this page must not change it.
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  const badge = link.closest(".badge");
  const place = badge ? boxes.get(badge.dataset.measure).item : at(decodeURIComponent(link.getAttribute("href").slice(1)));
  if (!place) return;
  place.scrollIntoView({ block: "nearest" });
  (badge ? boxes.get(badge.dataset.measure).input : place).focus({ preventScroll: true });
});

// A ring's name, row and anchor follow from its measure.
if (LIVE.map) {
  Object.assign(DATA.figures[LIVE.map], {
    names: Object.fromEntries(LIVE.measures.map((row) => [row.id, row.name])),
    rows: Object.fromEntries(LIVE.measures.map((row) => [row.id, `tick-${encodeURIComponent(row.id)}`])),
    rings: Object.fromEntries(LIVE.measures.map((row) => [row.id, `ring-${encodeURIComponent(row.id)}`])),
  });
}
DATA.figures.money = { draw: "money" };
window.addEventListener("pagehide", () => {
  fetch("api/bye", { method: "POST", keepalive: true, credentials: "omit", body: "{}",
    headers: { "Content-Type": "application/json", "X-Flowopt-Token": TOKEN, "X-Flowopt-Client": CLIENT } }).catch(() => {});
});
whenReady.push(() => {
  for (const part of parts) watching.observe(at(part.host));
  refresh();
  recallKept();
  stay();
});
makeShelf();
makeControls();
fromAddress();
drawBudget();
