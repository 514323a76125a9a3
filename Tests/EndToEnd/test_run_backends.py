"""`interlock run` by bubblewrap, and without namespaces: what is isolated, what is refused, and what is on record."""

import errno
import json
import os
import platform
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from addresses import ADA
from conftest import missing
from sandboxing import housed
from test_run_sandbox import EDIT, PROJECT

pytestmark = pytest.mark.requirement("R075")

POLICY = f"""\
interlock: 1
org: acme
owners: [{ADA}, sam@acme.example]
agents:
  fixer:
    owner: {ADA}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{limits: {{wall: 60s}}}}
  reduced:
    owner: {ADA}
    purpose: Works where there are no namespaces
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{minimum: reduced, egress: ["api.example.com:443"], limits: {{wall: 60s}}}}
  free:
    owner: {ADA}
    purpose: Is not isolated
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    sandbox: {{isolation: none, minimum: none, limits: {{wall: 60s}}}}
"""
NAMESPACES = ["user", "mount", "pid", "net", "ipc", "uts", "cgroup", "seccomp"]
WITHOUT_MOUNTS = """\
import json, os, socket, sys, urllib.request
def tried(work):
    try:
        return work()
    except OSError as error:
        return type(error).__name__
def asked(url):
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode().strip()]
proxy = os.environ.get("HTTP_PROXY", "")
without = proxy.replace(proxy[7:proxy.find("@") + 1], "")
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy})))
seen = asked("http://other.example.com/") if proxy else None
urllib.request.install_opener(urllib.request.build_opener(urllib.request.ProxyHandler({"http": without})))
json.dump({"home": os.environ["HOME"], "temporary": os.environ["TMPDIR"], "folder": os.getcwd(), "proxy": proxy,
           "with_password": seen, "without": asked("http://other.example.com/")[0] if proxy else None,
           "project": tried(lambda: sorted(os.listdir(sys.argv[1]))),
           "listen": tried(lambda: socket.create_server(("", 0)) and 1),
           "names": sorted(os.listdir(".")), "kept": tried(lambda: open(os.environ["HOME"] + "/x", "w").write("x"))}, sys.stdout)
open("notes.txt", "w").write("changed inside\\n")
"""


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory):
    if not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")
    with housed(binary, tmp_path_factory, POLICY) as made:
        made.start()
        yield made


def review(house, project: Path, run: str) -> None:
    """The changes of EDIT are compared with the project, and two of three are applied."""
    diff = house.workspace("diff", run)
    assert "M  notes.txt" in diff.stdout and "A  Makefile  file 15 bytes  [executes_later]" in diff.stdout, diff
    assert house.workspace("apply", run).returncode == 73
    applied = house.workspace("apply", run, "--path", "src", "--path", "notes.txt")
    assert applied.returncode == 0, applied.stderr
    changed = {"src/main.py": "changed inside\n", "notes.txt": "changed inside\n"}
    assert {path: (project / path).read_text() for path in PROJECT} == {**PROJECT, **changed}


def test_bubblewrap_gives_the_same_run_with_a_copy_of_the_project(house):
    project = house.make_project("copied", PROJECT)
    os.link(project / ".env", project / "src" / "settings")
    code, out, report = house.run("python3", "-c", EDIT, project=project, options=("--backend", "bwrap"))
    inside, run = json.loads(out), report["run"]
    assert code == 0 and report["diff"] == {"entries": 3, "flagged": 1}, report
    assert inside["names"] == [".git", "drafts", "notes.txt", "src"] and inside["env"] == errno.ENOENT
    assert "git.example.com" in inside["git"] and "secret" not in inside["git"]
    copy = house.gateway.folder / "state" / "runs" / run / "layer" / "upper"
    assert not (copy / ".env").exists() and not (copy / "src" / "settings").exists()
    start, *lost, end = house.records(run)
    assert (start["iso"], start["back"], start["layers"]) == ("full", "bwrap", report["layers"])
    assert [(one["t"], one["name"]) for one in lost] == [("limit.degraded", name) for name in start["deg"]]
    assert report["layers"] == [*NAMESPACES, "landlock"] and end["code"] == "exited"
    review(house, project, run)
    assert house.workspace("discard", run).returncode == 0


def test_the_environment_is_the_same_allowlist_with_each_backend(house):
    words = ("python3", "-c", "import json, os; print(json.dumps(dict(os.environ)))")
    proxy = {"HTTP_PROXY": "http://127.0.0.1:3128", "HTTPS_PROXY": "http://127.0.0.1:3128",
             "ALL_PROXY": "socks5h://127.0.0.1:1080", "NO_PROXY": ""}
    for backend in ("own", "bwrap"):
        code, out, report = house.run(*words, environment={"TOKEN": "outside"}, options=("--backend", backend))
        assert code == 0 and json.loads(out) == {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/home/agent", "USER": "agent", "TMPDIR": "/tmp",
            "LANG": "C.UTF-8", **proxy, **{name.lower(): value for name, value in proxy.items()}}, report


def test_a_run_ends_and_its_network_is_the_proxy_s_with_bubblewrap_too(house):
    script = ("curl -s -o /dev/null -w '%{http_connect}' https://other.example.com; "
              "curl -s --noproxy '*' 127.0.0.1:3128/mcp -o /dev/null -w ' %{http_code}'")
    code, out, report = house.run("sh", "-c", script, agent="reduced", options=("--backend", "bwrap"))
    connect, own = out.split()
    assert connect == "403" and own not in ("000", "404"), (out, report)
    code, _, report = house.run("sleep", "60", options=("--backend", "bwrap", "--wall", "1s"))
    assert (code, report["reason"]) == (124, "wall")


def test_reduced_is_for_who_asks_and_may(house):
    project = house.make_project("reduced", PROJECT)
    refused = house.run("true", options=("--isolation", "reduced"))
    assert (refused[0], refused[2]["reason"]) == (77, "minimum")
    code, _, report = house.run("true", agent="reduced", project=project)
    assert (code, report["isolation"], report["layers"][0]) == (0, "full", "user"), report

    code, out, report = house.run("python3", "-c", WITHOUT_MOUNTS, str(project), agent="reduced", project=project,
                                  options=("--isolation", "reduced"))
    assert code == 0, report
    inside, run = json.loads(out), report["run"]
    layer = str(house.gateway.folder / "state" / "runs" / run / "layer")
    assert (inside["home"], inside["temporary"], inside["folder"]) == (layer + "/home", layer + "/tmp", layer + "/upper")
    assert inside["with_password"] == [403, "no-rule"] and inside["without"] == 407
    assert inside["project"] == "PermissionError" and inside["listen"] == "PermissionError" and inside["kept"] == 1
    assert inside["names"] == [".git", "drafts", "notes.txt", "src"] and report["diff"]["entries"] == 1
    assert not Path(layer, "home").exists() and not Path(layer, "tmp").exists()
    start, *middle, end = house.records(run)
    assert (start["iso"], start["layers"], start["abi"] >= 6) == ("reduced", ["seccomp", "landlock"], True)
    assert "back" not in start and {"pids", "tmp"} < set(start["deg"]) and end["code"] == "exited"
    assert [one["code"] for one in middle if one["t"] == "net.connect"] == ["net.no_rule"]
    assert house.workspace("apply", run).returncode == 0 and (project / "notes.txt").read_text() == "changed inside\n"


def test_none_is_confirmed_and_on_record(house):
    def reason(*options):
        code, _, report = house.run("true", agent="free", options=options)
        return code, report["reason"]

    assert reason() == (77, "isolation") and reason("--isolation", "none") == (64, "usage")
    assert reason("--isolation", "full", "--i-know") == (64, "usage") and reason("--isolation", "full") == (0, "exited")
    code, out, report = house.run("python3", "-c", WITHOUT_MOUNTS, str(house.project), agent="free",
                                  options=("--isolation", "none", "--i-know"))
    inside = json.loads(out)
    assert code == 0 and report["layers"] == [] and any("isolation none" in line for line in report["said"]), report
    assert inside["project"] == ["a.txt"] and inside["listen"] == 1 and inside["proxy"] == ""
    start, *lost, end = house.records(report["run"])
    assert (start["iso"], start["layers"], start["abi"]) == ("none", [], 0) and "back" not in start
    # The policy lets both layers be off, whatever the kernel has.
    layers = [(one["name"], one["code"]) for one in lost if one["t"] == "run.degraded"]
    assert layers == [("landlock", "policy"), ("namespaces", "policy")] and end["cnt"] == len(lost) + 2
    assert [one["name"] for one in lost if one["t"] == "limit.degraded"] == start["deg"]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86-64")
@pytest.mark.parametrize("backend", ["own", "bwrap", "auto"])
@pytest.mark.parametrize("host", ["container-filter", "userns-limit", "proc-masked"])
def test_a_host_that_cannot_isolate_ends_the_run_with_its_reason(house, host, backend):
    code, out, report = house.run("sh", "-c", "echo ran", host=host, options=("--backend", backend))
    assert (code, out, report["reason"], report["source"]) == (70, "", host, "interlock"), report
    start, *lost, end = house.records(report["run"])
    # Nothing takes the place of what was asked for.
    assert start["back"] == ("bwrap" if backend == "bwrap" else "own")
    assert (end["code"], end["src"], end["exit"]) == (host, "interlock", 70)
    assert [(one["t"], one["name"]) for one in lost] == [("limit.degraded", name) for name in start["deg"]]


def test_check_tries_each_form(house):
    check = subprocess.run([*house.user.prefix, house.gateway.binary, "run", "--check"], capture_output=True, text=True, cwd="/",
                           timeout=30)
    assert check.returncode == 0, check
    assert "yes  bwrap: " in check.stdout and "yes  reduced: " in check.stdout, check.stdout
    assert shutil.which("bwrap") is not None
