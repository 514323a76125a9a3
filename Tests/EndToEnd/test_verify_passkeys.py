"""`interlock-verify` on votes by passkey, and on the owners of the passkeys."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from evidencewriter import Evidence, Payload, tar
from judging import judged
from logwriter import Key, Log, Run, b64, bundle, canonical, sha256
from statements import media_type, message, url

BY, OTHER_PERSON = "qAtvNSliVAlAcLHGLhmnpA==", "AAAAAAAAAAAAAAAAAAAAAA=="
REQUEST = "01kag0qx0e2g4j6m8p0r2t4v6x"
PARTY, ORIGIN = "interlock.example", "https://console.interlock.example"
KIND = media_type("vote")
KEY = Key("ines", b"\x21" * 32)


def text(data: bytes) -> bytes:
    """A string of CBOR."""
    head = bytes([0x40 | len(data)]) if len(data) < 24 else bytes([0x58, len(data)]) if len(data) < 256 else (
        b"\x59" + len(data).to_bytes(2, "big"))
    return head + data


class ES256:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())

    @property
    def cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return b"\xa5\x01\x02\x03\x26\x20\x01\x21" + text(x) + b"\x22" + text(y)

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, ec.ECDSA(SHA256()))


class EdDSA:
    def __init__(self) -> None:
        self.key = ed25519.Ed25519PrivateKey.generate()

    @property
    def cose(self) -> bytes:
        # The members in another order than the usual one, which means the same.
        return b"\xa4\x21" + text(self.key.public_key().public_bytes_raw()) + b"\x03\x27\x01\x01\x20\x06"

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


class RS256:
    def __init__(self) -> None:
        self.key = rsa.generate_private_key(65537, 2048)

    @property
    def cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return b"\xa4\x01\x03\x03\x39\x01\x00\x20" + text(numbers.n.to_bytes(256, "big")) + b"\x21" + text(b"\x01\x00\x01")

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, padding.PKCS1v15(), SHA256())


KEYS = {name: kind() for name, kind in (("ES256", ES256), ("EdDSA", EdDSA), ("RS256", RS256))}


def vote(by=KEYS["ES256"], statement: dict = {}, client: dict = {}, party: str = PARTY, flags: int = 0x05,
         credential: bytes = b"credential", key: bytes | None = None, assertion: dict = {}, proof: dict = {},
         enrolled: list[dict] | None = None, listed: bytes = b"credential", spoil=None, files=None, late: bool = False,
         raw: bytes | None = None, each: bool = False, after: bool = False, early: bool = False) -> bytes:
    """A bundle of a run with one vote by passkey; unchanged parts are correct."""
    shown = Payload(b'{"call":{}}', salt=b"\x84" * 32)
    signed = canonical({"v": 1, "type": "vote", "request": f"apr_{REQUEST}", "verdict": "approve",
                        "call": "sha256:" + sha256(b"{}").hex(), "bind": shown.commitment["c"], "approver": BY, **statement})
    said = {"type": "webauthn.get", "challenge": url(sha256(message(KIND, signed))), "origin": ORIGIN, "crossOrigin": False,
            "other_keys_can_be_added_here": "a browser says so", **client}
    data = raw or json.dumps({name: value for name, value in said.items() if value is not ...}).encode()
    authenticator = sha256(party.encode()) + bytes([flags]) + b"\0\0\0\x07"
    parts = {"authenticatorData": authenticator, "clientDataJSON": data, "credential": credential,
             "signature": by.sign(authenticator + sha256(data))}
    if spoil:
        name, place = spoil
        changed = bytearray(parts[name])
        changed[place] ^= 1
        parts[name] = bytes(changed)
    evidence = {"payloadType": KIND, "payload": b64(signed), "key": b64(key or by.cose),
                "assertion": {**{name: url(part) for name, part in parts.items()}, **assertion}, **proof}
    kept = Payload(json.dumps({name: value for name, value in evidence.items() if value is not None}).encode())
    log = Log().genesis()
    people = []
    if enrolled is None:
        enrolled = [{}]

    def enrol() -> None:
        for changes in enrolled:
            fields = {"v": 1, "t": "approver.enrolled", "ts": 1795169700000000, "node": "gw1", "by": BY, "kind": "passkey",
                      "key": b64(sha256(by.cose)), "cred": b64(sha256(listed)), "rp": PARTY, **changes}
            people.append(len(log.entries))
            log.append(canonical({name: value for name, value in fields.items() if value is not None}))

    if not late or early:
        enrol()
    log.add("log.tick")
    first = len(log.entries)
    run = Run(log)
    run.add("run.start")
    run.add("approval.requested", appr=REQUEST, bind=shown.commitment, need=1)
    leaf = run.add("approval.granted", appr=REQUEST, by=BY, bindc=shown.commitment["c"], need=1, proof=kept.commitment)
    if late:
        enrol()
    indices = [first, first + 1, first + 2]
    if after:
        indices.append(len(log.entries))
        run.add("approval.withdrawn", appr=REQUEST)
    made = Evidence(log, indices, each=each, openings=[kept.opening(leaf, "proof")], blobs=[kept.blob])
    content = {}
    for name, part in made.files().items():
        if name == "trust.policy" and people:
            content["people/0.bin"] = bundle([log.entries[index] for index in people])
            content |= {f"people/0/{place}.tlog-proof": log.proof(index) for place, index in enumerate(people)}
        content[name] = part
    if files:
        content = files(content) or content
    return tar({"manifest.json": canonical(made.manifest(content)), **content})


@pytest.mark.parametrize("name", KEYS)
def test_a_vote_by_passkey_is_checked(verify, tmp_path, name):
    said = judged(verify, tmp_path, vote(KEYS[name]), 0)
    assert "1 votes (1 signatures verified, 0 signers known)" in said
    assert "1 signers of votes are known by the log's word alone" in said
    for part, place in [("authenticatorData", 36), ("clientDataJSON", -2), ("signature", -1), ("signature", 8)]:
        judged(verify, tmp_path, vote(KEYS[name], spoil=(part, place)), 1)


def test_whose_passkey_it_is_says_the_log(verify, tmp_path):
    assert "signers of votes were not identified" in judged(verify, tmp_path, vote(enrolled=[]), 0)
    # The page has a name below the passkey's, a port, or is on this machine.
    for origin, party in [(f"https://{PARTY}", PARTY), (f"{ORIGIN}:8443", PARTY), ("http://localhost:7401", "localhost")]:
        judged(verify, tmp_path, vote(client={"origin": origin}, party=party, enrolled=[{"rp": party}]), 0)
    # One of a person's several credentials has to fit.
    more = {"kind": "ed25519", "key": b64(KEY.public), "cred": None, "rp": None}
    judged(verify, tmp_path, vote(enrolled=[more, {}]), 0)
    judged(verify, tmp_path, vote(enrolled=[more]), 1)
    assert "not identified" in judged(verify, tmp_path, vote(enrolled=[{"by": OTHER_PERSON}]), 0)


@pytest.mark.parametrize("lie", [
    {"client": {"type": "webauthn.create"}}, {"client": {"type": ...}}, {"client": {"challenge": url(sha256(b""))}},
    {"client": {"challenge": b64(sha256(b""))}}, {"client": {"challenge": ...}}, {"client": {"crossOrigin": True}},
    {"client": {"crossOrigin": "no"}}, {"client": {"topOrigin": ORIGIN}}, {"client": {"origin": ...}}, {"raw": b"[]"},
    {"raw": b"{"}, {"client": {"origin": "https://evil.example"}}, {"client": {"origin": "http://interlock.example"}},
    {"client": {"origin": f"https://evil-{PARTY}"}}, {"client": {"origin": f"https://{PARTY}/x"}},
    {"client": {"origin": f"https://{PARTY}:"}}, {"client": {"origin": f"https://{PARTY}:1:2"}},
    {"client": {"origin": f"https://{PARTY}.evil.example"}}, {"client": {"origin": PARTY}},
    {"flags": 0x04}, {"flags": 0x01}, {"flags": 0x45}, {"flags": 0}, {"party": "other.example"},
    {"statement": {"verdict": "deny"}}, {"statement": {"approver": OTHER_PERSON}}, {"key": KEYS["EdDSA"].cose},
    {"key": KEYS["ES256"].cose + b"\0"}, {"key": KEYS["ES256"].cose[:-1]}, {"key": b"\xa0"}, {"key": b"\x01"},
    {"key": b"\xa6" + KEYS["ES256"].cose[1:] + b"\x04\x01"}, {"key": b"\xa6" + KEYS["ES256"].cose[1:] + b"\x01\x02"},
    {"assertion": {"more": ""}}, {"assertion": {"signature": "A"}}, {"assertion": {"signature": "+/+/"}},
    {"assertion": {"authenticatorData": url(b"x" * 36)}}, {"assertion": {"credential": 1}}, {"proof": {"more": 1}},
    {"proof": {"key": None}}, {"proof": {"assertion": None}}, {"proof": {"signatures": []}},
    {"proof": {"payloadType": "application/vnd.interlock.halt+json"}},
    # The owner of the passkey.
    {"credential": b"another"}, {"listed": b"another"}, {"enrolled": [{"key": b64(sha256(b""))}]},
    {"enrolled": [{"rp": "other.example"}]}, {"enrolled": [{"kind": "ed25519"}]}, {"enrolled": [{"rp": None}]},
    {"enrolled": [{"cred": None}]}, {"enrolled": [{"by": None}]}, {"enrolled": [{"kind": None}]}, {"enrolled": [{"key": "x"}]},
    {"enrolled": [{}, {"t": "approver.revoked"}]}, {"late": True},
], ids="-".join)
def test_each_thing_that_is_not_as_it_was_signed_is_bad(verify, tmp_path, lie):
    judged(verify, tmp_path, vote(**lie), 1)


def test_a_file_of_people_says_nothing_of_passkeys(verify, tmp_path):
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"people": [{"pseudonym": BY, "keys": [{"key": b64(KEY.public)}]}]}))
    said = judged(verify, tmp_path, vote(), 0, "--people", path)
    assert "0 signers known" in said and "1 signers of votes are known by the log's word alone" in said
    assert "were not identified" in judged(verify, tmp_path, vote(enrolled=[]), 0, "--people", path)


def test_an_enrolment_stands_before_the_vote(verify, tmp_path):
    judged(verify, tmp_path, vote(each=True), 0)
    # The vote's position is unknown without a proof of each record: an enrolment before the run's last record is
    # accepted.
    judged(verify, tmp_path, vote(late=True, after=True), 0)
    judged(verify, tmp_path, vote(late=True, after=True, each=True), 1)
    judged(verify, tmp_path, vote(late=True, after=True, each=True, early=True), 0)


@pytest.mark.parametrize("change", [
    lambda files: files.pop("people/0.bin") and None,
    lambda files: files.pop("people/0/0.tlog-proof") and None,
    lambda files: {**{"people/1.bin": b""}, **files},
    lambda files: {name: b"" if name == "people/0.bin" else part for name, part in files.items()},
    lambda files: {name: part + b"\0" if name == "people/0.bin" else part for name, part in files.items()},
    lambda files: {name: files["chain/0.tlog-proof"] if name == "people/0/0.tlog-proof" else part
                   for name, part in files.items()},
    lambda files: {name: part.replace(BY.encode(), OTHER_PERSON.encode()) if name == "people/0.bin" else part
                   for name, part in files.items()},
], ids=["no records", "no proof", "of no chain", "empty", "cut off", "another proof", "another person"])
def test_an_enrolment_stands_in_the_log(verify, tmp_path, change):
    judged(verify, tmp_path, vote(files=change), 1)


def test_a_proof_more_than_there_are_enrolments(verify, tmp_path):
    def twice(files: dict[str, bytes]) -> dict[str, bytes]:
        made = {}
        for name, part in files.items():
            made[name] = part
            if name == "people/0/0.tlog-proof":
                made["people/0/1.tlog-proof"] = part
        return made
    judged(verify, tmp_path, vote(files=twice), 1)
