"""The way of a new user with the example policy: Claude Code edits a project inside `interlock run`, is refused a push and an
upload, its changes are reviewed on their page and applied, and the log has a record of each step."""

import json
import os
import re
import subprocess
from contextlib import ExitStack
from datetime import date, timedelta

import pytest

pytest.importorskip("selenium", reason="no selenium: run scripts/setup")
from codingagent import RememberingModel, keep_model_key, place_claude  # noqa: E402
from conftest import ROOT  # noqa: E402
from office import Office  # noqa: E402
from people import People  # noqa: E402
from sandboxing import SandboxHouse  # noqa: E402

# The people of the example policy: the owner of the agent, and the only one who may approve its flagged changes.
ME, ADA = "me@acme.example", "ada@acme.example"
POLICY = (ROOT / "Examples" / "policies" / "code-fix.yaml").read_text()
README = "# Shop\n\nHelo, customer\n"
GREETING = "def greet(name):\n    return f'Hello, {name}'\n"
SCRIPT = [
    ("Read", {"file_path": "/workspace/README.md"}),
    ("Edit", {"file_path": "/workspace/README.md", "old_string": "Helo", "new_string": "Hello"}),
    ("Write", {"file_path": "/workspace/greeting.py", "content": GREETING}),
    ("Bash", {"command": "git add -A && git commit -qm 'Fix the greeting' && git push origin main", "description": "Push"}),
    ("Bash", {"command": "curl -sS https://paste.example.net/ --data-binary @greeting.py", "description": "Upload"}),
]


class Shop(Office):
    """A gateway of the example policy with a console, and the user's repository."""

    def __init__(self, stack: ExitStack, house: SandboxHouse, model: RememberingModel):
        self.house, self.gateway, self.stack, self.relay, self.browsers = house, house.gateway, stack, None, []
        self.model, self.origin, self.enrolled = model, house.gateway.console, {}
        self.tokens = {person: link.rsplit("/", 1)[1] for person, link in house.gateway.links.items()}
        keep_model_key(house, "anthropic")
        house.start()
        self.project = house.make_project("shop", {"README.md": README})
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "https://git.example.com/acme/shop.git")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "First")
        self.programs = house.base / "programs"
        self.programs.mkdir()
        place_claude(self.programs)

    def person(self, person: str, **options):
        """One browser for each person, since a link enrols once."""
        if person not in self.enrolled:
            self.enrolled[person] = super().person(person, **options)
        return self.enrolled[person]

    def git(self, *words: str) -> str:
        known = ["-c", "user.name=me", "-c", f"user.email={ME}", "-C", str(self.project)]
        return subprocess.run([*self.house.user.prefix, "git", *known, *words], check=True, capture_output=True, text=True,
                              timeout=10).stdout

    def interlock(self, *words: str, expect: int = 0) -> str:
        """What `interlock WORDS` prints as the user, who has named the deployment once."""
        done = subprocess.run(
            [*self.house.user.prefix, str(self.gateway.binary), *words], capture_output=True, text=True, timeout=30,
            cwd=self.project, env={"PATH": f"{self.programs}:{os.environ['PATH']}", "INTERLOCK_DIR": str(self.gateway.folder)})
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def shop(binary, tmp_path_factory):
    model = RememberingModel(SCRIPT)
    # What the comment of the example asks for, and the model of the tests in place of the provider.
    policy = re.sub(r'review_by: "[^"]+"', f'review_by: "{date.today() + timedelta(days=60)}"', POLICY)
    key = 'key: "files:anthropic"'
    policy = policy.replace(f'"https://api.anthropic.com", {key}', f'"{model.url}", {key}, private: true')
    assert model.url in policy
    with ExitStack() as stack:
        roles = {ME: ["kill", "resume", "security"], ADA: ["resume"]}
        people = stack.enter_context(People(tmp_path_factory.mktemp("people"), roles))
        house = SandboxHouse(binary, people, policy, console=True)
        stack.callback(house.close)
        yield Shop(stack, house, model)


def test_the_example_policy_is_clean_and_says_what_a_run_can_reach(shop):
    policy = str(shop.gateway.folder / "policy.yaml")
    assert shop.interlock("policy", "check", policy, "--strict", "--served") == ""
    worst = shop.interlock("policy", "worst-case", "code-fix", "--policy", policy, "--no-lock")
    assert f"can reach: no host; models: main at {shop.model.url}" in worst and "secrets: none" in worst
    assert "yes  sandbox: namespaces, mounts, overlay, proc, seccomp" in shop.interlock("run", "--check")
    steps = shop.interlock("run", "code-fix", "--dry-run", "--", "claude", "-p", "Fix the greeting")
    assert f"overlay {shop.project} at /workspace" in steps and f"bind {shop.programs}/claude at" in steps


@pytest.mark.requirement("R075", "R077", "R078")
def test_a_coding_agent_edits_is_refused_reviewed_and_applied(shop):
    said = shop.interlock("run", "code-fix", "--", "claude", "-p", "Fix the greeting", "--dangerously-skip-permissions")
    assert "done" in said
    run = re.search(r"changes, \d+ with flags: `interlock workspace diff (\w+)`", said)[1]
    assert f"2 connections were refused: `interlock audit query --run {run} --decision deny`" in said

    # All of it happened inside, and what was refused says so to the agent.
    *_, pushed, uploaded = shop.model.results
    assert len(shop.model.results) == len(SCRIPT)
    assert "https://git.example.com/acme/shop.git" in pushed and "CONNECT tunnel failed, response 403" in pushed
    assert "CONNECT tunnel failed, response 403" in uploaded
    assert (shop.project / "README.md").read_text() == README and shop.git("status", "--short") == ""

    # Reviewed by the command, and by its owner on the page.
    listed = shop.interlock("workspace", "diff", run).splitlines()
    assert [line for line in listed[:-1] if ".git/" not in line] == [
        "M  README.md  file 24 bytes", f"A  greeting.py  file {len(GREETING)} bytes"]
    assert "+Hello, customer" in shop.interlock("workspace", "diff", run, "--path", "README.md")
    owner = shop.person(ME)
    owner.open(f"/runs/{run}/changes")
    text = owner.text()
    for words in ("README.md", "Hello, customer", "greeting.py", "def greet(name):", f"interlock workspace apply {run}"):
        assert words in text, words
    assert owner.barriers() == [] and owner.overflow() <= 0
    owner.open(f"/runs/{run}")
    assert "no-rule 2" in owner.text()

    # The files by `apply`, the commit by `export`; the repository itself is never written.
    head = shop.git("rev-parse", "HEAD")
    patch = shop.interlock("workspace", "export", run, "--format", "patch")
    assert "From: code-fix <code-fix@acme.example>" in patch and "Subject: [PATCH] Fix the greeting" in patch
    assert shop.interlock("workspace", "apply", run).startswith("applied 2 changes;")
    assert shop.git("status", "--short") == " M README.md\n?? greeting.py\n" and shop.git("rev-parse", "HEAD") == head
    assert (shop.project / "README.md").read_text() == README.replace("Helo", "Hello")
    assert (shop.project / "greeting.py").read_text() == GREETING

    # The record of each step, in its order.
    lines = shop.interlock("audit", "query", "--run", run).splitlines()
    assert "records, proved against checkpoint" in lines[-1]
    kinds = [line.split()[2] for line in lines[:-1]]
    steps = ["run.start", "net.connect", "net.close", "run.end", "run.diff", "run.export", "apply.decision"]
    assert list(dict.fromkeys(kind for kind in kinds if kind in steps)) == steps
    models = [line for line in lines if "dec=allow" in line]
    assert len(models) > len(SCRIPT) and all("rule=model main" in line and "model=claude" in line for line in models)
    denied = [line for line in lines if "dec=deny" in line]
    assert len(denied) == 2 and all("code=net.no_rule" in line and "port=443" in line for line in denied)
    hosts = [json.loads(shop.interlock("audit", "show", line.split()[0], "--json"))["payloads"]["dst"]["host"] for line in denied]
    assert hosts == ["git.example.com", "paste.example.net"]
    assert any("run.end" in line and "code=exited exit=0" in line for line in lines)
    assert shop.gateway.verify().returncode == 0 and shop.complaints() == []


# Run inside: a coding agent that begins a session and asks about a command at its hook.
HOOKS = """
import http.client, json
for event in ({"event": "session_start", "mode": "plan"},
              {"event": "subagent_start", "agent": "a1", "agent_kind": "Explore"},
              {"event": "pre_tool", "call": "c1", "tool": {"host_name": "Bash", "name": "host.shell", "args": {"command": "ls"}}},
              {"event": "post_tool_failure", "call": "c1",
               "tool": {"host_name": "Bash", "name": "host.shell", "args": {"command": "ls"}}},
              {"event": "session_end"}):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=20)
    connection.request("POST", "/hook/v1/event", json.dumps({"v": 1, "host": "claude-code", "host_version": "2.1.327",
        "host_event": "Event", "session": "s-17", "cwd": "/workspace", **event}), {"Content-Type": "application/json"})
    print(connection.getresponse().read().decode())
"""


def test_pages_have_the_sessions_of_hooks_and_the_checks_before_merges(shop):
    said = shop.interlock("run", "code-fix", "--", "python3", "-c", HOOKS)
    assert '"verdict":"allow"' in said and '"verdict":"deny"' in said
    shop.git("commit", "-q", "--allow-empty", "-m", "Second")
    assert '"result":"pass"' in shop.interlock("provenance", "check", "HEAD~1..HEAD", "--json").replace(" ", "")

    owner = shop.person(ME)
    owner.open("/hosts")
    text = owner.text()
    for words in ("Claude Code 2.1.327", "code-fix", "ended"):
        assert words in text, words
    assert "All ended" in text and owner.barriers() == [] and owner.overflow() <= 0
    owner.open(owner.run("return document.querySelector('main tbody a').getAttribute('href')"))
    text = owner.text()
    for words in ("Coding-agent sessions", "s-17", "plan", "Explore", "host.shell"):
        assert words in text, words
    assert owner.barriers() == [] and owner.overflow() <= 0
    owner.open("/agents/code-fix")
    assert owner.driver.find_element("link text", "Show sessions and their hooks").get_attribute("href").endswith(
        "/hosts?agent=code-fix")

    # Both roles and the owner of the agent see its sessions; checks are for readers of all records.
    owner.open("/merges")
    assert "passed" in owner.text() and owner.barriers() == [] and owner.overflow() <= 0
    owner.open(owner.run("return document.querySelector('main tbody a').getAttribute('href')"))
    assert "Nothing was found." in owner.text() and shop.git("rev-parse", "HEAD").strip() in owner.text()
    assert owner.barriers() == [] and owner.overflow() <= 0
    other = shop.person(ADA)
    other.open("/merges")
    assert "No check that you may read." in other.text()
    other.open("/hosts")
    assert "Claude Code 2.1.327" in other.text()
