"""The statements that passkeys sign, and the holders of passkeys (docs/auditing.md, section 11)."""

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

import strictjson
from encoding import HASH_SIZE, BadEvidence, Malformed, sha256, unbase64
from notes import ed25519_verifies
from records import Record

HEAD = 37


def unbase64url(text: object) -> bytes:
    """Decodes base64url without padding and nothing else."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise Malformed(f"{str(text)[:80]!r} is not base64url")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise Malformed(f"{text[:80]!r} is not base64url") from error
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise Malformed(f"{text[:80]!r} is not strict base64url")
    return data


@dataclass(frozen=True)
class Assertion:
    key: bytes
    credential: bytes
    authenticator: bytes
    client: bytes
    signature: bytes

    @classmethod
    def parse(cls, value: object, key: bytes) -> "Assertion":
        match value:
            case {"authenticatorData": data, "clientDataJSON": client, "credential": of, "signature": sig, **more} if not more:
                return cls(key, *map(unbase64url, (of, data, client, sig)))
        raise Malformed("not an assertion")

    @property
    def party(self) -> bytes:
        return self.authenticator[:HASH_SIZE]

    def check(self, message: bytes) -> None:
        client = strictjson.loose(self.client)
        if not isinstance(client, dict) or client.get("type") != "webauthn.get":
            raise BadEvidence("proof: the browser was asked for something else than an assertion")
        if unbase64url(client.get("challenge")) != sha256(message):
            raise BadEvidence("proof: the challenge is another statement's")
        if "topOrigin" in client or client.get("crossOrigin", False) is not False:
            raise BadEvidence("proof: the page was inside of another one")
        if len(self.authenticator) < HEAD or self.authenticator[32] & 0x45 != 0x05:
            raise BadEvidence("proof: the person was not seen, or not verified")
        if self.party not in map(sha256, _domains(client.get("origin"))):
            raise BadEvidence("proof: the passkey is not for this page")
        if not _verifies(self.key, self.signature, self.authenticator + sha256(self.client)):
            raise BadEvidence("proof: the signature by a passkey is wrong")


def _domains(origin: object) -> list[bytes]:
    """The host of an origin, and the domains above it."""
    found = re.fullmatch(r"(https://[^/:]+|http://localhost)(:(0|[1-9][0-9]{0,19}))?", origin) if isinstance(origin, str) else None
    if found is None:
        return []
    labels = found[1].split("/")[2].encode().split(b".")
    return [b".".join(labels[place:]) for place in range(len(labels))]


def _cose(data: bytes) -> dict[int, int | bytes]:
    place = 0

    def head() -> tuple[int, int]:
        nonlocal place
        kind, short = data[place] >> 5, data[place] & 31
        width = {24: 1, 25: 2}.get(short, 0)
        if short > 25:
            raise Malformed("a key with a head that is too long")
        number = int.from_bytes(data[place + 1:place + 1 + width], "big") if width else short
        place += 1 + width
        return kind, number

    def item() -> int | bytes:
        nonlocal place
        kind, number = head()
        if kind == 2:
            place += number
            if place > len(data):
                raise Malformed("a key that is cut off")
            return data[place - number:place]
        if kind > 2:
            raise Malformed("a key of other parts than numbers and strings")
        return number if kind == 0 else -1 - number

    try:
        kind, count = head()
        found: dict[int, int | bytes] = {}
        if kind != 5 or count > 23:
            raise Malformed("a key that is no map")
        for _ in range(count):
            name = item()
            if not isinstance(name, int) or name in found:
                raise Malformed("a key with a member twice")
            found[name] = item()
    except IndexError as error:
        raise Malformed("a key that is cut off") from error
    if place != len(data):
        raise Malformed("a key with something behind it")
    return found


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        match _cose(key):
            case {1: 2, 3: -7, -1: 1, -2: bytes(x), -3: bytes(y), **more} if not more and len(x) == len(y) == 32:
                numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
                numbers.public_key().verify(signature, message, ec.ECDSA(SHA256()))
                return True
            case {1: 1, 3: -8, -1: 6, -2: bytes(x), **more} if not more and len(x) == 32:
                return ed25519_verifies(x, signature, message)
            case {1: 3, 3: -257, -1: bytes(n), -2: bytes(e), **more} if not more and 256 <= len(n) <= 1024:
                public = rsa.RSAPublicNumbers(int.from_bytes(e, "big"), int.from_bytes(n, "big")).public_key()
                public.verify(signature, message, padding.PKCS1v15(), SHA256())
                return True
    except (InvalidSignature, ValueError, Malformed):
        pass
    return False


@dataclass(frozen=True)
class Credential:
    key: bytes
    id: bytes | None = None
    party: bytes | None = None

    @classmethod
    def of(cls, signer: "bytes | Assertion") -> "Credential":
        if isinstance(signer, bytes):
            return cls(signer)
        return cls(sha256(signer.key), sha256(signer.credential), signer.party)


def enrolment(record: Record) -> tuple[str, Credential]:
    """The person that an `approver.enrolled` record is about, and the enrolled credential."""
    match record.fields:
        case {"t": "approver.enrolled", "by": str(by), "kind": str(kind), "key": str(key), **more}:
            if kind != "passkey":
                return by, Credential(unbase64(key, HASH_SIZE))
            if isinstance(more.get("cred"), str) and isinstance(more.get("rp"), str):
                party = sha256(more["rp"].encode())
                return by, Credential(unbase64(key, HASH_SIZE), unbase64(more["cred"], HASH_SIZE), party)
    raise record.fail("no enrolment of a credential")


def enrolled_by(record: Record) -> Credential | None:
    """The credential that a record enrols; None if it is no such record, or has not its form."""
    try:
        return enrolment(record)[1]
    except (BadEvidence, Malformed):
        return None
