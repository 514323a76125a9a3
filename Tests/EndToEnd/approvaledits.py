"""The tamper list's part about people: calls that were executed although they had to approve them and did not.

`held` adds a call that people approved, recorded as the gateway records it; each edit changes one thing of it."""

import json
from dataclasses import dataclass, field

from logwriter import b64, canonical, leaf_hash, sha256

HELD, RETRY = "01kag0qwz3b5d7f9h1k3m5p7s0", "01kag0qwz3b5d7f9h1k3m5p7s1"
REQUEST = "01kag0qx0e2g4j6m8p0r2t4v6x"
STRANGER = "AAAAAAAAAAAAAAAAAAAAAA=="


def sealed(text: str) -> dict:
    return {"b": b64(sha256(b"b" + text.encode())), "c": b64(sha256(text.encode())), "n": len(text)}


@dataclass
class Story:
    """Records that continue a log, those of a run in the chain of the newest one."""
    log: object
    records: list[dict] = field(default_factory=list)
    leaves: dict[str, str] = field(default_factory=dict)
    last: dict = field(default_factory=dict)

    def __post_init__(self):
        self.last, _ = self.log.newest(lambda one: "rs" in one)

    def begin(self, run: str, policy: str) -> None:
        self.last = {**self.last, "run": run, "rs": -1}
        self.add("start", "run.start", pol=policy, ver=self.log.newest(lambda one: "ver" in one)[0]["ver"])

    def add(self, name: str, kind: str, chained: bool = True, **fields) -> None:
        base = self.last if chained else {name: self.last[name] for name in ("node", "boot", "v", "mono", "ts")}
        names = ("agent", "subj", "run", "node", "boot", "v", "mono", "ts")
        record = {one: base[one] for one in names if one in base}
        if chained:
            record |= {"rs": self.last["rs"] + 1}
            record |= {"prev": b64(leaf_hash(canonical(self.last)))} if record["rs"] else {}
        record |= {"t": kind, **fields}
        record = {one: value for one, value in record.items() if value is not None}
        self.records.append(record)
        self.leaves[name] = b64(leaf_hash(canonical(record)))
        if chained:
            self.last = record


def people(log) -> list[str]:
    """Two people whose keys `interlock init` recorded."""
    found = []
    for entry in log.entries:
        record = json.loads(entry)
        if record["t"] == "approver.enrolled" and record["by"] not in found:
            found.append(record["by"])
    return found[:2]


def story_of(log, *arguments, **options) -> Story:
    """The records that `held` adds, in a run of its own that begins with them."""
    found = []
    held(log, *arguments, **options, end=found.append, run="01kag0q9v4x2m7c8d3e5f6g7h9")
    return found[0]


def held(log, change: dict[str, dict] = {}, without: tuple[str, ...] = (), before: dict[str, list] = {},
         votes: int = 2, need: int = 2, used: int = 1, again: bool = False, run: str | None = None, end=None) -> None:
    """Adds a call that two people approved. `change` maps the name of a record to other fields, `before` to further
    records in front of it, each (kind, fields); in fields, "@name" is a leaf hash. `again`: the call that uses the
    approval is a repeat."""
    story, by = Story(log), people(log)
    policy = log.newest(lambda one: "pol" in one)[0]["pol"]
    if run is not None:
        story.begin(run, policy)
    shown = sealed("review")
    call = {"dec": "approve", "need": need, "pol": policy, "tool": "crm__delete_customer", "risk": "destructive",
            "rule": "controls.x", "dl": "D2", "args": sealed("args"), "in": sealed("in")}
    request = {"appr": REQUEST, "call": HELD}

    def put(name: str, kind: str, **fields) -> None:
        for kind_before, more in before.get(name, []):
            more = dict(more)
            story.add(f"before {name}", kind_before, more.pop("chained", True), **named(more))
        if name not in without:
            story.add(name, kind, **named({**fields, **change.get(name, {})}))

    def named(value):
        if isinstance(value, dict):
            return {key: named(one) for key, one in value.items()}
        if isinstance(value, list):
            return [named(one) for one in value]
        return story.leaves[value[1:]] if isinstance(value, str) and value.startswith("@") else value

    put("intent", "call.intent", call=HELD, **call)
    put("request", "approval.requested", **request, bind=shown, need=need, rev=1, group="crm", exp=1, intent="@intent")
    if again:
        put("waiting", "call.denied", call=HELD, intent="@intent", dec="deny", code="approval.pending", cnt=1)
    for place in range(votes):
        put(f"vote {place}", "approval.granted", **request, bindc=shown["c"], by=by[place], need=need, i=place + 1,
            via="cli-key", proof=sealed(f"proof {place}"))
    use = HELD
    if again:
        use = RETRY
        put("retry", "call.intent", call=RETRY, **call)
    intent = "@retry" if again else "@intent"
    for _ in range(used):
        put("use", "approval.used", **request, bindc=shown["c"], use=use, intent=intent, row=1, pol=policy,
            grants=[{"h": f"@vote {place}"} for place in range(votes) if f"vote {place}" not in without])
    put("outcome", "call.outcome", call=use, intent=intent, st="ok", code="0", dur=1)
    if end is None:
        log.added(*story.records)
    else:
        end(story)


def end(kind: str, **fields) -> tuple[str, dict]:
    return kind, {"appr": REQUEST, "call": HELD, "code": "approval.cancelled", **fields}


def revoked(log) -> tuple[str, dict]:
    return "approver.revoked", {"chained": False, "by": people(log)[0], "code": "people.revoked"}


def twice(log, uses: int | None) -> None:
    """One approval that two calls use; `uses` is how many its request says."""
    second = {"call": RETRY, "dec": "approve", "need": 2, "pol": log.newest(lambda one: "pol" in one)[0]["pol"],
              "tool": "crm__delete_customer", "risk": "destructive", "rule": "controls.x", "dl": "D2", "args": sealed("args"),
              "in": sealed("in")}
    held(log, before={"outcome": [
        ("call.outcome", {"call": HELD, "intent": "@intent", "st": "ok", "code": "0", "dur": 1}), ("call.intent", second)]},
        change={"request": {"uses": uses}, "outcome": {
            "t": "approval.used", "appr": REQUEST, "call": HELD, "use": RETRY, "intent": "@before outcome", "grants": [
                {"h": "@vote 0"}, {"h": "@vote 1"}], "bindc": sealed("review")["c"], "row": 2, "st": None, "code": None,
            "dur": None}})


OTHER_FORM = b64(sha256(b"another"))
AGAIN = ("approval.reissued", {"appr": REQUEST, "call": HELD, "bind": sealed("other"), "need": 2, "rev": 2})
FEWER = ("approval.reissued", {"appr": REQUEST, "call": HELD, "bind": sealed("review"), "need": 1, "rev": 2})
CONSENT = {"by": None, "via": "client"}


def glass(by: str, **fields) -> tuple[str, dict]:
    return "approval.breakglass", {"appr": REQUEST, "call": HELD, "by": by, "was": 2, "rev": 2, "order": sealed("order"),
                                   **fields}


HELD_GOOD = {
    "two people approve": lambda log: held(log),
    "a repeat uses the approval": lambda log: held(log, again=True),
    "a client's consent for one": lambda log: held(log, need=1, votes=1, change={"vote 0": CONSENT}),
    "a vote that is not counted": lambda log: held(
        log, before={"vote 0": [("approval.granted", {
            "appr": REQUEST, "call": HELD, "bindc": sealed("review")["c"], "by": STRANGER, "need": 2, "i": 1,
            "via": "cli-key", "proof": sealed("proof")})]}),
    "refused at the last check": lambda log: held(log, change={
        "outcome": {"t": "call.denied", "st": None, "code": "policy.halted", "dur": None, "dec": "deny", "cnt": 1}}),
    "refused without approval": lambda log: held(log, without=("use",), change={
        "outcome": {"t": "call.denied", "st": None, "code": "approval.expired", "dur": None, "dec": "deny", "cnt": 1}}),
    "revoked after the use": lambda log: held(log, before={"outcome": [revoked(log)]}),
    "two calls use an approval that is for two": lambda log: twice(log, 2),
    "two calls use an approval that is for three": lambda log: twice(log, 3),
}

HELD_BAD = {
    "two calls use an approval that is for one": lambda log: twice(log, None),
    "two calls use an approval that says it is for one": lambda log: twice(log, 1),
    "an approval that is for no call": lambda log: held(log, change={"request": {"uses": 0}}),
    "an approval that is for more than ten calls": lambda log: held(log, change={"request": {"uses": 11}}),
    "an approval that is for a text": lambda log: held(log, change={"request": {"uses": "2"}}),
    "no use of an approval": lambda log: held(log, without=("use",)),
    "no request, vote or use": lambda log: held(log, without=("request", "vote 0", "vote 1", "use")),
    "no use of an approval, and the call ended as unknown": lambda log: held(log, without=("use",), change={
        "outcome": {"t": "call.unknown", "st": None, "code": None, "dur": None, "why": "crash", "last": "intent"}}),
    "a use without a request": lambda log: held(log, without=("request", "vote 0", "vote 1"), change={"use": {"grants": []}}),
    "a vote too few": lambda log: held(log, without=("vote 1",)),
    "fewer asked than the decision needs": lambda log: held(
        log, votes=1, change={"request": {"need": 1}, "vote 0": {"need": 1}}),
    "one person twice": lambda log: held(log, change={"vote 1": {"by": people(log)[0]}}),
    "one vote twice": lambda log: held(log, without=("vote 1",), change={
        "use": {"grants": [{"h": "@vote 0"}, {"h": "@vote 0"}]}}),
    "used twice": lambda log: held(log, used=2),
    "used for the next call again": lambda log: held(log, before={"outcome": [
        ("call.outcome", {"call": HELD, "intent": "@intent", "st": "ok", "code": "0", "dur": 1})]}, change={
            "outcome": {"t": "approval.used", "appr": REQUEST, "call": HELD, "use": HELD, "intent": "@intent", "grants": [
                {"h": "@vote 0"}, {"h": "@vote 1"}], "bindc": sealed("review")["c"], "row": 1, "st": None, "code": None,
                "dur": None}}),
    "the use of another intent": lambda log: held(log, again=True, change={"use": {"intent": "@request"}}),
    "the use by another call": lambda log: held(log, change={"use": {"use": RETRY}}),
    "the use of another call's request": lambda log: held(log, change={"use": {"call": RETRY}}),
    "the use of another tool's request": lambda log: held(log, again=True, change={"retry": {"tool": "kb__search"}}),
    "votes on another form": lambda log: held(log, change={"vote 1": {"bindc": OTHER_FORM}}),
    "votes on the form before": lambda log: held(log, before={"use": [AGAIN]}),
    "a use of another form": lambda log: held(log, change={"use": {"bindc": OTHER_FORM}}),
    "a vote for another number": lambda log: held(log, change={"vote 1": {"need": 1}}),
    "a vote without a signature": lambda log: held(log, change={"vote 1": {"proof": None}}),
    "a vote by a stranger": lambda log: held(log, change={"vote 1": {"by": STRANGER}}),
    "a vote with a passkey of a person who has none": lambda log: held(log, change={"vote 1": {"via": "console-webauthn"}}),
    "a vote of a revoked person": lambda log: held(log, before={"vote 0": [revoked(log)]}),
    "a vote of a person who is revoked before the next": lambda log: held(log, before={"vote 1": [revoked(log)]}),
    "a vote of a person who is revoked before the call": lambda log: held(
        log, again=True, before={"retry": [revoked(log)]}),
    "a vote of the agent's own person": lambda log: held(log, change={"intent": {"subj": people(log)[0]}}),
    "a client's consent where two decide": lambda log: held(log, change={"vote 1": CONSENT}),
    "a client's consent beside a vote": lambda log: held(
        log, need=1, change={"vote 1": CONSENT}),
    "used after a denial": lambda log: held(log, before={"use": [end(
        "approval.denied", bindc=sealed("review")["c"], by=people(log)[0], need=2, via="console-session")]}),
    "used after its time": lambda log: held(log, before={"use": [end("approval.expired")]}),
    "used after it was void": lambda log: held(log, before={"use": [end("approval.void")]}),
    "a vote after the end": lambda log: held(log, before={"vote 1": [end("approval.withdrawn")]}, without=("use",), change={
        "outcome": {"t": "call.denied", "st": None, "code": "approval.expired", "dur": None, "dec": "deny", "cnt": 1}}),
    "an end after the use": lambda log: held(log, before={"outcome": [end("approval.void")]}),
    "asked twice": lambda log: held(log, before={"vote 0": [
        ("approval.requested", {"appr": REQUEST, "call": HELD, "bind": sealed("review"), "need": 2, "rev": 1,
                                "group": "crm", "exp": 1, "intent": "@intent"})]}),
    "break-glass by a stranger": lambda log: held(
        log, before={"vote 0": [glass(STRANGER), FEWER]}, votes=1, change={"vote 0": {"need": 1}}),
    "break-glass that says another number": lambda log: held(
        log, before={"vote 0": [glass(people(log)[0], was=3), FEWER]}, votes=1, change={"vote 0": {"need": 1}}),
}


def asked_among_pruned_records(log, **options) -> None:
    """A repeat uses an approval whose request and votes are gone."""
    records = [canonical(one) for one in story_of(log, again=True, **options).records]
    kept = records[-3:]
    entries = log.entries
    log.signed(entries[:100] + records[:-3] + entries[100:] + kept)
    log.path("entries", 0).unlink()
    log.flags += ["--min-index", 256]


def continued(log, **options) -> None:
    """The log continues another one, in which people approved."""
    first, *entries = log.entries
    origin = {"o": "audit.acme.example/gw1/2025", "size": 1, "root": b64(sha256(b""))}
    story = story_of(log, again=True, without=("intent", "request", "waiting", "vote 0", "vote 1"), change={
        "use": {"grants": [{"h": OTHER_FORM}, {"h": b64(sha256(b"more"))}]}}, **options)
    log.signed([canonical({**json.loads(first), "from": origin}), *entries, *map(canonical, story.records)])


HELD_UNSEEN = {"the request is pruned": asked_among_pruned_records, "the log continues another one": continued}
HELD_UNSEEN_BAD = {
    "no use beside pruned records": lambda log: asked_among_pruned_records(
        log, change={"use": {"t": "approval.viewed"}}),
}
