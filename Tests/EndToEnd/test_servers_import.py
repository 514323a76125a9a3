"""`interlock servers import`: the result for a server.json of the registry, and the refused ones."""

import json
import subprocess

import pytest

PACKAGE = {"registryType": "pypi", "identifier": "mcp-server-time", "version": "2026.10.19",
           "transport": {"type": "stdio"}, "environmentVariables": [{"name": "KEY", "isSecret": True}]}
BASE = {"name": "io.example/time", "description": "Tells the time", "version": "2026.10.19"}


@pytest.fixture
def imported(binary, tmp_path):
    def run(manifest, *words: str, stdin: bool = False):
        path = tmp_path / "server.json"
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        path.write_text(text)
        return subprocess.run([binary, "servers", "import", "-" if stdin else str(path), *words],
                              capture_output=True, text=True, timeout=60, input=text if stdin else "")
    return run


@pytest.mark.parametrize("stdin", [False, True])
def test_a_package_becomes_an_entry_and_a_stub(imported, stdin):
    done = imported({**BASE, "packages": [PACKAGE]}, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert '"argv":["uvx","mcp-server-time==2026.10.19"]' in done.stdout
    assert 'connect: {"stdio":["uvx","mcp-server-time==2026.10.19"]}' in done.stdout
    assert "wants the variable KEY, which is a secret" in done.stdout


def test_a_remote_becomes_an_entry_with_its_name_of_tls(imported):
    remote = {"type": "streamable-http", "url": "https://time.example/mcp", "headers": [{"name": "X-Key"}]}
    sse = {"type": "sse", "url": "https://time.example/sse"}
    done = imported({**BASE, "remotes": [sse, remote]}, "--json", "--name", "clock")
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["server"] == "clock"
    assert found["lock"]["clock"]["remote"] == {
        "type": "streamable-http", "url": "https://time.example/mcp", "tlsName": "time.example"}
    assert "left out: remotes[0]: transport `sse` is not spoken" in done.stderr


@pytest.mark.parametrize("manifest, said", [
    ({**BASE, "version": "latest", "packages": [PACKAGE]}, "version"),
    ({**BASE, "version": "^1.0", "packages": [PACKAGE]}, "version"),
    ({**BASE, "name": "io.example/time/more", "packages": [PACKAGE]}, "name"),
    ({**BASE, "packages": [{**PACKAGE, "registryType": "mcpb"}]}, "packages[0].fileSha256"),
    ({**BASE, "remotes": [{"type": "sse", "url": "https://time.example"}]}, "transport `sse` is not spoken"),
    (BASE, "remotes"),
], ids=["latest", "range", "second slash", "mcpb", "sse", "no way"])
def test_what_is_refused_says_why(imported, manifest, said):
    done = imported(manifest)
    assert done.returncode == 1 and said in done.stderr and not done.stdout


def test_what_is_no_server_json(imported, binary, tmp_path):
    assert imported("{").returncode == 65
    assert imported("").returncode == 65
    assert imported("[]").returncode == 65
    missing = subprocess.run([binary, "servers", "import", str(tmp_path / "none")], capture_output=True, timeout=60)
    assert missing.returncode == 66
