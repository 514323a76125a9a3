"""Notifications of single changed resources to their subscribers: real servers and clients of both eras, and by
hand."""

import subprocess
import time
from contextlib import ExitStack

import pytest
from addresses import DANA
from conftest import FIXTURES, interpreter, organise
from everything import Everything
from faulty import policy
from listening import Listening
from make_organisation import free_ports
from modern import PREFIX as META
from sdk import SDKClient
from upstreams import wait_for_http
from wire import Session

UPDATED = "notifications/resources/updated"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
PREFIX = "interlock:noting:"
NOTE = PREFIX + "notes://a"
RESOURCES = """\
    resources:
      vault: {uri: "notes://vault", class: destructive, effects: [irreversible]}
      note: {uri: "notes://{name}", class: read}
"""
LEGACY = ["1.9.4", "1.22.0", "1.30.0"]


class Noting:
    """`noting_server.py` on that SDK; over stdio the gateway starts it."""

    def __init__(self, version: str, way: str):
        python, script = interpreter(f"mcp-{version}"), FIXTURES / "noting_server.py"
        self.way = way
        if way == "http":
            (self.port,) = free_ports(1)
            self.words = [str(python), str(script), str(self.port)]
            connect = f'{{http: "http://127.0.0.1:{self.port}/mcp"}}'
        else:
            read = ", ".join(f'"{path}"' for path in (FIXTURES, python.parents[1]))
            connect = f'{{stdio: ["{python}", "{script}"], sandbox: {{read: [{read}]}}}}'
        self.policy = policy("noting", connect, ("touch",))
        self.policy["servers/noting.yaml"] += RESOURCES

    def __enter__(self):
        if self.way == "http":
            self.process = subprocess.Popen(self.words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for_http(self.port, self.process)
        return self

    def __exit__(self, *_):
        if self.way == "http":
            self.process.kill()
            self.process.wait(5)


@pytest.fixture(scope="module", params=[(version, way) for version in ("1.30.0", "2.3.0") for way in ("http", "stdio")],
                ids=lambda one: "-".join(one))
def noting(request, binary, people, tmp_path_factory):
    version, way = request.param
    with ExitStack() as stack:
        server = stack.enter_context(Noting(version, way))
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=server.policy,
                        servers=(), wait=())
        made.gateway.wait_for_tools("tester", "noting")
        yield made


def touch(noting, uri: str = "notes://a", times: int = 1) -> None:
    # The same agent, whose subscriptions share one session with its calls.
    with_token = noting.session("tester", version="2025-11-25")
    answer = with_token.call("noting__touch", uri=uri, times=times)
    assert answer.message["result"]["content"][0]["text"] == "touched", answer.message


def sdk(noting, version: str, way: str) -> SDKClient:
    words = ["--http", noting.gateway.url] if way == "http" else \
        ["--stdio", str(noting.gateway.binary), "stdio", "--gateway", noting.gateway.url]
    return SDKClient(interpreter(f"mcp-{version}"), *words, token=noting.token("tester"),
                     script=FIXTURES / "offers_client.py")


def hear(noting, client, expected: list, **touching) -> None:
    """Repeats the change until the client is notified: the gateway subscribes concurrently, so a change right after the
    response may be missed."""
    deadline = time.monotonic() + 20
    while True:
        touch(noting, **touching)
        heard = client.heard(1, seconds=0.5)
        if heard:
            assert all(one == expected for one in heard), heard
            return
        assert time.monotonic() < deadline, noting.gateway.stderr()[-2000:]


@pytest.mark.parametrize("version, way", [(version, way) for version in (*LEGACY, "2.3.0") for way in ("http", "stdio")])
def test_a_client_of_each_version_hears_of_what_it_follows(noting, version, way):
    with sdk(noting, version, way) as client:
        if version == "2.3.0":
            client.do("listen", resource_subscriptions=[NOTE, PREFIX + "notes://vault"])
            assert client.heard(1) == [["listening", {"resourceSubscriptions": [NOTE]}]]
            expected = ["event", "ResourceUpdated"]
        else:
            time.sleep(0.5)  # its stream is opened concurrently
            assert client.do("ask", method="subscribe_resource", words={"uri": NOTE})["result"] == {}
            hidden = client.do("ask", method="subscribe_resource", words={"uri": PREFIX + "notes://vault"})
            assert hidden["error"]["code"] == -32002
            expected = ["changed", UPDATED, NOTE]
        if version == "2.3.0":
            # The newest SDK also hands each event to its message handler.
            deadline = time.monotonic() + 20
            while expected not in client.heard(1, seconds=0.5):
                assert time.monotonic() < deadline
                touch(noting)
        else:
            hear(noting, client, expected)
            assert client.do("ask", method="unsubscribe_resource", words={"uri": NOTE})["result"] == {}
            time.sleep(0.5)
            client.heard(0, seconds=0)
            touch(noting)
            assert client.heard(1, seconds=0.5) == []


def listening(noting, *uris: str) -> Listening:
    return Listening(noting.gateway.port, noting.token("tester"), resourceSubscriptions=list(uris))


def test_a_flood_is_few_messages_and_each_names_its_subscription(noting):
    stream = listening(noting, NOTE, NOTE + "/below", PREFIX + "other://x")
    first = stream.next()
    assert first["method"] == ACKNOWLEDGED
    assert first["params"]["notifications"] == {"resourceSubscriptions": [NOTE]}
    time.sleep(1)
    began = time.monotonic()
    touch(noting, times=300)
    told = []
    while (one := stream.next(1)) is not None:
        told.append(one)
    assert 1 <= len(told) <= (time.monotonic() - began) * 10 + 1, "at most ten in a second"
    for one in told:
        assert one["method"] == UPDATED and one["params"]["uri"] == NOTE
        assert one["params"]["_meta"][META + "subscriptionId"] == "one"


def test_a_hidden_resource_answers_like_an_unknown_one(noting):
    session = noting.session("tester", version="2025-11-25")
    for method in ("resources/subscribe", "resources/unsubscribe"):
        answers = []
        for uri in ("notes://vault", "gone://vault"):
            answer = session.post({"jsonrpc": "2.0", "id": 5, "method": method, "params": {"uri": PREFIX + uri}})
            answers.append((answer.status, answer.body.replace(uri.encode(), b"")))
        assert answers[0] == answers[1]
        assert b"-32002" in answers[0][1]


def test_a_halted_agent_hears_nothing_and_its_subscriptions_are_over(noting):
    stream = listening(noting, NOTE)
    assert stream.next()["method"] == ACKNOWLEDGED
    order = noting.gateway.halt("--agent", "tester", by=DANA)
    try:
        assert stream.next()["result"]["_meta"][META + "subscriptionId"] == "one"
    finally:
        noting.gateway.resume(order, "ada@acme.example", "sam@acme.example")


def test_who_follows_a_resource_of_a_halted_server_hears_once_and_learns_why_by_reading(noting):
    """The protocol has no word for a subscription that ended: a last update makes its follower read again."""
    stream = listening(noting, NOTE)
    assert stream.next()["method"] == ACKNOWLEDGED
    session = noting.session("tester", version="2025-11-25")
    order = noting.gateway.halt("--server", "noting", by=DANA)
    try:
        said = stream.next()
        assert (said["method"], said["params"]["uri"]) == (UPDATED, NOTE)
        assert stream.next(1) is None
        answer = session.post({"jsonrpc": "2.0", "id": 6, "method": "resources/read", "params": {"uri": NOTE}})
        assert b"4230" in answer.body and b"halted" in answer.body, answer.body
    finally:
        noting.gateway.resume(order, "ada@acme.example", "sam@acme.example")


@pytest.fixture(scope="module", params=[("2.3.0", "http"), ("2.3.0", "stdio"), ("1.30.0", "http")], ids="-".join)
def everything(request, binary, people, tmp_path_factory):
    version, way = request.param
    with ExitStack() as stack:
        server = stack.enter_context(Everything(version, way, tmp_path_factory.mktemp("everything")))
        extra = dict(server.policy)
        extra["servers/everything.yaml"] += \
            "    resources:\n      watched: {uri: \"test://watched-resource\", class: read}\n"
        made = organise(stack, binary, people, tmp_path_factory.mktemp("organisation"), extra=extra, servers=(), wait=())
        made.gateway.wait_for_tools("tester", "everything")
        yield made


@pytest.mark.parametrize("path, prefix", [("/mcp", "interlock:everything:"), ("/mcp/everything", "")])
@pytest.mark.parametrize("version", ["2025-03-26", "2025-06-18", "2025-11-25"])
@pytest.mark.parametrize("method", ["resources/subscribe", "resources/unsubscribe"])
def test_resources_subscribe_and_unsubscribe(everything, method, version, path, prefix):
    """The scenarios `resources-subscribe` and `resources-unsubscribe`, at both endpoints."""
    session = Session(everything.gateway.port, everything.token("tester"), path=path, version=version)
    answer = session.request(method, uri=prefix + "test://watched-resource")
    assert (answer.status, answer.message["result"]) == (200, {})
