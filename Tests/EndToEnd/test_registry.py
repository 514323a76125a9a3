"""`servers drift --registry`: a server that a registry of MCP servers lists as deleted is quarantined."""

import http.server
import json
import threading

import pytest

from newcomer import Newcomer, variables

NAME, VERSION = "example.shop/variables", "1.0.0"
META = "io.modelcontextprotocol.registry/official"


class Registry:
    """A registry with configured responses, which keeps its requests."""

    def __init__(self):
        self.status, self.body, self.headers, self.asked = 200, b"", {}, []
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                registry.asked.append((self.path, dict(self.headers)))
                self.send_response(registry.status)
                for name, value in registry.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(registry.body)))
                self.end_headers()
                self.wfile.write(registry.body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def says(self, status: str, version: str = VERSION) -> None:
        self.status, self.headers = 200, {}
        self.body = json.dumps({"server": {"name": NAME, "version": version, "description": "x"},
                                "_meta": {META: {"status": status, "statusMessage": "as the publisher says"}}}).encode()


@pytest.fixture
def registry():
    found = Registry()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def new(binary):
    with Newcomer(binary) as newcomer:
        newcomer.init(newcomer.servers(variables=variables()), "--yes")
        yield newcomer


def drift(new, registry, expect: int):
    done = new.run("servers", "drift", "--registry", registry.url, expect=expect)
    return done.stdout + done.stderr


def test_what_is_active_or_deprecated_stays_and_what_is_deleted_is_shut_off(new, registry):
    registry.says("active")
    assert "the registry says: active" in drift(new, registry, 0)
    path, headers = registry.asked[-1]
    assert path == "/v0.1/servers/example.shop%2Fvariables/versions/1.0.0?include_deleted=true"
    assert "Authorization" not in headers and "Cookie" not in headers
    registry.says("deprecated")
    assert "deprecated (as the publisher says)" in drift(new, registry, 0)
    # The server cannot be quarantined without a gateway, and the command reports that.
    registry.says("deleted")
    assert "variables is not quarantined" in drift(new, registry, 69)
    new.serve()
    new.wait_for_servers("variables")
    client = new.client(new.entry("variables"))
    assert client.list()
    assert "variables is quarantined" in drift(new, registry, 1)
    assert client.list() == []
    client.close()
    listed = json.loads(new.run("servers", "list", "--json").stdout)
    assert listed["state"] == "quarantined" and "is deleted" in listed["reason"]


@pytest.mark.parametrize("answer, expect, says", [
    (dict(status=404), 1, "the registry has no example.shop/variables 1.0.0"),
    (dict(status=500), 69, "it answers 500"), (dict(status=302, headers={"Location": "/"}), 69, "redirect"),
    (dict(body=b"{"), 69, "cannot be understood"), (dict(body=b'{"server": {}}'), 69, "server.name"),
    (dict(body=b" " * (2 << 20)), 69, "cannot be understood"),
])
def test_a_registry_that_does_not_say_is_named(new, registry, answer, expect, says):
    for name, value in answer.items():
        setattr(registry, name, value)
    assert says in drift(new, registry, expect)


def test_another_version_than_the_lock_has_is_no_answer(new, registry):
    registry.says("active", version="1.0.1")
    assert "server.version" in drift(new, registry, 69)


@pytest.mark.parametrize("url", ["http://registry.example", "ftp://x", "registry", "https://me@registry.example"])
def test_an_address_that_is_none_is_refused(new, url):
    new.run("servers", "drift", "--registry", url, expect=64)
