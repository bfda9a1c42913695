// A lever: a switch, a slider and a number. Off follows the rule of the baseline.
// A new value is sent when the picture of the last one has come back, so none pile up.

const PATIENCE = 3000; // milliseconds after which an answer is no longer waited for

export function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "lever";
  const head = document.createElement("div");
  head.className = "head";
  const label = document.createElement("label");
  const box = document.createElement("input");
  box.type = "checkbox";
  const name = document.createElement("span");
  name.textContent = model.label;
  label.append(...(model.optional ? [box, name] : [name]));
  const number = document.createElement("input");
  const range = document.createElement("input");
  number.type = "number";
  range.type = "range";
  for (const input of [number, range]) {
    input.min = model.low;
    input.max = model.high;
    input.step = model.step;
    input.value = model.place;
  }
  number.setAttribute("aria-label", `${model.label}, %`);
  range.setAttribute("aria-label", `${model.label}, %`);
  const unit = document.createElement("span");
  unit.className = "unit";
  unit.textContent = "%";
  const hint = document.createElement("p");
  hint.className = "hint";
  head.append(label, number, unit);
  root.append(head, range, hint);
  el.append(root);

  let waiting = null;
  let latest = model.value;

  function shown(value) {
    const on = value !== null;
    box.checked = on;
    root.classList.toggle("off", !on);
    if (on) {
      range.value = value;
      if (root.getRootNode().activeElement !== number) number.value = value;
    } else {
      number.value = "";
    }
    range.setAttribute("aria-valuetext", on ? `${value} %` : model.hint);
    hint.textContent = model.hint;
  }

  function send() {
    if (waiting !== null || latest === model.value) return;
    waiting = setTimeout(answered, PATIENCE);
    model.value = latest;
  }

  function answered() {
    clearTimeout(waiting);
    waiting = null;
    send();
  }

  function set(value) {
    latest = value;
    shown(value);
    send();
  }

  range.addEventListener("input", () => set(Number(range.value)));
  box.addEventListener("change", () => set(box.checked ? Number(range.value) : null));
  number.addEventListener("change", () => {
    const value = number.value === "" ? NaN : Number(number.value);
    if (Number.isNaN(value)) set(model.optional ? null : latest);
    else set(Math.min(Math.max(value, model.low), model.high));
    if (latest !== null) number.value = latest;
  });
  model.on("seen", answered);
  model.on("hint", () => shown(latest));
  model.on("place", () => {
    if (latest === null) range.value = model.place;
  });
  model.on("value", () => {
    if (waiting === null) latest = model.value;
    shown(latest);
  });
  shown(model.value);
}
