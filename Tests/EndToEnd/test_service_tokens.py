"""Services read the API with a token of their own: as much as their role sees, and no more; until it expires."""

import json
import re
import shutil
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

from addresses import ADA, INES, SAM
from conftest import ROOT, organise
from fetching import Answer, answered, fetch
from refunding import Asking
from test_people import confirm
from waits import until

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
ROLES = ("kill", "resume", "security", "break_glass")
AN_ID = "00000000000000000000000000"


class House:
    def __init__(self, stack, binary, people):
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self.acme = organise(stack, binary, people, folder, servers=("billing",), console=True)
        self.gateway = self.acme.gateway
        self.gateway.wait_for_tools("refunds", "billing")
        self.origin = f"http://localhost:{self.gateway.people_port}"
        self.tokens: list[str] = []

    def issue(self, name: str, role: str = "security", life: str = "1h", by: str = ADA, **options):
        done = self.gateway.run("tokens", "issue", name, "--role", role, "--for", life, "--reason",
                                "reads for a test of tokens", by=by, **options)
        token = done.stdout.strip()
        if done.returncode == 0:
            self.tokens.append(token)
        return token if done.returncode == 0 else done

    def revoke(self, name: str, by: str = SAM):
        self.gateway.run("tokens", "revoke", name, "--reason", "the test is over", by=by)

    def ask(self, path: str, token: str | None, method: str = "GET", **headers) -> Answer:
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        body = b"{}" if method == "POST" else None
        if body:
            headers.setdefault("content_type", "application/json")
        return answered(fetch(f"{self.origin}/api/v1{path}", body, method, **headers))


@pytest.fixture(scope="module")
def house(binary, people):
    with ExitStack() as stack:
        yield House(stack, binary, people)


def path_of(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: f"apr_{AN_ID}" if found[1] == "approval" else AN_ID, template)


def test_each_role_sees_what_a_person_of_it_sees_and_the_log_names_the_service(house):
    tokens = {role: house.issue(f"by-{role.replace('_', '-')}", role) for role in ROLES}
    agents = {one["agent"] for one in house.gateway.json("agents", "list")}
    session = Asking(house.acme, None).session()
    assert session.call("billing__get_invoice", id="INV-20931").code is None
    for role, token in tokens.items():
        listed = house.ask("/agents", token)
        assert listed.status == 200 and listed.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in listed.headers
        assert {one["agent"] for one in listed.json["agents"]} == agents, role
        if role == "security":  # records that the index has not reached yet come within a second
            until(lambda: house.ask("/records?type=call.intent", tokens["security"]).json["records"])
        else:
            assert house.ask("/records?type=call.intent", token).json["records"] == [], role
        known = house.ask("/services", token).json["services"]
        assert len(known) == (len(ROLES) if role == "security" else 0)
        (last,) = [one for one in house.gateway.records(60) if one["t"] == "export.made"][-1:]
        assert last["svc"] == f"by-{role.replace('_', '-')}" and "by" not in last
    for role in ROLES:
        house.revoke(f"by-{role.replace('_', '-')}")
    issued = [one for one in house.gateway.records(80) if one["t"] == "service.issued"]
    ended = [one for one in house.gateway.records(80) if one["t"] == "service.ended"]
    assert [one["role"] for one in issued][-4:] == list(ROLES)
    assert {one["id"] for one in issued} == {one["id"] for one in ended}
    assert issued[0]["by"] != ended[0]["by"], "ada issued, sam revoked"


def test_what_is_not_marked_for_services_is_refused(house):
    token = house.issue("walker")
    refused = answered = 0
    for template, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            schemes = {name for one in described["security"] for name in one}
            is_stream = "text/event-stream" in json.dumps(described["responses"].get("200", {}))
            verb = "HEAD" if is_stream else method.upper()
            found = house.ask(path_of(template), token, verb)
            if "service_token" in schemes or not schemes:
                assert method == "get" and found.status not in (401, 403), (template, found)
                answered += 1
                continue
            assert found.status == 403, (method, template, found)
            assert verb == "HEAD" or found.json["code"] == "not_for_services", (method, template, found)
            refused += 1
    posts = sum("post" in methods for methods in DOCUMENT["paths"].values())
    assert refused > posts > 10 and answered > 20
    house.revoke("walker")


def test_what_is_no_token_is_nobody(house):
    token = house.issue("asker")
    agents = house.acme.token("refunds")
    for other in ("x", "ils_", token[4:], token + "A", token[:-1], "ils_" + "A" * 43, agents, token.upper()):
        for path in ("/standing", "/openapi.json", "/none"):
            found = house.ask(path, other)
            assert (found.status, found.json["code"]) == (401, "unknown_token"), other
            assert found.headers["www-authenticate"].startswith("Bearer ")
    assert house.ask("/standing", token).status == 200
    both = house.ask("/standing", token, cookie="__Host-interlock=" + "x" * 43)
    assert (both.status, both.json["code"]) == (400, "malformed")
    for query in (f"access_token={token}", f"token={token}"):
        assert house.ask(f"/standing?{query}", None).json["code"] == "not_signed_in"
        assert house.ask(f"/standing?{query}", token).status == 400
    assert house.ask("/standing", token, sec_fetch_site="cross-site").json["code"] == "foreign_origin"
    preflight = house.ask("/standing", None, "OPTIONS", origin="https://evil.example")
    assert preflight.status == 405 and not [name for name in preflight.headers if name.startswith("access-control")]
    house.revoke("asker")


def test_only_security_issues_and_no_longer_than_a_year(house):
    assert house.issue("siem", by=INES, check=False).returncode == 77
    for life in ("366d", "0s", "soon"):
        assert house.issue("siem", life=life, check=False).returncode == 64
    assert house.gateway.run("tokens", "issue", "siem", "--role", "security", "--reason", "has no end at all", by=ADA,
                             check=False).returncode == 64
    assert house.issue("siem", role="auditor", check=False).returncode == 64
    house.issue("siem", life="365d")
    assert "has a token already" in house.issue("siem", check=False).stderr
    (listed,) = house.gateway.json("tokens", "list")
    assert (listed["service"], listed["role"], listed["by"]) == ("siem", "security", ADA) and "used" not in listed
    house.revoke("siem")
    assert house.gateway.json("tokens", "list") == []


def test_a_revoked_token_is_refused_at_once_and_its_stream_ends(house):
    token = house.issue("board", "kill")
    asked = urllib.request.Request(
        f"{house.origin}/api/v1/standing/stream", headers={"authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=30) as stream:
        house.revoke("board")
        assert house.ask("/standing", token).status == 401
        began = time.monotonic()
        while stream.readline():
            assert time.monotonic() < began + 20
    house.gateway.stop()
    house.gateway.start()
    assert house.ask("/standing", token).status == 401


def test_a_token_outlives_a_restart_and_not_its_end(house):
    lasting, short = house.issue("lasting", life="2d"), house.issue("short", life="3s")
    assert house.ask("/standing", short).status == 200
    time.sleep(3.1)
    assert house.ask("/standing", short).status == 401
    assert [one["service"] for one in house.gateway.json("tokens", "list")] == ["lasting"]
    house.gateway.stop()
    house.gateway.start()
    assert house.ask("/standing", lasting).status == 200
    house.revoke("lasting")


def test_nothing_of_a_token_is_written_down(house):
    house.issue("kept", life="1d")
    assert house.tokens
    for path in house.gateway.folder.rglob("*"):
        if not path.is_file():
            continue
        held = path.read_bytes()
        for token in house.tokens:
            assert token.encode() not in held and token[4:].encode() not in held, path
    printed = house.gateway.stderr()
    assert not any(token[4:] in printed for token in house.tokens)
    house.revoke("kept")


def test_a_token_ends_with_the_role_of_who_issued_it(house):
    token = house.issue("orphan", by=SAM)
    assert house.ask("/standing", token).status == 200
    (asked,) = house.gateway.json(
        "people", "role", SAM, "--remove", "security", "--reason", "looks after something else", by=ADA)
    assert house.ask("/standing", token).status == 200
    confirm(house.gateway, asked["id"])
    assert house.ask("/standing", token).status == 401 and house.gateway.json("tokens", "list") == []
    (given,) = house.gateway.json("people", "role", SAM, "--add", "security", "--reason", "is back in security", by=ADA)
    confirm(house.gateway, given["id"], by=ADA, check=False)
    house.gateway.stop()
    house.gateway.start()
    assert house.ask("/standing", token).status == 401
