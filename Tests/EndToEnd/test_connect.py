"""`interlock connect` and `interlock inventory`: one more host, and the traffic that bypasses the gateway."""

import json
import os
import re
import signal
import socket
import subprocess

import pytest

from newcomer import variables
from waits import until


@pytest.mark.requirement("R022", "R136")
def test_connect_writes_each_host_and_undo_takes_all_back(new):
    new.init(new.servers(good=variables()), "--yes")
    config = new.write("config.toml", 'model = "x"\n\n[mcp_servers.docs]\ncommand = "npx"\n', folder=new.home / ".codex")
    cursor = new.write("mcp.json", '{"mcpServers": {"a": {"command": "b"}}}\n', folder=new.home / ".cursor")
    before = {path: path.read_bytes() for path in (config, cursor)}
    fresh = new.shop / ".vscode" / "mcp.json"
    new.write("settings.json", "{}", folder=new.shop / ".vscode")
    # No file is created without --write; with it the gateway must be running.
    shown = new.run("connect", "claude-code", "--host", "codex").stdout
    assert "[mcp_servers.interlock]" in shown and config.read_bytes() == before[config]
    new.run("connect", "claude-code", "--host", "codex", "--write", expect=69)
    assert config.read_bytes() == before[config]
    new.run("connect", "nobody", "--host", "codex", expect=66)
    new.run("connect", "claude-code", "--host", "emacs", expect=64)
    new.run("connect", "claude-code", "--write", expect=64)
    new.run("connect", "claude-code", "--host", "vscode", "--file", fresh, expect=64)
    new.serve()
    new.wait_for_servers("good")
    token = (new.deployment / "tokens" / "claude-code").read_text()
    new.run("connect", "claude-code", "--host", "codex", "--write")
    new.run("connect", "claude-code", "--host", "cursor", "--write")
    new.run("connect", "claude-code", "--host", "vscode", "--write", "--file", fresh)
    assert (new.deployment / "tokens" / "claude-code").read_text() != token
    assert config.read_bytes().startswith(before[config] + b"\n[mcp_servers.interlock]\n")
    assert new.entry("interlock", fresh, "servers")["type"] == "stdio"
    assert "already" in new.run("connect", "claude-code", "--host", "codex", "--write").stdout
    client = new.client(new.entry("interlock", cursor))
    assert [tool["name"] for tool in client.list()] == ["good__read_variables"]
    client.close()
    found = [json.loads(line) for line in new.run("inventory", "--json", "--folder", new.shop, expect=1).stdout.splitlines()]
    assert [(one["host"], one["name"]) for one in found if one["kind"] == "host" and not one["managed"]] == [
        ("cursor", "a"), ("codex", "docs")]
    used = {one["tool"]: one for one in found if one["kind"] == "tool"}
    assert used["read_variables"]["access"] == "read-only" and used["delete_all"]["access"] == "read-write"
    assert used["read_variables"]["pin"] and used["read_variables"]["agents"] == ["claude-code"]
    assert used["read_variables"]["last_call"] is None
    new.run("init", "--undo")
    assert {path: path.read_bytes() for path in before} == before
    assert not fresh.exists()


def test_connect_adds_its_entry_beside_those_of_init(new):
    path = new.servers(good=variables())
    before = path.read_bytes()
    new.init(path, "--yes")
    new.serve()
    words = ("connect", "claude-code", "--host", "claude-code", "--write", "--file", path)
    assert "`interlock` leads to the gateway" in new.run(*words).stdout
    assert "--server" not in new.entry("interlock")["args"] and "--server" in new.entry("good")["args"]
    assert "leads here already" in new.run(*words).stdout
    new.run("init", "--undo")
    assert path.read_bytes() == before


@pytest.mark.requirement("R074")
def test_only_this_program_with_this_gateway_counts_as_governed(new):
    new.init(new.servers(good=variables()), "--yes")
    ours = new.entry("good")
    named = new.write("interlock", "#!/bin/sh\n", mode=0o755, folder=new.home / "bin")
    elsewhere = [word.replace(str(new.port), "1") for word in ours["args"]]
    new.write("mcp.json", json.dumps({"mcpServers": {
        "ours": ours, "named": {**ours, "command": str(named)}, "elsewhere": {**ours, "args": elsewhere},
        "searched": {**ours, "command": "interlock"}, "bare": {**ours, "args": ["stdio"]},
    }}), folder=new.home / ".cursor")
    words = json.dumps(ours["args"])
    new.write("config.toml", f"""\
[mcp_servers."a]b"]\r
command = "npx"\r
[mcp_servers.ours]\r
command = "{ours["command"]}"\r
args = {words}\r
[mcp_servers.named]\r
command = "{named}"\r
args = {words}\r
""", folder=new.home / ".codex")
    done = new.run("inventory", "--json", "--folder", new.shop, expect=1)
    found = [one for one in map(json.loads, done.stdout.splitlines()) if one["kind"] == "host"]
    assert {(one["host"], one["name"]) for one in found if one["managed"]} == {
        ("claude-code", "good"), ("cursor", "ours"), ("codex", "ours")}
    assert {(one["host"], one["name"]) for one in found if not one["managed"]} == {
        *(("cursor", name) for name in ("named", "elsewhere", "searched", "bare")), ("codex", "a]b"), ("codex", "named")}


@pytest.mark.requirement("R074")
def test_a_process_that_uses_a_server_past_the_gateway_is_found(organisation, tmp_path):
    made = organisation(servers=("tickets",))
    assert made.session("support-triage").call("tickets__search", text="lamp").code is None

    def seen(*programs: str) -> list[tuple]:
        done = made.gateway.run("inventory", "--json", "--folder", str(tmp_path), check=False,
                                environment={"HOME": str(tmp_path)})
        found = [one for one in map(json.loads, done.stdout.splitlines()) if one["kind"] == "process"]
        assert done.returncode == (1 if any(one["use"] != "agent" for one in found) else 0), done.stderr
        own = {os.getpid(), *(one.pid for one in programs)}
        return [(one["use"], one["pid"], one["server"]) for one in found if one["pid"] in own]

    # The gateway's own connection, and the children that it started, are no bypass.
    assert seen() == []
    text = (made.gateway.policy / "servers" / "support.yaml").read_text()
    port = int(re.search(r"tickets:.*?127\.0\.0\.1:(\d+)", text, re.DOTALL)[1])
    with socket.create_connection(("127.0.0.1", port)):
        until(lambda: seen() == [("connection", os.getpid(), "tickets")])
    assert seen() == []
    words = [one.strip().strip('"') for one in re.search(r"kb:.*?stdio: \[(.*?)\]", text, re.DOTALL)[1].split(",")]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    agent = subprocess.Popen(["bash", "-c", "exec -a claude sleep 60"])
    try:
        until(lambda: seen(child, agent) == [("server", child.pid, "kb"), ("agent", agent.pid, None)])
        assert "UNMANAGED" in made.gateway.run("inventory", "--folder", str(tmp_path), check=False).stdout
    finally:
        for one in (child, agent):
            one.send_signal(signal.SIGKILL)
            one.wait()
