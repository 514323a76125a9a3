"""`interlock audit epoch` and `audit prune` on the log of a gateway that is stopped."""

import json
import subprocess

from judging import pruned


def test_a_new_epoch_goes_on_from_the_old_one(organisation):
    made = organisation(servers=("tickets",))
    gateway = made.gateway
    made.session("support-triage").call("tickets__get_ticket", id="T-1001")
    busy = gateway.run("audit", "epoch", "new", check=False)
    assert busy.returncode == 64 and "still names" in busy.stderr
    origin = checkpoint(gateway.ledger)[0]
    following = renamed(gateway, origin)
    assert gateway.run("audit", "epoch", "new", check=False).returncode == 75, "the gateway runs"
    gateway.stop()

    done = gateway.run("audit", "epoch", "new", check=False)
    assert done.returncode == 0, done.stderr
    old = gateway.folder / "state" / "epochs" / origin.rsplit("/", 1)[1]
    assert checkpoint(old)[0] == origin and checkpoint(gateway.ledger)[0] == following
    (genesis,) = gateway.json("audit", "show", "0", "--log", str(gateway.ledger))
    assert origin in json.dumps(genesis)
    listed = gateway.run("audit", "epoch", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [origin, following]

    gateway.start()
    gateway.wait_for_tools("support-triage", "tickets")
    assert made.session("support-triage").call("tickets__get_ticket", id="T-1001").code is None
    gateway.stop()
    assert gateway.verify().returncode == 0


def test_young_records_are_not_given_up(organisation):
    made = organisation(servers=("tickets",))
    made.gateway.stop()
    assert made.gateway.run("audit", "prune", "--before", "yesterday", check=False).returncode == 64
    refused = made.gateway.run("audit", "prune", "--before", "2999-01-01", check=False)
    assert refused.returncode == 65 and "183 days" in refused.stderr
    done = made.gateway.run("audit", "prune", "--before", "2020-01-01", check=False)
    assert done.returncode == 0 and "records below 0" in done.stdout


def test_a_pruned_log_is_read_from_the_first_record_that_is_left(binary, tmp_path):
    log, run, folder = pruned(tmp_path / "log")

    def look(*words) -> list[dict]:
        done = subprocess.run([binary, "audit", *words, "--log", folder, "--vkey", log.key.vkey], cwd=tmp_path,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    kept = list(range(256, len(log.entries)))
    assert [one["index"] for one in look("tail", "-n", "1000", "--json") if "index" in one] == kept
    last = [one["index"] for one in look("query", "--run", run.run, "--json") if "index" in one]
    assert last == kept[-3:]
    look("gaps", "--json")
    look("gaps", "--rebuild", "--json")
    look("bundle", run.run, "-o", str(tmp_path / "run.tar"))


def checkpoint(ledger) -> list[str]:
    return (ledger / "log" / "checkpoint").read_text().splitlines()


def renamed(gateway, origin: str) -> str:
    """Names the next epoch in interlock.yaml, like an operator."""
    path = gateway.folder / "interlock.yaml"
    head, epoch = origin.rsplit("/", 1)
    following = f"{head}/{int(epoch) + 1}"
    text = path.read_text()
    assert origin in text
    path.write_text(text.replace(origin, following))
    return following
