"""Every record of a busy log matches its description in docs/records.md, and no leaf contains data that belongs in
payloads."""

import json
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

import make_organisation
from addresses import ADA, DANA, PAUL, RUI, SAM
from conftest import organise
from deployment import approval_id

PAGE = Path(__file__).resolve().parents[2] / "docs" / "records.md"
COMMON = {"v": int, "t": str, "ts": int, "mono": int, "boot": str, "node": str}
OF_RUN = {"run": str, "rs": int, "prev": str, "agent": str, "subj": str}
KINDS = {"name": str, "id": str, "32 bytes": str, "person": str, "people": list, "names": list,
         "true or false": bool, "count": int, "integer": int, "time": int, "microseconds": int,
         "object": dict, "objects": list, "payload": dict}


def described() -> dict[str, dict[str, tuple[bool, str]]]:
    """Type -> field -> whether it is required, and its kind; read from the page like an auditor."""
    types = {}
    for part in re.split(r"^### ", PAGE.read_text(), flags=re.M)[1:]:
        name = re.match(r"`([a-z._]+)`", part).group(1)
        rows = re.findall(r"^\| (\*?)`([a-z_]+)`\*? \| (.*?) \| .* \|$", part, re.M)
        types[name] = {field: (star == "", kind) for star, field, kind in rows}
    assert len(types) > 40
    return types


def deviations(leaf: dict, types: dict) -> list[str]:
    fields = types.get(leaf["t"])
    if fields is None:
        return ["no such type"]
    found = [f"no {name}" for name, (required, _) in fields.items() if required and name not in leaf]
    for name, value in leaf.items():
        if name in fields:
            kind = fields[name][1]
            fits = value in re.findall(r"`([^`]*)`", kind) if "`" in kind else type(value) is KINDS[kind]
        else:
            kind = {**COMMON, **OF_RUN}.get(name)
            fits = kind is not None and type(value) is kind
        if not fits:
            found.append(f"{name}: {value!r} is no {kind}")
    return found


@pytest.fixture(scope="module")
def busy(binary, people, tmp_path_factory):
    """A log with allowed, masked, denied, approved, refused, halted calls; and the text that must not be in its
    leaves."""
    with ExitStack() as stack:
        acme = organise(stack, binary, people, tmp_path_factory.mktemp("busy"))
        gateway, secrets = acme.gateway, ["lamp-secret-77", "42173", "because-of-the-lamp", "told-in-the-prompt"]

        def client(agent: str, **flags):
            token = gateway.token(agent, **flags)
            secrets.append(token)
            return acme.sdk("1.22.0", agent, token=token)

        with client("support-triage", purpose="because-of-the-lamp", on_behalf_of=DANA) as triage:
            triage.send("call", name="tickets__search", arguments={"text": "lamp-secret-77"}, context="told-in-the-prompt")
            triage.answer()
            triage.call("crm__get_customer", id="C-77")
            triage.call("crm__delete_customer", id="lamp-secret-77")
            triage.call("tickets__search", text=5)
        with client("refunds", purpose="because-of-the-lamp") as refunds:
            for decide in ("approve", "deny"):
                refunds.send("call", name="billing__refund_request",
                             arguments={"invoice_id": "INV-20931", "amount_cents": 42173, "currency": "EUR"})
                request = approval_id(gateway.pending())
                if decide == "approve":
                    gateway.approve(request, PAUL)
                    gateway.approve(request, RUI)
                else:
                    gateway.run("approvals", "deny", request, "--reason", "because-of-the-lamp", by=RUI)
                refunds.answer()
            halt = gateway.halt("--agent", "refunds", by=DANA, reason="because-of-the-lamp")
            refunds.call("tickets__get_ticket", id="T-1001")
        gateway.confirm(gateway.ask_resume(halt, ADA, "because-of-the-lamp"), SAM)
        gateway.stop()
        gateway.start()
        secrets += list(make_organisation.PEOPLE)
        yield gateway.records(100_000), secrets


@pytest.mark.requirement("R093")
def test_every_record_is_as_the_page_says(busy):
    records, _ = busy
    types = described()
    wrong = {}
    for record in records:
        leaf = {name: value for name, value in record.items() if name != "index"}
        if found := deviations(leaf, types):
            wrong[f"{record['index']} {leaf['t']}"] = found
    assert wrong == {}
    seen = {record["t"] for record in records}
    assert {"log.genesis", "log.started", "policy.loaded", "run.start", "run.input", "call.intent", "call.outcome",
            "call.denied", "approval.requested", "approval.granted", "approval.used", "approval.denied",
            "kill.requested", "kill.effective", "kill.released", "token.issued", "list.served"} <= seen


@pytest.mark.requirement("R012")
def test_every_record_of_a_run_or_a_call_names_an_agent_of_the_policy(busy):
    records, _ = busy
    assert {record["agent"] for record in records if "agent" in record} == {"support-triage", "refunds"}
    assert [record for record in records if ("run" in record or record["t"].startswith("call.")) and "agent" not in record] == []


@pytest.mark.requirement("R041")
def test_each_decision_names_the_policy_that_was_loaded_before_it(busy):
    """Of every other record, the log tells the policy by the `policy.loaded` before it."""
    records, _ = busy
    loaded, named = None, set()
    for record in sorted(records, key=lambda one: one["index"]):
        if record["t"] == "policy.loaded":
            loaded = record["pol"]
        elif "pol" in record and record["t"] != "log.genesis":
            assert record["pol"] == loaded, record
            named.add(record["t"])
        assert "dec" not in record or "pol" in record, record
    assert {"call.intent", "call.denied", "run.start"} <= named


def test_the_checker_sees_what_is_wrong(busy):
    records, _ = busy
    types = described()
    intent = {name: value for name, value in next(one for one in records if one["t"] == "call.intent").items()
              if name != "index"}
    assert deviations(intent, types) == []
    assert deviations({**intent, "mail": "x"}, types)
    assert deviations({**intent, "dec": "perhaps"}, types)
    assert deviations({**intent, "pol": 5}, types)
    assert deviations({name: value for name, value in intent.items() if name != "rule"}, types)


def test_no_leaf_has_an_address_a_token_or_a_value_of_an_argument(busy):
    records, secrets = busy
    for record in records:
        text = json.dumps({name: value for name, value in record.items() if name != "index"})
        assert "@" not in text, text
        assert not re.search(r"eyJ[A-Za-z0-9_-]{10,}\.|BEGIN|Bearer", text), text
        for secret in secrets:
            # Longer numbers and hashes may contain the same digits; a leaked value would be delimited.
            assert not re.search(rf'(?<![0-9A-Za-z+/=]){re.escape(secret)}(?![0-9A-Za-z+/=])', text), (secret, text)


def test_people_are_pseudonyms(busy):
    records, _ = busy
    people = [record.get("subj") for record in records if "subj" in record]
    people += [record["by"] for record in records if isinstance(record.get("by"), str)]
    assert people and all(re.fullmatch(r"[A-Za-z0-9+/]{22}==", person) for person in people)
