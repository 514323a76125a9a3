const byID = (id) => document.getElementById(id);
const palette = byID("palette"), typed = byID("palette-text");
const status = byID("palette-status");
let asked = 0, timer = 0, isAwaited = false, isEntered = false;

const rows = () => [...palette.querySelectorAll("[role=option]")];
const chosen = () => palette.querySelector("[aria-selected=true]");

function choose(row) {
  chosen()?.removeAttribute("aria-selected");
  typed.removeAttribute("aria-activedescendant");
  if (!row) return;
  row.setAttribute("aria-selected", "true");
  row.scrollIntoView({ block: "nearest" });
  typed.setAttribute("aria-activedescendant", row.id);
}

// The answer to an older text never takes the place of that to a newer one.
async function find() {
  const number = ++asked;
  const answer = await interlock.page("/search/list?q=" + encodeURIComponent(typed.value), {});
  if (number !== asked) return;
  const next = answer.status === 200 && answer.response && answer.response.getElementById("palette-list");
  isAwaited = false;
  if (!next) { isEntered = false; status.textContent = "The gateway gave no answer. Type again."; return; }
  byID("palette-list").replaceWith(document.adoptNode(next));
  const found = rows();
  choose(found[0]);
  status.textContent = found.length + (found.length === 1 ? " result" : " results");
  if (isEntered) enter();
}

function ask(pause) {
  asked++;
  isAwaited = true;
  isEntered = false;
  choose(null);
  clearTimeout(timer);
  timer = setTimeout(find, pause);
}

// Enter before the answer came means the first row of that answer.
function enter() {
  isEntered = isAwaited;
  if (!isAwaited) chosen()?.click();
}

function step(by) {
  const found = rows(), at = found.indexOf(chosen());
  choose(found[(at + by + found.length) % found.length]);
}

function open() {
  if (palette.open) { typed.select(); return; }
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  typed.value = "";
  palette.showModal();
  typed.focus();
  ask(0);
}

typed.addEventListener("input", () => ask(120));
typed.addEventListener("keydown", (event) => {
  const deed = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Enter: enter }[event.key];
  if (!deed || event.isComposing) return;
  event.preventDefault();
  deed();
});
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  open();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dialog], [data-close]"), shown = event.target.closest("dialog");
  if (shown && (event.target === shown || button)) shown.close();
  const name = button && button.dataset.dialog;
  if (name === "palette") open();
  else if (name) byID(name).showModal();
});
