"""What a run changed: it waits in the inbox of the agent's approvers, is reviewed and approved on its page by passkey, applied by
the command, and its commits are exported by a Git inside a sandbox. The gateway and the run belong to an ordinary user."""

import os
import subprocess
from contextlib import ExitStack
from datetime import date, timedelta

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from addresses import ADA, PAUL, SAM  # noqa: E402
from browsing import wait  # noqa: E402
from invited import invite  # noqa: E402
from office import Office  # noqa: E402
from people import People  # noqa: E402
from program import Program  # noqa: E402
from sandboxing import SandboxHouse  # noqa: E402
from waits import until  # noqa: E402

POLICY = f"""\
interlock: 1
org: acme
owners: [{ADA}]
approvals:
  reviewers: {{members: [{PAUL}, {ADA}], expires: 30m}}
agents:
  fixer:
    owner: {ADA}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {date.today() + timedelta(days=60)}
    approvers: reviewers
"""
GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
# Its last lines make the repository start a program that leaves a trace outside, if Git ran there.
EDIT = """\
import subprocess, sys
open("Makefile", "w").write("all:\\n\\techo <b>built</b>\\n")
open("notes.txt", "w").write("changed inside\\n")
git = ["git", "-c", "user.name=agent", "-c", "user.email=agent@example.com"]
subprocess.run([*git, "add", "."], check=True)
subprocess.run([*git, "commit", "-q", "-m", "Change the notes"], check=True)
open(".git/config", "a").write(f"[core]\\n\\tfsmonitor = touch {sys.argv[1]}\\n\\tpager = touch {sys.argv[1]}\\n")
"""


class ReviewHouse(Office):
    """A sandbox house with a console, and people with passkeys."""

    def __init__(self, stack: ExitStack, house: SandboxHouse):
        self.house, self.gateway, self.stack, self.relay, self.browsers = house, house.gateway, stack, None, []
        self.origin = f"http://localhost:{self.gateway.people_port}"
        self.gateway.configure("approval_service", console=f'{{url: "{self.origin}"}}')
        house.user.own(self.gateway.folder)
        house.start()
        self.gateway.stop()
        self.tokens = {person: invite(self.gateway, person) for person in (ADA, PAUL)}
        house.user.own(self.gateway.folder)
        house.start()


@pytest.fixture(scope="module")
def office(binary, tmp_path_factory):
    with ExitStack() as stack:
        people = stack.enter_context(People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], PAUL: [], SAM: ["resume"]}))
        house = SandboxHouse(binary, people, POLICY)
        stack.callback(house.close)
        yield ReviewHouse(stack, house)


@pytest.fixture(scope="module")
def windows(office):
    """`ada` owns the agent and has roles; `paul` is an approver alone."""
    return {person: office.person(person) for person in (ADA, PAUL)}


@pytest.fixture(scope="module")
def reviewed(office):
    """A run that has ended, with a commit and a flagged file; its project is a repository."""
    project = office.house.make_project("kept", {"notes.txt": "one\n"})
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "First"]):
        subprocess.run([*office.house.user.prefix, *GIT, "-C", project, *words], check=True)
    trace = office.house.base / "made" / "trace"
    code, _, report = office.house.run("python3", "-c", EDIT, str(trace), project=project)
    assert code == 0 and report["diff"]["flagged"] > 1, report
    return project, report["run"], trace


@pytest.mark.requirement("R078")
def test_commits_are_exported_by_a_git_inside(office, reviewed, tmp_path):
    project, run, trace = reviewed
    command = [*office.house.user.prefix, str(office.gateway.binary), "workspace", "export", run, "--dir",
               str(office.gateway.folder), "--format"]
    patch = subprocess.run([*command, "patch"], capture_output=True, cwd="/", timeout=30)
    assert patch.returncode == 0 and b"Subject: [PATCH] Change the notes" in patch.stdout, patch.stderr
    assert b"First" not in patch.stdout, "what the project has is left out"
    bundle = subprocess.run([*command, "bundle"], capture_output=True, cwd="/", timeout=30)
    assert bundle.returncode == 0 and bundle.stdout.startswith(b"# v2 git bundle"), bundle.stderr
    (tmp_path / "commits").write_bytes(bundle.stdout)
    copy = tmp_path / "copy"
    (tmp_path / "gitconfig").write_text("[safe]\n\tdirectory = *\n")
    subprocess.run([*GIT, "clone", "-q", project, copy], check=True,
                   env={**os.environ, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")})
    subprocess.run([*GIT, "-C", copy, "fetch", "-q", tmp_path / "commits", "HEAD"], check=True)
    shown = subprocess.run([*GIT, "-C", copy, "show", "FETCH_HEAD:notes.txt"], capture_output=True, text=True, check=True)
    assert shown.stdout == "changed inside\n" and not trace.exists(), "nothing that the agent wrote started outside"
    found = [one for one in office.gateway.records(200) if one["t"] == "run.export"]
    assert [(one["ofrun"], one["fmt"], one["size"]) for one in found] == [
        (run, "patch", len(patch.stdout)), (run, "bundle", len(bundle.stdout))]
    assert subprocess.run([*command, "tar"], capture_output=True, cwd="/").returncode == 64


@pytest.mark.requirement("R078")
def test_flagged_changes_are_approved_on_the_page_and_applied(office, reviewed, windows):
    project, run, _ = reviewed
    paul, ada = windows[PAUL], windows[ADA]
    paul.open("/approvals")
    wait(paul, lambda: "Review a flagged change of a run" in paul.text())
    asked = Program(office, paul).get("/inbox?kind=changes").json
    assert [(one["id"], one["mine"], one["link"]) for one in asked["items"]] == [(run, True, f"/runs/{run}/changes")]
    # The owner is a member of the group too, and may not approve.
    owner = Program(office, ada)
    assert owner.post(f"/runs/{run}/changes/draft", {"reason": "it is my own agent"}).json["code"] == "not_eligible"
    refused = office.house.workspace("apply", run, "--approve-flag", "executes_later")
    assert refused.returncode == 73 and "0 of 1 people" in refused.stderr, refused.stderr

    paul.open(f"/runs/{run}/changes")
    text = paul.text()
    for words in ("Makefile", "Runs later", "<b>built</b>", "notes.txt", "never applied", "0 of 1 approvals"):
        assert words in text, words
    assert paul.barriers() == [] and paul.overflow() <= 0
    wait(paul, lambda: paul.one("form[data-order=run] button").is_enabled())
    paul.one("form[data-order=run] [name=reason]").send_keys("the build file is ours")
    paul.click("form[data-order=run] button")
    wait(paul, lambda: "It counts for one apply" in paul.text())

    applied = office.house.workspace("apply", run, "--approve-flag", "executes_later")
    assert applied.returncode == 0 and (project / "Makefile").exists(), applied.stderr
    again = office.house.workspace("apply", run, "--approve-flag", "executes_later")
    assert again.returncode in (72, 73), "an approval counts once"
    until(lambda: not Program(office, paul).get("/inbox?kind=changes").json["items"])
    found = [one["leaf"] for one in office.gateway.json("audit", "query", "--run", run) if one["leaf"]["t"] != "limit.degraded"]
    kinds = [one["t"] for one in found]
    assert kinds[:3] == ["run.start", "run.end", "run.diff"] and "apply.approved" in kinds and kinds[-1] == "apply.decision"
    approved, decided = found[kinds.index("apply.approved")], found[-1]
    assert decided["by"] == [approved["by"]] and decided["orders"] == [approved["req"]] and approved["flags"] == ["executes_later"]
    assert any(one["t"] == "run.diff" and one.get("by") == approved["by"] for one in found), "the page was put on record"
    assert office.gateway.verify().returncode == 0
    assert office.complaints() == []


def test_a_sandbox_under_way_is_on_the_pages_of_its_run_and_agent(office, windows):
    ada = windows[ADA]
    script = ("import socket, time\nopen('large', 'wb').write(bytes(1 << 20))\nproxy = socket.create_connection(('127.0.0.1', 3128))\n"
              "proxy.sendall(b'CONNECT nowhere.example:443 HTTP/1.1\\r\\nHost: nowhere.example:443\\r\\n\\r\\n')\n"
              "print(proxy.recv(64).split()[1].decode(), flush=True)\ntime.sleep(60)")
    running = office.house.begin("python3", "-c", script)
    try:
        assert running.stdout.readline() == "403\n"
        program = Program(office, ada)
        (one,) = program.get("/running-sandboxes").json["sandboxes"]
        assert (one["agent"], one["isolation"], one["permitted"], one["refused"]) == ("fixer", "full", 0, 1)
        assert "seccomp" in one["layers"] and "cpu" in one["degraded"]
        assert [row["run"] for row in program.get("/runs?agent=fixer").json["runs"]][0] == one["run"]
        until(lambda: program.get("/running-sandboxes").json["sandboxes"][0].get("written", 0) >= 1 << 20)
        ada.open(f"/runs/{one['run']}")
        for words in ("Sandbox, live", "no-rule 1", "Layers on", "Limits not kept"):
            assert words in ada.text(), words
        ada.open("/agents/fixer")
        assert f"..{one['run'][-6:]}" in ada.text() and "Sandboxes under way" in ada.text()
    finally:
        running.terminate()
        running.communicate(timeout=10)
    until(lambda: not program.get("/running-sandboxes").json["sandboxes"])
    ada.open(f"/runs/{one['run']}")
    assert "Sandbox, from these records" in ada.text()
