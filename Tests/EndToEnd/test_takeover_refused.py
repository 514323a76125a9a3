"""Servers that `interlock init FILE` does not take over: each is named with its reason, and left unchanged."""

import json
import socket

import pytest

from conftest import FIXTURES
from newcomer import CANARY, variables

LEFT_OUT = {
    "old": ({"type": "sse", "url": "https://old.example/sse"}, "HTTP+SSE is not spoken"),
    "plain": ({"url": "http://far.example/mcp"}, "neither https nor on this machine"),
    "query": ({"url": "https://x.example/mcp?key=1"}, "may be a secret"),
    "two": ({"url": "https://x.example/mcp", "headers": {"A": "1", "B": "2"}}, "2 headers"),
    "gone": ({"command": "no-such-program"}, "there is no program `no-such-program`"),
    "ends": ({"command": "/bin/false"}, "it does not answer"),
    "shell": ({"command": "sh", "args": ["-c", "mcp-server-git"]}, "line for a shell"),
    "newest": ({"command": "uvx", "args": ["mcp-server-nobody-has"]}, "fetches whatever is newest"),
    "box": ({"command": "docker", "args": ["run", "x"]}, "needs a socket"),
    "words": ({"command": "/usr/bin/python3", "args": ["--api-key", CANARY]}, "argument 2 looks like a secret"),
    "asked": ({"command": "/usr/bin/python3", "args": [], "env": {"K": "${input:key}"}}, "`${input:key}`"),
    "unset": ({"command": "/usr/bin/python3", "args": ["${env:NOWHERE}"]}, "`${NOWHERE}`"),
    "loader": ({"command": "/usr/bin/python3", "env": {"LD_PRELOAD": "/x"}}, "`LD_PRELOAD`"),
    "hidden": ({"command": "/usr/bin/python3", "env": {"NODE_OPTIONS": "--import=data:text/javascript,1"}},
               "`NODE_OPTIONS` steers"),
    "\x1b[2Jclean": ({"command": "/usr/bin/python3", "env": {"PYTHONPATH": "/x"}}, "`PYTHONPATH` steers"),
    "lent": ({"command": "/usr/bin/python3", "env": {"X_ID": "${SHOP_SECRET}"}}, "`X_ID` would be sent your `SHOP_SECRET`"),
    "far": ({"url": "http://127.0.0.1:9/mcp", "headers": {"X-Id": "x ${SHOP_SECRET}"}},
            "`X-Id` would be sent your `SHOP_SECRET`"),
    "store": ({"command": "/usr/bin/python3", "env": {"X_ID": "${SHOP_DB}"}}, "`X_ID` would be sent your `SHOP_DB`"),
    "path": ({"url": "https://x.example/${SHOP_DB}"}, "may be a secret"),
    "both": ({"command": "x", "url": "https://x.example"}, "which one counts"),
    "file": ({"command": "x", "envFile": ".env"}, "`envFile`"),
    "日本": ({"command": "/usr/bin/python3"}, "no letter or digit"),
}


def test_what_cannot_be_taken_over_is_named_and_stays_as_it_is(new):
    path = new.servers(good=variables(), **{name: entry for name, (entry, _) in LEFT_OUT.items()})
    done = new.init(path, "--yes", expect=1, SHOP_SECRET=CANARY, SHOP_DB=f"db://me:{CANARY}@db/shop")
    after = json.loads(path.read_text())["mcpServers"]
    lines = done.stderr.splitlines()
    for name, (entry, reason) in LEFT_OUT.items():
        assert after[name] == entry, name
        name = name.replace("\x1b", "⟦U+001B⟧")
        assert any(line.startswith(f"  {name} ({path}:") and reason in line for line in lines), (name, done.stderr)
    assert after["good"]["args"][0] == "stdio"
    assert CANARY not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    found = json.loads(new.run("inventory", "--json", "--folder", new.shop, expect=1).stdout.splitlines()[-1])
    assert found["kind"] == "host" and found["managed"] is False


def test_with_nothing_to_take_over_nothing_is_changed_and_yes_gives_no_network(new):
    with socket.create_server(("127.0.0.1", 0)) as needed:
        entry = {"command": "/usr/bin/python3",
                 "args": [str(FIXTURES / "online_server.py"), str(needed.getsockname()[1])]}
        path = new.servers(ends=entry)
        before = path.read_bytes()
        done = new.init(path, "--yes", expect=1)
        assert "network: none" in done.stdout
        assert "nothing was taken over" in done.stderr
        assert "(it has no network without `--network ends`)" in done.stderr
        assert path.read_bytes() == before
        assert not new.deployment.exists()

        done = new.init(path, "--yes", "--network", "ends")
        assert "network: the machine's, every port and host of it" in done.stdout
        lock = json.loads((new.deployment / "interlock.lock").read_text())
        assert lock["servers"]["ends"]["network"] == "host"
        checked = new.interlock("policy", "check", new.deployment / "policy")
        assert "W226 ends: it is started in the machine's network" in checked.stdout + checked.stderr


@pytest.mark.parametrize("text, says", [
    ('{"mcpServers": {"a": {},\n "a": {}}}', ":2: duplicate key"), ('{"mcpServers": [', ":1: unexpected end"),
    ("[]", ":1: the file is no JSON object"), ("/* open", ":1: unexpected end"),
    ('{"mcpServers": 3}', ":1: `mcpServers` is no object"),
])
def test_a_file_that_cannot_be_read_is_refused_with_its_line(new, text, says):
    path = new.write(".mcp.json", text)
    done = new.init(path, "--yes", expect=65)
    assert f"{path}{says}" in done.stderr, done.stderr
    assert not new.deployment.exists()


def test_without_a_terminal_and_without_yes_nothing_happens(new):
    path = new.servers(good=variables())
    done = new.init(path, expect=64)
    assert "no terminal" in done.stderr and "--yes" in done.stderr
    assert not new.deployment.exists() and list(new.shop.iterdir()) == [path]


def test_without_a_key_it_says_how_to_make_one(new):
    path = new.servers(good=variables())
    done = new.init(path, "--yes", expect=77, SSH_AUTH_SOCK="")
    assert "ssh-agent" in done.stderr
    assert not new.deployment.exists()


def test_a_key_that_refuses_to_sign_leaves_nothing_behind(new):
    path = new.servers(good=variables())
    before = path.read_bytes()
    new.do("ssh-add", "-q", "-D")
    new.do("ssh-add", "-q", "-c", new.home / "key")  # no person confirms it
    new.init(path, "--yes", expect=77)
    assert path.read_bytes() == before and not new.deployment.exists()
    new.do("ssh-add", "-q", "-D")
    new.do("ssh-add", "-q", new.home / "key")
    new.init(path, "--yes")


def test_an_init_that_was_broken_off_is_told_from_a_deployment(new):
    path = new.servers(good=variables())
    new.init(path, "--yes")
    new.run("init", "--undo")
    (new.deployment / "interlock.yaml").unlink()
    assert "broken off" in new.init(path, "--yes", expect=73).stderr


@pytest.mark.parametrize("words, code, says", [
    (("--read", "nowhere.get_nothing"), 66, "no server that is taken over is called `nowhere`"),
    (("--read", "good.get_it"), 66, "`--read good.get_it`: the server has no such tool"),
    (("--read", "good.drop"), 1, "`--read good.drop`: it says of itself that it does more than read"),
    (("--read", "good"), 64, "is not SERVER.TOOL"),
    (("--network", "nowhere"), 66, "no program that is taken over is called so"),
    (("--undo",), 64, "not `{path}` alone"),
])
def test_what_would_be_read_and_do_nothing_is_refused_by_name(new, words, code, says):
    path = new.servers(good=variables())
    before = path.read_bytes()
    assert says.format(path=path) in new.init(path, "--yes", *words, expect=code).stderr
    assert path.read_bytes() == before and not new.deployment.exists()


def test_undo_takes_no_other_option(new):
    assert "`--yes` and `--undo` do not go together" in new.run("init", "--undo", "--yes", expect=64).stderr
