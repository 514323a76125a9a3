// In the scope of `contact.js`.
(() => {
  const stream = document.querySelector("[data-stream]");
  let asked = false, again = false, newest = 0, isDeaf = false;

  // A part is replaced only when its version changed, so nobody loses what they were writing.
  // `isForced`: an answer that is still awaited may never come.
  function refresh(isForced = false) {
    if (asked && !isForced) { again = true; return; }
    asked = true;
    const number = ++newest;
    interlock.page(location.href, { "x-interlock-refresh": "yes" }).then((answer) => {
      if (number !== newest) return;
      asked = false;
      const next = answer.status === 200 ? answer.response : null, live = all("[data-live]");
      if (!next) {
        age(true);
        if (isLost()) return;
        if (live.length && (answer.status || 500) > 499) setTimeout(refresh, 5000);
        else note("The page could not be brought up to date. Load it again.");
        return;
      }
      // What was read is not what is there now.
      const both = (find) => [document, next].map(find);
      const [old, now] = both((page) => page.getElementById("actions"));
      if (old && now && old.dataset.revision !== now.dataset.revision) { location.reload(); return; }
      const isStill = !stream && live.every((part) => part.closest(".notices, .head"));
      for (const part of live) {
        const other = next.getElementById(part.id);
        if (!other) { part.remove(); continue; }
        if (other.dataset.version !== part.dataset.version && !hold(part, other)) replace(part, other);
      }
      if (isStill) renew(next);
      const [asOf, newer] = both((page) => page.querySelector("#contact time"));
      if (asOf && newer) asOf.replaceWith(document.adoptNode(newer));
      const [icon, other] = both((page) => page.querySelector("link[rel=icon]"));
      if (icon && other && !isLost()) icon.href = other.href;
      const [lists, others] = both((page) => [...page.querySelectorAll(".side nav ul")]);
      if (lists.length === others.length) lists.forEach((list, place) => {
        if (list.outerHTML !== others[place].outerHTML && !list.contains(active()))
          list.replaceWith(document.adoptNode(others[place]));
      });
      document.title = next.title;
      age(isDeaf);
      document.dispatchEvent(new Event("refreshed"));
      read();
      if (again) { again = false; refresh(); }
      calculate();
    });
  }

  // Parts that are not kept up to date while the gateway answers: each says from when it is, and looks unknown.
  function age(isOld) {
    for (const part of all("[data-live]:not(.notices)")) {
      part.querySelector(":scope > .age")?.remove();
      part.toggleAttribute("data-old", isOld);
      if (!isOld) continue;
      const words = document.createElement("p");
      words.className = "age hint";
      words.textContent = "As of " + mark().textContent + ", not live";
      part.firstElementChild?.after(words);
    }
  }
  function deafen(words) { isDeaf = true; note(words); age(true); }

  // A page whose content does not update itself: what differs is replaced, unless it is in use.
  function renew(next) {
    // Read without scripts, so what is for pages without scripts is there as elements.
    for (const one of next.querySelectorAll("noscript")) one.remove();
    const [olds, others] = [document, next].map(pieces);
    const isUsed = (part) => part.contains(active())
      || [...part.querySelectorAll("input, select, textarea")].some((one) => typed.has(one));
    let isOld = olds.length !== others.length;
    if (!isOld) olds.forEach((part, place) => {
      const other = others[place], markup = other.outerHTML;
      if (markup === sent.get(part)) return;
      if (isUsed(part)) { isOld = true; return; }
      sent.set(other, markup);
      part.replaceWith(document.adoptNode(other));
    });
    if (isOld) note("This page may have changed.", true);
  }
  const pieces = (page) => [...page.querySelectorAll("main > :not(.notices, .head, #news, noscript)")];
  // The pieces as the server sent them: other scripts change them.
  const sent = new WeakMap(pieces(document).map((part) => [part, part.outerHTML])), typed = new WeakSet();
  addEventListener("input", (event) => typed.add(event.target));

  const label = (button, textContent, onclick) => Object.assign(button, { type: "button", textContent, onclick });
  const active = () => document.activeElement;

  // No row moves under pointer or focus: other rows wait behind a button until both have left the list.
  let pointed = null;
  const keys = (part) => [...part.querySelectorAll("tbody tr a[href]:first-of-type")].map((link) => link.href);
  const isInRows = (part, one) => Boolean(one?.isConnected && part.contains(one) && one.closest("tbody"));
  const isHeld = (part) => isInRows(part, pointed) || isInRows(part, active());
  function hold(part, other) {
    const [olds, others] = [part, other].map(keys);
    if (olds.length === 0 || olds.join() === others.join() || !isHeld(part)) return false;
    const button = part.querySelector(".fresh") || document.createElement("button");
    const count = others.filter((key) => !olds.includes(key)).length;
    button.className = "fresh";
    label(button, count ? count + " new" : "Show changes", () => {
      pointed = null; button.blur(); refresh(true); });
    if (!button.isConnected) part.prepend(button);
    return true;
  }
  function release() {
    for (const button of all(".fresh"))
      if (!isHeld(button.parentElement) && !button.contains(active())) { refresh(true); return; }
  }
  addEventListener("pointermove", (event) => { pointed = event.target; release(); });
  root.addEventListener("pointerleave", () => { pointed = null; release(); });
  addEventListener("focusin", release);
  // A result that is being calculated makes no event.
  function calculate() {
    if (document.querySelector("[data-calculating]")) setTimeout(refresh, 1500);
  }
  calculate();

  // What somebody has unfolded stays so, and who is at a link or button stays there.
  function replace(part, other) {
    const next = document.adoptNode(other);
    const folds = (place) => [...place.querySelectorAll("details")];
    const opened = folds(part).map((fold) => fold.open);
    folds(next).forEach((fold, place) => { fold.open = fold.open || opened[place] === true; });
    const at = active();
    const name = (one) => one.tagName + (one.getAttribute("href") || one.id || one.textContent);
    const same = part.contains(at)
      && [...next.querySelectorAll("a, button, summary, input, select")]
        .find((one) => name(one) === name(at));
    part.replaceWith(next);
    if (same) same.focus({ preventScroll: true });
  }

  // `canReload`: with a button, where the page is not loaded again unasked.
  function note(text, canReload = false) {
    interlock.note(text + " ");
    if (!canReload) return;
    const button = document.createElement("button");
    label(button, "Load again", () => location.reload());
    byID("news")?.append(button);
  }

  const isLog = document.querySelector("meta[name=interlock-log]");
  const restored = "Contact restored.";
  document.addEventListener("interlock:contact", (event) => {
    // A connection over which nothing came is not waited for.
    if (open) open.abort();
    if (event.detail === "lost") return;
    resume();
    const news = byID("news");
    // Another warning stays: it may be of a stream that has ended.
    if (news && news.hidden) {
      note(restored, isLog);
      if (!isLog) setTimeout(() => { if (news.textContent.trim() === restored) news.hidden = true; }, 5000);
    }
    read();
    if (!isLog) refresh(true);
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    hasLeft = false;
    start();
    if (!isLog) refresh(true);
  });

  const streams = {
    approvals: "/api/v1/approvals/stream", standing: "/api/v1/standing/stream",
    report: "/api/v1" + location.pathname + "/report" };
  // The open connection of the stream, if there is one.
  let open = null, hasLeft = false;
  // A lost connection is made again after 1, 2, 4, 8, then each 10 s, and at once on return: to contact or to the tab.
  let attempts = 0, wake = () => {};
  const backoff = () => new Promise((resolve) => {
    wake = resolve;
    setTimeout(resolve, Math.min(1000 * 2 ** attempts++, 10000));
  });
  const resume = () => { attempts = 0; wake(); };
  const path = streams[stream?.dataset.stream];
  const start = () => { if (path) listen(path); };
  addEventListener("pagehide", () => { hasLeft = true; resume(); if (open) open.abort(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) resume(); });
  start();

  // What becomes of an event: whether the stream is over.
  function hear(event, data) {
    if (event === "changed") refresh();
    if (event === "beat") document.dispatchEvent(new CustomEvent("interlock:beat", { detail: JSON.parse(data) }));
    if (event === "ended") {
      deafen("More pages are open than are kept up to date. Load this one again to see what changed.");
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
      attempts = 0;
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
    while (!hasLeft) {
      open = new AbortController();
      try {
        const answer = await interlock.request(
          path, { headers: { accept: "text/event-stream" }, signal: open.signal });
        if (!answer.ok) {
          deafen("Not live. Load the page again to see what changed.");
          return;
        }
        // Whatever happened before it was open, after the page was made or while it was away, it did not say.
        root.dataset.connected = "yes";
        refresh();
        if (await follow(answer.body)) return;
      } catch (error) {
        if (hasLeft) return;
        // `fetch` and its body fail with a `TypeError`, or because they were aborted; all else is final.
        if (!(error instanceof TypeError) && error.name !== "AbortError") { deafen(error.message); return; }
      }
      do await backoff(); while (isLost() && !hasLeft);
    }
  }

  // A followed log: only the number of new records is asked for, and to show them is left to the reader, since each
  // view is recorded.
  const tail = document.querySelector("[data-follow]");
  const none = tail?.firstChild.textContent;
  let counted = mark()?.textContent;
  async function count() {
    if (!document.hidden && !isLost()) {
      let words;
      try {
        const answer = await interlock.request(tail.dataset.source, { headers: { "x-interlock-refresh": "yes" } });
        if (answer.status === 404) {
          tail.firstChild.textContent = "Following has ended. ";
          tail.querySelector("a").textContent = "Follow again";
          return;
        }
        const found = (await interlock.read(answer)).count;
        counted = moment();
        words = found > 50 ? "More than 50 new records. " : found ? found + " new. " : none;
      } catch { words = "As of " + counted + ", not live. "; }
      if (tail.firstChild.textContent !== words) tail.firstChild.textContent = words;
    }
    setTimeout(count, 5000);
  }
  if (tail) setTimeout(count, 2000);

  // Every part must have been on screen, details opened, the floor passed, the target typed.
  let began = null, isBeginning = false;
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) seen.add(entry.target);
    read();
    tell();
  });
  function watch() {
    for (const part of all("[data-part]")) {
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
  const parts = () => all("[data-part] > span:last-child");

  // The server counts what was on screen by its own clock, so it is told once of each part. The time that reading
  // takes begins with the first that it is told, which may be of no part.
  const told = new Set();
  function tell() {
    const place = byID("approve");
    const field = (name) => place && place.querySelector("[name=" + name + "]");
    if (!field("form_token")) return;
    const fresh = [...seen].map((end) => end.parentElement.dataset.part)
      .filter((part) => !told.has(part));
    if (fresh.length === 0 && isBeginning) return;
    isBeginning = true;
    for (const part of fresh) told.add(part);
    const body = { revision: Number(field("revision").value), parts: fresh };
    interlock.post(location.pathname + "/viewed", body, field("form_token").value)
      .then((answer) => { if (!answer.ok) throw answer; began = began ?? performance.now(); read(); })
      .catch((error) => {
        for (const part of fresh) told.delete(part);
        isBeginning = began !== null;
        if (error instanceof Error) note(error.message);
      });
  }

  function read() {
    const button = byID("approve-button"), bar = byID("read-count");
    if (!button || button.dataset.busy || isLost()) return;
    const missing = [];
    const unread = parts().filter((end) => !seen.has(end))
      .map((end) => end.parentElement.querySelector("h2").textContent);
    if (unread.length > 0) missing.push("read all parts to their end (" + unread.join(", ") + ")");
    if (bar) bar.textContent = "Read " + (parts().length - unread.length) + " of " + parts().length;
    const closed = all("main details:not([open])").length;
    if (closed > 0) missing.push("open every folded part");
    const now = performance.now();
    const left = Number(button.dataset.floorMs) - (now - (began ?? now));
    if (left > 0) missing.push("take " + Math.ceil(left / 1000) + " s more to read");
    const typed = byID("approve-typed");
    if (typed && typed.value !== typed.dataset.target) missing.push("type what is asked for");
    button.disabled = missing.length > 0;
    const hint = byID("approve-hint");
    const text = missing.length ? "Before approving: " + missing.join(", ") + "." : "Ready.";
    if (hint && hint.textContent !== text) hint.textContent = text;
  }
  if (byID("approve-button")) {
    setInterval(read, 500);
    addEventListener("input", read);
    addEventListener("toggle", read, true);
    read();
  }
})();
