"""Mistakes of operators: `serve` names the mistake and its place, and exits with a documented code."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest

import wire
from conftest import missing


@pytest.fixture
def made(organisation):
    return organisation(start=False, servers=())  # the mistake takes effect before the gateway contacts any server


def serve_fails(made, code: int | None = None, seconds: float = 20) -> str:
    """Starts `serve`, which must end by itself; returns its output."""
    process = made.gateway.launch()
    try:
        returned = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)
        pytest.fail(f"serve runs: {made.gateway.stderr()}")
    assert returned == code if code is not None else returned not in (0, -signal.SIGSEGV, -signal.SIGILL, -signal.SIGABRT)
    return made.gateway.stderr()


def change(made, name: str, old: str, new: str) -> int:
    """Replaces text in a policy file of the deployment; returns the line of the change."""
    path = made.gateway.policy / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return text[:text.index(old)].count("\n") + 1


def test_the_example_policy_is_clean(made):
    done = made.gateway.run("policy", "check", str(made.gateway.policy), check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_policy_with_a_typo(made):
    line = change(made, "agents/support-triage.yaml", "purpose:", "purpse:")
    done = made.gateway.run("policy", "check", str(made.gateway.policy), check=False)
    assert done.returncode == 65
    assert re.search(rf"agents/support-triage\.yaml:{line}:\d+ E201 .*`purpse`", done.stdout + done.stderr)
    assert "help: did you mean `purpose`?" in done.stdout + done.stderr
    assert f"agents/support-triage.yaml:{line}:" in serve_fails(made, 65)


def test_a_policy_that_uses_what_is_not_enforced_yet(made):
    change(made, "agents/support-triage.yaml", "    data:\n", "    data:\n      host.read: {max_bytes: 1KiB}\n")
    assert re.search(r"agents/support-triage\.yaml:\d+", serve_fails(made, 65))


def test_a_reload_with_an_error_keeps_the_old_policy_and_says_so(organisation):
    made = organisation(servers=("tickets",))
    session = made.session("support-triage")
    line = change(made, "agents/support-triage.yaml", "purpose:", "purpse:")
    made.gateway.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while f"agents/support-triage.yaml:{line}:" not in made.gateway.stderr():
        assert time.monotonic() < deadline, made.gateway.stderr()
        time.sleep(0.05)
    assert session.call("tickets__get_ticket", id="T-1001").code is None


def test_a_reload_swaps_the_policy(organisation):
    made = organisation(servers=("tickets", "crm"))
    session = made.session("support-triage")
    assert session.call("crm__get_customer", id="C-77").code is None
    change(made, "agents/support-triage.yaml", "      crm: [read]\n", "")
    made.gateway.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while session.call("crm__get_customer", id="C-77").code is None:
        assert time.monotonic() < deadline, made.gateway.stderr()
        time.sleep(0.05)
    assert "crm__get_customer" not in session.tools()
    assert session.call("tickets__get_ticket", id="T-1001").code is None


@pytest.mark.requirement("R152")
@pytest.mark.parametrize("plane, host, shown", [
    ("port", "127.0.0.1", "127.0.0.1"), ("people_port", "127.0.0.1", "127.0.0.1"), ("people_port", "0.0.0.0", "127.0.0.1"),
    ("people_port", "::1", "[::1]"), ("people_port", "::", "127.0.0.1")])
def test_a_port_in_use(made, plane, host, shown):
    """R152: a process with the console's port on the other loopback address could be mistaken for the console."""
    port = getattr(made.gateway, plane)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen()
        printed = serve_fails(made, 74)
    assert f"`{shown}:{port}` is in use by another process" in printed
    assert plane == "port" or "choose another port in `listeners.people`" in printed


def test_a_bind_that_is_not_loopback(made):
    made.gateway.configure("listeners", agents=f'"0.0.0.0:{made.gateway.port}"')
    assert "0.0.0.0" in serve_fails(made)


def test_every_key_file_that_is_missing(made):
    keys = sorted(path for path in (made.gateway.folder / "state" / "keys").rglob("*") if path.is_file())
    assert keys
    for path in keys:
        aside = made.folder / path.name
        path.rename(aside)
        assert path.name in serve_fails(made), path
        assert not path.exists(), "a missing key is never made anew"
        aside.rename(path)


def test_a_key_that_others_may_read(made):
    keys = sorted(path for path in (made.gateway.folder / "state" / "keys").rglob("*") if path.is_file())
    assert keys
    for path in keys:
        mode = path.stat().st_mode
        path.chmod(0o644)
        assert path.name in serve_fails(made), path
        path.chmod(mode)


def test_a_state_folder_that_others_may_read(made):
    state = made.gateway.folder / "state"
    assert state.stat().st_mode & 0o777 == 0o700
    state.chmod(0o755)
    assert "state" in serve_fails(made)
    state.chmod(0o700)
    made.gateway.start()
    assert (state / "interlock.sock").stat().st_mode & 0o777 == 0o600
    made.gateway.stop()


def test_no_state_at_all(made):
    shutil.rmtree(made.gateway.folder / "state" / "ledger")
    serve_fails(made, 66)


def test_a_second_gateway_on_the_same_state(organisation):
    made = organisation(servers=(), wait=())
    first = made.gateway.process
    made.gateway.process = None
    second = made.gateway.launch()
    try:
        assert second.wait(20) == 75, made.gateway.stderr()
        assert "audit.locked: another process writes the log" in made.gateway.stderr()
    finally:
        second.kill()
        made.gateway.process = first
    assert first.poll() is None
    made.session("support-triage")


def test_init_does_not_touch_a_deployment_that_exists(made):
    before = {path: path.read_bytes() for path in (made.gateway.folder / "state" / "keys").rglob("*") if path.is_file()}
    done = made.gateway.run("init", "--org", "acme", "--policy", str(made.gateway.policy),
                            *made.people.arguments(), check=False)
    assert done.returncode == 73
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize("size", ["0", "many", "1000KiB", "1048577", "-8MiB"])
def test_a_segment_has_whole_pages(binary, made, tmp_path, size):
    done = subprocess.run([binary, "init", "--dir", tmp_path / "new", "--policy", made.gateway.policy, "--segment", size,
                           *made.people.arguments()], capture_output=True, text=True, timeout=20)
    assert done.returncode == 64 and f"`{size}` is no size of a segment" in done.stderr, done.stderr
    assert not list((tmp_path / "new").iterdir())


def test_unknown_keys_of_the_configuration(made):
    path = made.gateway.folder / "interlock.yaml"
    path.write_text(path.read_text() + "\nlisteneers: {}\n")
    printed = serve_fails(made, 65)
    assert "listeneers" in printed and "listeners" in printed


@pytest.mark.parametrize("words", [["nosuch"], ["serve", "--nosuch"], ["approvals", "approve"]])
def test_a_wrong_command_line_is_64(binary, words):
    done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=10)
    assert done.returncode == 64 and done.stderr and not done.stdout


def test_no_argument_prints_one_screen(binary):
    done = subprocess.run([binary], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and len(done.stdout.splitlines()) <= 30 and "serve" in done.stdout


def test_a_command_without_a_gateway_is_69(made):
    assert made.gateway.run("approvals", "list", check=False).returncode == 69


def test_health_readiness_and_metrics(organisation):
    made = organisation(servers=("tickets",))
    for path in ("/healthz", "/readyz"):
        assert wire.exchange(made.gateway.people_port, "GET", path).status == 200
    made.session("support-triage").call("tickets__get_ticket", id="T-1001")
    metrics = wire.exchange(made.gateway.people_port, "GET", "/metrics")
    assert metrics.status == 200 and metrics.headers["content-type"].startswith("text/plain")
    lines = metrics.body.decode().splitlines()
    assert all(line.startswith("#") or re.fullmatch(r"[a-zA-Z_:][\w:]*(\{.*\})? [-+.\deE]+(Inf|NaN)?", line)
               for line in lines if line)
    assert any(line.startswith("# HELP") for line in lines)


def test_another_user_is_nobody_on_the_local_socket_whatever_its_mode(organisation):
    if os.geteuid() != 0:
        missing("only root can be another user")
    made = organisation(servers=(), wait=("kb",))
    path = made.gateway.folder / "state" / "interlock.sock"
    for folder in (made.folder, made.gateway.folder, path.parent):
        folder.chmod(0o711)
    path.chmod(0o666)
    ask = (f"import os, socket; os.setgid(65534); os.setuid(65534); s = socket.socket(socket.AF_UNIX); "
           f"s.connect({str(path)!r}); s.sendall(b'GET /v1/status HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n'); "
           f"print(s.recv(64))")
    done = subprocess.run(["/usr/bin/python3", "-c", ask], capture_output=True, text=True, timeout=20)
    assert " 403 " in done.stdout, done.stdout + done.stderr
    assert made.gateway.run("status").returncode == 0


def test_sigterm_ends_it_cleanly(organisation):
    made = organisation(servers=("tickets",))
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0
