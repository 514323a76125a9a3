const store = "keys", name = "session";
const given = document.querySelector("meta[name=interlock-nonce]");
let nonce = given ? given.content : "";

const isAble = () => Boolean(window.isSecureContext && window.indexedDB && window.crypto?.subtle);
const utf8 = (text) => new TextEncoder().encode(text);
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const hex = (buffer) =>
  [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

function inStore(mode, action) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("interlock", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(store);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result, work = database.transaction(store, mode);
      const asked = action(work.objectStore(store));
      work.oncomplete = () => { database.close(); resolve(asked.result); };
      work.onabort = () => { database.close(); reject(work.error); };
    };
  });
}

// `next` is stored first, so that a browser that stores nothing is found out before its person uses a passkey.
async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  await inStore("readwrite", (keys) => keys.put(pair, "next"));
  return {
    point: text(await crypto.subtle.exportKey("raw", pair.publicKey)),
    keep: () => inStore("readwrite", (keys) => { keys.delete("next"); return keys.put(pair, name); }) };
}

async function proof(method, path, body) {
  const pair = isAble() && await inStore("readonly", (keys) => keys.get(name));
  if (!pair) throw new Error("This browser does not have the key of this session. Sign in again.");
  const address = new URL(path, location.href), used = nonce;
  const identifier = text(crypto.getRandomValues(new Uint8Array(16)));
  const digest = hex(await crypto.subtle.digest("SHA-256", utf8(body)));
  const message = ["interlock/proof/1", method, location.origin, address.pathname + address.search,
    digest, used, identifier].join("\n");
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" }, pair.privateKey, utf8(message));
  return `v1.${used}.${identifier}.${text(signature)}`;
}

// `ask` sends the request with these headers and returns what reads a header of the answer, and the answer. Once
// more where the nonce was too old, since the refusal brings a new one.
async function proven(method, path, body, headers, ask) {
  for (let isAgain = false; ; isAgain = true) {
    const [header, answer] = await ask(
      { ...headers, "x-interlock-proof": await proof(method, path, body) });
    nonce = header("x-interlock-nonce") || nonce;
    if (isAgain || header("x-interlock-proof-fault") !== "stale_nonce") return answer;
  }
}

// As `fetch`, of a path of this origin and a body of text.
const request = (path, options = {}) =>
  proven(options.method || "GET", path, options.body || "", options.headers, async (headers) => {
    const answer = await fetch(path, { redirect: "error", ...options, headers });
    return [(name) => answer.headers.get(name), answer];
  });

// A page as an inert document, which runs nothing: `response` is null where none came.
function load(method, path, body, headers) {
  return new Promise((resolve) => {
    const asked = new XMLHttpRequest();
    asked.responseType = "document";
    asked.open(method, path);
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.onloadend = () => resolve(asked);
    asked.send(body);
  });
}
const page = async (path, headers) => {
  const answer = await load("GET", path, null, headers);
  nonce = answer.getResponseHeader("x-interlock-nonce") || nonce;
  return answer;
};
const send = (path, body) => proven("POST", path, body,
  { "content-type": "application/x-www-form-urlencoded" }, async (headers) => {
    const answer = await load("POST", path, body, headers);
    return [(name) => answer.getResponseHeader(name), answer];
  });

// An operation of the API, with the form token of the session.
const post = (path, body, token) => request("/api/v1" + path, { method: "POST", body: JSON.stringify(body),
  headers: { "content-type": "application/json", "x-interlock-form-token": token } });

window.interlock = Object.freeze(
  { bytes, ceremony, isAble, makeKey, named, note, page, post, read, request, send, text, use });
