const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const named = (ids) => ids.map((id) => ({ type: "public-key", id: bytes(id) }));

async function read(answer) {
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw Object.assign(new Error(said.message || (said.detail && "Not done: " + said.detail + ".")
    || "The gateway answered " + answer.status + "."), { problem: said.code });
}

// A browser reports a person's cancellation and a timeout by the same name of an error (Web Authentication, 14.5.2): only
// the time that has passed distinguishes them.
async function ceremony(deed, publicKey) {
  const timeout = 120000, began = performance.now();
  try {
    return await navigator.credentials[deed]({ publicKey: { ...publicKey, timeout } });
  } catch (error) {
    if (error.name !== "NotAllowedError") throw error;
    throw new Error(performance.now() - began < timeout - 500
      ? "Cancelled on your device: no passkey was used. Press the button to try again."
      : "Timed out after 2 minutes: no passkey was used. Have the passkey ready, then press the button again.");
  }
}

async function use(asked) {
  const found = await ceremony("get", {
    challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: "required",
    allowCredentials: named(asked.credentials || []) });
  return {
    credential: text(found.rawId), signature: text(found.response.signature),
    authenticatorData: text(found.response.authenticatorData),
    clientDataJSON: text(found.response.clientDataJSON) };
}
