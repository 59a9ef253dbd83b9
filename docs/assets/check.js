/* Translate many numbers here, and say how far PyTorch's results are. */
"use strict";

(() => {
  const box = find(".live");
  const button = document.createElement("button");
  const said = document.createElement("p");
  button.className = "do";
  button.textContent = "Check it here";
  said.setAttribute("role", "status");
  find("label", box).replaceWith(find("label", box).textContent, button, said);

  const pause = () => new Promise((resolve) => setTimeout(resolve));

  async function check() {
    const address = box.dataset.model;
    const { model } = await loadNetwork(address.replace("proof", "attention"));
    const [known] = await arrived(address);
    let [same, largest] = [0, 0];
    for (const [i, one] of known.entries()) {
      const far = difference(model, one);
      if (far < Infinity) same++;
      largest = Math.max(largest, far);
      if (i % 20 === 19) {
        said.textContent = `${i + 1} of ${known.length} …`;
        await pause(); // or the page would not answer
      }
    }
    return (
      `${same} of ${known.length} translations are the same, word by word. ` +
      `The largest difference of a weight is ${largest.toExponential(1)}.`
    );
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    said.textContent = "loading …";
    try {
      said.textContent = await check();
    } catch (error) {
      said.textContent = `It cannot be checked here: ${error.message}.`;
    }
    button.disabled = false;
  });
  box.hidden = false;
})();
