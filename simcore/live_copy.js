// A text to take away: shown as it is, copied or saved by a button.

export function render({ model, el }) {
  const text = document.createElement("pre");
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", model.label);
  const copy = document.createElement("button");
  copy.textContent = model.copy;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(model.text);
    } catch {
      const selection = window.getSelection();
      selection.selectAllChildren(text);
      document.execCommand("copy");
      selection.removeAllRanges();
    }
    copy.textContent = model.copied;
    setTimeout(() => (copy.textContent = model.copy), 1500);
  });
  const buttons = document.createElement("div");
  buttons.append(copy);
  if (model.file) {
    const save = document.createElement("button");
    save.textContent = model.keep;
    save.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([model.text], { type: "text/yaml" }));
      link.download = model.file;
      link.click();
      URL.revokeObjectURL(link.href);
    });
    buttons.append(save);
  }
  const fill = () => (text.textContent = model.text);
  model.on("text", fill);
  fill();
  el.append(text, buttons);
}
