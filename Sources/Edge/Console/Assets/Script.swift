/// The console's script. Pages are whole without it; it brings what changed, and keeps a button back until
/// everything was read. What it holds back the server holds back too. It writes no markup: changed parts come
/// as a page of the server, read by the browser as an inert document.
enum Script {
    static let source: StaticString = """
        "use strict";
        (() => {
          const root = document.documentElement;
          const stream = document.querySelector("[data-stream]");
          let asked = false, again = false;

          // A form that was sent back is shown under its own address, which nobody can ask for.
          const page = location.pathname.replace(/[/](deny|revoke)$/, "");
          if (page !== location.pathname) history.replaceState(null, "", page);

          // A part is replaced only when its version changed, so nobody loses what they were writing.
          function refresh() {
            if (asked) { again = true; return; }
            asked = true;
            const request = new XMLHttpRequest();
            request.responseType = "document";
            request.open("GET", location.href);
            request.setRequestHeader("x-interlock-refresh", "yes");
            request.onloadend = () => {
              asked = false;
              const next = request.status === 200 ? request.response : null;
              if (!next) { note("The page could not be brought up to date. Load it again."); return; }
              // What was read is not what is there now.
              const [old, now] = [document, next].map((page) => page.getElementById("actions"));
              if (old && now && old.dataset.revision !== now.dataset.revision) { location.reload(); return; }
              for (const part of document.querySelectorAll("[data-live]")) {
                const other = next.getElementById(part.id);
                if (!other) { part.remove(); continue; }
                if (other.dataset.version !== part.dataset.version) replace(part, other);
              }
              document.dispatchEvent(new Event("refreshed"));
              read();
              if (again) { again = false; refresh(); }
            };
            request.send();
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
            const source = new EventSource(streams[stream.dataset.stream]);
            source.addEventListener("changed", refresh);
            // Nothing comes of a halt behind the report in which nothing is left.
            source.addEventListener("report", (event) => {
              refresh();
              const left = JSON.parse(event.data).points.some((point) => point.state !== "not_present"
                && (point.left || !["confirmed", "expired"].includes(point.state)));
              if (!left) source.close();
            });
            source.addEventListener("ended", () => {
              source.close();
              note("More pages are open than are kept up to date. Load this one again to see what changed.");
            });
            // Refused, not lost: the browser does not come back by itself.
            source.onerror = () => {
              if (source.readyState === EventSource.CLOSED)
                note("This page is not kept up to date now. Load it again to see what changed.");
            };
            // Whatever happened before it was open, after the page was made or while it was away, it did not say.
            source.onopen = () => { root.dataset.connected = "yes"; refresh(); };
            addEventListener("pagehide", () => source.close());
          }

          // Every part must have been on screen, details opened, the floor passed, the target typed.
          const began = performance.now();
          const seen = new Set();
          const watcher = new IntersectionObserver((entries) => {
            for (const entry of entries) if (entry.isIntersecting) seen.add(entry.target);
            read();
            tell();
          });
          for (const part of document.querySelectorAll("[data-part]")) {
            const end = document.createElement("span");
            part.append(end);
            watcher.observe(end);
          }
          const parts = () => [...document.querySelectorAll("[data-part] > span:last-child")];

          // The server counts what was on screen by its own clock, so it is told once of each part.
          const told = new Set();
          function tell() {
            const place = document.getElementById("approve");
            const field = (name) => place && place.querySelector("[name=" + name + "]");
            if (!field("form_token")) return;
            const fresh = [...seen].map((end) => end.parentElement.dataset.part)
              .filter((part) => !told.has(part));
            if (fresh.length === 0) return;
            for (const part of fresh) told.add(part);
            const body = JSON.stringify({ revision: Number(field("revision").value), parts: fresh });
            const headers = { "content-type": "application/json",
              "x-interlock-form-token": field("form_token").value };
            fetch("/api/v1" + location.pathname + "/viewed",
              { method: "POST", body, headers, redirect: "error" })
              .then((answer) => { if (!answer.ok) throw answer; })
              .catch(() => { for (const part of fresh) told.delete(part); });
          }

          function read() {
            const button = document.getElementById("approve-button");
            if (!button || button.dataset.busy) return;
            const missing = [];
            const unread = parts().filter((end) => !seen.has(end))
              .map((end) => end.parentElement.querySelector("h2").textContent);
            if (unread.length > 0) missing.push("read all parts to their end (" + unread.join(", ") + ")");
            const closed = [...document.querySelectorAll("main details:not([open])")].length;
            if (closed > 0) missing.push("open every folded part");
            const left = Number(button.dataset.floorMs) - (performance.now() - began);
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
        """
}
