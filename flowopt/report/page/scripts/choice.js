// -- one of several networks at a time ------------------------------------------------------------
const choices = document.querySelectorAll("[data-choice]");

function chooseNetwork(i) {
  for (const select of choices) select.value = String(i);
  for (const name of document.querySelectorAll("[data-chosen]")) name.textContent = choices[0].options[i].text;
  for (const part of document.querySelectorAll("[data-network]")) part.hidden = Number(part.dataset.network) !== i;
  for (const figure of Object.values(figures)) if (figure.chooseNetwork) figure.chooseNetwork(i);
}
for (const select of choices) select.addEventListener("change", () => chooseNetwork(Number(select.value)));
