"use strict";
// The page: which objects are in view, which one is chosen, and what a click does.
// Texts of the data set are set as text, never as HTML.

const content = JSON.parse(document.getElementById("content").textContent);
const {objects, classes} = content;
const GLYPHS = {circle: "●", diamond: "◆", square: "■", "triangle-up": "▲",
  "triangle-down": "▼", cross: "✚"};
const NAMED = 5; // classes whose probability is written out, from 0.01 on
const labelled = content.confusion !== null;
const narrow = matchMedia("(max-width: 759px)");
const $ = (id) => document.getElementById(id);

objects.forEach((object) => {
  object.called = object.p ? object.p.indexOf(Math.max(...object.p)) : -1;
});

const right = (o) => o.truth >= 0 && o.called === o.truth;
const wrong = (o) => o.truth >= 0 && o.called >= 0 && o.called !== o.truth;
const KINDS = {
  all: ["all", () => true],
  wrong: ["wrong", wrong],
  right: ["right", right],
  reason: ["not classified", (o) => o.reason !== ""],
  unlabelled: ["no label", (o) => o.truth < 0],
};
const sure = (o) => o.p ? o.p[o.called] : -1;
const own = (o) => o.p && o.truth >= 0 ? o.p[o.truth] : 2;
const ORDERS = {
  data: ["data order", () => 0],
  unsure: ["least sure first", (a, b) => sure(a) - sure(b)],
  ...(labelled && {worst: ["worst first", (a, b) => own(a) - own(b)]}),
};

const state = {kind: "all", order: "data", text: "", cell: null, group: null,
  colour: labelled ? "truth" : "called", view: [], current: -1};

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function mark(style) {
  const made = element("span", GLYPHS[style.symbol] ?? "●", {class: "mark", "aria-hidden": "true"});
  made.style.color = style.colour ?? "var(--faint)";
  return made;
}

const NO_CLASS = {name: "no label among the classes", colour: null, symbol: "cross"};
const styleOf = (code) => classes[code] ?? NO_CLASS;
const groupOf = (object) => Math.max(object[state.colour], -1);

// ---- what is in view

function inView(object) {
  if (!KINDS[state.kind][1](object)) return false;
  if (state.text && !object.id.toLowerCase().includes(state.text)) return false;
  if (state.group !== null && !(object.xy && groupOf(object) === state.group)) return false;
  if (!state.cell) return true;
  return object.p && object.truth === state.cell[0] && object.called === state.cell[1];
}

function update({choose = false} = {}) {
  const found = [...objects.keys()].filter((i) => inView(objects[i]));
  const compare = ORDERS[state.order][1];
  state.view = found.sort((a, b) => compare(objects[a], objects[b]) || a - b);
  drawList();
  drawFilter();
  drawPressed();
  if (choose && state.view.length && !state.view.includes(state.current)) select(state.view[0]);
  else showCurrent();
}

function clear() {
  Object.assign(state, {kind: "all", text: "", cell: null, group: null});
  $("kind").value = "all";
  $("search").value = "";
  update();
}

// ---- the list

function drawList() {
  const rows = document.createDocumentFragment();
  for (const i of state.view) {
    const object = objects[i];
    const button = element("button", "", {"data-object": i});
    button.append(mark(styleOf(labelled ? object.truth : object.called)));
    button.append(element("span", object.id, {class: "id", title: object.id}));
    const says = object.p ? `${classes[object.called].name} ${sure(object).toFixed(2)}` : "–";
    button.append(element("span", wrong(object) ? `≠ ${says}` : says,
      {class: wrong(object) ? "says wrong" : "says"}));
    const row = element("li");
    row.append(button);
    rows.append(row);
  }
  if (!state.view.length) rows.append(element("li", "no object fits", {class: "empty"}));
  $("list").replaceChildren(rows);
}

function drawFilter() {
  const parts = [`${state.view.length} of ${objects.length} objects`];
  if (state.cell) {
    parts.push(`${classes[state.cell[0]].name} called ${classes[state.cell[1]].name}`);
  }
  if (state.group !== null) {
    parts.push(`${state.colour === "called" ? "called " : ""}${styleOf(state.group).name}`);
  }
  $("filter").textContent = parts.join(": ");
  if (state.cell || state.group !== null || state.text || state.kind !== "all") {
    const button = element("button", "show all", {id: "clear"});
    button.addEventListener("click", clear);
    $("filter").append(button);
  }
}

function drawPressed() {
  for (const button of document.querySelectorAll("#confusion button")) {
    button.setAttribute("aria-pressed", String(button.dataset.cell === String(state.cell)));
  }
  for (const button of document.querySelectorAll("#legend button")) {
    button.setAttribute("aria-pressed", String(button.dataset.group === String(state.group)));
  }
}

// ---- the object chosen

function select(i, {scroll = false} = {}) {
  state.current = i;
  const object = objects[i];
  $("object-id").textContent = object.id;
  drawVerdict(object);
  $("facts").replaceChildren(...Object.entries(object.facts).map(([name, value]) => {
    const fact = element("div");
    fact.append(element("dt", name), element("dd", value));
    return fact;
  }));
  drawProbable(object);
  const hidden = object.hidden ? ` ${object.hidden} observations further away are not shown.` : "";
  $("object-note").textContent = object.reason ? hidden
    : "Filled: detected. Dotted line: trigger. Grey: outside the window of the model. "
      + `Probabilities start when a second detection confirms the trigger.${hidden}`;
  figures.drawObject($("light-curve"), content, object);
  try {
    history.replaceState(null, "", `#${encodeURIComponent(object.id)}`);
  } catch {
    // Some frames forbid it; nothing else depends on it.
  }
  showCurrent();
  if (scroll && narrow.matches) $("object").scrollIntoView({behavior: "smooth"});
}

function drawVerdict(object) {
  const parts = [];
  if (object.label !== null) {
    parts.push("label ", mark(styleOf(object.truth)), element("strong", object.label));
    if (object.truth < 0) parts.push(" (has no place among the classes)");
    parts.push(", ");
  }
  if (object.p) {
    parts.push("called ", mark(classes[object.called]),
      element("strong", classes[object.called].name), ` with ${sure(object).toFixed(2)}`);
    if (object.truth >= 0) parts.push(right(object) ? " ✓" : " ✗");
  } else {
    parts.push(`not classified: ${object.reason}`);
  }
  $("verdict").replaceChildren(...parts);
}

function drawProbable(object) {
  $("probable").replaceChildren();
  if (!object.p) return;
  const ranked = [...object.p.keys()].sort((a, b) => object.p[b] - object.p[a]);
  for (const k of ranked.slice(0, NAMED).filter((one) => object.p[one] >= 0.01)) {
    const part = element("span", "", {class: object.p[k] < 0.05 ? "little" : ""});
    part.append(mark(classes[k]), `${classes[k].name} ${object.p[k].toFixed(2)}`);
    $("probable").append(part);
  }
}

function showCurrent() {
  const place = state.view.indexOf(state.current);
  $("position").textContent = `${place < 0 ? "–" : place + 1} of ${state.view.length}`;
  for (const button of $("list").querySelectorAll("button")) {
    const chosen = Number(button.dataset.object) === state.current;
    button.setAttribute("aria-current", String(chosen));
    if (chosen) keepInSight(button);
  }
  drawMap();
}

// Scrolls the list alone; scrollIntoView would move the page of a phone.
function keepInSight(button) {
  const list = $("list"), box = list.getBoundingClientRect(), row = button.getBoundingClientRect();
  if (row.top < box.top) list.scrollTop += row.top - box.top;
  if (row.bottom > box.bottom) list.scrollTop += row.bottom - box.bottom;
}

function step(by) {
  if (!state.view.length) return;
  const place = state.view.indexOf(state.current);
  const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), state.view.length - 1);
  select(state.view[next]);
}

// ---- the data set

function groups() {
  const members = new Map();
  objects.forEach((object, i) => {
    if (!object.xy) return;
    const code = groupOf(object);
    if (!members.has(code)) members.set(code, []);
    members.get(code).push(i);
  });
  const codes = [...members.keys()].sort((a, b) => members.get(b).length - members.get(a).length);
  return codes.map((code) => ({code, style: styleOf(code), name: styleOf(code).name,
    members: members.get(code)}));
}

function drawMap() {
  figures.drawMap($("map"), content, groups(), state.view, state.current);
}

function drawLegend() {
  $("legend").replaceChildren(...groups().map(({code, style, name, members}) => {
    const button = element("button", "", {"data-group": code, "aria-pressed": "false"});
    button.append(mark(style), `${name} ${members.length}`);
    return button;
  }));
}

function drawConfusion() {
  $("matrix").hidden = !labelled;
  if (!labelled) return;
  const {counts, percent} = content.confusion;
  const total = counts.map((row) => row.reduce((a, b) => a + b, 0));
  const rows = [...classes.keys()].filter((k) => total[k]);
  const columns = [...classes.keys()].filter((k) => total[k] || counts.some((row) => row[k]));
  const head = element("tr");
  head.append(element("th", "true ↓ called →", {scope: "col"}), ...columns.map((k) => {
    const cell = element("th", "", {scope: "col"});
    cell.append(element("span", classes[k].name));
    return cell;
  }));
  const body = rows.map((r) => {
    const line = element("tr");
    line.append(element("th", `${classes[r].name} (${total[r]})`, {scope: "row"}));
    for (const c of columns) {
      const words = `${classes[r].name} called ${classes[c].name}: ${counts[r][c]} objects, `
        + `${percent[r][c]} % of ${classes[r].name}`;
      const button = element("button", counts[r][c] || "",
        {"data-cell": `${r},${c}`, title: words, "aria-label": words, "aria-pressed": "false"});
      button.disabled = !counts[r][c];
      if (counts[r][c]) {
        button.style.background = `rgba(var(--share), ${0.08 + 0.92 * percent[r][c] / 100})`;
        if (percent[r][c] > 55) button.style.color = "#fff";
      }
      const cell = element("td", "", {class: r === c ? "own" : ""});
      cell.append(button);
      line.append(cell);
    }
    return line;
  });
  const [top, rest] = [element("thead"), element("tbody")];
  top.append(head);
  rest.append(...body);
  $("confusion").replaceChildren(top, rest);
  $("confusion").style.setProperty("--columns", columns.length);
  $("matrix-note").textContent = "Numbers of objects, the darker the larger their share of the row. "
    + "Click a cell to list them.";
}

function drawHeader() {
  $("title").textContent = `${content.model} on ${content.data}`;
  const shown = objects.length.toLocaleString("en"), total = content.total.toLocaleString("en");
  const drawn = objects.length < content.total ? `${shown} of ${total} objects, drawn at random`
    : `${shown} objects`;
  const left = objects.filter((o) => o.reason).length;
  const parts = [drawn];
  if (left) parts.push(`${left} not classified`);
  parts.push(labelled ? `${content.metrics.n} with a label among the classes` : "no labels to compare");
  $("about").textContent = parts.join(", ");
  for (const [name, value, low, high] of content.metrics?.scores ?? []) {
    const box = element("div");
    const number = element("dd", value.toFixed(3));
    if (low !== null) {
      number.append(" ", element("small", `${low.toFixed(2)}–${high.toFixed(2)}`));
      box.title = `95 % bootstrap interval over the ${content.metrics.n} objects`;
    }
    box.append(element("dt", name), number);
    $("metrics").append(box);
  }
  $("map-note").textContent = `${content.method}, of the latent layer: neighbours are alike to the `
    + "model. Click a point for its object, a class for its list.";
}

// ---- what the user does

function choices(select_, known, counted) {
  for (const [key, [name, test]] of Object.entries(known)) {
    const count = counted ? objects.filter(test).length : 1;
    if (!count) continue;
    select_.append(element("option", counted ? `${name} (${count})` : name, {value: key}));
  }
}

function listen() {
  $("search").addEventListener("input", () => {
    state.text = $("search").value.trim().toLowerCase();
    update({choose: true});
  });
  for (const name of ["kind", "order"]) {
    $(name).addEventListener("change", () => {
      state[name] = $(name).value;
      update({choose: true});
    });
  }
  $("colour").addEventListener("change", () => {
    Object.assign(state, {colour: $("colour").value, group: null});
    drawLegend();
    update();
  });
  $("list").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) select(Number(button.dataset.object), {scroll: true});
  });
  $("confusion").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const cell = button.dataset.cell.split(",").map(Number);
    Object.assign(state, {cell: String(cell) === String(state.cell) ? null : cell, group: null});
    update({choose: true});
    if (narrow.matches) $("chooser").scrollIntoView({behavior: "smooth"});
  });
  $("legend").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const group = Number(button.dataset.group);
    Object.assign(state, {group: group === state.group ? null : group, cell: null});
    update({choose: true});
  });
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  document.addEventListener("keydown", onKey);
  $("map").on("plotly_click", ({points}) => {
    if (points[0].customdata !== undefined) select(points[0].customdata, {scroll: true});
  });
  addEventListener("hashchange", () => {
    const i = named();
    if (i >= 0 && i !== state.current) select(i);
  });
  for (const query of [narrow, matchMedia("(prefers-color-scheme: dark)")]) {
    query.addEventListener("change", () => select(state.current));
  }
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const {target, key} = event;
  const writing = target.tagName === "INPUT";
  if (target.tagName === "SELECT") return;
  const by = {ArrowLeft: -1, ArrowRight: 1}[key];
  const along = {ArrowUp: -1, ArrowDown: 1}[key];
  if (by && !writing) step(by);
  else if (along && $("chooser").contains(target)) step(along);
  else if (key === "/" && !writing) $("search").focus();
  else if (key === "Escape") clear();
  else return;
  event.preventDefault();
}

function named() {
  try {
    const id = decodeURIComponent(location.hash.slice(1));
    return objects.findIndex((object) => object.id === id);
  } catch {
    return -1; // no id of ours
  }
}

drawHeader();
choices($("kind"), KINDS, true);
choices($("order"), ORDERS, false);
$("colour-label").hidden = !labelled;
$("colour").value = state.colour;
drawLegend();
drawConfusion();
state.current = Math.max(named(), 0);
update();
select(state.current);
listen();
