"""The content of a run's egress: requests of plain HTTP, and names of hosts, are searched before anything of them is sent; a
canary or a value of the folder of secrets stops the run (docs/specs/output-safety.md, sections 2 and 7)."""

import base64
import gzip
import http.server
import json
import sys
import threading
from datetime import date, timedelta

import pytest

from addresses import ADA, SAM
from conftest import FIXTURES
from countingdesk import desk  # noqa: F401
from naming import NameServer
from sandboxing import housed
from waits import listed_alert, until

sys.path.insert(0, str(FIXTURES))
from faulty_server import TOKEN  # noqa: E402

# Long enough that no other text has it by chance; with letters in both cases, as hosts do not have.
VALUE = "Kept-Value-0815-Of-The-Broker"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
approvals:
  release: {{members: [{ada}, {sam}], expires: 15m}}
servers:
  desk:
    connect: {{http: "http://127.0.0.1:{desk}/mcp"}}
    reviewed: {{by: {ada}, on: "{seen}", trust: external}}
    tools: {{count: {{class: read}}}}
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    approvers: release
    taint: {{mode: provenance}}
    mcp_scopes: {{desk: [{{tool: count, sandboxed: true}}]}}
    sandbox:
      resolver: ["127.0.0.1:{dns}"]
      egress:
        - {{host: shop.test, ports: [{port}], protocol: http, private: true}}
        - {{host: "*.shop.test", ports: [{port}], protocol: http, private: true}}
        - {{host: "*.deep.test", ports: [{port}], protocol: tcp, private: true}}
      limits: {{wall: 60s, pids: 64}}
"""
# The runs of the tests with several cases.
TOKEN_RUNS: list[str] = []
VALUE_RUNS: list[str] = []
# Run inside: a call to the server from outside, then one request for each line of standard input.
READER = """\
import http.client, json, sys

def ask(method, url, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", 3128, timeout=10)
    connection.request(method, url, body, headers)
    response = connection.getresponse()
    return response, response.read().decode()

def mcp(message, **headers):
    return ask("POST", "/mcp", json.dumps({"jsonrpc": "2.0", **message}), **{
        "Host": "127.0.0.1:3128", "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        **headers})

opened, _ = mcp({"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
                 "clientInfo": {"name": "inside", "version": "1"}}})
session = {"Mcp-Session-Id": opened.getheader("Mcp-Session-Id"), "MCP-Protocol-Version": "2025-06-18"}
mcp({"method": "notifications/initialized"}, **session)
for line in sys.stdin:
    if line.strip() == "count":
        answer = mcp({"id": 2, "method": "tools/call", "params": {"name": "desk__count", "arguments": {}}}, **session)[1]
    else:
        answer = ask("GET", line.strip())[1]
    print(json.dumps(answer), flush=True)
"""


class Shop(NameServer):
    """A server of plain HTTP on loopback that keeps its requests, and a name server that has only 127.0.0.1."""

    def __init__(self):
        super().__init__()
        self.requests: list[bytes] = []
        shop = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                shop.requests.append(f"{self.requestline}\r\n{self.headers}".encode() + body)
                self.send_response(200)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"open")

            do_POST = do_GET

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def shop():
    return Shop()


@pytest.fixture(scope="module")
def house(binary, tmp_path_factory, shop, desk):
    policy = POLICY.format(ada=ADA, sam=SAM, dns=shop.dns, port=shop.port, desk=desk,
                           review=date.today() + timedelta(days=60), seen=date.today() - timedelta(days=7))
    with housed(binary, tmp_path_factory, policy) as made:
        made.keep_secret("kept", VALUE)
        made.start()
        yield made


def curl(house, *words: str, given: str = "", **options) -> tuple[str, dict]:
    """What curl got inside, its status on the last line, and the report of the run."""
    command = ["curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", "--proxy", "http://127.0.0.1:3128", *words]
    _, out, report = house.run(*command, given=given, **options)
    return out, report


def refusals(house, run: str) -> list[str]:
    return [one["code"] for one in house.leaves(run) if one["t"] == "net.connect" and one["dec"] == "deny"]


def alarms(house, code: str, runs: list[str]) -> list[dict]:
    """The alerts with a code about one of the runs. One alert counts the refusals of a time, so not each run has its own."""
    return [one for one in house.gateway.records(1000, type="alarm.raised") if one["code"] == code and one.get("ofrun") in runs]


def check_not_sent(house, shop, reason: str, *words: str, given: str = "") -> str:
    """Returns the run."""
    before = len(shop.requests)
    out, report = curl(house, *words, given=given)
    assert out == f"{reason}\n\n403", (out, report)
    assert len(shop.requests) == before, shop.requests[before:]
    assert refusals(house, report["run"]) == ["net." + reason.replace("-", "_")]
    text = json.dumps(house.leaves(report["run"]))
    assert VALUE not in text and TOKEN not in text
    return report["run"]


@pytest.mark.requirement("R082")
def test_a_request_without_findings_arrives_as_it_was_sent(house, shop):
    body = "a body " * 1000
    out, report = curl(house, "-H", "X-Note: plain", "--data-binary", "@-", f"http://shop.test:{shop.port}/a?b=c", given=body)
    assert out == "open\n200", (out, report)
    request = shop.requests[-1].decode()
    assert request.startswith("POST /a?b=c HTTP/1.1\r\n") and "x-note: plain\n" in request and request.endswith(body)
    # A picture is bytes that are no text.
    (house.project / "bytes").write_bytes(bytes(range(256)) * 4)
    house.user.own(house.project)
    out, _ = curl(house, "--data-binary", "@bytes", f"http://shop.test:{shop.port}/b")
    assert out == "open\n200" and shop.requests[-1].endswith(bytes(range(256)) * 4)
    # It waits for `100 Continue` before it sends its body.
    out, _ = curl(house, "-H", "Expect: 100-continue", "--data-binary", "@-", f"http://shop.test:{shop.port}/c", given="late")
    assert out == "open\n200" and shop.requests[-1].endswith(b"late")


@pytest.mark.requirement("R082")
@pytest.mark.parametrize("place", ["path", "query", "field", "body", "base64", "percent"])
def test_a_token_in_any_part_of_a_plain_request_is_not_sent(house, shop, place):
    url = f"http://shop.test:{shop.port}"
    words, given = {
        "path": ([f"{url}/a/{TOKEN}/b"], ""), "query": ([f"{url}/?q={TOKEN}"], ""),
        "field": (["-H", f"X-Note: {TOKEN}", url], ""), "body": (["--data-binary", "@-", url], f"it is {TOKEN}"),
        "base64": ([f"{url}/?q=" + base64.urlsafe_b64encode(f"it is {TOKEN}".encode()).decode().rstrip("=")], ""),
        "percent": ([f"{url}/?q=" + "".join(f"%{byte:02x}" for byte in TOKEN.encode())], ""),
    }[place]
    TOKEN_RUNS.append(check_not_sent(house, shop, "egress-side-channel", *words, given=given))
    assert until(lambda: alarms(house, "call.blocked", TOKEN_RUNS))


@pytest.mark.requirement("R082")
def test_a_packed_body_is_unpacked_and_one_that_cannot_be_is_not_sent(house, shop):
    url = f"http://shop.test:{shop.port}/"
    packed = house.project / "packed"
    for text, answer in ((f"it is {TOKEN}", "egress-side-channel\n\n403"), ("a plain text of some words", "open\n200")):
        packed.write_bytes(gzip.compress(text.encode()))
        house.user.own(house.project)
        out, report = curl(house, "-H", "Content-Encoding: gzip", "--data-binary", "@packed", url)
        assert out == answer, (out, report)
    check_not_sent(house, shop, "undecodable", "-H", "Content-Encoding: br", "--data-binary", "x", url)


@pytest.mark.requirement("R082")
def test_a_body_of_256_kib_is_searched_and_arrives_and_a_longer_one_is_not_sent(house, shop):
    words, most = ("-H", "Expect:", "--data-binary", "@-", f"http://shop.test:{shop.port}/"), 256 * 1024
    longest, end = "a " * (most // 2), f" {TOKEN}"
    out, report = curl(house, *words, given=longest)
    assert out == "open\n200" and shop.requests[-1].endswith(b"\n" + longest.encode()), (out, report)
    check_not_sent(house, shop, "egress-side-channel", *words, given=longest[:-len(end)] + end)
    check_not_sent(house, shop, "limit", *words, given=longest + "a")


@pytest.mark.requirement("R082", "R108")
@pytest.mark.parametrize("form", ["plain", "hex"])
def test_a_value_of_the_folder_of_secrets_stops_the_run(house, shop, form):
    sent = {"plain": VALUE, "hex": VALUE.encode().hex()}[form]
    before = len(shop.requests)
    command = f"curl -sS --proxy http://127.0.0.1:3128 http://shop.test:{shop.port}/?q={sent}; sleep 40"
    code, out, report = house.run("sh", "-c", command, seconds=50)
    assert (code, report["reason"], report["source"]) == (137, "killed", "interlock"), (out, report)
    # The run may end before its client prints what it was told.
    assert out in ("", "egress-side-channel\n") and len(shop.requests) == before
    assert refusals(house, report["run"])[0] == "net.egress_side_channel"
    VALUE_RUNS.append(report["run"])
    stop = until(lambda: [one for one in house.gateway.records(1000, type="kill.requested") if one["target"] == report["run"]])
    assert {(one["src"], one["scope"]) for one in stop} == {("detector", "run")}
    assert until(lambda: alarms(house, "call.brokered_value", VALUE_RUNS))
    assert listed_alert(house.gateway, "call.brokered_value")["severity"] == "page"


@pytest.mark.requirement("R082")
def test_a_canary_in_a_request_is_not_sent_and_people_learn_its_name(house, shop):
    value = house.gateway.run("safety", "canary", "add", "decoy").stdout.strip()

    runs = []

    def reasons() -> list[str]:
        # The run is stopped, so its client may read nothing.
        _, report = curl(house, "-d", f"note={value}", f"http://shop.test:{shop.port}/")
        runs.append(report["run"])
        return refusals(house, report["run"])

    # It is searched for within a second.
    assert until(reasons)[0] == "net.egress_side_channel"
    alert = until(lambda: alarms(house, "call.canary", runs))[0]
    refused = [one for one in house.leaves(alert["ofrun"]) if one["t"] == "net.connect" and one["dec"] == "deny"]
    assert alert["cny"] == "decoy" and alert["call"] in [one["call"] for one in refused]


@pytest.mark.requirement("R077", "R082")
def test_a_value_in_the_labels_of_a_host_is_not_even_looked_up(house, shop):
    label, parts = VALUE.lower(), VALUE.encode().hex()
    # In one label by plain HTTP; in several by CONNECT; by SOCKS5 with the name. The run is stopped, so its client may read
    # nothing.
    http, socks = ("--proxy", "http://127.0.0.1:3128"), ("--proxy", "socks5h://127.0.0.1:1080")
    before = len(shop.asked)
    for words in ([*http, f"http://{label}.shop.test:{shop.port}/"],
                  [*http, "--proxytunnel", f"http://{parts[:20]}.{parts[20:40]}.{parts[40:]}.deep.test:{shop.port}/"],
                  [*socks, f"http://{label}.deep.test:{shop.port}/"]):
        _, _, report = house.run("curl", "-sS", "--max-time", "20", *words)
        assert refusals(house, report["run"])[:1] == ["net.egress_side_channel"], words
        assert VALUE.lower() not in json.dumps(house.leaves(report["run"])).lower()
    assert shop.asked[before:] == []
    out, _ = curl(house, f"http://plain.shop.test:{shop.port}/")
    assert out == "open\n200" and "plain.shop.test" in shop.asked


@pytest.mark.requirement("R085")
def test_after_a_read_from_outside_path_and_query_are_short_or_of_the_request(house, shop):
    house.gateway.wait_for_tools("fixer", "desk")
    url = f"http://shop.test:{shop.port}/"
    own, other = url + "a" * 300, url + "?q=" + "b" * 300
    lines = [other, "count", other, url + "?q=short", own]
    code, out, report = house.run("python3", "-c", READER, given="\n".join(lines) + "\n",
                                  options=("--request", f"Open {own} and tell what it says"))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and '"isError":true' not in answers[1].replace(" ", ""), (answers, report)
    assert [answers[0], *answers[2:]] == ["open", "long-query\n", "open", "open"]
    assert refusals(house, report["run"]) == ["net.long_query"]
    assert shop.requests[-1].startswith(b"GET /" + b"a" * 300)


def test_the_log_with_these_records_is_verified(house):
    assert house.gateway.verify().returncode == 0
