"""The sample of a governance review, drawn again from a published log. Written from docs/governance-review.md and
docs/specs/trust-and-review.md, section 8; it shares nothing with the gateway.

    reviewsample.py LOG SAMPLE

LOG is the folder of a log. SAMPLE is the document of a sample, whose digest is in `review.started` and in the sign-off. The
seed, the agents with tier and stage, and the tools that send data out are taken from it; strata, populations and records
are computed. Exits 1 and names each stratum that differs.
"""

import hmac
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import strictjson
from encoding import BadEvidence, Malformed, b64, sha256, unbase64
from log import read_checkpoint
from tiles import checked_entries
from tree import Levels, leaf_hash

LABEL = b"interlock/review-seed/1"
STRATA = ["always", "approved", "unattended", "denied", "read"]
LARGEST = 20_000
SIZES = {
    "approved": {"low": 20, "medium": 59, "high": 299}, "unattended": {"low": 59, "medium": 59, "high": 299},
    "denied": {"low": 20, "medium": 20, "high": 59}, "read": {"low": 10, "medium": 20, "high": 20},
}
ENDED = {"approval.denied", "approval.expired", "approval.withdrawn", "approval.void"}
CANARY = "interlock-drill"  # the beginning of the names of agents of drills and self-tests
ASKED = {"approval.requested", "approval.reissued", "approval.granted", "approval.breakglass"}


def size_of(stratum: str, tier: str, stage: int) -> int | str:
    everything = stratum == "always" or stratum == "approved" and stage <= 1 or stratum == "unattended" and stage == 0
    return "all" if everything else SIZES[stratum][tier]


def seed(root: bytes, random: bytes) -> bytes:
    return sha256(LABEL + root + random)


@dataclass
class Call:
    agent: str
    leaf: bytes
    index: int
    time: int
    consequential: bool
    approved: bool = False
    always: bool = False


@dataclass
class Request:
    intent: str | None = None
    broken_glass: bool = False
    tainted: bool = False
    by_person: bool = False


@dataclass
class OpenRun:
    level: int = 0
    calls: dict[str, Call] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)


class Population:
    """The calls of a period by agent and stratum. A call is its `call.intent`, or the `call.denied` of one without."""

    def __init__(self, sample: dict) -> None:
        self.scope = sample["scope"]
        self.start, self.end = microseconds(sample["from"]), microseconds(sample["to"])
        self.senders = set(sample["senders"])
        self.agents = {
            one["name"]: (one["tier"], one["stage"]) for one in sample["agents"]
            if self.scope in ("org", f"agent:{one['name']}")
        }
        self.excepted: dict[str, int] = {}
        self.runs: dict[str, OpenRun] = {}
        self.calls: dict[tuple[str, str], list[Call]] = {}
        self.size: int | None = None

    def _covers(self, agent: str) -> bool:
        return agent in self.agents or self.scope == "org" and not agent.startswith(CANARY)

    def add(self, entry: bytes, index: int) -> None:
        record = strictjson.record(entry)
        if self.size is None and index > 0 and record["ts"] > self.start:
            raise BadEvidence(f"the records before {index} were pruned, and the period begins earlier")
        self.size = index + 1
        kind, agent, run = record["t"], record.get("agent"), record.get("run")
        if kind == "run.end":
            self._end(run)
        if agent is None or not self._covers(agent):
            return
        if kind == "call.denied":
            self._denied(record, leaf_hash(entry), index)
        elif kind in ("eval.excepted", "trust.excepted"):
            if "code" not in record:
                self._known(agent)
                self.excepted[agent] = max(record["until"], self.excepted.get(agent, 0))
        elif run is None:
            return
        elif kind == "call.intent":
            self._intent(record, leaf_hash(entry), index)
        elif kind in ("call.outcome", "call.unknown"):
            self._closed(record)
        elif kind == "run.tainted":
            self._raise(self._run(record), record.get("tl", 2))
        elif kind in ENDED | ASKED | {"approval.used"} and "appr" in record:
            self._approval(record)

    def _known(self, agent: str) -> None:
        """An agent that only the log has counts as one of tier high at stage 2."""
        self.agents.setdefault(agent, ("high", 2))

    def _run(self, record: dict) -> OpenRun:
        self._known(record["agent"])
        return self.runs.setdefault(record["run"], OpenRun())

    @staticmethod
    def _raise(run: OpenRun, level: int) -> None:
        run.level = max(run.level, level)

    def _intent(self, record: dict, leaf: bytes, index: int) -> None:
        run, agent = self._run(record), record["agent"]
        consequential = record.get("risk") != "read" or record.get("tool") is None or record["tool"] in self.senders
        always = consequential and record["ts"] < self.excepted.get(agent, -1)
        run.calls[b64(leaf)] = Call(agent, leaf, index, record["ts"], consequential, always=always)

    def _closed(self, record: dict) -> None:
        run, unknown = self._run(record), record["t"] == "call.unknown"
        self._raise(run, record.get("tl", 2 if unknown else 0))
        call = run.calls.pop(record.get("intent"), None)
        if call is None:
            return
        if call.always or unknown:
            self._count(call, "always")
        elif not call.consequential:
            self._count(call, "read")
        else:
            self._count(call, "approved" if call.approved else "unattended")

    def _denied(self, record: dict, leaf: bytes, index: int) -> None:
        run = self.runs.get(record.get("run"))
        call = run.calls.pop(record.get("intent"), None) if run else None
        if call is None:
            self._known(record["agent"])
            self._count(Call(record["agent"], leaf, index, record["ts"], True), "denied")
            return
        self._raise(run, record.get("tl", 0))
        self._count(call, "always" if call.always else "denied")

    def _approval(self, record: dict) -> None:
        run, kind, name = self._run(record), record["t"], record["appr"]
        if kind in ENDED:
            run.requests.pop(name, None)
        elif kind == "approval.used":
            request, call = run.requests.get(name), run.calls.get(record.get("intent"))
            if call is not None:
                call.approved = request is None or request.by_person
                call.always = call.always or request is None or request.broken_glass or request.tainted
        else:
            self._request(run, run.requests.setdefault(name, Request()), record)

    @staticmethod
    def _request(run: OpenRun, request: Request, record: dict) -> None:
        match record["t"]:
            case "approval.requested":
                request.intent = record.get("intent")
            case "approval.reissued":
                request.by_person = request.tainted = False
            case "approval.granted":
                request.tainted = request.tainted or run.level > 0
                request.by_person = request.by_person or record.get("via") != "client"
            case "approval.breakglass":
                request.broken_glass = True
                if request.intent in run.calls:
                    run.calls[request.intent].always = True

    def _end(self, name: str | None) -> None:
        for call in self.runs.pop(name, OpenRun()).calls.values():
            self._count(call, "always")

    def _count(self, call: Call, stratum: str) -> None:
        if self.start <= call.time < self.end:
            self.calls.setdefault((call.agent, stratum), []).append(call)

    def strata(self, key: bytes) -> list[dict]:
        """Calls that are open have an unknown outcome."""
        for name in list(self.runs):
            self._end(name)
        return [self._stratum(agent, stratum, key) for agent in sorted(self.agents) for stratum in STRATA]

    def _stratum(self, agent: str, stratum: str, key: bytes) -> dict:
        size = size_of(stratum, *self.agents[agent])
        most, spares = (LARGEST, 0) if size == "all" else (size, size)
        calls = self.calls.get((agent, stratum), [])
        ranked = sorted(calls, key=lambda call: (hmac.digest(key, call.leaf, "sha256"), call.index))
        listed = [{"index": one.index, "leaf": b64(one.leaf), "time": one.time} for one in ranked[:most + spares]]
        return {
            "agent": agent, "population": len(calls), "records": listed[:most], "size": size, "spares": listed[most:],
            "stratum": stratum,
        }


def microseconds(text: str) -> int:
    return (datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") - datetime(1970, 1, 1)) // timedelta(microseconds=1)


def draw(sample: dict, entries) -> dict:
    """Returns the sample that its seed selects among the entries."""
    population = Population(sample)
    for index, entry in entries:
        population.add(entry, index)
    key = seed(unbase64(sample["checkpoint"]["root"]), unbase64(sample["random"]))
    strata = population.strata(key)
    agents = [{"name": name, "stage": stage, "tier": tier} for name, (tier, stage) in sorted(population.agents.items())]
    return {**sample, "agents": agents, "strata": strata}


def entries(folder: Path, checkpoint: dict):
    """The entries below the checkpoint of the sample, which must be one of the log."""
    newest, levels = read_checkpoint(folder / "checkpoint"), Levels()
    if newest.size < checkpoint["size"] or newest.origin != checkpoint["origin"]:
        raise BadEvidence("the sample is of another log")
    for index, entry in enumerate(checked_entries(folder, newest.size, newest.root, levels)):
        if index < checkpoint["size"]:
            yield index, entry
    if levels.root(checkpoint["size"]) != unbase64(checkpoint["root"]):
        raise BadEvidence("the entries are not those of the checkpoints")


def differences(sample: dict, drawn: dict) -> list[str]:
    found = [] if sample["agents"] == drawn["agents"] else ["the agents differ"]
    old = {(one["agent"], one["stratum"]): one for one in sample["strata"]}
    new = {(one["agent"], one["stratum"]): one for one in drawn["strata"]}
    for agent, stratum in sorted(old.keys() | new.keys()):
        if old.get((agent, stratum)) != new.get((agent, stratum)):
            counts = [(one.get((agent, stratum)) or {}).get("population") for one in (old, new)]
            found.append(f"{agent} {stratum}: {counts[0]} records in the sample, {counts[1]} here, or others are selected")
    if not found and sample != drawn:
        found.append("the strata are in another order, or one is listed twice")
    return found


def main(words: list[str]) -> int:
    if len(words) != 2:
        print(__doc__, file=sys.stderr)
        return 64
    try:
        data = Path(words[1]).read_bytes().removesuffix(b"\n")
        sample = strictjson.values(data)
        found = differences(sample, draw(sample, entries(Path(words[0]), sample["checkpoint"])))
    except (Malformed, BadEvidence) as error:
        print(error)
        return 1
    count = sum(len(one["records"]) for one in sample["strata"])
    print("\n".join(found) if found else f"ok: {count} records, digest sha256:{sha256(data).hex()}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
