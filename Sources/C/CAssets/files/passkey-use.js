const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const named = (ids) => ids.map((id) => ({ type: "public-key", id: bytes(id) }));

async function read(answer) {
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Error(said.message || (said.detail && "Not done: " + said.detail + ".")
    || "The gateway answered " + answer.status + ".");
}

async function use(asked) {
  const found = await navigator.credentials.get({ publicKey: {
    challenge: bytes(asked.challenge), rpId: asked.rp_id, userVerification: "required",
    allowCredentials: named(asked.credentials || []), timeout: 120000 } });
  return {
    credential: text(found.rawId), signature: text(found.response.signature),
    authenticatorData: text(found.response.authenticatorData),
    clientDataJSON: text(found.response.clientDataJSON) };
}
