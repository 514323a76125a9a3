"""What records can each be by themselves, and only one log as a whole (docs/auditing.md, section 6)."""

from encoding import is_hash
from records import Record, is_count, is_id


def is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


# The fields that have values of one kind in whatever record.
KINDS = {
    **dict.fromkeys(("agent", "code", "dec", "risk", "rule", "st", "tool"), is_name),
    **dict.fromkeys(("appr", "call", "run"), is_id),
    **dict.fromkeys(("bindc", "intent", "pol", "toolv"), is_hash),
    **dict.fromkeys(("cnt", "need", "rev"), is_count),
}


class Consistency:
    def __init__(self) -> None:
        self._node: str | None = None
        self._agents: dict[str, str] = {}
        self._policies: set[str] = set()
        self._is_whole: bool | None = None  # None before the first entry

    def skip(self) -> None:
        self._is_whole = False

    def add(self, record: Record) -> None:
        fields = record.fields
        if self._is_whole is None:
            self._is_whole = record.index == 0 and "from" not in fields
        if record.type == "log.genesis" and record.index != 0:
            raise record.fail("a log begins once")
        for name, holds in KINDS.items():
            if name in fields and not holds(fields[name]):
                raise record.fail(f"{name} has a value of another kind")
        if self._node is None:
            self._node = fields["node"]
        if fields["node"] != self._node:
            raise record.fail("it is of another node than the records before")
        if "rs" in fields:
            self._follow(record)
        if record.type == "policy.loaded" and "pol" in fields:
            self._policies.add(fields["pol"])
        if record.type == "call.intent" and self._is_whole and self._policies and "pol" in fields:
            if fields["pol"] not in self._policies:
                raise record.fail("it names a policy that was not in force")

    def _follow(self, record: Record) -> None:
        run, agent = record.fields["run"], record.fields.get("agent")
        if agent is not None and self._agents.setdefault(run, agent) != agent:
            raise record.fail("it is of another agent than the records of its run")
        if record.type == "run.end":
            self._agents.pop(run, None)
