"""Claude Code inside `interlock run` of a policy that names the server `host`: its own tools are calls at the gateway, and those
without a grant do not run."""

import json
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

from addresses import ADA, INES, SAM
from codingagent import RememberingModel, keep_model_key, place_claude
from conftest import missing
from deployment import approval_id
from sandboxing import housed

POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}, {ines}], expires: 15m}}
forbid:
  - {{id: no-notes, tools: [host.read], when: 'args.arguments.file_path.endsWith(".note")'}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: medium
    stage: supervised
    review_by: {review}
    approvers: release
    mcp_scopes: {{host: [read, {{tool: write}}, {{tool: shell}}]}}
    sandbox:
      minimum: reduced
      limits: {{wall: 60s}}
      models: [{{name: main, upstream: "{model}", key: "files:model", private: true}}]
      env: {{CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1"}}
"""
SCRIPT = [
    ("Read", {"file_path": "/workspace/a.txt"}),
    ("Bash", {"command": "cat a.txt", "description": "Read"}),
    ("Write", {"file_path": "/workspace/new.txt", "content": "new\n"}),
    # Neither a note nor an edit has a grant, whatever the settings of the project say.
    ("Read", {"file_path": "/workspace/b.note"}),
    ("Edit", {"file_path": "/workspace/a.txt", "old_string": "was", "new_string": "is"}),
]
# What a user of the project could have written to let everything through.
SETTINGS = {"disableAllHooks": True, "permissions": {"allow": ["Bash", "Edit", "Write", "Read"], "defaultMode": "bypassPermissions"},
            "hooks": {"PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "true"}]}]}}


@pytest.fixture(scope="module")
def model():
    return RememberingModel(SCRIPT)


@pytest.fixture(scope="module")
def house(binary, model, tmp_path_factory):
    policy = POLICY.format(ada=ADA, sam=SAM, ines=INES, review=date.today() + timedelta(days=60), model=model.url)
    with housed(binary, tmp_path_factory, policy, INES) as made:
        keep_model_key(made, "model")
        place_claude(made.base)
        made.start()
        yield made


@pytest.mark.requirement("R038", "R063", "R065")
def test_the_own_tools_of_claude_code_are_calls_of_the_gateway(house, model):
    project = house.make_project("noted", {
        "a.txt": "as it was\n", "b.note": "secret of the note\n", ".claude/settings.json": json.dumps(SETTINGS)})
    words = [str(house.base / "claude"), "-p", "Fix it", "--dangerously-skip-permissions", "--verbose",
             "--output-format", "stream-json"]
    with house.begin(*words, project=project) as running:
        # Claude Code waits for standard input while it is open.
        running.stdin.close()
        running.stdin = None
        # People decide the write while its hook waits.
        house.gateway.approve(approval_id(house.gateway.pending()), by=SAM)
        out, error = running.communicate(timeout=20)
    started = next(json.loads(line) for line in out.splitlines() if '"subtype":"init"' in line)
    assert started["permissionMode"] == "default" and [
        (one["name"], one["status"]) for one in started["mcp_servers"]] == [("interlock", "connected")], started
    assert running.returncode == 0 and '"result":"done"' in out, error
    read, shown, written, noted, edited = model.results
    assert "as it was" in read and "as it was" in shown and "new.txt" in written
    assert "denied (forbid)" in noted and "secret" not in noted and "denied (no-grant)" in edited

    run = json.loads(error.splitlines()[-1])["run"]
    assert house.workspace("diff", run).stdout.splitlines() == ["A  new.txt  file 4 bytes", "1 change, 0 with flags"]
    records = house.leaves(run)
    calls = [(one["t"], one["tool"]) for one in records if one["t"] in ("call.intent", "call.denied")]
    assert calls == [("call.intent", "host__read"), ("call.intent", "host__shell"), ("call.intent", "host__write"),
                     ("call.denied", "host__read"), ("call.denied", "host__edit")]
    assert sum(one["t"] == "call.outcome" and one["code"] == "0" for one in records) == 3
    assert {one["ses"] for one in records if one["t"] in ("hook.session", "call.intent")} == {started["session_id"]}


def test_a_dry_run_and_the_check_name_the_hooks(house):
    adapter = house.base / "bin" / "interlock-hook"
    code, steps, _ = house.run("claude", options=("--dry-run",))
    assert code == 0 and f"bind {adapter} at /run/interlock/interlock-hook read exec" in steps.splitlines()
    assert re.search("^file /etc/claude-code/managed-settings.json [0-9]+ bytes$", steps, re.MULTILINE)
    assert re.search("^bind /.*/hooks/.* at /home/agent/.copilot/hooks read$", steps, re.MULTILINE)
    check = [*house.user.prefix, str(house.gateway.binary), "run", "--check"]
    said = subprocess.run(check, capture_output=True, text=True, timeout=20).stdout
    assert f"yes  hooks: {adapter}" in said.splitlines()


# Whatever a command prints as `done` went past the mounts.
TRIED = """\
cat ~/.copilot/hooks/interlock.json && touch ~/.copilot/state && echo "// writable"
for try in 'rm -f ~/.copilot/hooks/interlock.json' 'touch ~/.copilot/hooks/more.json' 'mv ~/.copilot/hooks ~/.copilot/gone' \\
    'mv ~/.copilot ~/gone' 'rm -rf ~/.copilot/hooks' 'chmod 666 ~/.copilot/hooks/interlock.json' \\
    'ln -sfn /tmp ~/.copilot/hooks' 'umount ~/.copilot/hooks'; do
    eval "$try" 2>/dev/null && echo "// done: $try"
done
cat ~/.copilot/hooks/interlock.json
"""


@pytest.mark.requirement("R038")
@pytest.mark.parametrize("backend", ["own", "bwrap"])
def test_the_hooks_of_copilot_are_below_the_home_and_stay_there(house, backend):
    if backend == "bwrap" and not Path("/usr/bin/bwrap").exists():
        missing("no bubblewrap: run scripts/setup")
    code, out, report = house.run("sh", "-c", TRIED, options=("--backend", backend))
    assert code == 0, report
    before, marks = out.split("// writable\n")
    assert "// done" not in marks and before == marks, out
    hooks = json.loads(before)["hooks"]
    assert hooks["preToolUse"][0]["args"] == ["copilot", "--event", "preToolUse"]
    assert hooks["preToolUse"][0]["exec"] == "/run/interlock/interlock-hook"
    assert not (house.gateway.folder / "state" / "runs" / report["run"] / "layer" / "hooks").exists()


def test_without_the_adapter_or_mounts_a_run_with_hooks_is_refused(house):
    code, _, report = house.run("true", options=("--isolation", "reduced"))
    assert (code, report["reason"]) == (70, "unsupported"), report
    adapter = house.base / "bin" / "interlock-hook"
    adapter.rename(adapter.with_name("elsewhere"))
    try:
        code, _, report = house.run("true")
        assert (code, report["reason"]) == (71, "hooks"), report
    finally:
        adapter.with_name("elsewhere").rename(adapter)
