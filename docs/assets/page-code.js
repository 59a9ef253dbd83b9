/* Copies the code of all blocks of a page at once, as its script has it.
   Uses copyText of site.js, which every page has. */
(() => {
  const row = document.querySelector(".page-code");
  if (!row) return;
  const button = row.querySelector("button");
  const said = row.querySelector("[role=status]");

  function block(frame) {
    const code = frame
      .querySelector("code")
      .textContent.replace(/^\n+|\n+$/g, "");
    const error = frame.dataset.raises;
    if (!error) return code;
    const indented = code.replace(/^(?=.*\S)/gm, "    ");
    return button.dataset.raises
      .replaceAll("{name}", () => error)
      .replace("{code}", () => indented);
  }

  button.addEventListener("click", async () => {
    const frames = document.querySelectorAll("article .language-python");
    const parts = [button.dataset.first, ...Array.from(frames, block)];
    const done = await copyText(parts.join("\n\n\n") + "\n");
    said.textContent = done ? "copied" : "not copied";
    setTimeout(() => {
      said.textContent = "";
    }, 3000);
  });
})();
