"""The signed and plain documents of an evidence pack (docs/evidence.md)."""

import re
from dataclasses import dataclass
from datetime import datetime, timezone

import strictjson
from encoding import Malformed, decimal, unbase64
from notes import ed25519_verifies
from passkeys import Assertion, Credential
from packfiles import MANIFEST, is_name

CONTROLS = [f"C{number:02}" for number in range(1, 25)]
MEDIA = "application/vnd.interlock.{}+json"
MANIFEST_MEMBERS = {"build", "built", "by", "files", "frameworks", "from", "interlock", "kind", "logs", "policy",
                    "sample_seed", "scope", "summary", "to", "v"}
CONTROL_MEMBERS = {"counts", "frameworks", "gaps", "id", "policy", "samples", "statement", "status", "tests"}


def is_digest(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch("sha256:[0-9a-f]{64}", text) is not None


def time_of(text: object) -> int:
    """RFC 3339 in UTC to microseconds since 1970."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", text, re.ASCII):
        raise Malformed(f"{text!r} is no time")
    try:
        found = datetime.fromisoformat(text[:19]).replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Malformed(f"{text!r} is no time") from error
    if found.year < 1970:
        raise Malformed(f"{text!r} is before 1970")
    return int(found.timestamp()) * 1_000_000 + int(text[20:-1].ljust(6, "0") if len(text) > 20 else 0)


def texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value) or len(set(value)) != len(value):
        raise Malformed("a list has something else than distinct texts")
    return value


@dataclass(frozen=True)
class Envelope:
    """A signed statement whose signatures verify."""
    media: str
    payload: bytes
    signers: tuple[Credential, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Envelope":
        match strictjson.loose(data):
            case {"payload": str(payload), "payloadType": str(media), "signatures": [_, *_] as signatures, **more}:
                if not more and len(signatures) <= 16:
                    return cls._verified(media, unbase64(payload), signatures)
        raise Malformed("it is no signed statement")

    @classmethod
    def _verified(cls, media: str, payload: bytes, signatures: list) -> "Envelope":
        message = f"DSSEv1 {len(media.encode())} {media} {len(payload)} ".encode() + payload
        signers: list[Credential] = []
        for one in signatures:
            match one:
                case {"keyid": str(key), "sig": str(value), **more} if not more:
                    if len(unbase64(key)) != 32 or not ed25519_verifies(unbase64(key), unbase64(value), message):
                        raise Malformed(f"the signature of the key {key} is wrong")
                    signers.append(Credential(unbase64(key)))
                case {"key": str(key), **rest}:
                    assertion = Assertion.parse(rest, unbase64(key))
                    assertion.check(message)
                    signers.append(Credential.of(assertion))
                case _:
                    raise Malformed("a signature is malformed")
        if len({one.id or one.key for one in signers}) != len(signers):
            raise Malformed("a key signed twice")
        return cls(media, payload, tuple(signers))


@dataclass(frozen=True)
class LogClaim:
    origin: str
    start: int
    end: int
    root: bytes
    witnesses: int

    @classmethod
    def of(cls, value: object) -> "LogClaim":
        match value:
            case {"end": {"root": str(root), "size": str(end)} as last, "origin": str(origin),
                  "start": {"size": str(start)} as first, "witnesses": int(witnesses), **more}:
                if not more and len(last) == 2 and len(first) == 1 and is_name(f"logs/{origin}/checkpoint.start"):
                    claim = cls(origin, decimal(start), decimal(end), unbase64(root, 32), witnesses)
                    if claim.start <= claim.end and witnesses >= 0 and type(witnesses) is int:
                        return claim
        raise Malformed("its logs are malformed")


@dataclass(frozen=True)
class Manifest:
    fields: dict
    begin: int
    end: int
    built: int
    logs: tuple[LogClaim, ...]
    seed: bytes
    seed_head: tuple[int, bytes] | None

    @classmethod
    def parse(cls, payload: bytes) -> "Manifest":
        fields = strictjson.record(payload)
        if fields.keys() - {"partial", "seed", "seed_head"} != MANIFEST_MEMBERS or fields["v"] != 1 or fields["kind"] != "interlock.evidence":
            raise Malformed("it is no manifest of an evidence pack")
        if "seed" in fields and "seed_head" in fields or fields.get("seed", "given") != "given" or not re.fullmatch("[0-9a-f]{64}", str(fields["sample_seed"])):
            raise Malformed("its seed is malformed")
        begin, end, built = (time_of(fields[name]) for name in ("from", "to", "built"))
        summary, scope = fields["summary"], fields["scope"]
        counts = isinstance(summary, dict) and all(type(one) is int and one >= 0 for one in summary.values())
        if begin >= end or not counts or summary.keys() != {"enforced", "gap", "guidance"}:
            raise Malformed("its period or summary is malformed")
        if not isinstance(scope, dict) or scope.keys() != {"agents", "org"} or not isinstance(scope["org"], str):
            raise Malformed("its scope is malformed")
        texts(scope["agents"])
        if not all(isinstance(fields[name], str) for name in ("by", "interlock")) or not is_digest(fields["build"]):
            raise Malformed("its builder or build is malformed")
        if not all(map(is_digest, texts(fields["policy"]))) or not isinstance(fields["logs"], list) or not fields["logs"]:
            raise Malformed("its policies or logs are malformed")
        maps, files = fields["frameworks"], fields["files"]
        if not isinstance(maps, dict) or not all(isinstance(one, str) for one in maps.values()):
            raise Malformed("its frameworks are malformed")
        if not isinstance(files, dict) or not files or not all(
                is_name(name) and name != MANIFEST and is_digest(one) for name, one in files.items()):
            raise Malformed("its files are malformed")
        logs = tuple(map(LogClaim.of, fields["logs"]))
        if len({log.origin for log in logs}) != len(logs):
            raise Malformed("two of its logs are one")
        return cls(fields, begin, end, built, logs, bytes.fromhex(fields["sample_seed"]), cls._head(fields))

    @staticmethod
    def _head(fields: dict) -> tuple[int, bytes] | None:
        """The tree from whose root the seed follows."""
        match fields.get("seed_head"):
            case None if "seed_head" not in fields:
                return None
            case {"root": str(root), "size": str(size), **more} if not more and decimal(size) > 0:
                return decimal(size), unbase64(root, 32)
        raise Malformed("the origin of its seed is malformed")


@dataclass(frozen=True)
class Control:
    name: str
    fields: dict

    @property
    def id(self) -> str:
        return self.fields["id"]

    @property
    def reviews(self) -> list[str]:
        """The ids of the reviews that it names."""
        reviewer = self.fields.get("reviewer")
        return [reviewer["review"], *reviewer.get("earlier", [])] if reviewer else []

    @property
    def status(self) -> str:
        return self.fields["status"].split(" ")[0]

    @classmethod
    def parse(cls, name: str, data: bytes) -> "Control":
        fields = strictjson.record(data)
        if fields.keys() - {"reviewer"} != CONTROL_MEMBERS or f"controls/{fields['id']}.json" != name:
            raise Malformed("it is no control, or of another one")
        if not isinstance(fields["statement"], str) or not re.fullmatch("gap|guidance|enforced at .*", str(fields["status"]), re.S):
            raise Malformed("its statement or status is malformed")
        if not all(map(is_digest, texts(fields["policy"]))):
            raise Malformed("its policies are malformed")
        for part, is_good in (("tests", _is_test), ("counts", _is_count), ("samples", _is_sample), ("gaps", _is_gap)):
            if not isinstance(fields[part], list) or not all(isinstance(one, dict) and is_good(one) for one in fields[part]):
                raise Malformed(f"one of its {part} is malformed")
        reviewer = fields.get("reviewer", {"review": ""})
        if not isinstance(reviewer, dict) or not isinstance(reviewer.get("review"), str):
            raise Malformed("its reviewer is malformed")
        texts(reviewer.get("earlier", []))
        if not isinstance(fields["frameworks"], dict):
            raise Malformed("its frameworks are malformed")
        for items in fields["frameworks"].values():
            if not isinstance(items, list) or not all(isinstance(one, str) for one in items):
                raise Malformed("its frameworks are malformed")
        return cls(name, fields)


def _is_test(one: dict) -> bool:
    names = {"release": {"build", "id", "result", "where"}, "deployment": {"at", "id", "result", "where"}}
    if one.keys() != names.get(str(one.get("where"))) or not all(isinstance(value, str) for value in one.values()):
        return False
    if "at" in one:
        time_of(one["at"])
    return one["result"] in ("pass", "fail")


def _is_count(one: dict) -> bool:
    def counts(*names: str) -> bool:
        return all(type(one[name]) is int and one[name] >= 0 for name in names)

    match one:
        case {"leaf": dict(leaf), "n": _} if len(one) == 2:
            return bool(leaf) and counts("n")
        case {"check": str(), "n": _} if len(one) == 2:
            return counts("n")
        case {"replay": str(), "decisions": _, "differ": _} if len(one) == 3:
            return counts("decisions", "differ")
    return False


def _is_sample(one: dict) -> bool:
    if one.keys() != {"index", "kind", "leaf"} or not all(isinstance(value, str) for value in one.values()):
        return False
    decimal(one["index"])
    return is_digest(one["leaf"])


def _is_gap(one: dict) -> bool:
    return isinstance(one.get("text"), str)
