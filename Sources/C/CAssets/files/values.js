// Keeps times that are relative to the page's moment current, by the same words as the server (`RelativeTime`). The moment
// is the gateway's; the clock of this machine does not count, only how long ago the page was made. In the scope of
// `contact.js`.
(() => {
  const day = 86400, countdown = 120;
  let mark = null, made = 0;

  function length(seconds, limit) {
    if (seconds < limit) return seconds + " s";
    const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds % 3600 / 60);
    if (hours === 0) return minutes + " min";
    return minutes === 0 ? hours + " h" : hours + " h " + minutes + " min";
  }

  function words(seconds) {
    if (seconds === 0) return "now";
    return seconds < 0 ? length(-seconds, 60) + " ago" : "in " + length(seconds, countdown);
  }

  function tick() {
    const found = document.querySelector("#contact time");
    // The key for times in UTC has the whole time of each shown.
    if (!found || "utc" in root.dataset) return;
    if (found !== mark) {
      const answer = mark ? null : performance.getEntriesByType("navigation")[0];
      [mark, made] = [found, answer ? answer.responseStart : performance.now()];
    }
    const now = Date.parse(found.dateTime) / 1000 + Math.floor((performance.now() - made) / 1000);
    for (const time of all("time[data-moment]")) {
      const seconds = Date.parse(time.dateTime) / 1000 - now;
      const text = Math.abs(seconds) < day ? words(seconds) : time.dataset.moment;
      if (time.textContent !== text) time.textContent = text;
    }
  }

  // A button beside each id of which a part alone is shown.
  function offer() {
    if (!navigator.clipboard) return;
    for (const id of all("[data-copy]:not([data-offered])")) {
      id.dataset.offered = "yes";
      const button = document.createElement("button"), drawing = document.querySelector("svg.icons").cloneNode(false);
      const use = document.createElementNS(drawing.namespaceURI, "use");
      drawing.setAttribute("class", "icon");
      use.setAttribute("href", "#i-copy");
      drawing.append(use);
      button.append(drawing);
      button.type = "button";
      button.className = "copy";
      const name = "Copy " + id.dataset.copy;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", () => {
        const say = (words, icon) => {
          button.setAttribute("aria-label", words);
          use.setAttribute("href", icon);
        };
        navigator.clipboard.writeText(id.dataset.copy)
          .then(() => say("Copied", "#i-check"), () => say("Not copied", "#i-cross"))
          .finally(() => setTimeout(() => say(name, "#i-copy"), 3000));
      });
      id.after(button);
    }
  }

  function renew() { tick(); offer(); }
  renew();
  setInterval(tick, 1000);
  for (const name of ["refreshed", "replaced"]) document.addEventListener(name, renew);
  addEventListener("pageshow", tick);
})();
