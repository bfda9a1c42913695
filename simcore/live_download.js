// A button that asks for a file and saves it when it comes.

export function render({ model, el }) {
  const button = document.createElement("button");
  const show = () => {
    button.textContent = model.label;
    button.disabled = false;
  };
  button.addEventListener("click", () => {
    button.disabled = true;
    button.textContent = model.busy;
    model.asked = model.asked + 1;
  });
  model.on("answered", () => {
    show();
    if (!model.content) return;
    const bytes = Uint8Array.from(atob(model.content), (character) => character.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = model.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  show();
  el.append(button);
}
