"""Models of a sandboxed run: a provider gets the key from outside, and what was asked and answered is on record."""

import base64
import hashlib
import json
import os
import shutil
import ssl
import sys
import threading
import time
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from certificates import PEM, Authority, serving
from conftest import FIXTURES, interpreter
from naming import NameServer
from sandboxing import SandboxHouse, SteppedAgent, housed

sys.path.insert(0, str(FIXTURES))
from scripted_model import ScriptedModel

KEY = "sk-known-outside-alone"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox:
      resolver: ["127.0.0.1:{dns}"]
      models:
        - {{name: main, upstream: "https://models.test:{port}", key: "files:models", private: true}}
        - {{name: public, upstream: "https://models.test:{port}", key: "files:models"}}
        - {{name: other, upstream: "https://other.test:{port}", key: "files:models", private: true}}
        - {{name: local, upstream: "http://127.0.0.1:{plain}", key: "files:models", private: true}}
      limits: {{wall: 60s}}
"""
# Run inside: each line of standard input is a step, and each answer a line of JSON.
AGENT = """\
import glob, http.client, json, os, sys, urllib.request, urllib.error

def begin(name, text, path="/v1/messages?beta=true"):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=20)
    connection.request("POST", f"/model/{name}{path}", text, {"Content-Type": "application/json",
                       "x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"})
    return connection.getresponse()

def ask(name, text):
    response = begin(name, text)
    return [response.status, response.read().decode()]

def stream(name, text):
    response = begin(name, text)
    first = b"".join(response.readline() for _ in range(3)).decode()
    print(json.dumps([response.status, response.headers["content-type"], first]), flush=True)
    sys.stdin.readline()
    return response.read().decode()

def proxied(name, text):
    # By the variables of the environment, as clients do it that know nothing of this sandbox.
    address = os.environ["ANTHROPIC_BASE_URL"].replace("main", name) + "/v1/chat/completions"
    request = urllib.request.Request(address, text.encode(), {"Authorization": "Bearer mine", "Cookie": "a=b",
                                                              "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return [response.status, response.read().decode()]
    except urllib.error.HTTPError as error:
        return [error.code, error.read().decode()]

def seen():
    paths = [path for name in ("cmdline", "environ") for path in glob.glob(f"/proc/[0-9]*/{name}")]
    for folder in ("/etc", "/run", "/home/agent", "/tmp", "/workspace"):
        paths += [os.path.join(base, name) for base, _, files in os.walk(folder) for name in files]
    found = [json.dumps(dict(os.environ))]
    for path in paths:
        try:
            with open(path, "rb") as file:
                found.append(file.read(1 << 20).decode(errors="replace"))
        except OSError:
            pass
    return found

for line in sys.stdin:
    step, *words = line.rstrip("\\n").split(" ", 2)
    try:
        answer = globals()[step](*words)
    except OSError as error:
        answer = f"{type(error).__name__} {error}"
    print(json.dumps(answer), flush=True)
"""


class Provider(ScriptedModel):
    """The scripted model, with its requests; over TLS if there is a context. A body with `slow` gets its second event only
    after `go`."""

    def __init__(self, context: ssl.SSLContext | None = None):
        super().__init__()
        self.requests: list[tuple[str, dict, bytes]] = []
        self.go = threading.Event()
        provider = self

        class Handler(self.server.RequestHandlerClass):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                provider.requests.append((self.path, dict(self.headers), body))
                asked = json.loads(body)
                kind, data = provider.answer(self.path, asked)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Set-Cookie", "session=of-provider")
                self.send_header("Request-Id", "req_1")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for place, part in enumerate(data.split(b"\n\n")[:-1] if asked.get("stream") else [data]):
                    if place == 1 and asked.get("slow"):
                        provider.go.wait(15)
                    whole = part + b"\n\n" if asked.get("stream") else part
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(whole), whole))
                    self.wfile.flush()
                self.wfile.write(b"0\r\n\r\n")

        self.server.RequestHandlerClass = Handler
        self.port = self.server.server_address[1]
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)


@pytest.fixture(scope="module")
def root():
    return Authority()


@pytest.fixture(scope="module")
def provider(root, tmp_path_factory):
    return Provider(serving(root, tmp_path_factory.mktemp("provider"), hosts=("models.test",)))


@pytest.fixture(scope="module")
def plain():
    return Provider()


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory, root, provider, plain):
    policy = POLICY.format(ada=ADA, sam=SAM, dns=NameServer().dns, port=provider.port, plain=plain.port,
                           review=date.today() + timedelta(days=60))
    with housed(binary, tmp_path_factory, policy) as made:
        made.keep_secret("models", KEY)
        (made.base / "root.pem").write_bytes(root.certificate.public_bytes(PEM))
        made.start()
        yield made


def trusting(house: SandboxHouse) -> dict[str, str]:
    """The root of the tests in place of the system's."""
    return {"SSL_CERT_FILE": str(house.base / "root.pem")}


class Agent(SteppedAgent):
    def __init__(self, house: SandboxHouse):
        super().__init__(house.begin("python3", "-c", AGENT, environment=trusting(house)))


def digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.mark.requirement("R023", "R092", "R094")
def test_a_model_is_asked_with_a_key_from_outside_and_on_record(house, provider, plain):
    agent = Agent(house)
    asked = '{"model":"m-1","messages":[]}'
    status, answer = agent.do("ask", "main", asked)
    assert status == 200 and json.loads(answer)["content"][0]["text"] == "done"
    path, fields, body = provider.requests[-1]
    fields = {name.lower(): value for name, value in fields.items()}
    assert (path, body) == ("/v1/messages?beta=true", asked.encode())
    assert fields["x-api-key"] == KEY and fields["host"] == f"models.test:{provider.port}"
    assert "authorization" not in fields and fields["accept-encoding"] == "identity"

    # A stream passes event by event: the provider sends the second one only after the first is inside.
    provider.go.clear()
    status, kind, first = agent.do("stream", "main", '{"model":"m-1","messages":[],"stream":true,"slow":true}')
    assert status == 200 and kind.startswith("text/event-stream") and "message_start" in first
    provider.go.set()
    rest = agent.do("next")
    assert "message_stop" in rest and "message_start" not in rest

    # Clients that use the proxy of the environment reach the route too, here a server of this machine.
    status, answer = agent.do("proxied", "local", asked)
    assert status == 200, answer
    fields = {name.lower(): value for name, value in plain.requests[-1][1].items()}
    assert fields["authorization"] == f"Bearer {KEY}" and "cookie" not in fields

    # Nothing inside has the key: no variable, no file, no command line.
    assert not any(KEY in text for text in agent.do("seen"))
    report = agent.end()
    records = house.leaves(report["run"])
    connects = [one for one in records if one["t"] == "net.connect"]
    closes = {one["call"]: one for one in records if one["t"] == "net.close"}
    assert [(one["dec"], one["acc"], one["rule"]) for one in connects] == [
        ("allow", "model", "model main"), ("allow", "model", "model main"), ("allow", "model", "model local")]
    assert connects[0]["h"] == digest(asked.encode()) and connects[0]["size"] == len(asked)
    for one in connects:
        closed = closes.pop(one["call"])
        assert records.index(one) < records.index(closed) and one["model"] == closed["model"] == "m-1"
        assert (closed["status"], closed["tin"], closed["tout"], closed["end"]) == (200, 1, 1, "finished")
    assert not closes and closed["h"] == digest(answer.encode())
    kept = [path.read_bytes() for path in (house.gateway.folder / "state").rglob("*") if path.is_file()]
    assert not any(KEY.encode() in data for data in kept)
    assert house.gateway.verify().returncode == 0


@pytest.mark.requirement("R023", "R077")
def test_a_provider_is_checked_as_every_other_server_is(house, provider):
    before = len(provider.requests)
    agent = Agent(house)
    # No entry has the name; a private address without the word of the policy; a certificate of another name.
    assert agent.do("ask", "unknown", "{}") == [403, "no-rule\n"]
    assert agent.do("ask", "public", "{}") == [403, "private-address\n"]
    status, text = agent.do("ask", "other", "{}")
    assert status == 502 and "certificate" in text
    assert agent.do("ask", "main", '{"model":"a","model":"b"}') == [400, "bad-request\n"]
    policy = house.gateway.folder / "policy.yaml"
    good = policy.read_bytes()
    try:
        policy.write_bytes(good + b"nonsense: [\n")
        deadline = time.monotonic() + 10
        while (found := agent.do("ask", "public", "{}")) == [403, "private-address\n"] and time.monotonic() < deadline:
            time.sleep(0.1)
        assert found == [403, "no-policy\n"] and agent.do("ask", "main", "{}") == found
    finally:
        policy.write_bytes(good)
    while agent.do("ask", "public", "{}") == found and time.monotonic() < deadline:
        time.sleep(0.1)
    report = agent.end()
    records = house.leaves(report["run"])
    codes = [one.get("code", "") for one in records if one["t"] == "net.connect"]
    assert sorted(codes[:4]) == ["", "net.bad_request", "net.no_rule", "net.private_address"] and "net.no_policy" in codes
    (closed,) = [one for one in records if one["t"] == "net.close"]
    assert (closed["end"], closed["sent"]) == ("unreachable", 0) and "status" not in closed
    assert len(provider.requests) == before
    # Without the root of the tests no certificate counts.
    code, out, _ = house.run("python3", "-c", AGENT, given="ask main {}\n")
    assert code == 0 and json.loads(out)[0] == 502 and len(provider.requests) == before


@pytest.mark.requirement("R023")
def test_a_run_without_its_key_does_not_begin(house):
    key = house.gateway.folder / "secrets" / "models"
    key.write_text("two words\n")
    try:
        code, _, report = house.run("true")
        assert (code, report["reason"]) == (77, "secret") and "two words" not in "".join(report["said"])
        key.rename(key.with_name("moved"))
        code, _, report = house.run("true")
        assert (code, report["reason"]) == (77, "secret")
        key.with_name("moved").rename(key)
    finally:
        key.write_text(KEY + "\n")


@pytest.mark.requirement("R094")
def test_claude_code_works_by_the_route(house, provider):
    """The program of PyPI, which finds the route by its environment."""
    program = house.base / "claude"
    (bundled,) = interpreter("hosts").parents[1].glob("lib/python3*/site-packages/claude_agent_sdk/_bundled/claude")
    # The user of the run may not reach the folder of the tests.
    try:
        os.link(bundled.resolve(), program)
    except OSError:
        shutil.copy(bundled, program)
    before = len(provider.requests)
    with house.begin(str(program), "-p", "say done", "--max-turns", "2", environment=trusting(house)) as running:
        out, error = running.communicate("", timeout=60)
    report = json.loads(error.splitlines()[-1])
    assert (report["code"], report["source"]) == (0, "agent"), out + error
    assert "done" in out
    messages = [one for one in provider.requests[before:] if one[0].startswith("/v1/messages")]
    assert messages and all({name.lower(): value for name, value in one[1].items()}["x-api-key"] == KEY for one in messages)
    records = house.leaves(report["run"])
    asked = [one for one in records if one["t"] == "net.connect" and one.get("acc") == "model"]
    assert {one["h"] for one in asked} >= {digest(messages[0][2])} and all("model" in one for one in asked)
    assert any(one.get("tout") for one in records if one["t"] == "net.close")
