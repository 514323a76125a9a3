"""`interlock init FILE`: a host's servers are governed, and its file is restored byte for byte."""

import base64
import hashlib
import http.server
import json
import re
import stat
import threading
import time
import urllib.request

import pytest

from conftest import FIXTURES, interpreter
from everything import source
from newcomer import ADDRESS, CANARY, Newcomer, program, variables
from replying import reply


def three_servers(new: Newcomer) -> str:
    """A typical hand-written file, with comments."""
    return f"""\
{{
  // what the shop's agents use
  "mcpServers": {{
    "git": {{ "command": "{program("mcp-server-git")}",
             "args": ["--repository", "."] }},  /* the shop */
    "Local Time": {{
      "type": "stdio",
      "command": "{program("mcp-server-time")}",
      "args": ["--local-timezone", "UTC"],
      "env": {{"TZ": "UTC"}},
      "autoApprove": ["get_current_time"]
    }},
    "fetch": {{"command": "{program("mcp-server-fetch")}", "args": ["--ignore-robots-txt", "--allow-private-ips"]}}
  }},
  "other": {{"kept":   [1, 2,3]}}
}}
"""


def test_with_a_console_whoever_takes_over_gets_a_link_for_a_passkey(new):
    new.servers(time={"command": program("mcp-server-time"), "args": ["--local-timezone", "UTC"]})
    console = f"http://localhost:{new.people_port}"
    done = new.init(".mcp.json", "--yes", "--accept-findings", "--console", console)
    (link,) = re.findall(rf"{console}/enrol/\S+", done.stdout)
    new.serve()
    request = urllib.request.Request(link.replace("localhost", "127.0.0.1"),
                                     headers={"host": f"localhost:{new.people_port}"})
    with urllib.request.urlopen(request, timeout=10) as page:
        assert ADDRESS in page.read().decode(), "whose passkey it will be"
    new.stop()
    assert link.rsplit("/", 1)[1] not in "".join(
        one.read_bytes().decode("latin-1") for one in new.deployment.rglob("*") if one.is_file()), "kept as a hash"


@pytest.mark.requirement("R073")
def test_three_servers_of_a_mcp_json_are_governed_in_one_go(new, capsys):
    new.do("git", "init", "-q", ".")
    new.do("git", "-c", "user.email=a@b", "-c", "user.name=a", "commit", "-q", "--allow-empty", "-m", "first words")
    path = new.write(".mcp.json", three_servers(new), mode=0o664)
    before = path.read_bytes()
    begun = time.monotonic()
    done = new.init(".mcp.json", "--yes", "--accept-findings", "--read", "fetch.fetch", "--network", "fetch")
    new.serve()
    new.wait_for_servers("git", "local-time", "fetch")
    with capsys.disabled():
        print(f"\nfrom .mcp.json to a governed set-up: {time.monotonic() - begun:.1f} s")
    assert f"{program('mcp-server-git')} --repository {new.shop}" in done.stdout, "the exact command"

    entries = json.loads(without_comments(path.read_text()))
    assert entries["other"] == {"kept": [1, 2, 3]}
    assert entries["mcpServers"]["Local Time"]["autoApprove"] == ["get_current_time"]
    assert "// what the shop's agents use" in path.read_text() and "/* the shop */" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o664

    git = new.client(entries["mcpServers"]["git"])
    assert {tool["name"] for tool in git.list()} >= {"git_status", "git_log", "git_diff"}
    assert not {tool["name"] for tool in git.list()} & {"git_commit", "git_reset", "git_add"}
    answer = git.call("git_log", repo_path=str(new.shop))
    assert "first words" in answer["result"]["content"][0]["text"]
    assert git.call("git_commit", repo_path=str(new.shop), message="no")["error"]["code"] == -32602
    git.close()
    clock = new.client(entries["mcpServers"]["Local Time"], "2.3.0")
    assert "UTC" in clock.call("get_current_time", timezone="UTC")["result"]["content"][0]["text"]
    clock.close()
    with page("a page of the shop") as port:
        fetch = new.client(entries["mcpServers"]["fetch"])
        answer = fetch.call("fetch", url=f"http://127.0.0.1:{port}/", raw=True)
        fetch.close()
    assert "a page of the shop" in answer["result"]["content"][0]["text"], answer

    new.run("inventory", "--folder", str(new.shop))
    new.stop()
    new.run("init", "--undo")
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert sorted(one.name for one in new.shop.iterdir()) == [".git", ".mcp.json"]
    new.run("init", "--undo", expect=66)


def without_comments(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.strip().startswith("//")]
    return "\n".join(lines).replace("/* the shop */", "")


class page:
    """A web page on this machine."""

    def __init__(self, text: str):
        body = text.encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                reply(self, 200, body, Content_Type="text/plain")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> int:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.server.server_address[1]

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()


def everything() -> dict:
    """The everything server of the SDK 1.30.0, which has resources, a template and prompts."""
    package, script = source("1.30.0"), FIXTURES / "everything_slow.py"
    return {"command": str(interpreter("mcp-1.30.0")), "args": [str(script), str(package), "/dev/null", "--stdio"]}


def test_five_servers_are_asked_side_by_side_and_a_dead_one_stays(new, capsys):
    new.do("git", "init", "-q", ".")
    path = new.servers(
        git={"command": program("mcp-server-git"), "args": ["--repository", "."]},
        time={"command": program("mcp-server-time"), "args": ["--local-timezone", "UTC"]},
        everything=everything(), dead={"command": "/bin/false"}, variables=variables(TZ="UTC"))
    before = path.read_bytes()
    begun = time.monotonic()
    done = new.init(".mcp.json", "--yes", "--accept-findings", expect=1)
    with capsys.disabled():
        print(f"\nfive servers, one of them dead: {time.monotonic() - begun:.1f} s")
    assert f"  reads:   {source('1.30.0').resolve()}\n" in done.stdout, "the argument that is a folder"
    assert "asking git, time, everything, dead, variables: at most" in done.stdout
    assert "  git answers, after " in done.stdout and "  dead does not answer, after " in done.stdout
    assert "dead (" in done.stderr and "stays as it is: it does not answer" in done.stderr
    shown = done.stdout.split("what agents see there now:")[1]
    assert "  git: 7 of 12 tools" in shown and "hidden, as not confirmed as read: git_add, " in shown
    assert "3 of 4 resources" in shown, shown
    assert "hidden  test://template/{id}/data: a person must grant a template" in done.stdout
    assert "4 of 4 prompts" in shown and "`class: read` for it in " in shown
    new.serve()
    new.wait_for_servers("git", "everything", "variables")
    client = new.client(new.entry("everything"), "2.3.0", script=FIXTURES / "offers_client.py")

    def ask(method: str, **words) -> dict:
        client.send("ask", method=method, words=words)
        return client.answer()["result"]

    assert "test://static-text" in {one["uri"] for one in ask("list_resources")["resources"]}
    assert not ask("list_resource_templates")["resourceTemplates"]
    assert "static text" in ask("read_resource", uri="test://static-text")["contents"][0]["text"]
    assert len(ask("list_prompts")["prompts"]) == 4
    client.close()
    new.stop()
    new.run("init", "--undo")
    assert path.read_bytes() == before


def test_secrets_go_into_files_of_their_own_and_reach_their_server(new):
    path = new.servers(variables=variables(SHOP_TOKEN=CANARY, SHELL_KEY="${SHELL_KEY}", TZ="UTC", EMPTY=""))
    done = new.init(path, "--yes", SHELL_KEY=CANARY + "-2")
    secrets = new.deployment / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {one.name: one.read_text() for one in secrets.iterdir()} == {
        "variables-SHOP_TOKEN": CANARY + "\n", "variables-SHELL_KEY": CANARY + "-2\n"}
    assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in secrets.iterdir())
    assert CANARY not in done.stdout + done.stderr
    assert "SHELL_KEY, from secrets/variables-SHELL_KEY, with your $SHELL_KEY\n" in done.stdout
    assert CANARY not in path.read_text()
    for one in new.deployment.rglob("*"):
        if one.is_file() and one.parent not in (secrets, new.deployment / "state" / "backups"):
            assert CANARY.encode() not in one.read_bytes(), one
    lock = json.loads((new.deployment / "interlock.lock").read_text())
    assert {"SHOP_TOKEN", "SHELL_KEY", "TZ", "EMPTY"} <= set(lock["servers"]["variables"]["env"])

    new.serve()
    new.wait_for_servers("variables")
    client = new.client(new.entry("variables"))
    assert [tool["name"] for tool in client.list()] == ["read_variables"]
    found, digests = (json.loads(one["text"]) for one in client.call("read_variables")["result"]["content"])
    client.close()
    # The server has the values, and the agent does not read them.
    values = {"SHOP_TOKEN": CANARY, "SHELL_KEY": CANARY + "-2"}
    for name, value in values.items():
        assert digests[name] == hashlib.sha256(value.encode()).hexdigest()
        assert re.fullmatch(r"\[redacted:brokered-value:[0-9a-f]{8}\]", found[name]), found[name]
    assert found["SHOP_TOKEN"] != found["SHELL_KEY"]
    assert found["TZ"] == "UTC" and found["EMPTY"] == ""
    assert found["HOME"] == "/home/agent" and "SSH_AUTH_SOCK" not in found
    # A missing secret disables the server at the next start.
    new.stop()
    (secrets / "variables-SHOP_TOKEN").unlink()
    new.serve()
    said = new.log.read_text()
    assert "server variables is not offered: a secret of its variables cannot be obtained" in said and "`variables-SHOP_TOKEN`" in said


class RemoteServer:
    """An MCP server over HTTP, of the legacy era, that keeps the headers it gets."""

    TOOLS = [{"name": "get_page", "description": "A page", "annotations": {"readOnlyHint": True},
              "inputSchema": {"type": "object", "properties": {}}}]

    def __init__(self):
        self.seen = seen = []
        results = {
            "initialize": lambda params: {
                "protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                "serverInfo": {"name": "pages", "version": "1"}},
            "tools/list": lambda params: {"tools": self.TOOLS},
            "tools/call": lambda params: {"content": [{"type": "text", "text": "a page"}]}}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["content-length"])))
                seen.append((message.get("method"), dict(self.headers)))
                if message.get("method") not in results:
                    return reply(self, 202 if "id" not in message else 400)
                result = results[message["method"]](message.get("params", {}))
                reply(self, 200, {"jsonrpc": "2.0", "id": message["id"], "result": result})

            def do_GET(self):
                reply(self, 405)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/mcp"


def test_a_server_over_http_gets_its_header_from_a_file(new):
    remote = RemoteServer()
    path = new.servers(pages={"type": "http", "url": remote.url, "headers": {"Authorization": f"Bearer {CANARY}"},
                              "timeout": 5})
    before = path.read_bytes()
    new.init(path, "--yes")
    assert new.entry("pages")["timeout"] == 5 and new.entry("pages")["type"] == "stdio"
    assert CANARY not in path.read_text()
    secret = new.deployment / "secrets" / "pages-claude-code"
    assert secret.read_text() == f"Bearer {CANARY}\n" and stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert CANARY not in (new.deployment / "policy" / "servers" / "pages.yaml").read_text()
    new.serve()
    new.wait_for_servers("pages")
    client = new.client(new.entry("pages"))
    assert client.call("get_page")["result"]["content"][0]["text"] == "a page"
    client.close()
    calls = [headers for method, headers in remote.seen if method == "tools/call"]
    assert [headers["Authorization"] for headers in calls] == [f"Bearer {CANARY}"]
    remote.server.shutdown()
    remote.server.server_close()
    new.run("init", "--undo")
    assert path.read_bytes() == before


def test_each_token_is_in_the_log(new):
    new.init(new.servers(good=variables()), "--yes")
    body = (new.deployment / "tokens" / "claude-code").read_text().split(".")[1]
    name = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["jti"].encode()
    kept = [one for one in (new.deployment / "state").rglob("*") if one.is_file() and name in one.read_bytes()]
    assert kept and all(b"token.issued" in one.read_bytes() for one in kept), kept


def test_a_file_of_a_project_of_cursor_knows_its_project(new):
    place = {"PLACE": "${workspaceFolder}"}
    server = {"command": "/usr/bin/python3", "args": ["./server.py"], "env": place}
    new.write("server.py", (FIXTURES / "variables_server.py").read_text())
    path = new.write("mcp.json", json.dumps({"mcpServers": {"good": server}}), folder=new.shop / ".cursor")
    new.init(path, "--yes")
    assert (new.deployment / "secrets" / "good-PLACE").read_text() == f"{new.shop}\n"
    assert f"{new.shop}/server.py" in (new.deployment / "policy" / "servers" / "good.yaml").read_text()


def test_a_deployment_that_is_there_is_not_touched(new):
    path = new.servers(good=variables())
    new.init(path, "--yes")
    other = new.write("mcp.json", json.dumps({"mcpServers": {"good": variables()}}), folder=new.home / ".cursor")
    before = other.read_bytes()
    assert "already" in new.init(other, "--yes", expect=73).stderr
    assert other.read_bytes() == before


def test_undo_refuses_a_file_that_has_changed_and_then_restores_it(new):
    path = new.servers(good=variables(), old={"type": "sse", "url": "https://old.example"})
    before = path.read_bytes()
    new.init(path, "--yes", expect=1)
    written = path.read_bytes()
    path.write_bytes(written + b"\n")
    done = new.run("init", "--undo", expect=1)
    (backup,) = (new.deployment / "state" / "backups").iterdir()
    assert f"`{path}` has changed since" in done.stderr and str(backup) in done.stderr
    assert path.read_bytes() == written + b"\n"
    path.write_bytes(written)
    kept = backup.read_bytes()
    backup.write_bytes(kept[:-1])
    assert "missing or was changed" in new.run("init", "--undo", expect=1).stderr
    assert path.read_bytes() == written
    backup.write_bytes(kept)
    new.run("init", "--undo")
    assert path.read_bytes() == before and not backup.exists()


def test_undo_makes_no_program_that_runs_as_its_owner(new):
    path = new.servers(good=variables())
    new.init(path, "--yes")
    changes = new.deployment / "hosts.json"
    kept = json.loads(changes.read_text())
    kept["files"][0]["mode"] = 0o6755
    changes.write_text(json.dumps(kept))
    new.run("init", "--undo")
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_backup_that_an_undo_left_over_is_in_nobodys_way(new):
    path = new.servers(good=variables())
    new.init(path, "--yes")
    (backup,) = (new.deployment / "state" / "backups").iterdir()
    kept = backup.read_bytes()
    new.run("init", "--undo")
    assert not backup.exists()
    new.write(f".interlock/state/backups/{backup.name}", kept.decode(), mode=0o600, folder=new.home)  # left by a crash
    new.run("init", "--undo", expect=66)
    new.serve()
    new.run("connect", "claude-code", "--host", "claude-code", "--write", "--file", path)
    assert backup.read_bytes() == kept
    new.stop()
    new.run("init", "--undo")
    assert path.read_bytes() == kept and not backup.exists()


def test_two_hosts_share_a_server_and_have_an_agent_each(new):
    one = new.servers(good=variables())
    two = new.write("mcp.json", "// mine\n" + json.dumps({"servers": {"Good": variables()}, "inputs": []}),
                    folder=new.shop / ".vscode")
    new.init(one, two, "--yes")
    assert sorted(path.stem for path in (new.deployment / "policy" / "agents").iterdir()) == ["claude-code", "vscode"]
    assert [path.name for path in (new.deployment / "policy" / "servers").iterdir()] == ["good.yaml"]
    assert sorted(path.name for path in (new.deployment / "tokens").iterdir()) == ["claude-code", "vscode"]
    assert two.read_text().startswith("// mine\n")
    new.serve()
    new.wait_for_servers("good")
    entry = json.loads(two.read_text().split("\n", 1)[1])["servers"]["Good"]
    client = new.client(entry)
    assert [tool["name"] for tool in client.list()] == ["read_variables"]
    client.close()
