"use strict";
(() => {
  const root = document.documentElement;
  const stream = document.querySelector("[data-stream]");
  let asked = false, again = false;

  // A part is replaced only when its version changed, so nobody loses what they were writing.
  function refresh() {
    if (asked) { again = true; return; }
    asked = true;
    interlock.page(location.href, { "x-interlock-refresh": "yes" }).then((answer) => {
      asked = false;
      const next = answer.status === 200 ? answer.response : null;
      if (!next) { note("The page could not be brought up to date. Load it again."); return; }
      // What was read is not what is there now.
      const [old, now] = [document, next].map((page) => page.getElementById("actions"));
      if (old && now && old.dataset.revision !== now.dataset.revision) { location.reload(); return; }
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = next.getElementById(part.id);
        if (!other) { part.remove(); continue; }
        if (other.dataset.version !== part.dataset.version) replace(part, other);
      }
      const [asOf, newer] = [document, next].map((page) => page.querySelector("#contact time"));
      if (asOf && newer) {
        asOf.replaceWith(document.adoptNode(newer));
        shown = performance.now();
      }
      const [lists, others] = [document, next].map((page) => [...page.querySelectorAll(".side nav ul")]);
      if (lists.length === others.length) lists.forEach((list, place) => {
        if (list.outerHTML !== others[place].outerHTML && !list.contains(document.activeElement))
          list.replaceWith(document.adoptNode(others[place]));
      });
      document.title = next.title;
      document.dispatchEvent(new Event("refreshed"));
      read();
      if (again) { again = false; refresh(); }
    });
  }

  // What somebody has unfolded stays so, and who is at a link or button stays there.
  function replace(part, other) {
    const next = document.adoptNode(other);
    const folds = (place) => [...place.querySelectorAll("details")];
    const opened = folds(part).map((fold) => fold.open);
    folds(next).forEach((fold, place) => { fold.open = fold.open || opened[place] === true; });
    const at = document.activeElement;
    const name = (one) => one.tagName + (one.getAttribute("href") || one.id || one.textContent);
    const same = part.contains(at)
      && [...next.querySelectorAll("a, button, summary, input, select")]
        .find((one) => name(one) === name(at));
    part.replaceWith(next);
    if (same) same.focus({ preventScroll: true });
  }

  function note(text) {
    const place = document.getElementById("news");
    if (place) { place.textContent = text; place.hidden = false; }
  }

  const streams = {
    approvals: "/api/v1/approvals/stream", standing: "/api/v1/standing/stream",
    report: "/api/v1" + location.pathname + "/report" };
  if (stream && streams[stream.dataset.stream]) {
    listen(streams[stream.dataset.stream]);
  }

  // What becomes of an event: whether the stream is over.
  function hear(event, data) {
    if (event === "changed") refresh();
    if (event === "ended") {
      note("More pages are open than are kept up to date. Load this one again to see what changed.");
      return true;
    }
    if (event !== "report") return false;
    refresh();
    // Nothing comes of a halt behind the report in which nothing is left.
    return !JSON.parse(data).points.some((point) => point.state !== "not_present"
      && (point.left || !["confirmed", "expired"].includes(point.state)));
  }

  // Server-sent events. Not by `EventSource`, which sends no header, so no proof.
  async function follow(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ;) {
      const { value, done } = await reader.read();
      if (done) return false;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const lines of events.map((event) => event.split("\n"))) {
        const field = (name) => (lines.find((line) => line.startsWith(name)) || "").slice(name.length);
        if (hear(field("event: "), field("data: "))) { reader.cancel(); return true; }
      }
    }
  }

  // A lost connection is made again, a refusal is final.
  async function listen(path) {
    const left = new AbortController();
    addEventListener("pagehide", () => left.abort());
    while (!left.signal.aborted) {
      try {
        const answer = await interlock.request(
          path, { headers: { accept: "text/event-stream" }, signal: left.signal });
        if (!answer.ok) {
          note("Not live. Load the page again to see what changed.");
          return;
        }
        // Whatever happened before it was open, after the page was made or while it was away, it did not say.
        root.dataset.connected = "yes";
        refresh();
        if (await follow(answer.body)) return;
      } catch (error) {
        // `fetch` and its body fail with a `TypeError`; all else is final.
        if (left.signal.aborted) return;
        if (!(error instanceof TypeError)) { note(error.message); return; }
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }

  // Contact: the gateway is asked every two seconds, and its silence is told after four. The clock of this machine does
  // not count, only how long ago an answer came.
  const mark = () => document.querySelector("#contact time"), lost = () => document.getElementById("lost");
  const isLost = () => root.dataset.contact === "lost";
  const without = "No contact: ", restored = "Contact restored.";
  // When the page was made, when the last answer came, and since when one is missed.
  let shown = performance.now(), heard = shown, missed = shown, tries = 0, isAsking = false, pause = 0;

  function beat() {
    if (isAsking || document.hidden) return;
    isAsking = true;
    const limit = new AbortController(), timer = setTimeout(() => limit.abort(), 2000);
    fetch("/beat", { cache: "no-store", redirect: "error", signal: limit.signal })
      .then((answer) => { if (answer.ok) hearing(); })
      .catch(() => {})
      .finally(() => {
        clearTimeout(timer);
        isAsking = false;
        pause = setTimeout(beat, isLost() ? Math.min(1000 * 2 ** tries++, 10000) : 2000);
      });
  }

  function hearing() {
    heard = missed = performance.now();
    if (!isLost()) return;
    delete root.dataset.contact;
    tries = 0;
    document.title = document.title.replace(without, "");
    lost().hidden = true;
    for (const button of document.querySelectorAll("[data-off]")) {
      button.disabled = false;
      delete button.dataset.off;
    }
    read();
    // Another warning stays: it may be of a stream that has ended.
    const news = document.getElementById("news");
    if (news && news.hidden) {
      note(restored);
      setTimeout(() => { if (news.textContent === restored) news.hidden = true; }, 5000);
    }
    if (stream) refresh();
  }

  function lose() {
    if (isLost() || document.hidden || performance.now() - missed < 4000) return;
    root.dataset.contact = "lost";
    const moment = new Date(Date.parse(mark().dateTime) + heard - shown).toISOString().slice(11, 19);
    lost().textContent = "No contact with the gateway since " + moment + " UTC. This page shows "
      + mark().textContent + ".";
    lost().hidden = false;
    document.title = without + document.title;
    // What could not be sent is not offered; what was typed stays.
    for (const button of document.querySelectorAll("button:not([popovertarget]):not(:disabled)")) {
      button.disabled = true;
      button.dataset.off = "yes";
    }
  }

  if (mark() && lost()) {
    document.addEventListener("replaced", () => { shown = heard = missed = performance.now(); });
    beat();
    setInterval(lose, 500);
    // While the page was hidden it did not ask, so nothing is missed of that time.
    const returned = () => { missed = performance.now(); clearTimeout(pause); beat(); };
    document.addEventListener("visibilitychange", () => { if (!document.hidden) returned(); });
    addEventListener("pageshow", (event) => { if (event.persisted) returned(); });
  }

  // Every part must have been on screen, details opened, the floor passed, the target typed.
  let began = null, isBeginning = false;
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) seen.add(entry.target);
    read();
    tell();
  });
  function watch() {
    for (const part of document.querySelectorAll("[data-part]")) {
      const end = document.createElement("span");
      part.append(end);
      watcher.observe(end);
    }
  }
  watch();
  document.addEventListener("replaced", () => {
    watch();
    read();
    document.dispatchEvent(new Event("refreshed"));
  });
  const parts = () => [...document.querySelectorAll("[data-part] > span:last-child")];

  // The server counts what was on screen by its own clock, so it is told once of each part. The time that reading
  // takes begins with the first that it is told, which may be of no part.
  const told = new Set();
  function tell() {
    const place = document.getElementById("approve");
    const field = (name) => place && place.querySelector("[name=" + name + "]");
    if (!field("form_token")) return;
    const fresh = [...seen].map((end) => end.parentElement.dataset.part)
      .filter((part) => !told.has(part));
    if (fresh.length === 0 && isBeginning) return;
    isBeginning = true;
    for (const part of fresh) told.add(part);
    const body = JSON.stringify({ revision: Number(field("revision").value), parts: fresh });
    const headers = { "content-type": "application/json",
      "x-interlock-form-token": field("form_token").value };
    interlock.request("/api/v1" + location.pathname + "/viewed", { method: "POST", body, headers })
      .then((answer) => { if (!answer.ok) throw answer; began = began ?? performance.now(); read(); })
      .catch((error) => {
        for (const part of fresh) told.delete(part);
        isBeginning = began !== null;
        if (error instanceof Error) note(error.message);
      });
  }

  function read() {
    const button = document.getElementById("approve-button");
    if (!button || button.dataset.busy || isLost()) return;
    const missing = [];
    const unread = parts().filter((end) => !seen.has(end))
      .map((end) => end.parentElement.querySelector("h2").textContent);
    if (unread.length > 0) missing.push("read all parts to their end (" + unread.join(", ") + ")");
    const closed = [...document.querySelectorAll("main details:not([open])")].length;
    if (closed > 0) missing.push("open every folded part");
    const now = performance.now();
    const left = Number(button.dataset.floorMs) - (now - (began ?? now));
    if (left > 0) missing.push("take " + Math.ceil(left / 1000) + " s more to read");
    const typed = document.getElementById("approve-typed");
    if (typed && typed.value !== typed.dataset.target) missing.push("type what is asked for");
    button.disabled = missing.length > 0;
    const hint = document.getElementById("approve-hint");
    const text = missing.length ? "Before approving: " + missing.join(", ") + "." : "Ready.";
    if (hint && hint.textContent !== text) hint.textContent = text;
  }
  if (document.getElementById("approve-button")) {
    setInterval(read, 500);
    addEventListener("input", read);
    addEventListener("toggle", read, true);
    read();
  }
})();
