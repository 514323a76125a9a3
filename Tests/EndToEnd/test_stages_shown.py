"""What shows an agent's stage: lists, `status`, and the commands on policies, which ask the running gateway with `--served`
(decision 0168)."""

import json
import shutil

import pytest

from governed import agent, governed, policy, server

pytestmark = pytest.mark.requirement("R154")


def written(ports: dict[str, int]) -> str:
    return policy(
        "controls: {sensitive_data: {supervised: approve, trusted: allow}}",
        "servers:",
        server("tickets", ports["tickets"],
               "tools:\n  get_ticket: {class: read, effects: [sensitive_data]}\n  search: {class: read}\n"),
        "agents:",
        agent("clerk", "mcp_scopes:\n  tickets: [get_ticket]\n", stage="trusted"),
        agent("idle", "mcp_scopes:\n  tickets: [search]\n"),
        "tests:",
        '  - {agent: clerk, call: tickets.get_ticket, expect: allow}')


@pytest.fixture(scope="module")
def world(binary, people):
    with governed(binary, people, written, servers=("tickets",)) as world:
        yield world


def on_policy(world, *words: str):
    return world.gateway.run("policy", *words, "--dir", str(world.gateway.folder), check=False)


def test_lists_say_the_autonomy_and_the_share_of_limits(world):
    rows = {one["agent"]: one for one in world.gateway.json("agents", "list")}
    assert {name: (row["stage"], row["autonomy"], row["quota_percent"]) for name, row in rows.items()} == {
        "clerk": ("supervised", 0, 25), "idle": ("supervised", 0, 25)}
    assert "0 gated, 25 % of limits" in world.gateway.run("agents", "list").stdout


def test_status_says_the_autonomy_and_what_the_change_gate_makes_of_the_agent(world):
    (status,) = world.gateway.json("status", "clerk")
    assert status["autonomy"] == 0 and status["gate"]["gate"] == "missing" and status["gate"]["excepted"] is False
    shown = world.gateway.run("status", "clerk").stdout
    assert "stage supervised (the file says trusted), autonomy 0 gated, 25 % of its limits" in shown, shown
    assert "\nevals: eval-missing, refused" in shown and "interlock eval run clerk" in shown, shown


def test_a_page_and_a_worst_case_are_at_the_stage_that_is_asked_for(world):
    page = on_policy(world, "explain", "clerk", "--no-lock").stdout
    assert "stage supervised (the file says trusted), autonomy 0 gated" in page and "1 approval" in page, page
    earned = on_policy(world, "explain", "clerk", "--no-lock", "--stage", "2").stdout
    assert "stage trusted, autonomy 2 bounded" in earned and "1 approval" not in earned, earned
    reach = on_policy(world, "worst-case", "clerk", "--no-lock").stdout
    assert "limits: 25 % of those that the file states, autonomy 0 gated" in reach, reach
    full = on_policy(world, "worst-case", "clerk", "--no-lock", "--stage", "3", "--json").stdout
    found = json.loads(full)
    assert (found["stage"], found["autonomy"], found["quota_percent"]) == ("trusted", 3, 100), found
    call = ["explain", "clerk", "tickets.get_ticket", "--no-lock", "--exit-code"]
    assert [on_policy(world, *call, *more).returncode for more in ([], ["--stage", "1"], ["--stage", "2"])] == [1, 1, 0]
    # A word is the stage of one call, as before.
    assert on_policy(world, *call, "--stage", "trusted").returncode == 0


def test_the_running_gateway_is_asked_with_served(world):
    done = on_policy(world, "explain", "clerk", "--no-lock", "--served")
    assert "autonomy 0 gated" in done.stdout and "the gateway serves policy" not in done.stderr, done
    reach = json.loads(on_policy(world, "worst-case", "clerk", "--no-lock", "--served", "--json").stdout)
    assert (reach["autonomy"], reach["quota_percent"]) == (0, 25)
    done = on_policy(world, "test", "--no-lock", "--served")
    assert "clerk is served at stage supervised with 25 % of its limits" in done.stderr, done.stderr
    assert "served at stage supervised: approve" in done.stdout, done.stdout


def test_served_says_that_the_files_are_of_another_policy_than_the_gateway_has(world, tmp_path):
    other = tmp_path / "policy"
    shutil.copytree(world.gateway.policy, other)
    written = other / "org.yaml"
    written.write_text(written.read_text().replace("tickets: [search]", "tickets: [get_ticket]"))
    for words in (["explain", "clerk"], ["worst-case", "clerk"], ["test"]):
        done = on_policy(world, *words, "--policy", str(other), "--no-lock", "--served")
        if words == ["test"]:
            done = on_policy(world, "test", str(other), "--no-lock", "--served")
        assert "note: the gateway serves policy sha256:" in done.stderr, done


def test_check_names_the_agents_for_which_a_row_does_not_act_yet(world):
    done = on_policy(world, "check", "--no-lock", "--served")
    rows = [line for line in done.stdout.splitlines() if " N102 " in line]
    assert [line for line in rows if "of `sensitive_data` does not act yet for clerk;" in line], done.stdout
    assert "counts as stage 0" not in done.stderr


@pytest.mark.parametrize("words", [
    ("worst-case", "clerk", "--stage", "4"), ("worst-case", "clerk", "--stage", "trusted"),
    ("explain", "clerk", "--stage", "trusted"), ("explain", "clerk", "--stage", "2", "--as-written"),
    ("worst-case", "clerk", "--stage", "2", "--served"), ("worst-case", "clerk", "--as-written", "--served"),
    ("explain", "clerk", "tickets.get_ticket", "--stage", "7"),
])
def test_a_stage_that_is_none_or_is_stated_twice_is_refused(world, words):
    done = on_policy(world, *words, "--no-lock")
    assert done.returncode == 64 and not done.stdout, (done.stdout, done.stderr)


def test_without_a_gateway_served_is_not_known(world):
    """The last test: it stops the gateway."""
    world.gateway.stop()
    assert on_policy(world, "explain", "clerk", "--no-lock", "--served").returncode == 69
    done = on_policy(world, "check", "--no-lock", "--served")
    assert "each agent counts as stage 0" in done.stderr and "does not act yet for clerk" in done.stdout, done.stderr
