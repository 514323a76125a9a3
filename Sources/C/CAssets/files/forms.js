function note(words, id = "news") {
  const place = document.getElementById(id);
  if (place) { place.textContent = words; place.hidden = false; }
}

// Where the form leads to, or what it was answered with, in the place of what was there.
function show(answer, path) {
  const next = answer.response, at = answer.responseURL && new URL(answer.responseURL);
  if (at && at.pathname !== path) { location.assign(at.href); return; }
  const main = next && next.querySelector("main");
  if (!main) { note("The gateway gave no answer. Load the page to see what came of it."); return; }
  // Read without scripts, so what is for pages without scripts is there as elements.
  for (const one of main.querySelectorAll("noscript")) one.remove();
  document.title = next.title;
  document.querySelector("main").replaceWith(document.adoptNode(main));
  // A refusal is at its form.
  (main.querySelector("form [tabindex]") || main).focus();
  document.dispatchEvent(new Event("replaced"));
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.hasAttribute("data-proven")) return;
  event.preventDefault();
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const path = form.getAttribute("action");
  try {
    const fields = new URLSearchParams(new FormData(form, event.submitter)).toString();
    show(await interlock.send(path, fields), path);
  } catch (error) {
    note(error.message);
  }
  delete form.dataset.busy;
});

async function save(link) {
  const answer = await interlock.request(link.getAttribute("href"));
  if (!answer.ok) throw new Error(`Nothing was downloaded: the gateway answered ${answer.status}.`);
  const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
  const place = document.createElement("a");
  place.href = URL.createObjectURL(await answer.blob());
  place.download = named ? named[1] : "download";
  place.click();
  setTimeout(() => URL.revokeObjectURL(place.href), 60000);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-file]");
  if (!link || event.button !== 0) return;
  event.preventDefault();
  save(link).catch((error) => note(error.message));
});
