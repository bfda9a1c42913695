"use strict";

const root = document.documentElement;
const texts = JSON.parse(document.getElementById("texts").textContent);
const form = document.getElementById("filters");
const counter = document.getElementById("counter");
const body = document.querySelector("#figures tbody");
const heads = [...document.querySelectorAll("#figures thead th")];
const controls = [...form.querySelectorAll("[data-filter]")];
const sorting = document.getElementById("by-sort");
const switches = [...document.querySelectorAll("[data-language]")];
const marked = [...document.querySelectorAll("[data-t]")];
const first = root.lang === "en" ? "en" : "zh";
let shown = first;
let order = { column: "", descending: false };

const rows = [...body.rows].map((element, place) => ({
  element,
  place,
  text: [element.id, element.textContent, ...translations(element)].join(" ").toLowerCase(),
}));

function translations(element) {
  return [...element.querySelectorAll("[data-t]")].flatMap((part) => texts[part.dataset.t]);
}

/* language */

function speak(language) {
  shown = language;
  root.lang = language === "en" ? "en" : "zh-CN";
  for (const part of marked) {
    if (part !== counter) part.textContent = texts[part.dataset.t][language === "en" ? 0 : 1];
  }
  for (const button of switches) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

/* filters */

function show() {
  const words = form.elements["by-text"].value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = controls.filter((control) => control.tagName === "SELECT" && control.value);
  let count = 0;
  for (const row of rows) {
    const fits = chosen.every((control) => row.element.dataset[control.dataset.filter] === control.value)
      && words.every((word) => row.text.includes(word));
    row.element.hidden = !fits;
    if (fits) row.element.classList.toggle("odd", ++count % 2 === 1);
  }
  counter.textContent = texts[counter.dataset.t][shown === "en" ? 0 : 1]
    .replace("{shown}", count).replace("{total}", rows.length);
}

/* order */

function key(row, column) {
  const cell = row.element.querySelector("." + column);
  return column === "value" || column === "period"
    ? Number(cell.dataset.v ?? NaN)
    : cell.firstElementChild.textContent;
}

function comparison() {
  const collator = new Intl.Collator(root.lang);
  return (a, b) => (typeof a === "string" ? collator.compare(a, b) : a - b);
}

function sort() {
  const { column, descending } = order;
  const sorted = rows.map((row) => ({ row, key: column && column !== "place" ? key(row, column) : row.place }));
  const compare = comparison();
  sorted.sort((a, b) => {
    const missing = Number.isNaN(a.key) - Number.isNaN(b.key);  // no number: last in either order
    return missing || (descending ? -1 : 1) * compare(a.key, b.key) || a.row.place - b.row.place;
  });
  rows.splice(0, rows.length, ...sorted.map((item) => item.row));
  body.append(...rows.map((row) => row.element));
  for (const head of heads) {
    if (head.dataset.column === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  sorting.value = column === "place" ? "" : column;
}

/* The address holds what is shown: #zone=donghu&kind=actual&sort=value, or #<figure>. */

function write() {
  const state = new URLSearchParams();
  for (const control of controls) if (control.value) state.set(control.dataset.filter, control.value);
  if (order.column) state.set("sort", (order.descending ? "-" : "") + order.column);
  if (shown !== first) state.set("lang", shown);
  history.replaceState(null, "", "#" + state);
}

function read() {
  const hash = location.hash.slice(1);
  const target = hash && document.getElementById(hash);
  if (target) {
    if (target.hidden) {
      for (const control of controls) control.value = "";
      show();
    }
    if (target.closest("details")) target.closest("details").open = true;
    target.scrollIntoView({ block: "center" });
    return;
  }
  const state = new URLSearchParams(location.hash.slice(1));
  for (const control of controls) {
    control.value = state.get(control.dataset.filter) ?? "";
    if (control.selectedIndex === -1) control.value = "";
  }
  const column = state.get("sort") ?? "";
  const known = heads.some((head) => head.dataset.column === column.replace(/^-/, ""));
  order = { column: known ? column.replace(/^-/, "") : "", descending: known && column.startsWith("-") };
  const language = state.get("lang");
  speak(language === "en" || language === "zh" ? language : first);
  sort();
  show();
}

function update() {
  show();
  write();
}

/* start */

for (const head of heads) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const column = head.dataset.column;
    order = { column, descending: order.column === column && !order.descending };
    sort();
    update();
  });
}
for (const button of switches) {
  button.addEventListener("click", () => {
    speak(button.dataset.language);
    sort();
    update();
  });
}
sorting.addEventListener("change", () => {
  order = { column: sorting.value, descending: false };
  sort();
  update();
});
form.addEventListener("input", (event) => {
  if (event.target !== sorting) update();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(() => {
  order = { column: "", descending: false };
  sort();
  update();
}));
form.hidden = false;
body.classList.add("live");
if (matchMedia("(max-width: 860px)").matches) document.getElementById("register").open = false;
document.getElementById("languages").hidden = false;
new ResizeObserver(() => {
  const sticky = getComputedStyle(form).position === "sticky";
  root.style.setProperty("--bar", sticky ? form.offsetHeight + "px" : "0");
}).observe(form);
addEventListener("hashchange", read);
speak(first);
show();
read();
