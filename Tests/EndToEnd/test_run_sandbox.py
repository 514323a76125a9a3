"""`interlock run`: a command in its sandbox, from the policy to its last record, as an ordinary user."""

import errno
import json
import os
import signal
import subprocess
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from addresses import ADA, SAM
from conftest import missing
from sandboxing import housed
from waits import until

POLICY = f"""\
interlock: 1
org: acme
owners: [{ADA}, {SAM}]
agents:
  fixer:
    owner: {ADA}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{env: {{MODE: test}}, limits: {{wall: 60s, pids: 64}}}}
  careful:
    owner: {ADA}
    purpose: Touches production
    tier: high
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{backend: bwrap}}
  reader:
    owner: {ADA}
    purpose: Reads projects
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{workspace: {{mode: ro, hide_extra: [drafts]}}}}
  writer:
    owner: {ADA}
    purpose: Writes without end
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{workspace: {{max_bytes: 1MiB, on_exit: discard}}}}
"""
LOOK = """\
import json, os, sys
def tried(work):
    try:
        return work()
    except OSError as error:
        return error.errno
json.dump({
    "env": dict(os.environ), "id": [os.getuid(), os.getgid()], "folder": os.getcwd(), "root": sorted(os.listdir("/")),
    "seen": [path for path in sys.argv[1:] if os.path.exists(path)], "fds": sorted(os.listdir("/proc/self/fd"))[:-1],
    "processes": [one for one in os.listdir("/proc") if one.isdigit()], "given": sys.stdin.read(),
    "write": [tried(lambda path=path: open(path, "w").write("x")) for path in ("/usr/x", "/etc/x", "/x", "/workspace/new.txt")],
    "argv": open("/proc/1/cmdline").read()}, sys.stdout)
open("/workspace/a.txt", "a").write("changed inside\\n")
sys.exit(7)
"""


PROJECT = {
    "src/main.py": "print(1)\n", "notes.txt": "one\n", ".env": "TOKEN=secret\n", "drafts/plan.txt": "later\n",
    ".git/config": "[remote \"origin\"]\n\turl = https://ada:secret@git.example.com/x.git\n[alias]\n\tst = !touch /tmp/x\n",
    ".git/HEAD": "ref: refs/heads/main\n"}
EDIT = """\
import json, os, sys
def tried(work):
    try:
        return work()
    except OSError as error:
        return error.errno
def write(path, text):
    with open(path, "w") as file:
        return file.write(text)
json.dump({"names": sorted(os.listdir(".")), "env": tried(lambda: open(".env").read()), "git": open(".git/config").read(),
           "wrote": [tried(lambda path=path: write(path, "changed inside\\n"))
                     for path in ("src/main.py", "notes.txt", "Makefile")]},
          sys.stdout)
"""


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    with housed(binary, tmp_path_factory, POLICY) as made:
        made.start()
        yield made


@pytest.mark.requirement("R018", "R023", "R075", "R076")
def test_a_run_from_its_policy_to_its_last_record(house):
    state = str(house.gateway.folder / "state")
    code, out, report = house.run("python3", "-c", LOOK, state, "/home", "/root", "/run/docker.sock", str(house.project),
                                  given="from outside", options=("--purpose", "Fix the bug"))
    assert (code, report["source"], report["reason"]) == (7, "agent", "exited")
    inside = json.loads(out)
    proxy = {"HTTP_PROXY": "http://127.0.0.1:3128", "HTTPS_PROXY": "http://127.0.0.1:3128",
             "ALL_PROXY": "socks5h://127.0.0.1:1080", "NO_PROXY": ""}
    assert inside["env"] == {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/agent", "USER": "agent", "TMPDIR": "/tmp",
                             "LANG": "C.UTF-8", "MODE": "test", **proxy, **{name.lower(): value for name, value in proxy.items()}}
    assert inside["id"] == [1000, 1000] and inside["folder"] == "/workspace" and inside["given"] == "from outside"
    # `/home` is the sandbox's own, with one home.
    assert inside["seen"] == ["/home"] and inside["fds"] == ["0", "1", "2"]
    assert all(isinstance(one, int) and one > 1 for one in inside["write"][:3]) and inside["write"][3] == 1
    assert len(inside["processes"]) <= 3 and str(house.base) not in inside["argv"]

    # Every change is in the layer of the run, and the project is as it was.
    assert (house.project / "a.txt").read_text() == "as it was\n" and os.listdir(house.project) == ["a.txt"]
    upper = Path(state) / "runs" / report["run"] / "layer" / "upper"
    assert sorted(os.listdir(upper)) == ["a.txt", "new.txt"]
    assert (upper / "a.txt").read_text() == "as it was\nchanged inside\n"

    start, *lost, end = house.records(report["run"])
    assert (start["t"], start["agent"], start["kind"], start["iso"], start["back"]) == (
        "run.start", "fixer", "task", "full", "own")
    assert start["layers"] == report["layers"] and "own" in start and start["setup"]["n"] > 0
    assert (end["t"], end["code"], end["src"], end["exit"]) == ("run.end", "exited", "agent", 7)
    assert end["cnt"] == len(lost) + 2 and [one["name"] for one in lost] == start["deg"]
    assert end["cpu"] > 0


@pytest.mark.requirement("R078")
def test_what_a_run_changed_is_reviewed_and_applied(house):
    project = house.make_project("reviewed", PROJECT)
    code, out, report = house.run("python3", "-c", EDIT, project=project)
    inside, run = json.loads(out), report["run"]
    assert code == 0 and report["diff"] == {"entries": 3, "flagged": 1}, report
    assert inside["names"] == [".git", "drafts", "notes.txt", "src"] and inside["env"] == errno.ENOENT
    assert "git.example.com" in inside["git"] and "secret" not in inside["git"] and "alias" not in inside["git"]
    assert any(f"workspace diff {run}" in line for line in report["said"]), report["said"]
    assert {path: (project / path).read_text() for path in PROJECT} == PROJECT and not (project / "Makefile").exists()

    diff = house.workspace("diff", run)
    assert diff.returncode == 0, diff.stderr
    assert "M  notes.txt" in diff.stdout and "A  Makefile  file 15 bytes  [executes_later]" in diff.stdout
    assert "-one\n+changed inside" in house.workspace("diff", run, "--path", "notes.txt").stdout
    assert house.workspace("apply", run).returncode == 73
    applied = house.workspace("apply", run, "--path", "src", "--path", "notes.txt", "--reason", "reviewed")
    assert applied.returncode == 0, applied.stderr
    changed = {"src/main.py": "changed inside\n", "notes.txt": "changed inside\n"}
    assert {path: (project / path).read_text() for path in PROJECT} == {**PROJECT, **changed}
    (project / "notes.txt").write_text("mine\n")
    assert house.workspace("apply", run, "--path", "notes.txt").returncode == 72
    assert house.workspace("discard", run).returncode == 0 and house.workspace("diff", run).returncode == 66

    found = [one["leaf"] for one in house.gateway.json("audit", "query", "--run", run) if one["leaf"]["t"] != "limit.degraded"]
    assert [one["t"] for one in found] == [
        "run.start", "run.end", "run.diff", "run.diff", "run.diff", "apply.decision", "discard"]
    shown, decision = found[2], found[5]
    assert (shown["ofrun"], shown["agent"], shown["cnt"], shown["flg"]) == (run, "fixer", 3, 1) and "run" not in shown
    assert (decision["cnt"], decision["flags"], decision["base"]) == (2, [], shown["base"]) and decision["reason"]["n"] == 8
    assert house.gateway.verify().returncode == 0


def test_the_start_of_a_run_has_the_digest_of_its_settings_and_instructions(house):
    project = house.make_project("set", {"src/a.c": "int a;\n", ".env": "A=1\n", ".mcp.json": "{}", "CLAUDE.md": "Be kind\n"})

    def print_of_run() -> str:
        code, _, report = house.run("true", project=project)
        assert code == 0, report
        return house.records(report["run"])[0]["fp"]

    seen = [print_of_run()]
    # What shapes no host changes nothing, nor does what the run does not see.
    (project / "src/a.c").write_text("int b;\n")
    (project / ".env").write_text("A=2\n")
    assert print_of_run() == seen[0]
    for path in (".mcp.json", ".claude/settings.json", ".claude/settings.local.json", ".claude/hooks/x.sh", ".codex/config.toml",
                 ".cursor/hooks.json", ".gemini/settings.json", ".github/hooks/more.json", "CLAUDE.md", ".claude/skills/s/SKILL.md"):
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text('{"changed": true}\n')
        house.user.own(project)
        seen.append(print_of_run())
    # A link counts by the path that it has.
    link = project / ".vscode/mcp.json"
    link.parent.mkdir()
    for name in ("x.json", "y.json"):
        (project / name).write_text("{}")
        link.unlink(missing_ok=True)
        link.symlink_to(f"../{name}")
        house.user.own(project)
        seen.append(print_of_run())
    assert len(set(seen)) == len(seen), seen


def test_a_project_that_is_only_read_hides_too(house):
    project = house.make_project("read", PROJECT)
    code, out, report = house.run("python3", "-c", EDIT, agent="reader", project=project)
    inside = json.loads(out)
    assert code == 0 and report["diff"] is None
    assert inside["names"] == [".git", "notes.txt", "src"] and inside["env"] == errno.ENOENT and "secret" not in inside["git"]
    assert set(inside["wrote"]) <= {errno.EROFS, errno.EACCES}


def test_changes_without_end_stop_a_run_and_may_be_discarded(house):
    project = house.make_project("filled", {"a": ""})
    script = "import time; open('large', 'wb').write(bytes(2 << 20)); print('up', flush=True); time.sleep(60)"
    code, _, report = house.run("python3", "-c", script, agent="writer", project=project)
    assert (code, report["source"], report["reason"]) == (137, "interlock", "workspace-size")
    assert not (house.gateway.folder / "state" / "runs" / report["run"] / "layer").exists()
    (discard,) = [one for one in house.gateway.records(200) if one["t"] == "discard" and one["ofrun"] == report["run"]]
    assert discard["reason"]["n"] > 0 and os.listdir(project) == ["a"]


@pytest.mark.requirement("R112")
@pytest.mark.parametrize("scope", [("--agent", "fixer"), ("--run", None), ("--all",)])
def test_a_halt_ends_a_run_within_a_second_and_is_confirmed(house, scope):
    script = "import os, time, signal\nfor one in range(20):\n    if os.fork() == 0:\n        os.setsid(); break\n" \
             "signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    running = house.begin("python3", "-c", script)
    assert running.stdout.readline() == "up\n"
    (run,) = [mark.parent.name for mark in (house.gateway.folder / "state" / "runs").glob("*/open")]
    words = [word or run for word in scope]
    begun = time.monotonic()
    halt = house.gateway.halt(*words, by=ADA)
    try:
        _, error = running.communicate(timeout=10)
        report = json.loads(error.splitlines()[-1])
        assert (running.returncode, report["reason"], report["source"]) == (137, "killed", "interlock")
        # A halt of a run is on record in its chain too, with its report.
        (point,), (end,) = ([one for one in house.records(run) if one["t"] == kind] for kind in ("kill.point", "run.end"))
        assert (point["t"], point["req"], point["point"], point["left"]) == ("kill.point", halt, f"sandbox/{run}", 0)
        assert point["dur"] < 1_000_000 and time.monotonic() - begun < 10
        assert (end["code"], end["src"], end["exit"]) == ("killed", "interlock", 137)
        code, _, refused = house.run("true")
        if scope[0] != "--run":
            assert (code, refused["source"], refused["run"]) == (77, "interlock", None)
    finally:
        house.gateway.resume(halt, ADA, SAM)


@pytest.mark.requirement("R112")
@pytest.mark.parametrize("backend", ["own", "bwrap"])
def test_a_halt_after_the_end_of_a_supervisor_is_confirmed_by_the_kernel(house, backend):
    """Within the time for which the gateway still waits for the supervisor, of which nothing is left to answer."""
    if backend == "bwrap" and not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")
    running = house.begin("sh", "-c", "echo up; exec sleep 60", options=("--backend", backend))
    assert running.stdout.readline() == "up\n"

    def named() -> list[str]:
        return [path.parent.name for path in (house.gateway.folder / "state" / "runs").glob("*/processes")
                if f"\nprocess {running.pid} " in path.read_text()]

    until(named, seconds=5)
    (run,) = named()
    os.kill(running.pid, signal.SIGKILL)
    halt = house.gateway.halt("--run", run, by=ADA)  # fails unless everything is confirmed
    try:
        (point,) = [one for one in house.records(run) if one["t"] == "kill.point"]
        assert (point["req"], point["point"], point["left"]) == (halt, f"sandbox/{run}", 0)
        running.communicate(timeout=10)
        ended = lambda: [one["code"] for one in house.records(run) if one["t"] == "run.end"]  # noqa: E731
        until(ended, seconds=10)
        assert ended() == ["unknown"]
    finally:
        house.gateway.resume(halt, ADA, SAM)


@pytest.mark.requirement("R018", "R113")
def test_a_drill_ends_a_sandboxed_run_of_a_canary_and_reports_its_time(house):
    said = house.gateway.run("drill", "run", "--json", check=False, seconds=120)
    answer = json.loads(said.stdout)
    report = answer["report"]
    assert report["passed"], answer["failures"]
    assert {"gateway", "http", "relay", "sandbox"} <= set(report["classes"])
    assert report["bounds_ms"] == {"node": 100, "sandbox": 1000}
    (point,) = [one for one in report["points"] if one["class"] == "sandbox"]
    assert point["confirmed"] and point["ran_again"] and point["calls_before"] > 0 and point["calls_after_ack"] == 0
    assert 0 < point["ack_ms"] <= 1000
    assert "sandbox" not in house.gateway.json("drill", "status", check=False)[0]["not_drilled"]
    # Both runs are on record: the one that the halt ended, and the one that acted after the release.
    records = house.gateway.records(1000)
    started = [one["run"] for one in records if one["t"] == "run.start" and one["agent"] == "interlock-drill-sandbox"]
    ended = {one["run"]: one["code"] for one in records if one["t"] == "run.end" and "src" in one}
    assert [ended[run] for run in started] == ["killed", "exited"]
    points = [(one["run"], one["left"]) for one in records if one["t"] == "kill.point" and one["run"] in started]
    assert points == [(started[0], 0)]


def test_what_ends_or_refuses_a_run_has_its_code(house):
    def reason(*words, **options):
        code, _, report = house.run(*words, **options)
        return code, report["source"], report["reason"]

    assert reason("sh", "-c", "kill -TERM $$") == (143, "agent", "signalled")
    assert reason("no-such-command") == (127, "interlock", "not-found")
    assert reason("./a.txt")[:2] == (126, "interlock")
    # A program of the host whose digest cannot be taken is not started.
    assert reason("/usr/lib") == (77, "interlock", "fingerprint")
    assert reason("sleep", "60", options=("--wall", "1s")) == (124, "interlock", "wall")
    assert reason("true", agent="stranger") == (77, "interlock", "no-such-agent")
    assert reason("true", options=("--isolation", "reduced"))[0] == 77
    assert reason("true", agent="careful", options=("--backend", "own"))[0] == 77  # tier high, without a purpose
    # Where the start of a sandbox was recorded, its end was too; the canaries of a drill are in sessions as well.
    records = house.gateway.records(200)
    starts = {one["run"] for one in records if one["t"] == "run.start" and "iso" in one}
    assert starts and starts <= {one["run"] for one in records if one["t"] == "run.end" and "src" in one}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be refused as root")
def test_root_is_refused_before_anything_else(house):
    for options in ((), ("--backend", "bwrap")):
        done = subprocess.run([house.gateway.binary, "run", "fixer", "--json", *options, "--", "true"], capture_output=True,
                              text=True, cwd="/", timeout=30)
        assert done.returncode == 64 and json.loads(done.stderr.splitlines()[-1])["reason"] == "root"


def test_steps_and_abilities_are_printed_without_a_gateway(house):
    before = len(house.gateway.records(200))
    dry = subprocess.run(house.command("true", options=("--dry-run",)), capture_output=True, text=True, cwd="/", timeout=30)
    lines = dry.stdout.splitlines()
    assert dry.returncode == 0, dry.stderr
    assert "limit pids 64" in lines and "limit wall 60 s" in lines and lines[-1] == "execute true"
    check = subprocess.run([*house.user.prefix, house.gateway.binary, "run", "--check"], capture_output=True, text=True, cwd="/",
                           timeout=30)
    assert check.returncode == 0 and "yes  sandbox: " in check.stdout, check.stdout + check.stderr
    assert len(house.gateway.records(200)) == before


def alive(marker: str) -> bool:
    return subprocess.run(["pgrep", "-f", marker], capture_output=True).returncode == 0


@pytest.mark.requirement("R075")
@pytest.mark.parametrize("victim", ["supervisor", "launcher"])
def test_a_run_ends_with_its_supervisor_and_with_its_launcher(house, victim):
    marker = f"time.sleep({60 + len(victim)}.{os.getpid()})"
    running = house.begin("python3", "-c", f"import time; print('up', flush=True); {marker}")
    assert running.stdout.readline() == "up\n"
    # `setpriv` executes the program, so the child is the supervisor itself.
    pid = running.pid
    if victim == "launcher":
        (pid,) = map(int, subprocess.run(["pgrep", "-P", str(running.pid)], capture_output=True, text=True).stdout.split())
    os.kill(pid, signal.SIGKILL)
    running.communicate(timeout=10)
    until(lambda: not alive(marker), seconds=2)
    if victim == "launcher":
        assert running.returncode == 137


def test_many_streams_pass_whole(house):
    size = 3_000_000
    with house.begin("sh", "-c", f"cat; head -c {size} /dev/zero >&2") as running:
        out = {}
        threads = [threading.Thread(target=lambda: out.update(error=running.stderr.read())),
                   threading.Thread(target=lambda: out.update(out=running.stdout.read()))]
        for one in threads:
            one.start()
        running.stdin.write("x" * size)
        running.stdin.close()
        for one in threads:
            one.join(30)
        assert running.wait(10) == 0
    assert len(out["out"]) == size and out["error"].count("\0") == size
