"""A run ends when its last token expires. `faketime` sets the gateway's wall clock."""

import json
import subprocess
import tarfile
import time

import pytest

from clocks import later
from wire import Session

AGENT, TOOL = "support-triage", "tickets__get_ticket"


def ended(gateway, run: str, seconds: float = 20) -> dict:
    deadline = time.monotonic() + seconds
    while True:
        found = [one for one in gateway.records(60) if one["t"] == "run.end" and one["run"] == run]
        if found:
            assert len(found) == 1
            return found[0]
        assert time.monotonic() < deadline, "the run has no end"
        time.sleep(0.05)


def newest_run(gateway) -> str:
    return [one for one in gateway.records(60) if one["t"] == "token.issued"][-1]["trun"]


@pytest.fixture
def made(organisation):
    return organisation()


def test_a_run_ends_with_its_last_token_also_after_a_restart(made, binary, tmp_path):
    gateway = made.gateway
    gateway.wait_for_tools(AGENT, "tickets")
    short = made.token(AGENT, ttl="60s")
    over = newest_run(gateway)
    assert Session(gateway.port, short).call(TOOL, id="T-1001").code is None
    lasting = made.token(AGENT, ttl="2h")
    open_run = newest_run(gateway)
    assert Session(gateway.port, lasting).call(TOOL, id="T-1001").code is None
    gateway.stop()

    gateway.start(environment=later(600))
    end = ended(gateway, over)
    chain = [one for one in gateway.records(100) if one.get("run") == over and "rs" in one]
    assert (end["code"], end["agent"], end["cnt"]) == ("expired", AGENT, len(chain)) and chain[-1] == end

    # The other run continues; every call in this one is refused.
    gateway.wait_for_tools(AGENT, "tickets")
    assert Session(gateway.port, lasting).call(TOOL, id="T-1001").code is None
    with pytest.raises(ConnectionError, match="401"):
        Session(gateway.port, short)
    refused = gateway.run("agents", "token", AGENT, "--run", over, check=False)
    assert refused.returncode != 0 and f"the run `{over}` has ended" in refused.stderr
    gateway.run("agents", "token", AGENT, "--run", open_run)
    (status,) = gateway.json("status")
    assert status["runs"]["open"] >= 1
    assert f"runs          {status['runs']['open']} open" in gateway.run("status").stdout.splitlines()

    # The views of a run state that it is over.
    vkey = json.loads(gateway.run("audit", "show", "0", "--raw").stdout)["vkey"]
    for run, is_over in ((over, True), (open_run, False)):
        path = tmp_path / f"{run}.tar"
        gateway.run("audit", "bundle", run, "-o", str(path), "--disclose-all")
        with tarfile.open(path) as archive:
            (listed,) = json.load(archive.extractfile("manifest.json"))["chains"]
        assert listed["end"] is is_over
        done = subprocess.run([binary.parent / "interlock-verify", "--vkey", vkey, path], capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "run ended" in gateway.run("audit", "replay", over, "--level", "R0").stdout

    # The run stays over even if the clock goes back, and the log is whole.
    gateway.stop()
    gateway.start()
    with pytest.raises(ConnectionError, match="401"):
        Session(gateway.port, short)
    gateway.stop()
    assert gateway.verify().returncode == 0
