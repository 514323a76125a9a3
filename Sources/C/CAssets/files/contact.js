// Contact: a stream beats every two seconds, and without one the gateway is asked as often. Its silence is told after
// four. The clock of this machine does not count, only how long ago an answer came.
const root = document.documentElement, icon = document.querySelector("link[rel=icon]");
const byID = (id) => document.getElementById(id), all = (selector) => [...document.querySelectorAll(selector)];
const described = "aria-describedby", now = () => performance.now();
const mark = () => document.querySelector("#contact time"), lost = () => byID("lost");
const isLost = () => root.dataset.contact === "lost";
// When the gateway was last heard, by its own clock.
const moment = () => new Date(Date.parse(mark().dateTime) + heard - shown).toISOString().slice(11, 19) + " UTC";
const without = "No contact: ";
// When the page was made, when the last answer came, since when one is missed, and when the stream last beat.
let shown = now(), heard = shown, missed = shown, streamed = -Infinity;
let made = mark(), tries = 0, isAsking = false, pause = 0, ownIcon = "";

function beat() {
  clearTimeout(pause);
  if (isAsking || document.hidden) return;
  if (now() - streamed < 2200) { pause = setTimeout(beat, 1000); return; }
  isAsking = true;
  const limit = new AbortController(), timer = setTimeout(() => limit.abort(), 2000);
  fetch("/beat", { cache: "no-store", redirect: "error", signal: limit.signal })
    .then(async (answer) => { if (answer.ok) hear(answer.status === 200 ? await answer.json() : {}); })
    .catch(() => {})
    .finally(() => {
      clearTimeout(timer);
      isAsking = false;
      pause = setTimeout(beat, isLost() ? Math.min(1000 * 2 ** tries++, 10000) : 2000);
    });
}

function hear({ state }) {
  heard = missed = now();
  const failing = byID("failing");
  if (failing && state && failing.hidden === (state === "problem")) {
    failing.hidden = !failing.hidden;
    failing.firstElementChild.textContent = "A part of the gateway fails, calls may be denied.";
  }
  if (!isLost()) return;
  delete root.dataset.contact;
  tries = 0;
  document.title = document.title.replace(without, "");
  if (icon) icon.href = ownIcon;
  lost().hidden = true;
  for (const button of all("[data-off]")) turnOn(button);
  tell("restored");
}

function lose() {
  if (isLost() || document.hidden || now() - missed < 4000) return;
  root.dataset.contact = "lost";
  lost().textContent = "No contact with the gateway since " + moment() + ". This page shows "
    + mark().textContent + ".";
  lost().hidden = false;
  document.title = without + document.title;
  if (icon) { ownIcon = icon.href; icon.href = icon.dataset.lost; }
  // What could not be sent is not offered; what was typed stays.
  for (const button of all("button:not([popovertarget], dialog *, :disabled)")) turnOff(button);
  tell("lost");
}

// In the content the reason is beside the button; the frame has no room for it, and refers to the sentence above.
function turnOff(button) {
  button.dataset.off = button.getAttribute(described) || "";
  button.disabled = true;
  let reason = lost();
  if (button.closest("main")) {
    reason = document.createElement("span");
    reason.id = "off-" + all(".off").length;
    reason.className = "hint off";
    reason.textContent = "Off: no contact";
    button.after(reason);
  }
  button.setAttribute(described, [button.dataset.off, reason.id].join(" ").trim());
}

function turnOn(button) {
  if (button.nextElementSibling?.matches(".off")) button.nextElementSibling.remove();
  if (button.dataset.off) button.setAttribute(described, button.dataset.off);
  else button.removeAttribute(described);
  button.disabled = false;
  delete button.dataset.off;
}

const tell = (detail) => document.dispatchEvent(new CustomEvent("interlock:contact", { detail }));

if (mark() && lost()) {
  document.addEventListener("replaced", () => { shown = heard = missed = now(); });
  document.addEventListener("refreshed", () => {
    if (mark() !== made) { made = mark(); shown = now(); }
  });
  document.addEventListener("interlock:beat", (event) => { streamed = now(); hear(event.detail); });
  beat();
  setInterval(lose, 500);
  // While the page was hidden it did not ask, so nothing is missed of that time.
  const returned = () => { missed = now(); tries = 0; streamed = -Infinity; beat(); };
  document.addEventListener("visibilitychange", () => { if (!document.hidden) returned(); });
  addEventListener("pageshow", (event) => { if (event.persisted) returned(); });
}
