"""Hooks of coding agents outside a run: the real adapter, as an ordinary user, asks the gateway at the socket of hooks, and the
user whom the kernel reports is the agent."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from conftest import missing
from deployment import Deployment, approval_id
from hooking import EVENT, USER, Hooks
from people import People

ADA = "ada@acme.example"
SAM = "sam@acme.example"
INES = "ines@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
agents:
  coder:
    owner: {ada}
    purpose: Writes code
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {user}}}
    mcp_scopes: {{host: [read, {{tool: write}}, {{tool: shell}}]}}
  writer:
    owner: {ada}
    purpose: Writes text
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    hooks: {{uid: {other}}}
    mcp_scopes: {{host: [read, {{tool: write}}]}}
"""
READ = {"tool_name": "Read", "tool_input": {"file_path": "/workspace/a.txt"}}
WRITE = {"tool_name": "Write", "tool_input": {"file_path": "/workspace/a.txt", "content": "new"}}
EDIT = {"tool_name": "Edit", "tool_input": {"file_path": "/workspace/a.txt", "old_string": "a", "new_string": "b"}}
LIMIT = (8 << 20) + (512 << 10)
OTHER = USER - 10_000  # of another agent
EVENT_BYTES = json.dumps(EVENT).encode()


class House:
    """The gateway, whose hooks come over a socket in a folder that all users may enter, and the adapter."""

    def __init__(self, binary: Path, people: People, text: str = POLICY):
        """`text` is the policy, with gaps for its people, the users of its agents and a date."""
        self.base = Path(tempfile.mkdtemp(prefix="interlock-outside-", dir="/var/tmp"))
        self.base.chmod(0o755)
        self.hooks = Hooks(binary.parent / "interlock-hook")
        self.socket = self.base / "hooks.sock"
        self.hooks.write({"socket": str(self.socket)})
        policy = self.base / "policy.yaml"
        policy.write_text(text.format(ada=ADA, sam=SAM, ines=INES, user=USER, other=OTHER, review=date.today() + timedelta(days=60)))
        self.gateway = Deployment(binary, self.base / "made", policy, people, segment="8MiB")
        self.gateway.init()
        self.gateway.configure("listeners", hooks_socket=f'"{self.socket}"')
        self.gateway.start()

    def close(self) -> None:
        self.gateway.kill()
        self.hooks.close()
        shutil.rmtree(self.base, ignore_errors=True)

    def use(self, session: str, event: str = "PreToolUse", call: str = "toolu_1", **members):
        given = EVENT | {"session_id": session, "hook_event_name": event, "tool_use_id": call} | members
        return self.hooks.run(given=given, timeout=30)

    def records(self, session: str) -> list[dict]:
        """The records of the run of a session, by its `run.start`."""
        found = self.gateway.records(500)
        run = next(one["run"] for one in found if one["t"] == "run.start" and one.get("ses") == session)
        return [one for one in found if one.get("run") == run]


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    if os.geteuid() != 0:
        missing("only root can make a private /etc")
    folder = tmp_path_factory.mktemp("people")
    with People(folder, {ADA: ["kill", "resume", "security"], SAM: ["resume"], INES: ["resume"]}) as people:
        made = House(binary, people)
        try:
            yield made
        finally:
            made.close()


@pytest.mark.requirement("R038", "R039")
def test_a_session_outside_a_run_is_a_run_of_the_users_agent(house):
    assert house.use("s1", "SessionStart", source="startup").code == 0
    allowed = house.use("s1", **READ)
    assert (allowed.code, allowed.output, allowed.said) == (0, b"", ""), allowed
    assert house.use("s1", "PostToolUse", **READ, tool_response={"content": "as it was"}).code == 0
    denied = house.use("s1", call="toolu_2", **EDIT)
    assert denied.refused and "(no-grant)" in denied.said
    foreign = house.use("s1", call="toolu_3", tool_name="mcp__other__x", tool_input={},
                        mcp_server={"name": "other", "type": "http", "url": "http://127.0.0.1:9/mcp"})
    assert foreign.refused and "(unmanaged-server)" in foreign.said, foreign
    assert house.use("s1", "SessionEnd", reason="other").code == 0
    records = house.records("s1")
    kinds = [one["t"] for one in records]
    assert kinds[0] == "run.start" and kinds[-1] == "run.end" and records[-1]["code"] == "ended", kinds
    assert (records[0]["agent"], records[0]["host"]) == ("coder", "claude-code")
    assert kinds.count("call.intent") == kinds.count("call.outcome") == 1


def test_people_approve_a_write_while_the_hook_waits(house):
    done = []
    asking = threading.Thread(target=lambda: done.append(house.use("s2", **WRITE)))
    asking.start()
    house.gateway.approve(approval_id(house.gateway.pending()), by=SAM)
    asking.join(30)
    assert done and done[0].code == 0, done
    assert house.use("s2", "PostToolUse", **WRITE, tool_response={"type": "update"}).code == 0


@pytest.mark.requirement("R112")
def test_a_halt_denies_tools_and_new_sessions(house):
    halt = house.gateway.halt("--agent", "coder", by=ADA)
    try:
        denied = house.use("s3", **READ)
        assert denied.refused and "(halted)" in denied.said, denied
    finally:
        house.gateway.resume(halt, ADA, SAM)
    assert house.use("s4", **READ).code == 0


def test_a_user_of_no_agent_is_refused_with_the_reason(house):
    denied = house.hooks.run(given=EVENT | {"session_id": "s5"}, as_root=True)
    assert denied.refused and "(unknown-user)" in denied.said and "user id 0" in denied.said, denied


def ask(house: House, path: str, body: bytes = b"{}", length: int | None = None, method: str = "POST") -> bytes:
    """The response to a request of this process, which is root."""
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect(str(house.socket))
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length or len(body)}\r\nConnection: close\r\n\r\n"
        one.sendall(head.encode() + body)
        received = b""
        while part := one.recv(65536):
            received += part
        return received


def test_the_socket_reaches_no_command_of_the_gateway(house):
    assert house.socket.stat().st_mode & 0o777 == 0o666
    for path in ("/", "/mcp", "/v1/status", "/v1/halt", "/v1/kill", "/api/v1/agents", "/healthz", "/metrics", "/hook/v1/event/..",
                 "/hook/v1/event/", "/run/begin"):
        for method in ("GET", "POST"):
            assert ask(house, path, method=method).split(b"\r\n")[0].split(b" ")[1] in (b"404", b"400"), path
    # The command line, pointed at this socket as if it were the gateway's own.
    state = house.base / "other" / "state"
    state.mkdir(parents=True)
    shutil.copy(house.gateway.folder / "interlock.yaml", house.base / "other" / "interlock.yaml")
    (state / "interlock.sock").symlink_to(house.socket)
    done = subprocess.run([house.gateway.binary, "status", "--dir", str(house.base / "other")], capture_output=True, timeout=20)
    assert done.returncode != 0, done


def test_an_event_that_is_too_large_is_refused(house):
    program = """
import socket, sys
one = socket.socket(socket.AF_UNIX)
one.settimeout(10)
one.connect(sys.argv[1])
one.sendall(("POST /hook/v1/event HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %s\\r\\n\\r\\n" % sys.argv[2]).encode())
print(one.recv(4096).split(b"\\r\\n")[0].decode())
"""
    def status(length: int) -> str:
        done = subprocess.run(["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "/usr/bin/python3", "-c", program,
                               str(house.socket), str(length)], capture_output=True, text=True, timeout=20, cwd="/")
        return done.stdout + done.stderr

    assert " 413 " in status(LIMIT + 1)
    text = json.dumps(EVENT | {"tool_input": {"command": ""}})
    over = text.replace('"command": ""', '"command": "%s"' % ("x" * ((8 << 20) + 1 - len(text))))
    assert house.hooks.run(given=over.encode()).refused
    whole = house.use("s6", tool_name="Read", tool_input={"file_path": "x" * ((8 << 20) - 4096)})
    assert whole.code in (0, 2) and "(hook-gateway)" not in whole.said, whole


# Run as a user: opens connections that announce a body of this size each, and prints the answer to each.
HOLDER = """
import socket, sys
held = []
for _ in range(int(sys.argv[3])):
    one = socket.socket(socket.AF_UNIX)
    one.settimeout(10)
    one.connect(sys.argv[1])
    one.sendall(("POST /hook/v1/event HTTP/1.1\\r\\nHost: x\\r\\nExpect: 100-continue\\r\\nContent-Length: %s\\r\\n\\r\\n"
                 % sys.argv[2]).encode())
    print(one.recv(4096).split(b"\\r\\n")[0].split(b" ")[1].decode(), flush=True)
    held.append(one)
sys.stdin.read()
"""


def hold(house: House, user: int, count: int) -> subprocess.Popen:
    return subprocess.Popen(["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "/usr/bin/python3", "-c", HOLDER,
                             str(house.socket), str(8 << 20), str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                            cwd="/")


@pytest.mark.requirement("R151")
def test_large_events_of_one_user_leave_room_for_another(house):
    greedy = hold(house, USER, 6)
    try:
        # 32 MiB: four of 8 MiB, and no fifth.
        assert [greedy.stdout.readline().strip() for _ in range(6)] == ["100"] * 4 + ["503"] * 2
        other = hold(house, OTHER, 1)
        assert other.stdout.readline().strip() == "100"
        other.communicate(timeout=10)
    finally:
        greedy.communicate(timeout=10)
    assert house.use("s8", **READ).code == 0


@pytest.mark.requirement("R151")
def test_the_adapter_refuses_while_its_user_has_no_room(house):
    """The gateway answers before it has read the event, so a large one may be sent to a connection that is closed."""
    large = {"tool_name": "Read", "tool_input": {"file_path": "/workspace/" + "a/" * (1 << 20)}}
    assert house.use("s10", call="toolu_0", **READ).code == 0
    greedy = hold(house, USER, 4)
    try:
        assert [greedy.stdout.readline().strip() for _ in range(4)] == ["100"] * 4
        for used in (READ, WRITE, large):
            done = house.use("s10", **used)
            assert done.refused and "(hook-gateway) the gateway " in done.said, done
            assert used is large or done.said.endswith(" answered with status 503\n"), done
        # The tool has run: its result is withheld, and the turn ends.
        ended = house.use("s10", "PostToolUse", **READ, call="toolu_0", tool_response={"content": "as it was"})
        said = json.loads(ended.output)
        assert (ended.code, said["continue"], said["decision"]) == (0, False, "block"), ended
        assert "(hook-gateway)" in said["stopReason"]
    finally:
        greedy.communicate(timeout=10)
    assert house.use("s10", call="toolu_2", **READ).code == 0
    # Nothing of the refused events came to the gateway, and the first call has no end yet.
    kinds = [one["t"] for one in house.records("s10")]
    assert (kinds.count("call.intent"), kinds.count("call.outcome"), kinds.count("call.denied")) == (2, 0, 0), kinds


def cursor(house: House, event: str, command: str, **members):
    """What the adapter answers to an event about a shell command of one turn of Cursor."""
    told = {"tool_name": "Shell", "tool_input": {"command": command}} if event.endswith("ToolUse") else {"command": command}
    given = {"conversation_id": "cursor", "generation_id": "g1", "hook_event_name": event, "cursor_version": "2.0.77",
             "workspace_roots": ["/workspace"], "cwd": "/workspace"}
    return house.hooks.run("cursor", given=given | told | members, timeout=30)


@pytest.mark.requirement("R038")
def test_the_events_of_cursor_for_one_call_are_one_decision_and_one_approval(house):
    push, other = "git push origin main", "git push origin other"
    done = {}

    def ask(event: str, command: str, **members) -> threading.Thread:
        started = threading.Thread(target=lambda: done.update({event: cursor(house, event, command, **members)}))
        started.start()
        return started

    asking = [ask("preToolUse", push, tool_use_id="t1")]
    request = approval_id(house.gateway.pending())
    asking.append(ask("beforeShellExecution", push))
    for person in (SAM, INES):
        house.gateway.approve(request, by=person)
    for one in asking:
        one.join(30)
    for event in ("preToolUse", "beforeShellExecution"):
        assert (done[event].code, json.loads(done[event].output)) == (0, {"permission": "allow"}), done[event]
    for event, members in (("afterShellExecution", {"output": "pushed", "duration": 5}),
                           ("postToolUse", {"tool_use_id": "t1", "tool_output": "pushed"})):
        assert cursor(house, event, push, **members).code == 0

    records = house.records("cursor")
    kinds = [one["t"] for one in records]
    assert [kinds.count(kind) for kind in ("call.intent", "approval.requested", "approval.used", "call.outcome")] == [1] * 4, kinds
    assert [one["dec"] for one in records if one["t"] == "hook.call"] == ["same", "same"]
    assert not [kind for kind in kinds if kind in ("hook.bypassed", "call.unknown")]

    # Other arguments are another call, which the approval of the first one does not cover.
    again = [ask("beforeShellExecution", other)]
    second = approval_id(house.gateway.pending())
    assert second != request
    house.gateway.run("approvals", "deny", second, "--reason", "not that branch", by=SAM)
    again[0].join(30)
    refused = done["beforeShellExecution"]
    assert refused.code == 2 and json.loads(refused.output)["permission"] == "deny", refused
    kinds = [one["t"] for one in house.records("cursor")]
    assert [kinds.count(kind) for kind in ("call.intent", "approval.requested", "approval.used")] == [2, 2, 1], kinds


def test_a_user_of_no_agent_leaves_one_record(house):
    def refused() -> int:
        return [one.get("code") for one in house.gateway.records(500) if one["t"] == "access.refused"].count("access.unknown_user")

    def send(count: int) -> int:
        for _ in range(count):
            assert b"unknown-user" in ask(house, "/hook/v1/event", EVENT_BYTES)
        # Durable, and after what was recorded before it.
        assert house.use("s9", **READ).code == 0
        return refused()

    before = send(1)
    assert before >= 1 and send(5) == before


# Run as a user: reports results of doctor, each on a connection of its own, and prints the responses.
REPORTER = """
import socket, sys
body = b'{"v":1,"host":"claude-code","result":"good"}'
for _ in range(int(sys.argv[2])):
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(10)
        one.connect(sys.argv[1])
        one.sendall(b"POST /hook/v1/doctor HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\n"
                    b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body)
        received = b""
        while part := one.recv(4096):
            received += part
    print(received.split(b" ")[1].decode(), received.split(b"\\r\\n\\r\\n")[1].decode().strip())
"""


@pytest.mark.requirement("R151")
def test_results_of_doctor_in_a_loop_are_refused_with_few_records(house):
    def report(user: int, count: int) -> list[str]:
        done = subprocess.run(["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "/usr/bin/python3", "-c", REPORTER,
                               str(house.socket), str(count)], capture_output=True, text=True, timeout=60, cwd="/")
        assert done.returncode == 0, done
        return done.stdout.splitlines()

    def count(kind: str, **members) -> int:
        return len([one for one in house.gateway.records(500) if one["t"] == kind and members.items() <= one.items()])

    lines = report(OTHER, 120)
    refused = [line for line in lines if line.startswith("429 too many results of doctor: ")]
    assert lines[:60] == ["201 recorded"] * 60 and len(refused) > 1
    assert report(USER, 1) == ["201 recorded"]
    assert count("host.checked", agent="writer") == lines.count("201 recorded") == 120 - len(refused)
    assert 1 <= count("access.refused", code="access.too_many_results", agent="writer") < len(refused)


def test_a_restart_ends_the_sessions_as_unknown(house):
    assert house.use("s7", **READ).code == 0
    house.gateway.kill()
    assert house.use("s7", **READ).refused
    house.gateway.start()
    assert house.use("s7", **READ).code == 0
    for _ in range(100):
        ended = [one for one in house.gateway.records(500) if one["t"] == "run.end" and one["code"] == "unknown"]
        if ended:
            break
        threading.Event().wait(0.1)
    starts = [one["run"] for one in house.gateway.records(500) if one["t"] == "run.start" and one.get("ses") == "s7"]
    assert len(starts) == 2 and starts[0] in [one["run"] for one in ended]


def test_two_agents_with_one_user_are_refused(house):
    policy = house.base / "two.yaml"
    text = (house.base / "policy.yaml").read_text()
    policy.write_text(text + text[text.index("  coder:"):text.index("  writer:")].replace("coder", "other"))
    done = subprocess.run([house.gateway.binary, "policy", "check", policy], capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and "E401" in done.stdout + done.stderr, done


def test_a_socket_that_others_could_replace_is_refused(house):
    house.gateway.stop()
    folder = house.base / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    house.gateway.configure("listeners", hooks_socket=f'"{folder}/hooks.sock"')
    try:
        done = subprocess.run([house.gateway.binary, "serve", "--dir", str(house.gateway.folder)], capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 77 and "can be changed by other users" in done.stderr, done
    finally:
        house.gateway.configure("listeners", hooks_socket=f'"{house.socket}"')
