// The switch of the language; the page itself says in which language it is.

export function render({ model, el }) {
  const button = document.createElement("button");
  const show = () => {
    const zh = model.language === "zh";
    button.textContent = zh ? "English" : "中文";
    button.lang = zh ? "en" : "zh";
    document.documentElement.lang = zh ? "zh-CN" : "en";
    document.title = model.heading;
  };
  button.addEventListener("click", () => (model.language = model.language === "zh" ? "en" : "zh"));
  model.on("heading", show);
  show();
  el.append(button);
}
