"""Statements of an evidence pack that a passkey signed, and the record that enrols the passkey (docs/auditing.md, section 11)."""

import json

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from logwriter import b64, canonical, sha256
from packwriter import REVIEW, Pack
from statements import media_type, message, url

PARTY, ORIGIN = "interlock.example", "https://console.interlock.example"
# The statements, by their files: the kind of each and its payload.
STATEMENTS = {f"reviews/{REVIEW}.json": ("review", {"review": REVIEW, "v": 1}), "trust/7.json": ("promotion", {"type": "promotion", "v": 1})}


class Passkey:
    def __init__(self, secret: int, id: bytes):
        self.key, self.id = ec.derive_private_key(secret, ec.SECP256R1()), id

    @property
    def cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + x + b"\x22\x58\x20" + y

    def enrolment(self, **changes) -> dict:
        return {"t": "approver.enrolled", "by": b64(bytes(16)), "kind": "passkey", "key": b64(sha256(self.cose)),
                "cred": b64(sha256(self.id)), "rp": PARTY, **changes}

    def signature(self, message: bytes, flags: int = 0x05, origin: str = ORIGIN) -> dict:
        client = json.dumps({"type": "webauthn.get", "challenge": url(sha256(message)), "origin": origin}).encode()
        data = sha256(PARTY.encode()) + bytes([flags]) + bytes(4)
        signature = self.key.sign(data + sha256(client), ec.ECDSA(SHA256()))
        return {"authenticatorData": url(data), "clientDataJSON": url(client), "credential": url(self.id), "key": b64(self.cose),
                "signature": url(signature)}

    def envelope(self, kind: str, payload: dict, signed: dict | None = None, **changes) -> bytes:
        """A statement; `signed` is what was signed in its place, and `changes` are those of the assertion."""
        media = media_type(kind)
        said = message(media, canonical(payload if signed is None else signed))
        own = {name: changes.pop(name) for name in ("flags", "origin") if name in changes}
        made = {**self.signature(said, **own), **changes}
        signature = {name: value for name, value in made.items() if value is not None}
        return canonical({"payload": b64(canonical(payload)), "payloadType": media, "signatures": [signature]})


PASSKEY, OTHER_PASSKEY = Passkey(7, b"credential-of-ines"), Passkey(8, b"credential-of-ines")


def passkey_pack(names: tuple[str, ...] = tuple(STATEMENTS), by: Passkey = PASSKEY,
                 enrolled: dict | None = PASSKEY.enrolment(), **changes) -> Pack:
    """A pack in which a passkey signed the files of these names; its log enrols `enrolled`."""
    pack = Pack.sample(more=(enrolled,) if enrolled else ())
    pack.extra = {name: by.envelope(*STATEMENTS[name], **changes) for name in names}
    return pack


# Edits of such a pack, each with its message.
EDITS = {
    "a passkey's signature without its key": ({"key": None}, "a signature is malformed"),
    "a passkey's signature with more than its parts": ({"keyid": "AA=="}, "a signature is malformed"),
    "a passkey's signature of other words": ({"signed": {"review": REVIEW, "v": 2}}, "a signature is wrong"),
    "a passkey's signature on a foreign page": ({"origin": "https://elsewhere.example"}, "a signature is wrong"),
    "a passkey whose person was not verified": ({"flags": 0x01}, "a signature is wrong"),
    "another key of a passkey": ({"by": OTHER_PASSKEY}, "it states another key of a passkey than the log enrols"),
    "a passkey of another relying party": (
        {"enrolled": PASSKEY.enrolment(rp="other.example")}, "it states another key of a passkey than the log enrols"),
}


def edited(name: str, changes: dict):
    def change(_: Pack) -> dict[str, bytes]:
        return passkey_pack((name,), **changes).whole()
    return change


BY_PASSKEY = {f"{edit}, in a {STATEMENTS[name][0]}": (edited(name, changes), f"signatures: `{name}`: {message}")
              for name in STATEMENTS for edit, (changes, message) in EDITS.items()}
