"""Revisions of the policy: their signers, the refusals, and the revision that stays in force after one."""

import json
import os
import socket

import pytest
from deployment import Failure

from addresses import ADA, DANA, LI, PAUL, RUI, SAM
from revising import TRIAGE, edit, loading, propose, reload, sign, sign_off
from refunding import Asking, pool  # noqa: F401
from waits import until

READS = "      crm: [read]\n"


def status(made) -> dict:
    return made.gateway.json("status")[0]


@pytest.mark.requirement("R153")
def test_a_founding_node_says_so_until_an_author_who_may_has_signed(organisation):
    """R153: amber wherever the posture is shown, and an alert; then signed by its author alone, and at last by
    others."""
    made = organisation(servers=("crm",))
    assert loading(made.gateway)["founding"] is True and loading(made.gateway)["sign_off"] == "none"
    assert "no revision was ever signed off" in made.gateway.run("status").stdout
    assert "FOUNDING" in made.gateway.stderr()
    for signers, author in [((ADA,), DANA), ((ADA, LI), DANA)]:
        sign(made.gateway, *signers, author=author)
        assert reload(made.gateway)["outcome"] == "loaded"
        assert loading(made.gateway)["founding"] is True, signers
    unsigned = [one for one in made.gateway.records(100) if one.get("code") == "policy.unsigned"]
    assert len(unsigned) == 3, "at the start and at each reload that left it so"
    sign(made.gateway, author=ADA)
    assert reload(made.gateway)["outcome"] == "loaded"
    load = loading(made.gateway)
    assert (load["founding"], load["sign_off"], load["signed_by"]) == (False, "founding", [ADA])
    assert "ALONE         the author alone has signed the policy off (founding)" in made.gateway.run("status").stdout
    sign(made.gateway, ADA, SAM)
    assert reload(made.gateway)["outcome"] == "loaded"
    assert loading(made.gateway)["sign_off"] == "people"
    assert sorted(loading(made.gateway)["signed_by"]) == [ADA, SAM]
    told = made.gateway.run("status").stdout
    assert "no revision was ever signed off" not in told and "ALONE" not in told
    loaded = [one for one in made.gateway.records(100) if one["t"] == "policy.loaded"]
    assert len(loaded[-1]["by"]) == 2


@pytest.mark.requirement("R035")
def test_after_the_first_sign_off_nothing_unsigned_is_loaded(organisation):
    made = organisation(servers=("crm",))
    sign(made.gateway, ADA, SAM)
    reload(made.gateway)
    assert loading(made.gateway)["founding"] is False
    session = made.session("support-triage")
    old = status(made)["policy"]
    edit(made.gateway, READS, "")
    refused = reload(made.gateway)
    assert (refused["outcome"], refused["code"]) == ("refused", "sign_off")
    assert status(made)["policy"] == old
    assert session.call("crm__get_customer", id="C-77").code is None
    assert "old policy stays" in made.gateway.run("status").stdout
    # What waits for signatures is work in the inbox of those who sign, and no alarm.
    proposed = [one for one in made.gateway.records(100) if one["t"] == "policy.proposed"][-1]
    assert proposed["pol"] != proposed["cand"]
    assert "policy.reload_refused" not in [one.get("code") for one in made.gateway.records(100)]
    # It only narrows: one person other than the author is enough, and then it is in force.
    candidate = {**loading(made.gateway)["identity"], "digest": refused["candidate"]}
    sign(made.gateway, ADA, author=DANA, identity=candidate)
    assert reload(made.gateway)["outcome"] == "loaded"
    assert session.call("crm__get_customer", id="C-77").code == -32602
    # The way back widens: one person is not enough.
    edit(made.gateway, "mcp_scopes:\n", "mcp_scopes:\n" + READS)
    candidate = {**candidate, "digest": reload(made.gateway)["candidate"]}
    sign(made.gateway, ADA, identity=candidate)
    assert reload(made.gateway)["code"] == "sign_off"
    sign(made.gateway, ADA, SAM, identity=candidate)
    assert reload(made.gateway)["outcome"] == "loaded"
    assert made.gateway.verify().returncode == 0


def test_a_restart_takes_what_was_signed_and_nothing_else(organisation):
    made = organisation(servers=("crm",))
    sign(made.gateway, ADA, SAM)
    reload(made.gateway)
    made.gateway.kill()
    (made.gateway.folder / "interlock.signoff").unlink()
    made.gateway.start()
    assert loading(made.gateway)["founding"] is False
    made.gateway.stop()
    edit(made.gateway, READS, "")
    with pytest.raises(Failure, match="ended with 65"):
        made.gateway.start()


def test_a_start_that_waits_for_people_says_how_many_and_who_may(organisation):
    """The signature of the author is none of those that a change needs which widens."""
    made = organisation(servers=("crm",))
    edit(made.gateway, READS, "")
    assert reload(made.gateway)["outcome"] == "loaded"
    sign_off(made.gateway)
    digest = propose(made.gateway, (TRIAGE, "mcp_scopes:\n", "mcp_scopes:\n" + READS))
    sign(made.gateway, ADA, identity={**loading(made.gateway)["identity"], "digest": digest})
    made.gateway.stop()
    process = made.gateway.launch()
    assert process.wait(60) == 65
    said = made.gateway.stderr()
    assert f"signed by 1 of 2 people other than its author `{DANA}`, as it cannot be compared with the policy in force; signed by `{ADA}`" in said, said
    help_line = next(line for line in said.splitlines() if "more must sign" in line)
    assert "1 more must sign, of " in help_line and f"`{SAM}`" in help_line, help_line
    assert "`interlock policy diff OLD NEW --sign KEY`" in help_line and DANA not in help_line, help_line


@pytest.mark.parametrize("name", ["interlock.signoff", "interlock.lock"])
def test_a_pipe_in_place_of_a_file_holds_up_nothing(organisation, name):
    made = organisation(servers=("crm",))
    pipe = made.gateway.folder / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    assert reload(made.gateway)["outcome"] == "refused"
    pipe.unlink()
    edit(made.gateway, READS, READS + "# a reload after that is judged as ever\n")
    assert "is no file" not in json.dumps(reload(made.gateway))


def test_a_change_of_the_folder_is_a_reload(organisation):
    made = organisation(servers=("crm",))
    session = made.session("support-triage")
    assert session.call("crm__get_customer", id="C-77").code is None
    edit(made.gateway, READS, "")
    until(lambda: session.call("crm__get_customer", id="C-77").code == -32602, made.gateway)
    edit(made.gateway, "purpose:", "purpse:")
    until(lambda: loading(made.gateway)["last_reload"]["outcome"] == "refused", made.gateway)
    edit(made.gateway, "purpse:", "purpose:")
    until(lambda: loading(made.gateway)["last_reload"]["outcome"] == "loaded", made.gateway)


def test_the_local_socket_reloads_and_answers_what_became_of_it(organisation):
    made = organisation(servers=("crm",))

    def ask() -> dict:
        with socket.socket(socket.AF_UNIX) as local:
            local.connect(str(made.gateway.folder / "state" / "interlock.sock"))
            local.sendall(b"POST /v1/policy/reload HTTP/1.1\r\nhost: local\r\ncontent-length: 0\r\n"
                          b"connection: close\r\n\r\n")
            answer = b"".join(iter(lambda: local.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    assert ask()["outcome"] == "loaded"
    edit(made.gateway, "purpose:", "purpse:")
    refused = ask()
    assert (refused["outcome"], refused["code"]) == ("refused", "findings")
    assert [one["code"] for one in refused["findings"]] == ["E201"]
    assert refused["active"] == status(made)["policy"]


@pytest.mark.requirement("R059")
def test_a_lower_tier_needs_a_sign_off(organisation):
    made = organisation(servers=("billing",))
    gateway, name = made.gateway, "agents/refunds.yaml"

    def tier() -> str:
        return next(one["tier"] for one in gateway.json("agents", "list") if one["agent"] == "refunds")

    sign(gateway, ADA, SAM)
    assert reload(gateway)["outcome"] == "loaded" and tier() == "high"
    edit(gateway, "tier: high", "tier: medium", name)
    refused = reload(gateway)
    assert (refused["outcome"], refused["code"]) == ("refused", "sign_off") and tier() == "high"
    sign(gateway, ADA, SAM, identity={**loading(gateway)["identity"], "digest": refused["candidate"]})
    assert reload(gateway)["outcome"] == "loaded" and tier() == "medium"


def test_the_author_of_a_revision_does_not_vote_on_the_calls_that_it_widened(organisation, pool):
    """LI may decide about refunds too, so that two people are left without PAUL, who wants larger ones."""
    name = "agents/refunds.yaml"
    made = organisation(servers=("billing",), extra={
        name: lambda text: text.replace("tier: high", "tier: medium"),
        "org.yaml": lambda text: text.replace("rui@acme.example]", f"rui@acme.example, {LI}]")})
    gateway = made.gateway
    sign(gateway, ADA, SAM, author=PAUL)
    reload(gateway)
    gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    before = asking.ask()
    waiting = asking.request()
    # The first revision widens none before it.
    assert gateway.approve(waiting, PAUL).returncode == 0

    def revise(old: str, new: str, author: str) -> None:
        edit(gateway, old, new, name)
        candidate = {**loading(gateway)["identity"], "digest": reload(gateway)["candidate"]}
        sign(gateway, ADA, SAM, author=author, identity=candidate)
        assert reload(gateway)["outcome"] == "loaded"

    revise("800000", "900000", PAUL)
    # The vote that he cast before counts no more, and he cannot cast another.
    until(lambda: gateway.json("approvals", "show", waiting)[0]["have"] == 0, gateway)
    assert gateway.approve(waiting, PAUL, check=False).returncode == 77
    gateway.approve(waiting, RUI)
    gateway.approve(waiting, LI)
    assert before.result(30).code is None
    # A narrowing by another person, and a restart, leave it so.
    revise("900000", "850000", DANA)
    gateway.kill()
    gateway.start()
    gateway.wait_for_tools("refunds", "billing")
    asking = Asking(made, pool)
    after = asking.ask()
    request = asking.request()
    assert gateway.approve(request, PAUL, check=False).returncode == 77
    # When another person widens the same calls, that person is the one. Two are left of the two that are needed.
    revise("850000", "860000", RUI)
    assert after.result(30).code is not None, "one voter was left"
    after = asking.ask()
    request = asking.request()
    assert gateway.approve(request, RUI, check=False).returncode == 77
    gateway.approve(request, PAUL)
    gateway.approve(request, LI)
    assert after.result(30).code is None
