"use strict";
// The panels of the page: the list, the text about an object, legend, matrix and header.
// They draw `content` and `state` of `page.js`; texts of the data set are inserted as
// text, never as HTML.

const GLYPHS = {circle: "●", diamond: "◆", square: "■", "triangle-up": "▲",
  "triangle-down": "▼", cross: "✚"};
const NAMED = 5; // maximum number of classes whose probability is listed, from 0.01 on

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

// ---- the list

function drawList() {
  const rows = document.createDocumentFragment();
  for (const i of state.view) {
    const object = objects[i];
    const button = element("button", "", {"data-object": i});
    button.append(mark(styleOf(labelled ? object.truth : object.predicted)));
    button.append(element("span", object.id, {class: "id", title: object.id}));
    const prediction = object.p ? `${classes[object.predicted].name} ${sure(object).toFixed(2)}` : "–";
    button.append(element("span", wrong(object) ? `≠ ${prediction}` : prediction,
      {class: wrong(object) ? "prediction wrong" : "prediction"}));
    const row = element("li");
    row.append(button);
    rows.append(row);
  }
  if (!state.view.length) rows.append(element("li", "no matching objects", {class: "empty"}));
  $("list").replaceChildren(rows);
}

function drawFilter() {
  const parts = [`${state.view.length} of ${objects.length} objects`];
  if (state.cell) {
    parts.push(`${classes[state.cell[0]].name} predicted as ${classes[state.cell[1]].name}`);
  }
  if (state.group !== null) {
    parts.push(`${state.colour === "predicted" ? "predicted " : ""}${styleOf(state.group).name}`);
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

// ---- the selected object

function drawVerdict(object) {
  const parts = [];
  if (object.label !== null) {
    parts.push("label ", mark(styleOf(object.truth)), element("strong", object.label));
    if (object.truth < 0) parts.push(" (not among the classes)");
    parts.push(", ");
  }
  if (object.p) {
    parts.push("predicted ", mark(classes[object.predicted]),
      element("strong", classes[object.predicted].name), ` with ${sure(object).toFixed(2)}`);
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

function drawCarried(object) {
  $("carried").textContent = object.carried
    ? `${classes[object.predicted].name} is ${object.carried.replaceAll("(-", "(−")}.` : "";
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
  head.append(element("th", "true ↓ predicted →", {scope: "col"}), ...columns.map((k) => {
    const cell = element("th", "", {scope: "col"});
    cell.append(element("span", classes[k].name));
    return cell;
  }));
  const body = rows.map((r) => {
    const line = element("tr");
    line.append(element("th", `${classes[r].name} (${total[r]})`, {scope: "row"}));
    for (const c of columns) {
      const words = `${classes[r].name} predicted as ${classes[c].name}: ${counts[r][c]} objects, `
        + `${percent[r][c]} % of ${classes[r].name}`;
      const button = element("button", counts[r][c] || "",
        {"data-cell": `${r},${c}`, title: words, "aria-label": words, "aria-pressed": "false"});
      button.disabled = !counts[r][c];
      if (counts[r][c]) {
        button.style.setProperty("--part", percent[r][c] / 100);
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
  $("matrix-note").textContent = "Numbers of objects; darker cells hold a larger share of their row. "
    + "Click a cell to list its objects.";
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
  $("map-note").textContent = `${content.method}, of the latent layer: the model sees neighbours as `
    + "similar. Click a point for its object, a class for a list.";
}
