"""The change gate of a real gateway: agents without passing evals are named for 14 days and then refused; a signed result
lets them work, until something that shapes them changes (docs/specs/evals.md, section 6)."""

import base64
import json
from datetime import datetime, timedelta, timezone

import pytest

from addresses import ADA, PAUL, SAM
from clocks import later
from governed import DENIED, agent, governed, policy, server
from test_replay import reload

pytestmark = pytest.mark.requirement("R116")

DAY = 86_400
TOOL = "tickets__get_ticket"


def signer(people, email: str) -> str:
    """The key of a person as a policy writes it: the last 32 bytes of the public half that OpenSSH writes."""
    blob = base64.b64decode(people.public[email].read_text().split()[1])
    return "ed25519:" + base64.b64encode(blob[-32:]).decode()


def written(ports: dict[str, int], key: str, scope: str = "[get_ticket]") -> str:
    return policy(
        "eval:", f'  signers: [{{key: "{key}", held_by: [{PAUL}]}}]',
        "servers:",
        server("tickets", ports["tickets"], "tools:\n  get_ticket: {class: read}\n  search: {class: read}\n"),
        "agents:", agent("reader", f"mcp_scopes:\n  tickets: {scope}\n", tier="low"))


@pytest.fixture(scope="module")
def world(binary, people):
    ports = {}

    def write(given: dict[str, int]) -> str:
        ports.update(given)
        return written(given, signer(people, PAUL))

    with governed(binary, people, write, servers=("tickets",)) as world:
        world.ports, world.key = ports, signer(people, PAUL)
        world.gateway.wait_for_tools("reader", "tickets")
        yield world


def restart(world, how: str = "stop", text: str | None = None) -> None:
    """With another policy if `text` is stated. The wall clock is 15 days ahead from here on."""
    world.hang_up()
    getattr(world.gateway, how)()
    if text is not None:
        (world.gateway.policy / "org.yaml").write_text(text)
    world.gateway.start(environment=later(15 * DAY))
    world.gateway.wait_for_tools("reader", "tickets")


def check_passes(world) -> None:
    world.check_allowed("reader", TOOL, "controls.read", id="T-1001")


def check_refused(world, reason: str = "missing") -> None:
    ended = world.call("reader", TOOL, id="T-1001")
    assert (ended.told, ended.arrived) == (DENIED, 0), ended.answer
    assert (ended.record["t"], ended.record["code"]) == ("call.denied", f"eval.eval_{reason}"), ended.record
    assert "interlock eval run" in json.dumps(ended.answer)


def gate_of(world) -> dict:
    (status,) = world.gateway.json("status")
    (found,) = status["evals"]["agents"]
    return {**found, "from": status["evals"]["refuses_missing_from"]}


def results(world) -> list:
    found = sorted(world.gateway.folder.rglob("suites/reader/results/*.json"))
    return [path for path in found if not path.name.endswith(".cases.json")]


def test_an_upgrade_shuts_nothing_without_a_word(world):
    said = world.gateway.stderr()
    assert "agents without passing evals: reader; their calls are refused from" in said
    assert "interlock eval run reader --starter" in said
    found = gate_of(world)
    assert (found["agent"], found["gate"]) == ("reader", "missing") and found["from"]
    assert "evals" in world.gateway.run("status").stdout
    check_passes(world)


def test_after_14_days_an_agent_without_a_result_is_refused(world):
    restart(world)
    assert gate_of(world)["from"] is None
    check_refused(world)
    check_refused(world)
    (record,) = world.gateway.records(200, type="eval.refused")
    assert (record["agent"], record["code"]) == ("reader", "eval-missing")
    assert ("eval.refused", "reader") in world.gateway.alarms(100)
    done = world.gateway.run("status", "reader", check=False)
    (first,) = [line for line in done.stdout.splitlines()[:12] if line.startswith("ALLOWED")]
    assert "no call is permitted: eval-missing (run `interlock eval run reader" in first, done.stdout
    (stopped,) = json.loads(world.gateway.run("status", "reader", "--json", check=False).stdout)["stopped"]
    assert stopped.startswith("eval-missing"), stopped


def test_its_refusals_make_no_case_and_count_against_no_agent(world):
    index = str(world.call("reader", TOOL, id="T-1001").record["index"])
    out = world.gateway.folder / "drafts"
    done = world.gateway.run("eval", "capture", index, "--by", SAM, "--out", str(out), check=False)
    assert done.returncode == 65 and "the change gate refused the call" in done.stderr, done.stderr
    assert not out.exists()
    done = world.gateway.run("trust", "classify", index, "--cause", "agent", "--reason", "it was looked at", check=False)
    assert done.returncode == 1 and "no denial that counts" in done.stderr, done.stderr


def test_a_first_suite_lets_it_work_also_after_a_crash(world):
    world.gateway.run("eval", "run", "reader", "--starter", "--sign", "agent")
    (path,) = results(world)
    edited = json.loads(path.read_text())
    payload = base64.b64decode(edited["payload"]).replace(b'"agent":"reader"', b'"agent":"writer"')
    edited["payload"] = base64.b64encode(payload).decode()
    forged = world.gateway.folder / "forged.json"
    forged.write_text(json.dumps(edited))
    assert world.gateway.run("eval", "gate", "--submit", str(forged), check=False).returncode in (65, 66, 77)
    check_refused(world)
    done = world.gateway.run("eval", "gate", "--submit", str(path))
    assert "passes the gate until" in done.stdout
    check_passes(world)
    assert gate_of(world)["gate"] == "passed"
    restart(world, "kill")
    check_passes(world)
    assert "agents without passing evals" not in world.gateway.stderr()
    again = world.gateway.run("eval", "gate", "--submit", str(path), check=False)
    assert again.returncode != 0, "the same result is taken once"


def test_a_wider_policy_needs_a_result_and_the_old_policy_has_its_own(world):
    reload(world, written(world.ports, world.key, "[get_ticket, search]"))
    world.gateway.wait_for_tools("reader", "tickets")
    check_refused(world)
    record = world.gateway.records(200, type="eval.refused")[-1]
    assert set(record["codes"]) == {"policy", "tools"} and record["fp"] != record["h"]
    reload(world, written(world.ports, world.key))
    world.gateway.wait_for_tools("reader", "tickets")
    check_passes(world)


def test_a_policy_that_was_narrowed_while_the_gateway_was_down_has_its_day(world):
    narrower = """[{tool: get_ticket, when: "args.id != 'T-1002'"}]"""
    restart(world, text=written(world.ports, world.key, narrower))
    check_passes(world)
    assert gate_of(world)["gate"] == "passed"
    restart(world, "kill")
    check_passes(world)
    # A wider one is refused at once, and what it was before has its own result.
    restart(world, text=written(world.ports, world.key, "[get_ticket, search]"))
    check_refused(world)
    restart(world, text=written(world.ports, world.key))
    check_passes(world)


def test_two_people_let_it_work_for_a_time(world, tmp_path):
    reload(world, written(world.ports, world.key, "[get_ticket, search]"))
    world.gateway.wait_for_tools("reader", "tickets")
    check_refused(world)
    ahead, file = later(15 * DAY), tmp_path / "exception.json"
    until = (datetime.now(timezone.utc) + timedelta(days=15, hours=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.gateway.run("eval", "except", "reader", "--reason", "the signer is away", "--until", until,
                      "--out", str(file), by=ADA, environment=ahead)
    alone = world.gateway.run("eval", "except", "--cosign", str(file), by=ADA, environment=ahead, check=False)
    assert alone.returncode != 0
    check_refused(world)
    world.gateway.run("eval", "except", "--cosign", str(file), by=SAM, environment=ahead)
    check_passes(world)
    (record,) = world.gateway.records(500, type="eval.excepted")
    assert record["agent"] == "reader" and len(record["signers"]) == 2
    reload(world, written(world.ports, world.key))
    world.gateway.wait_for_tools("reader", "tickets")


def test_a_clock_that_is_set_back_makes_no_result_count_that_ended_later(world):
    """The result ended today. The days of the upgrade do not begin again either, nor does the exception, which began later."""
    world.hang_up()
    world.gateway.stop()
    world.gateway.start(environment=later(-5 * DAY))
    world.gateway.wait_for_tools("reader", "tickets")
    check_refused(world, "stale")
    found = gate_of(world)
    assert (found["gate"], found["from"]) == ("stale", None), found
    restart(world)
    check_passes(world)


def test_the_log_verifies_and_every_decision_replays(world):
    assert len(world.gateway.records(500, type="eval.result")) == 1
    assert world.gateway.verify().returncode == 0
    assert world.gateway.run("audit", "replay", "--since", "2020-01-01T00:00:00Z").returncode == 0
