"""`interlock runs list` and `runs show`: what acts now, where it comes from, and what of it waits for people."""

from xml.etree import ElementTree

import pytest

from addresses import ADA, LI, SAM
from deployment import approval_id
from governed import agent, governed, policy, server
from waits import until

AGENT, WRITE, LOOK = "clerk", "tickets__add_label", "tickets__get_ticket"
PURPOSE = "Labels the tickets of one morning"


def tools(ports):
    return policy(
        "servers:", server("tickets", ports["tickets"], """
tools:
  get_ticket: {class: read}
  add_label: {class: write, effects: [production]}
"""), "agents:", agent(AGENT, "mcp_scopes: {tickets: [get_ticket, add_label]}", stage="trusted"))


@pytest.fixture
def made(binary, people):
    with governed(binary, people, tools, servers=("tickets",)) as made:
        made.gateway.wait_for_tools(AGENT, "tickets")
        yield made


@pytest.mark.requirement("R018", "R114")
def test_a_run_is_shown_with_its_client_its_purpose_its_calls_and_waits(made, tmp_path):
    client = made.client(AGENT, purpose=PURPOSE)
    client.send("call", name=WRITE, arguments={"id": "T-1001", "label": "vip"})
    request = approval_id(made.gateway.pending())
    (listed,) = [one for one in made.gateway.json("runs", "list") if one["purpose"] == PURPOSE]
    (shown,) = made.gateway.json("runs", "show", listed["run"])
    assert shown == listed
    assert (shown["agent"], shown["owner"], shown["calls"], shown["waits"]) == (AGENT, LI, 0, 1)
    assert shown["host"] == "127.0.0.1" and shown["halted"] is None
    # The process is the client's own, by the kernel; the client told the gateway nothing of it.
    assert shown["pid"] == client.process.pid
    (opened,) = [one for one in made.gateway.records(60) if one["t"] == "session.opened" and one["run"] == shown["run"]]
    assert shown["sessions"] == [opened["sess"]]
    text = made.gateway.run("runs", "show", shown["run"]).stdout
    for words in (PURPOSE, f"127.0.0.1, pid {client.process.pid}", opened["sess"],
                  "0 calls in flight, 1 wait for people"):
        assert words in text, text
    assert f"pid {client.process.pid}" in made.gateway.run("runs", "list").stdout

    for person in (ADA, SAM):
        made.gateway.approve(request, person)
        if not made.gateway.json("approvals", "list"):
            break
    client.answer()
    until(lambda: [(one["calls"], one["waits"]) for one in made.gateway.json("runs", "show", shown["run"])] == [(0, 0)],
          made.gateway)
    drawn_as_bars(made.gateway, shown["run"], tmp_path / "run.svg")
    # Without a connection there is no process, and the last known address stays.
    client.close()
    made.clients.clear()
    until(lambda: made.gateway.json("runs", "show", shown["run"])[0]["pid"] is None, made.gateway)
    assert made.gateway.json("runs", "show", shown["run"])[0]["host"] == "127.0.0.1"


def drawn_as_bars(gateway, run: str, path) -> None:
    """The one call of the run, which people were asked about, in the terminal and as a file."""
    words = ("runs", "show", run, "--graph")
    plain = gateway.run(*words, environment={"LC_ALL": "C"}).stdout.splitlines()
    assert plain[0] == f"run {run}, agent {AGENT}" and plain[1].startswith("1 call from ")
    assert WRITE in plain[3] and plain[3].endswith("  ok") and "-#" in plain[3], plain
    assert plain[-1] == "# with the server  - waits for people"
    assert max(map(len, plain)) <= 80
    (made,) = [one for one in gateway.records(5) if one["t"] == "export.made"][-1:]
    assert made["kind"] == "query"
    assert "▄█" in gateway.run(*words, environment={"LC_ALL": "C.UTF-8"}).stdout
    assert f"`{path}`: 1 call\n" in gateway.run("runs", "show", run, "--svg", str(path)).stdout
    root = ElementTree.parse(path).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert any(one.text.startswith("waits for people, ") for one in root.iter("{http://www.w3.org/2000/svg}title"))
    for code, *more in ((73, "--svg", str(path)), (64, "--graph", "--json")):
        assert gateway.run("runs", "show", run, *more, check=False).returncode == code


def test_a_run_without_records_is_not_drawn(made):
    missing = made.gateway.run("runs", "show", "01kag0qf1a2b3c4d5e6f7g8h9j", "--graph", check=False)
    assert missing.returncode == 66 and "the log has no run" in missing.stderr


def test_a_run_that_is_not_open_is_not_shown(made):
    missing = made.gateway.run("runs", "show", "01kag0qf1a2b3c4d5e6f7g8h9j", check=False)
    assert missing.returncode == 66 and "audit query --run" in missing.stderr, missing.stderr
    assert made.gateway.run("runs", "show", "no-run", check=False).returncode == 66
