"""What records can each be by themselves, and only one log as a whole (docs/auditing.md, section 6)."""

from encoding import Malformed, is_hash, unbase64
from payloads import Commitment
from records import Record, is_count, is_id


def is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""


is_digest = is_hash


def is_person(value: object) -> bool:
    try:
        return isinstance(value, str) and len(unbase64(value, 16)) == 16
    except Malformed:
        return False


def is_people(value: object) -> bool:
    return isinstance(value, list) and all(map(is_person, value))


def is_names(value: object) -> bool:
    return isinstance(value, list) and all(map(is_name, value))


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_object(value: object) -> bool:
    return isinstance(value, dict)


def is_objects(value: object) -> bool:
    return isinstance(value, list) and all(map(is_object, value))


def is_payload(value: object) -> bool:
    return Commitment.of(value) is not None


# The fields that have values of one kind in every record.
KINDS = {name: holds for holds, names in {
    is_name: (
        "acc agent as back bid boot_id bucket channel cny code ctx day dec dl end ev fmt group guard hcall head hev host hv "
        "iso jti kind last level list mode model name origin par path point proto risk role rp rule scope sec series server ses "
        "sess sig signal since src srv st sub subject svc target ticket tool type variant verdict via vkey"),
    is_id: "alarm alert appr call elev id inc ofrun req run rvw sbx seal trun",
    is_digest: "argv base bindc cand cred digest fp h intent key lock now pol rand scan sum toolv ver",
    is_person: "answer author own who",
    is_people: "seats signers",
    is_names: "asked codes deg det flags layers obl only orders refused roles rules runs",
    is_flag: "ech founding hprompt late passed told vals",
    is_count: (
        "abi agents amt approvals blobs cnt cos cpu date due dur earlier errno exit exp files flg floor free gate i kep "
        "left marks mem min missed n ndrop need open part parts points port recv rev round row rss sent size status tcr tcw tin tl "
        "tools tout unknown until up upto uses waived wall was wide"),
    is_object: "ctl find home next nfind",
    is_objects: "att counts grants items units",
    is_payload: (
        "again ans answers args bind change changes detail diff dst findings flaw in insp load note order out proof q reason "
        "release res said setup text"),
}.items() for name in names.split()}


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
        for name, value in fields.items():
            if name in KINDS and not KINDS[name](value):
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
