"use strict";
// The page: which objects are in view, which one is selected, and what a click does.

const content = JSON.parse(document.getElementById("content").textContent);
const {objects, classes} = content;
const labelled = content.confusion !== null;
const narrow = matchMedia("(max-width: 759px)");
const $ = (id) => document.getElementById(id);

objects.forEach((object) => {
  object.predicted = object.p ? object.p.indexOf(Math.max(...object.p)) : -1;
});

const right = (o) => o.truth >= 0 && o.predicted === o.truth;
const wrong = (o) => o.truth >= 0 && o.predicted >= 0 && o.predicted !== o.truth;
const KINDS = {
  all: ["all", () => true],
  wrong: ["wrong", wrong],
  right: ["right", right],
  reason: ["not classified", (o) => o.reason !== ""],
  ...(labelled && {unscored: ["not scored", (o) => o.truth < 0 || !o.p]}),
};
const sure = (o) => o.p ? o.p[o.predicted] : -1;
const own = (o) => o.p && o.truth >= 0 ? o.p[o.truth] : 2;
const ORDERS = {
  data: ["data order", () => 0],
  unsure: ["least sure first", (a, b) => sure(a) - sure(b)],
  ...(labelled && {worst: ["worst first", (a, b) => own(a) - own(b)]}),
};

const state = {kind: "all", order: "data", text: "", cell: null, group: null,
  colour: labelled ? "truth" : "predicted", view: [], current: -1};

// ---- what is in view

function inView(object) {
  if (!KINDS[state.kind][1](object)) return false;
  if (state.text && !object.id.toLowerCase().includes(state.text)) return false;
  if (state.group !== null && !(object.xy && groupOf(object) === state.group)) return false;
  if (!state.cell) return true;
  return object.p && object.truth === state.cell[0] && object.predicted === state.cell[1];
}

function update({choose = false} = {}) {
  const shown = [...objects.keys()].filter((i) => inView(objects[i]));
  const compare = ORDERS[state.order][1];
  state.view = shown.sort((a, b) => compare(objects[a], objects[b]) || a - b);
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

// ---- the selected object

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
  drawCarried(object);
  const hidden = object.hidden ? ` ${object.hidden} observations further away are not shown.` : "";
  const outside = object.outside ? ` The model sees few of these points: ${object.outside} lie outside its window.` : "";
  $("object-note").textContent = object.reason ? hidden
    : "Filled: detected. Dotted line: trigger. Grey: outside the window of the model. "
      + "Larger: a point of more influence on the prediction. "
      + (object.carried.includes("(") ? "In brackets: the change of the probability without this part. " : "")
      + `Probabilities start when a second detection confirms the trigger.${outside}${hidden}`;
  figures.drawObject($("light-curve"), content, object);
  try {
    history.replaceState(null, "", `#${encodeURIComponent(object.id)}`);
  } catch {
    // Forbidden in some frames; nothing else depends on it.
  }
  showCurrent();
  if (scroll && narrow.matches) $("object").scrollIntoView({behavior: "smooth"});
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

// Scrolls only the list; scrollIntoView would scroll the whole page on a phone.
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
    return -1; // not an id
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
