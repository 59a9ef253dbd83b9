/* Copies the code of all blocks of a page at once, as its script has it. */
(() => {
  const row = document.querySelector(".page-code")
  if (!row) return
  const button = row.querySelector("button")
  const said = row.querySelector("[role=status]")

  function block(frame) {
    const code = frame.querySelector("code").textContent
      .replace(/^\n+|\n+$/g, "")
    const error = frame.dataset.raises
    if (!error) return code
    const indented = code.replace(/^(?=.*\S)/gm, "    ")
    return button.dataset.raises
      .replaceAll("{name}", () => error)
      .replace("{code}", () => indented)
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {  // not allowed, or no secure connection
      const field = document.createElement("textarea")
      field.value = text
      field.style.position = "fixed"
      document.body.append(field)
      field.select()
      const done = document.execCommand("copy")
      field.remove()
      button.focus()
      return done
    }
  }

  button.addEventListener("click", async () => {
    const frames = document.querySelectorAll("article .language-python")
    const parts = [button.dataset.first, ...Array.from(frames, block)]
    const done = await copy(parts.join("\n\n\n") + "\n")
    said.textContent = done ? "copied" : "not copied"
    setTimeout(() => { said.textContent = "" }, 3000)
  })
})()
