"""Revisions of the policy: who signs them, what is refused, and that the old one stays."""

import json
import os
import signal
import socket
import time
from datetime import datetime

import pytest
from deployment import Failure

import signoff

DANA, INES, ADA, SAM, LI = (f"{name}@acme.example" for name in ("dana", "ines", "ada", "sam", "li"))
READS = "      crm: [read]\n"


def status(made) -> dict:
    return made.gateway.json("status")[0]


def loading(made) -> dict:
    return status(made)["policy_load"]


def wait_until(made, what, seconds=15):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, (loading(made), made.gateway.stderr()[-2000:])
        time.sleep(0.1)
    return found


def reload(made) -> dict:
    """What became of it."""
    before = loading(made)["last_reload"]
    if before:  # its time has whole seconds, and is all that tells it from the next
        time.sleep(max(0, datetime.fromisoformat(before["at"]).timestamp() + 1 - time.time()))
    made.gateway.process.send_signal(signal.SIGHUP)
    wait_until(made, lambda: loading(made)["last_reload"] != before)
    return loading(made)["last_reload"]


def sign(made, *signers, author=DANA, identity=None):
    path = made.gateway.folder / "interlock.signoff"
    everybody = list(dict.fromkeys((author, *signers)))
    signoff.write(path, identity or loading(made)["identity"], author, made.people, everybody)


def edit(made, old: str, new: str) -> None:
    path = made.gateway.policy / "agents" / "support-triage.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_founding_node_says_so_until_two_people_sign(organisation):
    made = organisation(servers=("crm",))
    assert loading(made)["founding"] is True
    assert "no revision was ever signed off" in made.gateway.run("status").stdout
    assert "FOUNDING" in made.gateway.stderr()
    for signers, author in [((ADA,), DANA), ((ADA, SAM), ADA), ((ADA, LI), DANA)]:
        sign(made, *signers, author=author)
        assert reload(made)["outcome"] == "loaded"
        assert loading(made)["founding"] is True, signers
    sign(made, ADA, SAM)
    assert reload(made)["outcome"] == "loaded"
    assert loading(made)["founding"] is False
    assert sorted(loading(made)["signed_by"]) == [ADA, SAM]
    assert "no revision was ever signed off" not in made.gateway.run("status").stdout
    loaded = [one for one in made.gateway.records(100) if one["t"] == "policy.loaded"]
    assert len(loaded[-1]["by"]) == 2


def test_after_the_first_sign_off_nothing_unsigned_is_loaded(organisation):
    made = organisation(servers=("crm",))
    sign(made, ADA, SAM)
    reload(made)
    assert loading(made)["founding"] is False
    session = made.session("support-triage")
    old = status(made)["policy"]
    edit(made, READS, "")
    refused = reload(made)
    assert (refused["outcome"], refused["code"]) == ("refused", "sign_off")
    assert status(made)["policy"] == old
    assert session.call("crm__get_customer", id="C-77").code is None
    assert "old policy stays" in made.gateway.run("status").stdout
    alarm = [one for one in made.gateway.records(100) if one["t"] == "alarm.raised"][-1]
    assert alarm["code"] == "policy.reload_refused"
    # It only narrows: one person other than the author is enough, and then it is in force.
    candidate = {**loading(made)["identity"], "digest": refused["candidate"]}
    sign(made, ADA, author=DANA, identity=candidate)
    assert reload(made)["outcome"] == "loaded"
    assert session.call("crm__get_customer", id="C-77").code is not None
    # Back again widens: one is not.
    edit(made, "mcp_scopes:\n", "mcp_scopes:\n" + READS)
    candidate = {**candidate, "digest": reload(made)["candidate"]}
    sign(made, ADA, identity=candidate)
    assert reload(made)["code"] == "sign_off"
    sign(made, ADA, SAM, identity=candidate)
    assert reload(made)["outcome"] == "loaded"
    assert made.gateway.verify().returncode == 0


def test_a_restart_takes_what_was_signed_and_nothing_else(organisation):
    made = organisation(servers=("crm",))
    sign(made, ADA, SAM)
    reload(made)
    made.gateway.kill()
    (made.gateway.folder / "interlock.signoff").unlink()
    made.gateway.start()
    assert loading(made)["founding"] is False
    made.gateway.stop()
    edit(made, READS, "")
    with pytest.raises(Failure, match="ended with 65"):
        made.gateway.start()


@pytest.mark.parametrize("name", ["interlock.signoff", "interlock.lock"])
def test_a_pipe_in_place_of_a_file_holds_up_nothing(organisation, name):
    made = organisation(servers=("crm",))
    pipe = made.gateway.folder / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    assert reload(made)["outcome"] == "refused"
    pipe.unlink()
    edit(made, READS, READS + "# a reload after that is judged as ever\n")
    assert "is no file" not in json.dumps(reload(made))


def test_a_change_of_the_folder_is_a_reload(organisation):
    made = organisation(servers=("crm",))
    session = made.session("support-triage")
    assert session.call("crm__get_customer", id="C-77").code is None
    edit(made, READS, "")
    wait_until(made, lambda: session.call("crm__get_customer", id="C-77").code is not None)
    edit(made, "purpose:", "purpse:")
    wait_until(made, lambda: loading(made)["last_reload"]["outcome"] == "refused")
    edit(made, "purpse:", "purpose:")
    wait_until(made, lambda: loading(made)["last_reload"]["outcome"] == "loaded")


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
    edit(made, "purpose:", "purpse:")
    refused = ask()
    assert (refused["outcome"], refused["code"]) == ("refused", "findings")
    assert [one["code"] for one in refused["findings"]] == ["E201"]
    assert refused["active"] == status(made)["policy"]
