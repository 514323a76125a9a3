"""R153: the result of `interlock init` bounds the agent: a signed policy, unreachable backups, and a user of its
own."""

import json
import os
import signal
import subprocess
import time

import pytest

from addresses import ADA, LI
from conftest import FIXTURES
from newcomer import ADDRESS, CANARY, Newcomer, variables
from people import People
from terminal import at_terminal

pytestmark = pytest.mark.requirement("R153")

PASSPHRASE = "a passphrase of mine"


def init_with_a_new_key(new: Newcomer, path) -> str:
    """Runs at a terminal, like a person without an ssh-agent."""
    del new.environment["SSH_AUTH_SOCK"]
    code, shown = at_terminal(
        [str(new.binary), "init", str(path), "--segment", "8MiB", "--agents", f"127.0.0.1:{new.port}",
         "--people", f"127.0.0.1:{new.people_port}"],
        ("E-mail address:", ADDRESS), ("new passphrase:", PASSPHRASE), ("again:", PASSPHRASE),
        ("Start it, in a sandbox?", "y"), ("Grant the 1 marked read?", "y"), ("Which others only read", ""),
        cwd=new.shop, env=new.environment, **new.user)
    assert code == 0, shown
    return shown


def load(new: Newcomer) -> dict:
    return json.loads(new.run("status", "--json").stdout)["policy_load"]


def wait_for_refusal(new: Newcomer, seconds: float = 30) -> dict:
    deadline = time.monotonic() + seconds
    while (load(new)["last_reload"] or {}).get("outcome") != "refused":
        assert time.monotonic() < deadline, load(new)
        time.sleep(0.1)
    return load(new)


def test_r153_an_edit_of_the_policy_by_the_agents_user_changes_nothing_that_is_served(new):
    path = new.servers(good=variables())
    shown = init_with_a_new_key(new, path)
    assert "signed off by me@shop.example alone (founding)" in shown and "they are not bounded" in shown
    key = new.deployment / "founder.key"
    assert key.stat().st_mode & 0o777 == 0o600 and "BEGIN ENCRYPTED PRIVATE KEY" in key.read_text()
    policy = new.deployment / "policy" / "servers" / "good.yaml"
    signed = policy.read_text()
    widened = signed.replace('"get_nothing": {class: write, effects: [irreversible]}', '"get_nothing": {class: read}')
    assert widened != signed

    # The node is no longer founding, even before the first start.
    policy.write_text(widened)
    refused = new.run("serve", expect=65)
    assert "`interlock.signoff` is of another revision" in refused.stderr, refused.stderr
    policy.write_text(signed)

    new.serve()
    new.wait_for_servers("good")
    before = load(new)
    assert (before["founding"], before["sign_off"], before["signed_by"]) == (False, "founding", [ADDRESS])
    told = new.run("status").stdout
    assert "ALONE         the author alone has signed the policy off (founding)" in told
    assert "can replace policy, keys and program: they are not bounded" in told
    client = new.client(new.entry("good"))
    tools = {tool["name"] for tool in client.list()}

    policy.write_text(widened)
    after = wait_for_refusal(new)
    assert after["last_reload"]["code"] == "sign_off" and after["digest"] == before["digest"]
    assert {tool["name"] for tool in client.list()} == tools and "get_nothing" not in tools
    assert client.call("get_nothing")["error"]["code"] == -32602
    client.close()
    # The user has the key, but it is useless without the passphrase; so is another key.
    words = ("policy", "diff", new.deployment / "policy", new.deployment / "policy", "--dir", new.deployment, "--sign")
    assert "passphrase" in new.interlock(*words, key, expect=77).stderr
    assert "no such key is enrolled" in new.interlock(
        *words, "agent", expect=77, SSH_AUTH_SOCK=str(new.home / "agent")).stderr
    alarms = [json.loads(line) for line in new.run(
        "audit", "tail", "-n", "50", "--log", new.deployment / "state" / "ledger", "--json").stdout.splitlines()]
    leaves = [one.get("leaf") or one for one in alarms]
    assert "policy.proposed" in [one["t"] for one in leaves]
    assert not {"policy.reload_refused", "policy.unsigned"} & {one.get("code") for one in leaves}

    # The person signs it alone, and the record says so.
    code, said = at_terminal(
        [str(new.binary), *map(str, words), str(key)], (f"passphrase of {key}:", PASSPHRASE), cwd=new.shop,
        env=new.environment, **new.user)
    assert code == 0, said
    new.serving.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 30
    while load(new)["digest"] == before["digest"]:
        assert time.monotonic() < deadline, load(new)
        time.sleep(0.1)
    assert load(new)["sign_off"] == "single"
    new.stop()
    new.serve()
    assert load(new)["sign_off"] == "single", "remembered"


def test_r153_no_server_reads_the_secrets_of_another_in_the_hosts_file_or_its_backup(new):
    path = new.servers(
        reader={"command": "/usr/bin/python3", "args": [str(FIXTURES / "reading_server.py"), "."]},
        other=variables(API_TOKEN=CANARY))
    before = path.read_bytes()
    new.init(path, "--yes", "--accept-findings")
    assert found_while_tried(new, "reader") == "It has ", "the file is empty for a server"
    (backup,) = (new.deployment / "state" / "backups").iterdir()
    assert backup.read_bytes() == before and backup.stat().st_mode & 0o777 == 0o600
    assert backup.parent.stat().st_mode & 0o777 == 0o700
    assert sorted(one.name for one in new.shop.iterdir()) == [".mcp.json"]
    # The state that an older version left.
    old = path.with_name(".mcp.json.before-interlock")
    new.write(old.name, before.decode(), mode=0o600)
    changes = new.deployment / "hosts.json"
    changes.write_text(changes.read_text().replace(json.dumps(str(backup)), json.dumps(str(old))))
    new.serve()
    new.wait_for_servers("reader")
    client = new.client(new.entry("reader"))
    for place in (path, old, backup, new.deployment / "secrets" / "other-API_TOKEN", new.deployment / "hosts.json"):
        text = client.call("read_path", path=str(place))["result"]["content"][0]["text"]
        # A file in a folder that is shown is empty; elsewhere there is none.
        assert text == ("" if place.parent == new.shop else "FileNotFoundError"), (place, text)
    client.close()
    new.stop()
    new.run("init", "--undo")
    assert path.read_bytes() == before and not old.exists()


def test_r153_nor_through_a_link_to_the_folder_of_its_program(new):
    work, link = new.home / "work", new.home / "link"
    new.write("reading_server.py", (FIXTURES / "reading_server.py").read_text(), folder=work / "shop")
    link.symlink_to(work)
    reader = {"command": "/usr/bin/python3", "args": [str(link / "shop" / "reading_server.py"), str(link / "shop")]}
    entries = {"mcpServers": {"reader": reader, "other": variables(API_TOKEN=CANARY)}}
    path = new.write(".mcp.json", json.dumps(entries), folder=work / "shop")
    new.init(path, "--yes", "--accept-findings")
    assert found_while_tried(new, "reader") == "It has "


def found_while_tried(new, server: str) -> str:
    """What a `reading_server.py` found of the host's file before it was taken over."""
    text = (new.deployment / "interlock.lock").read_text()
    assert CANARY not in text
    return json.loads(text)["servers"][server]["tools"]["read_path"]["definition"]["description"]


def test_r153_a_policy_of_ones_own_is_signed_by_the_founding_person_who_is_named_or_said_to_be_unsigned(binary, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"interlock: 1\norg: acme\nowners: [{ADA}]\n")
    with People(tmp_path / "people", {ADA: ["kill", "resume"], LI: ["resume"]}) as people:

        def init(name: str, *words: str) -> subprocess.CompletedProcess:
            return subprocess.run(
                [binary, "init", "--dir", tmp_path / name, "--policy", policy, *people.arguments(), "--segment", "8MiB",
                 *words], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
                env={**os.environ, **people.environment})

        plain = init("plain")
        assert plain.returncode == 0 and "policy: UNSIGNED" in plain.stdout and "servers pin --accept" in plain.stdout
        assert not (tmp_path / "plain" / "interlock.signoff").exists()
        named = init("named", "--as", ADA)
        assert named.returncode == 0 and f"signed off by {ADA} alone (founding)" in named.stdout, named.stderr
        assert json.loads((tmp_path / "named" / "interlock.signoff").read_text())["author"] == ADA
        for words in (("--as", LI), ("--as", "eve@acme.example"), ("--key", str(tmp_path / "none.key"))):
            done = init("refused", *words)
            assert done.returncode == 77, (words, done.stdout, done.stderr)
            assert not (tmp_path / "refused" / "state").exists()
