"""Commands of root on a deployment whose gateway has another user: files that this user creates cannot misdirect
root."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from test_system_user import ADA, System, as_root, system  # noqa: F401

CHANGED = "can be changed by other users than root"


def root(system: System, *words, folder: Path | None = None) -> subprocess.CompletedProcess:
    home = system.base / "root"
    home.mkdir(mode=0o700, exist_ok=True)
    return subprocess.run(
        [system.binary, *map(str, words), "--dir", folder or system.folder], capture_output=True, text=True, timeout=30,
        stdin=subprocess.DEVNULL, env={**os.environ, **system.people.environment, "HOME": str(home)})


def by_gateway(system: System, line: str) -> None:
    done = system.by(system.gateway, "sh", "-c", line)
    assert done.returncode == 0, (line, done)


def made(system: System) -> None:
    done = system.init()
    assert done.returncode == 0, done.stdout + done.stderr


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def offline(system: System) -> Path:
    order = system.base / "order.json"
    done = root(system, "kill", "--agent", "triage", "--reason", "a rehearsal of links", "--offline", "-o", order, "--as", ADA)
    assert done.returncode == 0, done
    return order


def test_what_the_gateways_user_wrote_into_hosts_json_is_not_undone_by_root(system):
    made(system)
    folder, own = system.folder, system.base / "own"
    own.mkdir()
    tool, doomed = own / "tool", own / "doomed"
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    doomed.write_text("a file of root\n")
    planted = b"#!/bin/sh\nid\n"
    changes = {"interlockHosts": 1, "files": [
        {"path": str(tool), "backup": f"{folder}/state/backups/planted", "before": sha256(planted),
         "after": sha256(tool.read_bytes()), "mode": 0o4755},
        {"path": str(doomed), "backup": None, "before": None, "after": sha256(doomed.read_bytes()), "mode": 0o644}]}
    (system.base / "planted").write_bytes(planted)
    (system.base / "hosts").write_text(json.dumps(changes))
    by_gateway(system, f"mkdir -m 700 {folder}/state/backups && cp {system.base}/planted {folder}/state/backups/planted "
                       f"&& cp {system.base}/hosts {folder}/hosts.json && chmod 600 {folder}/hosts.json")
    # The second is a list of root, which an earlier version left, in a folder that others than root may change.
    for owner in (system.gateway, "root"):
        shutil.chown(folder / "hosts.json", owner)
        done = root(system, "init", "--undo")
        assert done.returncode == 77 and f"`{folder}` {CHANGED}" in done.stderr, done
        assert f"`{folder}/hosts.json` names each file and its backup" in done.stderr
        assert tool.read_text() == "#!/bin/sh\n" and tool.stat().st_mode & 0o7777 == 0o755 and doomed.exists()
    (folder / "hosts.json").unlink()
    done = root(system, "init", "--undo")
    assert done.returncode == 66 and "has changed no file of a host" in done.stderr, done


def test_root_writes_no_host_file_for_a_gateway_of_another_user(system):
    made(system)
    own, host = system.base / "own", system.base / "root" / ".claude.json"
    own.mkdir()
    (own / "triage").write_text("a file of root\n")
    host.parent.mkdir(mode=0o700)
    host.write_text('{"mcpServers": {}, "apiKey": "canary-of-root"}')
    host.chmod(0o600)
    system.serve()
    by_gateway(system, f"mkdir -m 700 {system.folder}/state/backups && rmdir {system.folder}/tokens "
                       f"&& ln -s {own} {system.folder}/tokens")
    done = root(system, "connect", "triage", "--host", "claude-code", "--write")
    assert done.returncode == 77 and CHANGED in done.stderr and "without --write prints" in done.stderr, done
    assert (own / "triage").read_text() == "a file of root\n" and "canary-of-root" in host.read_text()
    assert not any((system.folder / "state" / "backups").iterdir()) and not (system.folder / "hosts.json").exists()
    shown = root(system, "connect", "triage", "--host", "claude-code")
    assert shown.returncode == 0 and "mcpServers" in shown.stdout, shown
    assert "interlock agents token triage" in shown.stdout and "umask" not in shown.stdout
    system.stop()
    by_gateway(system, f"rm {system.folder}/tokens && mkdir -m 700 {system.folder}/tokens")
    system.serve()


def test_connect_and_undo_by_root_work_where_all_is_roots(system):
    agents, people = (f"127.0.0.1:{port}" for port in system.ports)
    system.folder = system.base / "alone"
    done = root(system, "init", "--policy", system.policy, *system.people.arguments(), "--as", ADA, "--segment", "8MiB",
                "--agents", agents, "--people", people)
    assert done.returncode == 0, done
    system.serve("root")
    host = system.base / "root" / ".claude.json"
    host.write_text('{"mcpServers": {}}')
    done = root(system, "connect", "triage", "--host", "claude-code", "--write")
    assert done.returncode == 0 and "interlock" in host.read_text(), done
    done = root(system, "init", "--undo")
    assert done.returncode == 0 and host.read_text() == '{"mcpServers": {}}', done


def test_an_order_that_root_leaves_is_put_through_no_link_and_stops_one_agent(system):
    made(system)
    system.serve()
    order = offline(system)
    system.stop()
    state, own = system.folder / "state", system.base / "own"
    (own / "kill" / "orders").mkdir(parents=True)
    (own / "orders").mkdir()
    for name in ("", "/kill", "/kill/orders"):
        place = f"{state}{name}"
        by_gateway(system, f"mv {place} {system.folder}/away && ln -s {own} {place}")
        done = root(system, "kill", "--apply", order)
        assert done.returncode == 69 and f"nothing was written: `{place}` is a link, or no folder" in done.stderr, done
        assert not [path for path in own.rglob("*") if path.is_file()], name
        by_gateway(system, f"rm {place} && mv {system.folder}/away {place}")

    done = root(system, "kill", "--apply", order)
    assert done.returncode == 1 and "in force at the next start; NOT confirmed" in done.stdout, done
    (kept,) = (state / "kill" / "orders").iterdir()
    assert kept.owner() == system.gateway and kept.stat().st_mode & 0o7777 == 0o600
    system.serve()
    halts = json.loads(root(system, "kill", "--status", "--json").stdout)["halts"]
    assert [(halt["scope"], halt["target"]) for halt in halts] == [("agent", "triage")]


def test_pipes_in_the_state_of_another_user_hold_no_command_of_root(system):
    made(system)
    system.serve()
    system.stop()
    state = system.folder / "state"
    trust = state / "kill" / "trust.json"
    by_gateway(system, f"mv {trust} {trust}.kept && mkfifo {trust}")
    done = root(system, "kill", "--agent", "triage", "--reason", "a rehearsal of pipes", "--offline", "-o",
                system.base / "none.json", "--as", ADA)
    assert done.returncode == 74 and "is not a regular file" in done.stderr, done
    by_gateway(system, f"rm {trust} && ln -s {trust}.kept {trust}")
    assert root(system, "people", "list").returncode == 74
    by_gateway(system, f"rm {trust} && mv {trust}.kept {trust}")
    checkpoint = state / "ledger" / "log" / "checkpoint"
    by_gateway(system, f"mv {checkpoint} {checkpoint}.kept && mkfifo {checkpoint}")
    for words in (("audit", "epoch", "list"), ("approvals", "metrics")):
        done = root(system, *words)
        assert done.returncode != 0 and f"`{checkpoint}`" in done.stderr, done
    by_gateway(system, f"rm {checkpoint} && mv {checkpoint}.kept {checkpoint}")
    for words in (("audit", "verify"), ("audit", "query"), ("audit", "key", "rotate")):
        done = root(system, *words)
        assert done.returncode == 77 and f"`{state}` belongs to user `{system.gateway}`" in done.stderr, done
        assert f"runuser -u {system.gateway} -- interlock" in done.stderr and "chmod" not in done.stderr
    done = system.by(system.gateway, system.binary, "audit", "verify", "--dir", system.folder)
    assert done.returncode == 0, done


def test_undo_believes_no_list_of_another_user(system):
    theirs = system.base / "theirs"
    theirs.mkdir()
    (theirs / "hosts.json").write_text('{"interlockHosts": 1, "files": []}')
    (theirs / "hosts.json").chmod(0o644)
    shutil.chown(theirs / "hosts.json", "nobody")
    for place in (theirs / "hosts.json", theirs):
        shutil.chown(place, "nobody")
        done = system.by(system.agent, system.binary, "init", "--undo", "--dir", theirs)
        assert done.returncode == 77 and f"`{place}` belongs to another user" in done.stderr, done
    done = root(system, "init", "--undo", folder=theirs)
    assert done.returncode == 77 and f"`{theirs}` {CHANGED}" in done.stderr, done
