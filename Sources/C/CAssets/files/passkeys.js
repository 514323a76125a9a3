const { bytes, ceremony, named, read, text, use } = interlock;
// Of nobody who is signed in yet, so without a proof.
const form = async (path, fields) => read(await fetch(path,
  { method: "POST", body: new URLSearchParams(fields), redirect: "error" }));
const hint = (words) => interlock.note(words, "ceremony-hint");

// The challenge is made for the key of the session to be, and the passkey signs the challenge.
async function signIn() {
  const key = await interlock.makeKey();
  const asked = await form("/sign-in/challenge", { key: key.point });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  await form("/sign-in/answer", { ...await use(asked), key: key.point, zone });
  await key.keep();
  location.assign(document.querySelector("#sign-in [name=next]").value);
}

async function enrol() {
  const asked = await form(location.pathname + "/challenge", {});
  const made = await ceremony("create", {
    challenge: bytes(asked.challenge), rp: { id: asked.rp_id, name: "Interlock" },
    user: { id: bytes(asked.user_id), name: asked.user, displayName: asked.user },
    pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: named(asked.known), attestation: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" } });
  const done = await form(location.pathname + "/answer", {
    credential: text(made.rawId), clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject) });
  hint(done.state === "enrolled"
    ? "Enrolled. You can sign in now."
    : "Made. It counts when a second person with the role security has confirmed it. Read them its last 6 "
      + "characters, " + done.order.slice(-6) + ": they type them on the page People, or run interlock people confirm "
      + done.order);
}

async function approve() {
  const part = document.getElementById("approve");
  const field = (name) => part.querySelector("[name=" + name + "]").value;
  const call = async (deed, body) =>
    read(await interlock.post(location.pathname + deed, body, field("form_token")));
  const typed = document.getElementById("approve-typed");
  const asked = await call("/challenge",
    { revision: Number(field("revision")), typed: typed ? typed.value : "" });
  await call("/votes", {
    payloadType: asked.payloadType, payload: asked.payload, assertion: await use(asked) });
  location.reload();
}

const deeds = { "sign-in-button": signIn, "enrol-button": enrol, "approve-button": approve };

// Parts of a page are replaced while it is open; so the document listens.
document.addEventListener("click", async (event) => {
  const button = event.target, deed = deeds[button.id];
  if (!deed || button.dataset.busy) return;
  button.dataset.busy = "yes";
  button.disabled = true;
  try {
    await deed();
  } catch (error) {
    interlock.note(error.name === "InvalidStateError"
      ? "This passkey is enrolled already. Use another one." : error.message, deed === approve ? "approve-error" : "ceremony-hint");
    delete button.dataset.busy;
    button.disabled = false;
  }
});

for (const id of ["sign-in-button", "enrol-button"]) {
  const button = document.getElementById(id);
  if (!button) continue;
  if (!window.PublicKeyCredential) { hint("This browser has no passkeys."); continue; }
  if (id === "sign-in-button" && !interlock.isAble()) {
    hint("This browser cannot keep the key of a session here. Signing in needs https or "
      + "localhost, and storage for this site.");
    continue;
  }
  button.disabled = false;
  hint("Ready.");
}
