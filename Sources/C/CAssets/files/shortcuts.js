const html = document.documentElement, quiet = "input, select, textarea, [contenteditable]:not([contenteditable=false])";
let going = -Infinity;

const press = (selector) => document.querySelector(selector)?.click();

// The rows of all tables in view that lead somewhere, by their first link.
const links = () => [...document.querySelectorAll("main tbody tr")]
  .filter((row) => row.checkVisibility()).map((row) => row.querySelector("a[href]")).filter(Boolean);

function move(by) {
  const found = links();
  const at = found.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = found[at < 0 ? (by > 0 ? 0 : found.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

// Times in UTC, from their titles.
function showTimes() {
  for (const time of document.querySelectorAll("time[title]")) {
    const isUTC = "utc" in html.dataset;
    if (isUTC === "own" in time.dataset) continue;
    if (isUTC) { time.dataset.own = time.textContent; time.textContent = time.title; continue; }
    time.textContent = time.dataset.own;
    delete time.dataset.own;
  }
}

const deeds = {
  "/": () => { const field = byID("search"); field.focus(); field.select(); },
  "?": () => byID("shortcuts").showModal(),
  g: (event) => { going = event.timeStamp; },
  j: () => move(1), k: () => move(-1), u: () => press("main .crumbs a"),
  "[": () => press("main a[rel=prev]"), "]": () => press("main a[rel=next]"),
  t: () => { html.toggleAttribute("data-utc"); showTimes(); } };

// They lead to pages and into fields, and change nothing.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (html.dataset.shortcuts === "off" || event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey
    || event.altKey || target.closest?.(quiet) || document.querySelector("dialog[open], :popover-open")) return;
  const wasGoing = event.timeStamp - going < 1500;
  going = -Infinity;
  if (wasGoing && /^[a-z]$/.test(key)) press(`a[data-key="${key}"]`);
  else if (Object.hasOwn(deeds, key)) deeds[key](event);
  else return;
  event.preventDefault();
});
document.addEventListener("refreshed", () => { if ("utc" in html.dataset) showTimes(); });
