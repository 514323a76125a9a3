"""The evidence of promotions, computed again from the log and the document that people signed. Written from docs/trust.md; it shares
nothing with the gateway.

    promotionevidence.py LOG OPENED PROMOTIONS

LOG and OPENED are as for `autonomy.py`. PROMOTIONS has one JSON object a line, in the order of the log: `document`, the payload
that was signed, and `snapshot`, the file of its evidence, both in base64. Exits 1 and names each value that differs.

The log alone does not decide evals, reviews and ownership. If OPENED states the `owner` of the agent, a pseudonym, they are met, and
the newest records about them must bear it out; otherwise they are unknown.
"""

import json
import re
import sys
from datetime import datetime
from pathlib import Path

import strictjson
from autonomy import Earned, entries
from autonomylog import DAY, STAGES, Reader
from autonomyruns import Opened
from encoding import BadEvidence, b64, sha256, unbase64
from strictjson import canonical
from tree import Levels, leaf_hash

RATE = re.compile(r"(\d+)/(\d+), [0-9.]+ %, 95 % interval [0-9.]+ to ([0-9.]+) %")
SHARED = ("agent", "criteria", "fingerprint", "from", "org", "policy", "to")


class Evidence:
    """One promotion: its document and its snapshot."""

    def __init__(self, line: str) -> None:
        given = json.loads(line)
        document, self.bytes = (unbase64(given[name]) for name in ("document", "snapshot"))
        self.document, self.snapshot = json.loads(document), json.loads(self.bytes)
        self.agent, self.log = self.snapshot["agent"], self.snapshot["log"]
        self.at, self.signed_at = (_time(given["date"]) for given in (self.snapshot, self.document))

    def form(self, criteria: dict) -> list[str]:
        """What is wrong with the two files by themselves."""
        found = [] if canonical(self.snapshot) == self.bytes else ["the snapshot is not in canonical form"]
        digest = "sha256:" + sha256(self.bytes).hex()
        if self.document["evidence"] != digest:
            found.append(f"evidence: {self.document['evidence']}, not {digest}")
        for name in SHARED:
            if self.document[name] != self.snapshot[name]:
                found.append(f"{name}: {self.document[name]!r}, in the snapshot {self.snapshot[name]!r}")
        # People sign what was proposed within 7 days.
        if not 0 <= self.signed_at - self.at <= 7 * DAY:
            found.append(f"date: {self.document['date']!r}, for a snapshot of {self.snapshot['date']!r}")
        if self.document["undoes"] is not self.snapshot.get("undoes", False):
            found.append("undoes: another value than in the snapshot")
        digest = "sha256:" + sha256(canonical(criteria)).hex()
        return found if self.snapshot["criteria"] == digest else [*found, f"criteria: not {digest}"]

    def record(self, record: dict) -> list[str]:
        """What the record of the promotion states otherwise."""
        evidence = b64(bytes.fromhex(self.document["evidence"].removeprefix("sha256:")))
        expected = {"h": evidence, "from": STAGES[self.document["from"]], "to": STAGES[self.document["to"]], "date": self.signed_at}
        return [f"{name}: the record has {record.get(name)!r}, not {value!r}" for name, value in expected.items()
                if record.get(name) != value]

    def lines(self, earned: Earned, stated: "Stated") -> list[str]:
        """The lines of the snapshot that are others by the log."""
        to = STAGES[self.snapshot["to"]]
        values = earned._criteria(to)
        shown, leaves = earned._shown(values["incidents"][0], to), records(earned)
        found, seen = [], {}
        if (owner := earned.opened.agents[self.agent].get("owner")) is not None:
            more = stated.values(self, owner, earned.criteria["owner_confirmed"])
            values, leaves = values | more[0], leaves | more[1]
        named = {line["criterion"] for line in self.snapshot["lines"]}
        if named != values.keys() or len(named) != len(self.snapshot["lines"]):
            return [f"lines: {sorted(named)}, not {sorted(values)}"]
        for line in self.snapshot["lines"]:
            name = line["criterion"]
            named = seen[line["leaves"]] if isinstance(line["leaves"], str) else line["leaves"]
            seen[name] = named
            value, is_met = values[name]
            if not _is(line["value"], value) or line["met"] is not is_met or line["threshold"] != shown[name][0]:
                found.append(f"{name}: {line['value']!r}, {line['threshold']!r}, {line['met']}, not {value!r}, {shown[name][0]!r}, "
                             f"{is_met}")
            if sorted(named) != sorted(leaves.get(name, [])):
                found.append(f"{name}: other records than the log has")
        return found


class Stated:
    """The newest record about evals, the review and the ownership of each agent."""

    def __init__(self) -> None:
        self.newest: dict[tuple[str, str], tuple[dict, str]] = {}

    def add(self, entry: bytes) -> None:
        record = strictjson.record(entry)
        if record["t"] in ("eval.result", "review.signed", "owner.confirmed") and "code" not in record:
            self.newest[record["t"], record.get("agent")] = record, b64(leaf_hash(entry))

    def values(self, promotion: Evidence, owner: str, longest: int) -> tuple[dict, dict]:
        """Value and records of the three criteria; `longest`: the age of a confirmation in seconds."""
        agent, at = promotion.agent, promotion.at
        result, _ = self.newest.get(("eval.result", agent), ({}, ""))
        fingerprint = b64(bytes.fromhex(promotion.snapshot["fingerprint"].removeprefix("sha256:")))
        passes = (result.get("verdict"), result.get("fp")) == ("pass", fingerprint) and at < result["until"]
        confirmed, leaf = self.newest.get(("owner.confirmed", agent), ({}, ""))
        age = at - confirmed["ts"] if confirmed.get("signers") == [owner] else None
        _, review = self.newest.get(("review.signed", agent), ({}, ""))
        values = {
            "eval": (str(int(passes)), passes), "review": ("1", True),
            "owner_confirmed": (None, False) if age is None else (str(age // DAY), 0 <= age <= longest * 1_000_000)}
        return values, {"owner_confirmed": [leaf] if age is not None else [], "review": [review] if review else []}


def records(earned: Earned) -> dict[str, list[str]]:
    """The leaves that each criterion was computed from."""
    history, causes = earned.history, earned.causes
    ends = [run.end for run in history.runs if run.kind(causes) == "clean"]
    bad = [run for run in history.runs if run.kind(causes) == "bad"]
    denials = [leaf for run in bad for kind, leaf in run.counted_flaws(causes) if kind == "denial"]
    denials += [leaf for leaf in history.outside if causes.get(leaf, "agent") == "agent"]
    window = earned.criteria["incident_window"] * 1_000_000
    grave = [leaf for severity, time, leaf in history.incidents
             if severity <= earned.criteria["incident_severity"] and earned.now - time <= window]
    drill = earned.reader.drill_leaf if earned.opened.drill_every is not None else None
    return {"drill": [drill] if drill else [], "clean_runs": ends, "days": ends, "templates": ends, "agent_denials": denials, "incidents": grave,
            "approvals_rejected": [leaf for run in bad for kind, leaf in run.flaws if kind == "rejected-approval"]}


def _time(text: str) -> int:
    """Microseconds of a time in RFC 3339."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * 1_000_000


def _is(text: str, value: object) -> bool:
    if value is None:
        return text.startswith("unknown: ")
    if isinstance(value, str):
        return text == value
    rate = RATE.fullmatch(text)
    return bool(rate) and (int(rate[1]), int(rate[2])) == value[:2] and abs(float(rate[3]) - 100 * value[2]) < 0.011


def check(folder: Path, opened: Opened, promotions: list[Evidence]) -> list[str]:
    found, reader, levels, seen, stated = [], Reader(opened), Levels(), [], Stated()
    source = entries(folder, levels)

    def read() -> dict:
        entry = next(source, None)
        if entry is None:
            raise BadEvidence("the log ends before the record of a promotion")
        seen.append(entry)
        reader.add(entry)
        stated.add(entry)
        return strictjson.record(entry)

    for number, promotion in enumerate(promotions, 1):
        size = promotion.log["size"]
        while reader.size < size:
            read()
        said = promotion.form(opened.criteria)
        if "sha256:" + levels.root(size).hex() != promotion.log["root"]:
            said.append(f"log: not the root of the first {size} records")
        if json.loads(seen[0])["origin"] != promotion.log["origin"]:
            said.append("log: another origin")
        said += promotion.lines(_earned(promotion, reader, opened, seen[:size]), stated)
        record: dict = {}
        while record.get("t") != "trust.promoted" or record.get("agent") != promotion.agent:
            record = read()
        found += [f"promotion {number}: {one}" for one in said + promotion.record(record)]
    for _ in source:
        pass
    return found


def _earned(promotion: Evidence, reader: Reader, opened: Opened, read: list[bytes]) -> Earned:
    """What the agent had earned. Of a promotion that undoes demotions, without what those since the last one took."""
    if promotion.snapshot.get("undoes"):
        promoted = [one.start for one in reader.agents[promotion.agent].stages if one.kind == "promoted"]
        reader = Reader(opened, {promotion.agent: promoted[-1] if promoted else 0})
        for entry in read:
            reader.add(entry)
    return Earned(reader, promotion.agent, promotion.at)


def main(words: list[str]) -> int:
    if len(words) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    folder, opened, promotions = map(Path, words)
    evidence = [Evidence(line) for line in promotions.read_text().splitlines()]
    try:
        found = check(folder, Opened(**json.loads(opened.read_text())), evidence)
    except BadEvidence as error:
        found = [str(error)]
    print("\n".join(found) if found else f"ok: {len(evidence)} promotions")
    return 1 if found or not evidence else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
