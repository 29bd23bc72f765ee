// -- one of several networks, or periods, at a time -----------------------------------------------
const choices = document.querySelectorAll("[data-choice]");
const namesOf = (choice) => (choice.dataset.names ? JSON.parse(choice.dataset.names) : [...choice.options].map((each) => each.text));

function chooseNetwork(i) {
  const name = namesOf(choices[0])[i];
  for (const choice of choices) {
    choice.value = String(i);
    if (choice.dataset.names) choice.setAttribute("aria-valuetext", name);
  }
  for (const text of document.querySelectorAll("[data-chosen]")) text.textContent = name;
  for (const part of document.querySelectorAll("[data-network]")) part.hidden = Number(part.dataset.network) !== i;
  for (const figure of Object.values(figures)) if (figure.chooseNetwork) figure.chooseNetwork(i);
}
for (const choice of choices) choice.addEventListener(choice.dataset.names ? "input" : "change", () => chooseNetwork(Number(choice.value)));
