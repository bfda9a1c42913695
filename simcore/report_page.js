"use strict";

const root = document.documentElement;
const texts = JSON.parse(document.getElementById("texts").textContent);
const charts = JSON.parse(document.getElementById("charts").textContent);
const places = [...document.querySelectorAll("[data-chart]")];
const switches = [...document.querySelectorAll("[data-language]")];
const choice = document.getElementById("choice");
const boxes = choice ? [...choice.querySelectorAll("input")] : [];
const narrow = matchMedia("(max-width: 700px)").matches;
const views = new Map();
const ERRORS = 1;  // what Vega says of its own accord: errors alone
let shown = root.lang === "en" ? "en" : "zh";
let round = 0;

function text(number) {
  return texts[number][shown === "en" ? 0 : 1];
}

/* A text of a chart is a number in brackets; what it stands for takes its place. */

function worded(part) {
  if (typeof part === "string") {
    const found = /^⟦(\d+)⟧$/.exec(part);
    return found ? text(Number(found[1])) : part;
  }
  if (Array.isArray(part)) return part.map(worded);
  if (part && typeof part === "object") {
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, worded(inner)]));
  }
  return part;
}

function chosen() {
  return boxes.filter((box) => box.checked).map((box) => Number(box.value));
}

async function draw(place, current) {
  const spec = worded(charts[place.dataset.chart][Number(place.dataset.panel)]);
  if (spec.columns && narrow) spec.columns = 2;
  for (const param of spec.params ?? []) {
    if (param.name === "shown" && boxes.length) param.value = chosen();
  }
  views.get(place)?.finalize();
  const canvas = document.createElement("div");  // Vega names what it draws in by words of its own
  canvas.setAttribute("aria-hidden", "true");
  canvas.className = "canvas";
  place.replaceChildren(canvas);
  const found = await vegaEmbed(canvas, spec, {
    actions: false, ast: true, defaultStyle: false, renderer: "svg", logLevel: ERRORS,
    tooltip: { theme: "custom" },
  });
  if (current !== round) return;
  views.set(place, found);
  place.dataset.drawn = shown;
}

async function drawAll() {
  const current = ++round;
  for (const place of places) {
    if (current !== round) return;
    await draw(place, current);
  }
  root.dataset.ready = shown;
}

function speak(language) {
  shown = language;
  delete root.dataset.ready;
  root.lang = language === "en" ? "en" : "zh-CN";
  for (const part of document.querySelectorAll("[data-t]")) part.textContent = text(part.dataset.t);
  for (const part of document.querySelectorAll("[data-a]")) {
    part.setAttribute("aria-label", text(part.dataset.a));
  }
  for (const button of switches) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
  return drawAll();
}

async function choose() {
  const kept = chosen();
  for (const item of document.querySelectorAll(".legend [data-scenario]")) {
    item.classList.toggle("off", !kept.includes(Number(item.dataset.scenario)));
  }
  for (const { view } of views.values()) {
    if ("shown" in view.getState({ signals: (name) => name === "shown" }).signals) {
      await view.signal("shown", kept).runAsync();
    }
  }
  root.dataset.chosen = kept.join(" ");
}

function reveal() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target && target.closest("details")) target.closest("details").open = true;
}

for (const button of switches) {
  button.addEventListener("click", () => speak(button.dataset.language));
}
if (choice) {
  choice.addEventListener("change", choose);
  choice.addEventListener("submit", (event) => event.preventDefault());
  choice.hidden = false;
}
document.getElementById("languages").hidden = false;
addEventListener("hashchange", reveal);
reveal();
speak(shown);
