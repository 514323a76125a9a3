"""Stopping without a request to the gateway, and the effects that remain when a halt is over."""

import json
import os
import shutil
import signal
import socket
import tempfile
import time

import pytest

from addresses import ADA, DANA, PAUL, SAM
from test_kill import is_halted, read


@pytest.fixture
def made(organisation, tmp_path):
    """A deployment for a test that stops it."""
    return organisation(servers=("tickets",), settings={"kill": {"root_file": f'"{tmp_path}/HALT"'}})


def wait_for_halt(made, agent: str = "support-triage", seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_halted(made, agent):
        assert time.monotonic() < deadline, made.gateway.stderr()[-2000:]
        time.sleep(0.05)


def active(made) -> list[dict]:
    return made.gateway.json("kill", "--status")[0]["halts"]


def offline(made, folder, *scope: str, by: str = DANA, name: str = "order.json"):
    file = folder / name
    done = made.gateway.run("kill", *scope, "--reason", "signed far away", "--offline", "-o", str(file), by=by)
    assert "in force nowhere yet" in done.stdout
    return file


def test_an_order_that_was_signed_offline_stops_where_it_is_brought(made, tmp_path):
    file = offline(made, tmp_path, "--agent", "support-triage")
    assert not is_halted(made), "nothing was contacted"
    done = made.gateway.run("kill", "--apply", str(file), check=False)
    assert done.returncode == 0 and "confirmed" in done.stdout, done.stdout + done.stderr
    assert is_halted(made) and not is_halted(made, "refunds")
    assert made.gateway.run("kill", "--apply", str(file), check=False).returncode == 0, "once more is once"
    assert len(active(made)) == 1
    (record,) = [one for one in made.gateway.records() if one["t"] == "kill.requested"]
    assert record["src"] == "offline"


def test_an_order_in_the_folder_is_seen_while_the_gateway_runs(made, tmp_path):
    file = offline(made, tmp_path, "--agent", "support-triage")
    (made.gateway.folder / "state" / "kill" / "orders" / "copied.json").write_bytes(file.read_bytes())
    os.chmod(made.gateway.folder / "state" / "kill" / "orders" / "copied.json", 0o600)
    wait_for_halt(made)
    assert not is_halted(made, "refunds")
    made.gateway.stop()
    made.gateway.start()
    assert is_halted(made) and len(active(made)) == 1


def test_an_order_waits_in_the_folder_where_the_gateway_is_down(made, tmp_path):
    file = offline(made, tmp_path, "--all")
    made.gateway.stop()
    assert made.gateway.run("kill", "--all", "--reason", "nobody is there", by=ADA, check=False).returncode == 69
    done = made.gateway.run("kill", "--apply", str(file), check=False)
    assert done.returncode == 1 and "NOT confirmed" in done.stdout
    made.gateway.start()
    assert is_halted(made)


def test_an_order_reaches_a_gateway_whose_local_socket_is_full(made, tmp_path):
    """Whoever holds every connection of the local socket keeps no order away: it is left in the folder, which is read."""
    file = offline(made, tmp_path, "--agent", "support-triage")
    path = str(made.gateway.folder / "state" / "interlock.sock")
    # The path of a socket has at most 107 bytes, and the folder of a test may be deeper.
    link = tempfile.mkdtemp(prefix="il")
    os.symlink(path, f"{link}/s")
    held = []
    for _ in range(64):
        held.append(socket.socket(socket.AF_UNIX))
        held[-1].connect(f"{link}/s")
    done = made.gateway.run("kill", "--apply", str(file), check=False)
    assert done.returncode == 1 and "NOT confirmed" in done.stdout, done.stdout + done.stderr
    for one in held:
        one.close()
    shutil.rmtree(link)
    wait_for_halt(made)


def test_a_broken_order_and_a_forged_one_stop_everything(made, tmp_path):
    order = json.loads(offline(made, tmp_path, "--agent", "support-triage").read_bytes())
    folder = made.gateway.folder / "state" / "kill" / "orders"
    order["signatures"][0]["sig"] = "A" * 86 + "=="
    (folder / "forged.json").write_text(json.dumps(order))
    os.chmod(folder / "forged.json", 0o600)
    wait_for_halt(made, "refunds")
    (folder / "torn.json").write_bytes(b'{"payload":')
    os.chmod(folder / "torn.json", 0o600)
    deadline = time.monotonic() + 20
    while len(active(made)) < 2:
        assert time.monotonic() < deadline, made.gateway.stderr()[-2000:]
        time.sleep(0.1)
    assert {one["scope"] for one in active(made)} == {"org"}
    assert not list(folder.glob("forged*")) and not list(folder.glob("torn*")), "they lie aside"
    for halt in active(made):
        made.gateway.resume(halt["id"], ADA, SAM)
    assert not is_halted(made)
    made.gateway.stop()
    made.gateway.start()
    assert not is_halted(made), "and stop no later start"


def test_an_order_by_somebody_without_the_role_is_refused(made, tmp_path):
    file = offline(made, tmp_path, "--all", by=PAUL)
    assert made.gateway.run("kill", "--apply", str(file), check=False).returncode == 77
    broken = tmp_path / "broken.json"
    broken.write_bytes(file.read_bytes()[:-20])
    assert made.gateway.run("kill", "--apply", str(broken), check=False).returncode == 65
    assert made.gateway.run("kill", "--apply", str(tmp_path / "none"), check=False).returncode == 66
    assert not is_halted(made)


def test_the_file_of_root_stops_and_its_removal_resumes_nothing(made, tmp_path):
    (tmp_path / "HALT").touch()
    wait_for_halt(made)
    (halt,) = active(made)
    assert halt["scope"] == "org" and "HALT" in halt["reason"]
    (tmp_path / "HALT").unlink()
    time.sleep(1.5)
    assert is_halted(made) and len(active(made)) == 1
    made.gateway.resume(halt["id"], ADA, SAM)
    assert not is_halted(made)

    made.gateway.stop()
    (tmp_path / "HALT").touch()
    made.gateway.start()
    assert is_halted(made), "it is seen before anybody is let in"


def test_a_signal_stops_everything_and_holds_over_a_restart(made):
    made.gateway.process.send_signal(signal.SIGUSR2)
    wait_for_halt(made)
    (record,) = [one for one in made.gateway.records() if one["t"] == "kill.requested"]
    assert record["src"] == "signal" and record["code"] == "node"
    made.gateway.stop()
    made.gateway.start()
    assert is_halted(made)


def test_a_folder_that_cannot_be_used_stops_everything(made):
    orders = made.gateway.folder / "state" / "kill" / "orders"
    orders.rename(orders.with_name("away"))
    wait_for_halt(made)


def test_a_run_is_stopped_by_its_id_alone(made):
    session = made.session("support-triage")
    assert session.call("tickets__get_ticket", id="T-1001").code is None
    runs = made.gateway.json("runs", "list")
    (run,) = {one["run"] for one in runs if one["agent"] == "support-triage" and not one["halted"]
              } & {one["run"] for one in made.gateway.records() if one["t"] == "call.intent"}
    done = made.gateway.run("kill", run, "--reason", "one run alone", by=DANA)
    assert "confirmed" in done.stdout and "not present" in done.stdout
    assert session.call("tickets__get_ticket", id="T-1001").code == 4230
    assert read(made).code is None, "a new run is another"
    assert {one["run"] for one in made.gateway.json("runs", "list") if one["halted"]} == {run}


def test_a_name_that_is_not_there_needs_force(made):
    done = made.gateway.run("kill", "--agent", "newcomer", "--reason", "not yet here", by=ADA, check=False)
    assert done.returncode == 66
    made.gateway.run("kill", "--agent", "newcomer", "--force", "--reason", "not yet here", by=ADA)
    assert made.gateway.run("kill", "newcomer", "--reason", "which it is", by=ADA, check=False).returncode == 66
    assert made.gateway.run("kill", "--reason", "nothing named", by=ADA, check=False).returncode == 64
