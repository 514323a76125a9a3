"""Section 16 of docs/specs/sandbox.md: each attempt to get out of a sandbox succeeds without it and is refused inside for its
reason, with each backend; without a layer exactly the attempts that this layer alone stops succeed. What the kernel lacks is
skipped as absent."""

import json
import platform
import subprocess
from pathlib import Path

import pytest

import launching
from conftest import missing
from escapereasons import (ABSENT, ALLOWED, BACKENDS, ONLY_BY_MOUNTS, PROXIED, REFUSED, WITHOUT_FILTER,
                           WITHOUT_FILTER_OF_BUBBLEWRAP, WITHOUT_HIDING, WITHOUT_HIDING_OF_BUBBLEWRAP, WITHOUT_LANDLOCK, reasons)
from escapeworld import PEOPLE, Layers, Sandbox, World
from people import People
from waits import until

pytestmark = [pytest.mark.requirement("R075", "R077"),
              pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the attempts are those of x86-64")]


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    with People(tmp_path_factory.mktemp("people"), PEOPLE) as people:
        made = World(binary, people)
        try:
            made.start()
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module", params=BACKENDS)
def sandbox(request, world):
    made = Sandbox(world, request.param)
    if (reason := made.refusal()) is not None:
        missing(f"backend {request.param}: {reason}")
    return made


@pytest.mark.parametrize("name", REFUSED)
def test_attempt_succeeds_without_the_sandbox_and_is_refused_inside(world, sandbox, name):
    outside, inside = world.outside[name], sandbox.inside["done"][name]
    assert inside is not True
    if outside in ABSENT.get(name, ()):
        pytest.skip(f"absent: {outside}")
    assert outside is True, f"{name} does not succeed without the sandbox: {outside}"
    assert inside == reasons(sandbox.form)[name]


def test_every_attempt_is_listed_and_no_path_of_the_host_is_shown(world, sandbox):
    assert set(sandbox.inside["done"]) == set(REFUSED) and sandbox.inside["code"] == 0, sandbox.inside["error"]
    # bubblewrap's mounts show where the copy of the project lies (docs/specs/sandbox.md, section 10).
    base = [world.house.base] if sandbox.form == "own" else []
    shown = sandbox.inside["shown"]
    assert "/workspace" in shown["/proc/self/mountinfo"] and shown["/proc/1/cmdline"] is not None
    for path in (*base, world.around.secret, world.around.target):
        assert str(path) not in json.dumps([shown, sandbox.inside["environment"]])


def test_reduced_refuses_all_but_what_only_mounts_hold(world):
    reduced = Sandbox(world, "reduced")
    if (reason := reduced.refusal()) is not None:
        missing(f"isolation reduced: {reason}")
    outside, inside = world.outside, reduced.inside["done"]
    present = {name for name in REFUSED if outside[name] not in ABSENT.get(name, ())}
    assert {name for name, result in inside.items() if result is True} == ONLY_BY_MOUNTS
    assert {name: inside[name] for name in present - ONLY_BY_MOUNTS} == {
        name: reason for name, reason in reasons("reduced").items() if name in present - ONLY_BY_MOUNTS}
    until(lambda: not alive(f"time.sleep.{reduced.marker}"), seconds=2)


def test_a_daemon_does_not_outlive_the_run(world, sandbox):
    """The same daemon goes on when its parent was not in a sandbox."""
    assert world.outside and sandbox.inside
    until(lambda: not alive(f"time.sleep.{sandbox.marker}"), seconds=2)
    assert alive(f"time.sleep.{world.marker}")


def alive(marker: str) -> bool:
    return subprocess.run(["pgrep", "-f", marker], capture_output=True).returncode == 0


# The proxy.

def shown(name: str, reason: str) -> str:
    if name.startswith(("SOCKS", "NUL")):
        return "reply 2"
    return "closed" if reason in ("no-sni", "sni-mismatch", "not-tls") else reason


# The gateway records at most twenty refusals of a run in a second one by one.
PARTS = 4


def test_the_proxy_refuses_each_for_its_reason_and_none_by_a_failed_look_up(world, sandbox):
    servers = world.around.servers
    del servers.asked[:], servers.reached[:]
    project = sandbox.project("proxied")
    runs = [sandbox.begin("python3", "/workspace/proxying.py", str(part), str(PARTS), project=project) for part in range(PARTS)]
    seen, codes, allowed = {}, {}, 0
    for part, running in enumerate(runs):
        out, error = running.communicate(timeout=30)
        assert running.returncode == 0, error
        seen |= json.loads(out)
        connects = [one for one in world.house.leaves(json.loads(error.splitlines()[-1])["run"]) if one["t"] == "net.connect"]
        denied = [name for name in [*PROXIED, *ALLOWED][part::PARTS] if name in PROXIED]
        found = [one["code"] for one in connects if one["dec"] == "deny"]
        assert len(found) == len(denied), found
        codes |= dict(zip(denied, found))
        allowed += len(connects) - len(found)
    assert seen == {name: shown(name, reason) for name, reason in PROXIED.items()} | ALLOWED
    assert codes == {name: "net." + reason.replace("-", "_") for name, reason in PROXIED.items()} and allowed == len(ALLOWED)
    # Every name leads to a live server, so that none is refused because there is nothing; nothing of what was refused got there.
    assert servers.reached.count("tls") == 5 and servers.reached.count("plain") == 1
    (request,) = [one for one in servers.reached if one not in ("tls", "plain")]
    assert request.endswith("\r\n\r\nok") and "second" not in request
    # A name is looked up only after a rule admitted it.
    assert set(servers.asked) == {"shop.test", "a.wild.test", "strict.test", "meta.test", "mixed.test", "plain.test",
                                  "metadata.google.internal"}


# Later execution. What was planted outside runs when its owner works there; what was planted inside is flagged, is not applied
# without an approval by name, and does not run.

LATER = {"hook": ["git", "commit", "-q", "--allow-empty", "-m", "x"], "nested": ["git", "-C", "nested", "status"],
         "pointed": ["git", "-C", "pointed", "status"], "bare": ["@move", "bare"], "plain": ["@move", "plain"],
         "parted": ["script", "-qec", "cd parted && git branch", "/dev/null"],
         "shell": ["bash", "--rcfile", ".bashrc", "-ic", "true"],
         "path": ["python3", "-c", "import site; site.addsitedir('.')"], "site": ["python3", "-c", "0"], "make": ["make", "-s"],
         "compiled": ["python3", "-c", "import tool"], "link": ["sh", "-c", "echo ran >>log"]}
FLAGS = {"nested/.git/config": "executes_later", "pointed/.git": "executes_later", "meta/x/config": "executes_later",
         "bare/config": "executes_later", "plain/hooks/reference-transaction": "executes_later", "parted/HEAD": "executes_later",
         "parted/commondir": "executes_later", ".bashrc": "executes_later", "later.pth": "executes_later",
         "sitecustomize.py": "executes_later", "Makefile": "executes_later", ".vscode/tasks.json": "executes_later",
         ".VSCode/settings.json": "executes_later", ".claude/settings.json": "executes_later",
         "deep/er/.GIT/hooks/post-checkout": "executes_later", "bin/tool": "new_executable", "log": "symlink_outside",
         "straight": "symlink_outside", ".git/hooks/pre-commit": "executes_later"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def work_in(world: World, project: Path) -> set[str]:
    """Does what an owner does in a project; returns what ran because of it."""
    base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    for name, words in LATER.items():
        if words[0] == "@move":
            words = ["sh", "-c", f"cd {words[1]} 2>/dev/null && git update-ref refs/heads/m $(git commit-tree -m x {EMPTY_TREE})"]
        env = base | ({"PYTHONPATH": "."} if name == "site" else {})
        subprocess.run([*world.house.user.prefix, *words], cwd=project, env=env, capture_output=True, timeout=20)
    found = {path.name for path in world.around.marks.iterdir()}
    if (world.around.target / "log").exists():
        found.add("link")
        (world.around.target / "log").unlink()
    for path in world.around.marks.iterdir():
        path.unlink()
    return found


@pytest.fixture(scope="module")
def planted_outside(world) -> set[str]:
    """What ran of what was planted without a sandbox."""
    project = world.around.project(world.house, "planted-outside")
    arguments = [str(world.around.marks), str(world.around.target / "log")]
    subprocess.run([*world.house.user.prefix, "/usr/bin/python3", "planting.py", *arguments], cwd=project, check=True)
    ran = work_in(world, project)
    Path("/tmp/compiled.py").unlink(missing_ok=True)
    return ran


def test_what_would_run_later_is_flagged_and_is_not_applied(world, sandbox, planted_outside):
    assert planted_outside == set(LATER)
    project = sandbox.project("planted")
    code, _, report = sandbox.run("python3", "/workspace/planting.py", str(world.around.marks),
                                  str(world.around.target / "log"), project=project)
    assert code == 0, report
    run = report["run"]
    entries = json.loads(world.house.workspace("diff", run, "--json").stdout)["entries"]
    flags = {one["path"]: one["flags"] for one in entries}
    assert {path: flag for path, flag in FLAGS.items() if flag not in flags.get(path, [])} == {}
    assert any(path.endswith(".pyc") and "executes_later" in found for path, found in flags.items())
    assert world.house.workspace("apply", run).returncode == 73
    # Nor does what has no flag, which is applied without an approval.
    flagged = [path for path, found in flags.items() if found]
    clean = [path for path in flags if not any(one == path or one.startswith(path + "/") for one in flagged)]
    applied = world.house.workspace("apply", run, *[word for path in clean for word in ("--path", path)])
    assert applied.returncode == 0, applied.stderr
    assert work_in(world, project) == set()
    assert world.house.workspace("discard", run).returncode == 0


# Controls.

CONTROLS = """\
set -e
mkdir -p /tmp/c && cd /tmp/c
printf 'int main(void){return 0;}' >a.c && cc a.c -o a && ./a && echo compiled
cd /workspace && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log --oneline | wc -l
python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & sleep 0.5
curl -s -o /dev/null -w '%{http_code}\\n' --noproxy '*' http://127.0.0.1:8000/
echo piped | tr d t | cat
python3 -c "import multiprocessing, threading; print(multiprocessing.get_context('fork').Queue is not None)"
"""


def test_ordinary_work_works(sandbox):
    """Controls: compiler, git, a local server, pipes. Hosts that are allowed are among the attempts at the proxy."""
    project = sandbox.project("controls")
    code, out, report = sandbox.run("bash", "-c", CONTROLS, project=project)
    assert (code, out.split()) == (0, ["compiled", "1", "200", "pipet", "True"]), (out, report)


# Layers removed.

@pytest.fixture(scope="module")
def layers(world):
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = Layers(world)
    yield made
    made.close()


def test_without_a_layer_exactly_its_attempts_succeed(world, sandbox, layers):
    succeeds = {name for name, result in world.outside.items() if result is True}
    by_filter, by_hiding = WITHOUT_FILTER, WITHOUT_HIDING
    if sandbox.form == "bwrap":
        by_filter, by_hiding = by_filter | WITHOUT_FILTER_OF_BUBBLEWRAP, by_hiding | WITHOUT_HIDING_OF_BUBBLEWRAP
    assert layers.attempts(sandbox.form) == set()
    assert layers.attempts(sandbox.form, filtered=False) == by_filter & succeeds
    assert layers.attempts(sandbox.form, landlock=False) == WITHOUT_LANDLOCK
    assert layers.attempts(sandbox.form, hiding=False) == by_hiding
