"""Credentials toward servers from each source of secrets: servers get them, and no other party sees them."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
from outward import VALUE, Outward, wait_for_log
from wire import decision


def with_secret(organisation, stack) -> Outward:
    return Outward(organisation, stack, secret=VALUE)


def script(folder: Path, text: str) -> Path:
    path = folder / "secret-command"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def commanded(up: Outward, tmp_path: Path, text: str, **settings: str) -> None:
    tmp_path.chmod(0o755)
    up.gateway.configure("secrets", commands=f'{{up: ["{script(tmp_path, text)}", "an argument; touch /tmp/x"]}}', **settings)


@pytest.mark.requirement("R002", "R082")
@pytest.mark.parametrize("source", ["file", "environment", "credentials", "command"])
def test_each_source(organisation, stack, source, tmp_path):
    up, environment = with_secret(organisation, stack), {}
    if source == "file":
        up.keep("up", VALUE.encode() + b"\n")
    elif source == "environment":
        environment["INTERLOCK_SECRET_UP"] = VALUE
    elif source == "credentials":
        folder = tmp_path / "credentials"
        folder.mkdir()
        (folder / "up").write_text(VALUE)
        (folder / "up").chmod(0o440)  # as systemd's access list shows
        folder.chmod(0o550)
        environment["CREDENTIALS_DIRECTORY"] = str(folder)
    else:
        commanded(up, tmp_path, f"echo hidden-on-stderr >&2; test $# = 1 && echo '{VALUE}'\n")
    up.start(environment=environment)
    assert "isError" not in up.call()
    up.check_nowhere(VALUE, VALUE.split()[1], "hidden-on-stderr")


READ = "Bearer only-to-read-51"


@pytest.mark.requirement("R002")
def test_an_agent_that_reads_is_known_to_the_server_by_its_own_credential(organisation, stack):
    """Two agents of one server: what the reader sends has the reader's credential, and never the writer's."""
    up = with_secret(organisation, stack)
    server, policy = up.gateway.policy / "servers" / "up.yaml", up.gateway.policy / "agents"
    server.write_text(server.read_text().replace(
        "{tester: {header: Authorization, secret: up}}",
        "{tester: {header: Authorization, secret: up}, reader: {header: Authorization, secret: up-ro}}"))
    (path,) = [one for one in policy.glob("*.yaml") if "tester" in one.read_text()]
    (policy / "reader.yaml").write_text(path.read_text().replace("tester:", "reader:", 1))
    up.keep("up", VALUE.encode())
    up.keep("up-ro", READ.encode())
    up.server.others.add(READ)
    up.start()
    before = len(up.server.heard)
    up.made.session("reader").call("up__echo")
    sent = bytes(up.server.heard)[before:]
    assert b"tools/call" in sent and READ.encode() in sent and VALUE.encode() not in sent
    up.check_nowhere(READ)


@pytest.mark.parametrize("value,mode,word", [
    (None, 0, "in none of the sources"), (b"", 0o600, "it is empty"), (b"\n", 0o600, "one line"), (b"a\nb\n", 0o600, "one line"),
    (b"x" * 20_000, 0o600, "larger than 16384 bytes"), (b"\xff\xfe", 0o600, "not UTF-8"),
    (VALUE.encode(), 0o440, "read or changed by other users"), (VALUE.encode(), 0o604, "read or changed by other users")])
def test_a_secret_that_cannot_be_had_keeps_the_call_here(organisation, stack, value, mode, word):
    up = with_secret(organisation, stack)
    up.keep("up", VALUE.encode())
    up.start()
    before = len(up.server.heard)
    if value is None:
        (up.secrets / "up").unlink()
    else:
        up.keep("up", value, mode)
    forget(up)
    result = up.check_refused("secret `up`")
    assert word in json.dumps(result)
    outcome = up.gateway.records(20, type="call.outcome")[-1]
    assert (decision(result)["code"], outcome["st"]) == (5020, "not_executed")
    assert b"tools/call" not in bytes(up.server.heard)[before:]
    up.keep("up", VALUE.encode())
    assert "isError" not in up.call(), "it is looked for again by the next call"


def forget(up: Outward) -> None:
    """Sends SIGHUP, which makes the gateway read secrets again."""
    reloads = up.gateway.stderr().count("reload")
    up.gateway.process.send_signal(1)
    time.sleep(1.5)
    assert up.gateway.process.poll() is None, reloads


@pytest.mark.parametrize("text,word", [
    ("sleep 30\n", "in time"), ("exit 3\n", "ended with 3"), ("true\n", "it is empty"), ("head -c 100000 /dev/zero | tr '\\0' x\n", "too large"),
    (f"echo '{VALUE}'; exit 1\n", "ended with 1"), ("echo one; echo two\n", "one line")])
def test_a_command_that_gives_no_secret(organisation, stack, tmp_path, text, word):
    up = with_secret(organisation, stack)
    commanded(up, tmp_path, "echo secret-looking-stderr >&2\n" + text, command_time="1s")
    up.start(wait=False)
    wait_for_log(up, word)
    assert "secret-looking-stderr" not in up.gateway.stderr() and VALUE not in up.gateway.stderr()
    assert b"tools/list" not in bytes(up.server.heard)


def test_a_command_sees_no_state(organisation, stack, tmp_path):
    up = with_secret(organisation, stack)
    commanded(up, tmp_path, f"ls '{up.gateway.folder}/state' | wc -l | sed 's/^/files /'; env | grep -c SECRET\n")
    up.start(wait=False, environment={"INTERLOCK_SECRET_OTHER": "x"})
    wait_for_log(up, "ended with 1")  # grep had no match


def test_a_rotated_secret_is_taken_when_the_old_one_is_turned_away(organisation, stack):
    up = with_secret(organisation, stack)
    up.keep("up", VALUE.encode())
    up.start()
    assert "isError" not in up.call()
    up.server.secret = VALUE + "-new"
    up.keep("up", (VALUE + "-new").encode())
    assert "isError" not in up.call()


def test_credentials_of_a_stdio_server_are_refused_by_name(organisation, stack, binary):
    up = with_secret(organisation, stack)
    path = up.gateway.policy / "servers" / "up.yaml"
    path.write_text(re.sub(r"connect: .*", 'connect: {stdio: ["/bin/true"]}', path.read_text()))
    done = subprocess.run([str(binary), "serve", "--dir", str(up.gateway.folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "credentials: not enforced" in done.stderr, done.stderr
