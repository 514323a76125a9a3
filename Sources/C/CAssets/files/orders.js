const { bytes, read, use } = interlock;

// What each kind of form asks for, with what, and where the signed order goes; the draft comes from `/draft` under that
// unless it is given. Forms of other kinds have both paths in fields, and what they ask with in the other ones.
const kinds = {
  release: (field) => ({ order: "/releases",
    body: { halts: field("halts").split(" "), reason: field("reason") } }),
  elevate: (field) => ({ order: "/elevations", body: {
    agent: field("agent"), grant: { [field("server")]: [{ tool: field("tool") }] },
    lasts_s: 60 * Number(field("minutes")), reason: field("reason"), ticket: field("ticket") } }),
  // Signed by no person.
  "start-drill": () => ({ order: "/drills", draft: "" }),
  people: (field, form) => ({ order: "/people/orders", body: about(field, form) }) };

function plain(field, form) {
  // What is empty is left out, such as the tool of a breaker of a whole server.
  const { form_token, path, draft, ...body } =
    Object.fromEntries([...new FormData(form)].filter((one) => one[1]));
  if (body.revision) body.revision = Number(body.revision);
  return { order: "/" + path, draft: draft && "/" + draft, body };
}

// What a form with a deed asks for: the fields that it has, and what was changed in its lists.
function about(field, form) {
  const body = { deed: field("deed"), reason: field("reason") };
  for (const name of ["person", "digest", "typed", "service", "role", "group", "agent", "purpose"])
    if (form.elements[name]) body[name] = field(name).trim();
  for (const name of ["days", "lasts_s"]) if (form.elements[name]) body[name] = Number(field(name));
  const changed = (name, to) => [...form.querySelectorAll(`[name=${name}]`)]
    .filter((one) => one.checked === to && one.defaultChecked !== to).map((one) => one.value);
  if (form.elements.roles) body.add = changed("roles", true);
  if (body.deed === "role") body.remove = changed("roles", false);
  if (body.agent) body.only = changed("only", true);
  return body;
}

// Every value in the very bytes that are signed, with the path of its member, in the order of the bytes.
function list(form, payload) {
  const facts = make("dl", "facts"), part = make("div", "signed");
  for (const [path, value] of values(JSON.parse(new TextDecoder().decode(bytes(payload))))) {
    const shown = make("dd");
    shown.append(make("bdi", "value", visible(value)));
    facts.append(make("dt", "", visible(path.join(" ").replaceAll("_", " "))), shown);
  }
  part.append(make("p", "", "You sign:"), facts);
  form.querySelector(".signed")?.remove();
  form.append(part);
}
const make = (name, className = "", textContent = "") =>
  Object.assign(document.createElement(name), { className, textContent });
const values = (value, path = []) => value && typeof value === "object" && Object.keys(value).length
  ? Object.entries(value).flatMap(([name, one]) => values(one, [...path, name]))
  : [[path, typeof value === "string" ? value : JSON.stringify(value)]];
// Characters that cannot be seen, or turn others round, are written as on every page.
const visible = (text) => text.replace(/[\p{C}\p{Z}]/gu, (one) => one === " " ? one
  : "\u27e6U+" + one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e7");

async function sign(form) {
  const field = (name) => form.elements[name].value;
  const { order, draft = order + "/draft", body = {} } = (kinds[form.dataset.order] || plain)(field, form);
  const call = async (path, body) => read(await interlock.post(path, body, field("form_token")));
  if (!draft) return call(order, body);
  const asked = await call(draft, body);
  if (asked.credentials.length === 0) throw new Error("No passkey of yours counts here.");
  list(form, asked.payload);
  tell(form, "Confirm with your passkey that you sign what is below.");
  const signature = await use(asked);
  tell(form, "Signed. Waiting for the gateway.");
  return call(order, {
    payloadType: asked.payloadType, payload: asked.payload, signatures: [signature] });
}

const outcomes = {
  waiting: "Signed. It waits for another person.", released: "Released.",
  expired: "Not done: the release is over. Begin another.",
  requested: "Signed. It waits for other people.", granted: "Granted.", ended: "Ended.",
  signed: "Signed. It is not in force yet." };

// What is shown once, or has to be read to another person: the page stays as it is.
const kept = {
  started: () => "Started. Its report is in the list above when the drill has ended.",
  invited: (done) => "Invited. Give this link to the person alone; it counts once, for 72 hours: "
    + location.origin + "/enrol/" + done.token,
  issued: (done) => "Issued. The token is shown this once: " + done.token,
  waits: (done) => "Signed. It takes effect when another person with the role security has confirmed "
    + "it on the page People. Its id is " + done.id };

// Where to go: to the halt, or to what is halted; an elevation and a signature are shown where they were asked
// for, and a revision that is in force on the page of the policy.
function follow(form, done) {
  if (["people", "sign-drill", "server", "run", "break-glass"].includes(form.dataset.order)) location.reload();
  else if (done.halt) location.assign("/halts/" + done.halt);
  else if (done.state === "in_force") location.assign("/policy");
  else if (done.state === "signed" || form.dataset.order.startsWith("elevate")) location.reload();
  else location.assign("/halt");
}

// A refusal is at the top of the form, which gets the focus, with a link to the field that it names, and in the label of
// that field.
function refuse(form, { message, problem }) {
  const name = problem === "not_confirmed" ? "typed" : /`(\w+)/.exec(message)?.[1];
  const field = name && form.elements.namedItem(name), label = field?.id && field.labels?.[0];
  const words = label ? message.replace(/(member )?`\w+`/, () => label.textContent) : message;
  const box = make("div", "notice bad refused"), said = make(label ? "a" : "p", "", words);
  if (label) {
    said.href = "#" + field.id;
    label.append(make("span", "fault", wrong + words));
    field.ariaInvalid = "true";
  }
  box.append(make("h3", "", "There is a problem"), said);
  box.tabIndex = -1;
  form.prepend(box);
  document.title = wrong + document.title;
  tell(form, words);
  box.focus();
}
function clear(form) {
  for (const one of form.querySelectorAll(".refused, .fault")) one.remove();
  for (const one of form.elements) one.ariaInvalid = null;
  document.title = document.title.replace(wrong, "");
}
const wrong = "Error: ";

function tell(form, words) { form.querySelector("[role=status]").textContent = words; }

// Forms may come with a part of the page that was replaced; so the document listens.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.order) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  clear(form);
  try {
    const done = await sign(form);
    const words = kept[done.state];
    tell(form, words ? words(done) : outcomes[done.state] || (done.halt ? "In force." : "Signed."));
    if (words || done.state === "expired") return;
    follow(form, done);
  } catch (error) {
    button.disabled = false;
    if (error.problem) { refuse(form, error); return; }
    tell(form, error.message);
    button.focus();
  }
});

function ready() {
  for (const form of document.querySelectorAll("form[data-order]:not([data-ready])")) {
    form.dataset.ready = "yes";
    form.noValidate = true;
    if (window.PublicKeyCredential) {
      form.querySelector("button").disabled = false;
      tell(form, "");
    } else {
      tell(form, "This browser has no passkeys. The command line can do the same.");
    }
  }
}
ready();
new MutationObserver(ready).observe(document.body, { childList: true, subtree: true });
