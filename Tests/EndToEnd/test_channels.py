"""Requests for approval leave the gateway: by mail, webhook and chat, to real receivers."""

import http.client
import json
import re
import threading
import time
import urllib.parse

import pytest

import wire
from addresses import INES, PAUL, RUI
from certificates import PEM, Authority, serving
from deployment import Failure, approval_id
from receiving import Mails, Webhook, field, is_signed, text

# Ines owns the agent, so she is not asked.
SECRET = "a shared secret of 32 letters, ok"
REFUND = {"invoice_id": "INV-20931", "amount_cents": 42000, "currency": "EUR"}


class World:
    """An organisation whose channels are `channels`, with the agent that asks for refunds."""

    def __init__(self, organisation, channels: list[str], notify: list[str], **settings: str):
        self.made = organisation(servers=("billing", "tickets", "crm"), start=False)
        self.gateway = self.made.gateway
        self.console = f"http://localhost:{self.gateway.people_port}"
        self.gateway.configure("alerts", channels=f"[{', '.join(channels)}]", **settings)
        self.gateway.configure("approval_service", console=f'{{url: "{self.console}"}}',
                               notify=f"[{', '.join(notify)}]")

    def keep(self, name: str, value: str) -> None:
        folder = self.gateway.folder / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / name
        path.write_text(value)
        path.chmod(0o600)

    def start(self) -> "World":
        self.gateway.start()
        self.gateway.wait_for_tools("refunds", "billing")
        return self

    def ask(self, amount: int = 42000) -> str:
        """Makes a call that waits for people, and disconnects its client; returns the request's id."""
        known = {approval_id(one) for one in self.gateway.json("approvals", "list")}
        session = wire.Session(self.gateway.port, self.gateway.token("refunds"))
        body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call",
                "params": {"name": "billing__refund_request", "arguments": {**REFUND, "amount_cents": amount}}}
        connection = http.client.HTTPConnection("127.0.0.1", session.port, timeout=30)
        connection.request("POST", "/mcp", json.dumps(body), session.headers)
        request = approval_id(self.gateway.pending(other_than=known))
        connection.close()
        return request

    def state(self, request: str) -> str:
        (shown,) = self.gateway.json("approvals", "show", request)
        return shown["state"]

    def deny(self, request: str) -> None:
        self.gateway.run("approvals", "deny", request, "--reason", "not this one", by=PAUL)

    def undelivered(self) -> list[dict]:
        return [one for one in self.gateway.records(100) if one["t"] == "alert.undelivered"]

    def channel(self, name: str) -> dict:
        (status,) = self.gateway.json("status")
        return next(one for one in status["channels"] if one["channel"] == name)

    def open(self, url: str, method: str = "GET", body: str | None = None, **headers: str) -> tuple[int, str]:
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
        connection.request(method, parts.path, body, {"Host": parts.netloc, **{
            name.replace("_", "-"): value for name, value in headers.items()}})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer.status, page

    def press(self, url: str) -> tuple[int, str]:
        """Presses the button of the page."""
        return self.open(url, "POST", "", Origin=self.console, Sec_Fetch_Site="same-origin",
                         Content_Type="application/x-www-form-urlencoded")


@pytest.fixture
def root(tmp_path):
    return Authority()


@pytest.fixture
def ca(root, tmp_path):
    path = tmp_path / "root.pem"
    path.write_bytes(root.certificate.public_bytes(PEM))
    return f'"{path}"'


def hook(receiver: Webhook, name: str = "ops", page: bool = False) -> str:
    return f'{{name: {name}, webhook: {{url: "{receiver.origin}/in", secret: hmac}}, page: {str(page).lower()}}}'


def mail(server: Mails, more: str = "") -> str:
    return f'{{name: approvers, email: {{smtp: "{server.url}", from: interlock@acme.example{more}}}}}'


def hooked(organisation, receiver: Webhook, **settings: str) -> World:
    world = World(organisation, [hook(receiver)], ["ops"], private_origins=f'["{receiver.origin}"]', **settings)
    world.keep("hmac", SECRET)
    return world


def test_a_webhook_is_told_who_asks_and_what_came_of_it(organisation):
    with Webhook() as receiver:
        world = hooked(organisation, receiver).start()
        request = world.ask()
        receiver.wait(lambda _: receiver.alerts("approval.requested"), 5)
        (alert,) = receiver.alerts("approval.requested")
        assert all(is_signed(one, SECRET) for one in receiver.all)
        assert alert["request"] == f"apr_{request.removeprefix('apr_')}"
        assert (alert["agent"], alert["tool"], alert["tier"]) == ("refunds", "billing__refund_request", "high")
        assert alert["url"] == f"{world.console}/approvals/{alert['request']}" and "deadline" in alert
        assert "INV-20931" not in json.dumps(alert) and "42000" not in json.dumps(alert), "arguments are not told"
        world.deny(request)
        receiver.wait(lambda _: receiver.alerts("approval.denied"), 5)
        assert world.channel("ops")["waiting"] == 0


def test_arguments_are_told_where_an_operator_wants_it(organisation):
    with Webhook() as receiver:
        world = hooked(organisation, receiver)
        world.gateway.configure("approval_service", notify_arguments="true")
        world.start().ask(12345)
        receiver.wait(lambda _: receiver.alerts("approval.requested"))
        (alert,) = receiver.alerts("approval.requested")
        assert json.loads(alert["arguments"])["amount_cents"] == 12345


@pytest.mark.parametrize("implicit,account", [(False, None), (True, None), (False, ("interlock", "a password"))])
def test_each_approver_gets_a_mail_over_tls(organisation, root, ca, tmp_path, implicit, account):
    with Mails(serving(root, tmp_path), implicit, account) as server:
        more = ", user: interlock, secret: smtp" if account else ""
        world = World(organisation, [mail(server, more)], ["approvers"], ca=ca)
        world.keep("smtp", "a password")
        world.start()
        request = world.ask()
        for person in (PAUL, RUI):
            one = server.to(person, "approval.requested")
            assert one["To"] == person and one["From"] == "interlock@acme.example"
            assert field(one, "tool") == "billing__refund_request" and "INV-20931" not in text(one)
            assert implicit or one.over_tls
        links = {field(server.to(person, "approval.requested"), "deny") for person in (PAUL, RUI)}
        assert len(links) == 2, "a link is one person's"
        assert not any(INES in one.envelope for one in server.all)
        world.deny(request)
        server.to(RUI, "approval.denied")


def test_a_scanner_opens_every_link_and_changes_nothing_and_a_person_denies_once(organisation, root, ca, tmp_path):
    with Mails(serving(root, tmp_path)) as server:
        world = World(organisation, [mail(server)], ["approvers"], ca=ca).start()
        first, second = world.ask(1001), world.ask(1002)
        links = {}
        for one in server.wait(lambda mails: mails if len(mails) >= 4 else None):
            links[one.envelope[0], field(one, "request").removeprefix("apr_")] = field(one, "deny")
            for link in re.findall(r"https?://\S+", text(one)):
                world.open(link)
                world.open(link, "HEAD")
        assert world.state(first) == world.state(second) == "pending"

        mine = links[RUI, first.removeprefix("apr_")]
        status, page = world.open(mine)
        assert status == 200 and "refunds" in page and "<form" in page and "INV-20931" not in page
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert world.open(mine, "POST", "", **form)[0] == 403, "no page of ours sent it"
        assert world.open(mine, "POST", "", Origin="http://evil.example", **form)[0] == 403
        assert world.open(mine, "DELETE")[0] == 405
        assert world.press(mine[:-1] + ("A" if mine[-1] != "A" else "Q"))[0] == 404
        assert world.state(first) == "pending"

        assert world.press(mine)[0] == 200
        assert world.state(first) == "denied" and world.state(second) == "pending"
        denials = [one for one in world.gateway.records(100) if one["t"] == "approval.denied"]
        assert [one["via"] for one in denials] == ["mail"]
        assert world.press(mine)[0] == 404 and world.open(mine)[0] == 404, "it counts once"
        assert world.press(links[PAUL, first.removeprefix("apr_")])[0] == 404, "its request is over"
        token = mine.rsplit("/", 1)[1].encode()
        for path in (world.gateway.folder / "state").rglob("*"):
            assert not path.is_file() or token not in path.read_bytes(), f"{path} has a token"
        world.gateway.stop()
        assert world.gateway.verify().returncode == 0


def test_a_mail_server_without_tls_or_with_anothers_certificate_gets_nothing(organisation, ca, tmp_path):
    with Mails(serving(Authority("stranger"), tmp_path)) as stranger, \
            Mails(serving(Authority("stranger"), tmp_path), offers_tls=False) as plain:
        channels = [mail(stranger), mail(plain).replace("approvers", "plain")]
        world = World(organisation, channels, ["approvers", "plain"], ca=ca).start()
        world.ask()
        poll(lambda: all("problem" in world.channel(name) for name in ("approvers", "plain")))
        assert not stranger.all and not plain.all
        assert world.channel("approvers")["waiting"] == 2


def test_a_refused_person_is_on_record_and_the_others_are_told(organisation, root, ca, tmp_path):
    with Webhook() as receiver, Mails(serving(root, tmp_path)) as server:
        server.answers = {PAUL: "550 no such person", RUI: "451 try again later"}
        world = World(organisation, [hook(receiver), mail(server)], ["approvers"], ca=ca,
                      private_origins=f'["{receiver.origin}"]')
        world.keep("hmac", SECRET)
        request = world.start().ask()
        receiver.wait(lambda _: receiver.alerts("alert.undelivered"))
        (lost,) = world.undelivered()
        assert (lost["channel"], lost["code"]) == ("approvers", "alert.refused")
        assert lost["appr"] == request.removeprefix("apr_")
        assert world.state(request) == "pending", "nothing of it changes the request"
        server.answers = {}
        server.to(RUI, "approval.requested")


@pytest.mark.parametrize("answer", [500, 429, None])
def test_what_is_not_taken_is_tried_again_with_the_same_id(organisation, answer):
    with Webhook(answer) as receiver:
        world = hooked(organisation, receiver).start()
        world.ask()
        receiver.wait(lambda _: len(receiver.alerts("approval.requested")) >= (1 if answer is None else 2))
        poll(lambda: "problem" in world.channel("ops"))
        receiver.status = 200
        receiver.ended.set()
        poll(lambda: world.channel("ops")["waiting"] == 0)
        assert len({one["id"] for one in receiver.alerts("approval.requested")}) == 1
        assert all(is_signed(one, SECRET) for one in receiver.all)
        assert "alert.undelivered" not in {one["t"] for one in world.gateway.records(200)}


@pytest.mark.parametrize("answer", [404, 302])
def test_what_is_refused_is_tried_once_and_on_record(organisation, answer):
    with Webhook(answer) as receiver:
        world = hooked(organisation, receiver).start()
        request = world.ask()
        poll(world.undelivered)
        # The overdue drill causes another notification.
        assert {one["code"] for one in world.undelivered()} == {"alert.refused"}
        assert len(receiver.alerts("approval.requested")) == 1
        assert world.channel("ops")["undelivered"] >= 1
        assert world.state(request) == "pending"


def test_what_waits_survives_kill_and_is_sent_with_its_id(organisation):
    with Webhook(503) as receiver:
        world = hooked(organisation, receiver).start()
        request = world.ask()
        receiver.wait(lambda _: receiver.alerts("approval.requested"))
        world.gateway.kill()
        receiver.status = 200
        before = len(receiver.all)
        world.gateway.start()
        receiver.count(before + 1)
        poll(lambda: world.channel("ops")["waiting"] == 0)
        first, *repeated = receiver.alerts("approval.requested")
        assert first["id"] in [one["id"] for one in repeated] and first["request"].endswith(request.removeprefix("apr_"))
        # Killed before it had noted that people know of the request, the gateway notifies them anew, under the same key.
        assert {one["dedupe"] for one in repeated} == {first["dedupe"]}


@pytest.mark.parametrize("after", range(6))
def test_whenever_it_dies_an_open_request_is_told(organisation, after):
    """Crashes (kill -9) at several moments around the request and its notification."""
    with Webhook() as receiver:
        world = hooked(organisation, receiver).start()
        killer = threading.Timer(0.004 * after, world.gateway.kill)
        request = world.ask()
        killer.start()
        killer.join()
        world.gateway.start()
        receiver.wait(lambda _: [one for one in receiver.alerts("approval.requested")
                                 if one["request"].endswith(request.removeprefix("apr_"))])
        assert world.state(request) == "pending"


def test_a_receiver_that_hangs_holds_up_no_other_channel_and_no_call(organisation, root, ca, tmp_path):
    with Webhook(None) as receiver, Mails(serving(root, tmp_path)) as server:
        world = World(organisation, [hook(receiver), mail(server)], ["ops", "approvers"], ca=ca,
                      private_origins=f'["{receiver.origin}"]')
        world.keep("hmac", SECRET)
        request = world.start().ask()
        server.to(RUI, "approval.requested")
        assert receiver.count(1)
        world.deny(request)
        server.to(RUI, "approval.denied")
        assert world.channel("ops")["waiting"] >= 1


def test_slack_gets_text_that_mentions_nobody(organisation):
    with Webhook() as receiver:
        world = World(organisation, ["{name: chat, slack: {secret: slack}}"], ["chat"],
                      private_origins=f'["{receiver.origin}"]')
        world.keep("slack", f"{receiver.origin}/services/T0/B0/hidden")
        world.start().ask()
        (one,) = receiver.count(1)
        body = json.loads(one["body"])
        assert one["path"] == "/services/T0/B0/hidden" and body["link_names"] is False
        assert "approval.requested" in body["text"] and f"<{world.console}/approvals/apr_" in body["text"]
        assert "hidden" not in world.gateway.stderr() + json.dumps(world.gateway.json("status"))


def test_a_private_address_that_nobody_named_gets_nothing(organisation):
    with Webhook() as receiver:
        world = World(organisation, [hook(receiver).replace(receiver.origin, f"https://localhost:{receiver.port}")], ["ops"])
        world.keep("hmac", SECRET)
        world.start().ask()
        poll(lambda: "private" in world.channel("ops").get("problem", ""))
        assert not receiver.all


def test_alarms_go_to_ops(organisation):
    with Webhook() as receiver:
        world = hooked(organisation, receiver).start()
        (world.gateway.policy / "org.yaml").write_text("not a policy")
        receiver.wait(lambda _: receiver.alerts("policy.reload_refused"))
        (alert,) = receiver.alerts("policy.reload_refused")
        assert alert["severity"] == "high" and "request" not in alert


def test_a_channel_without_its_secret_does_not_start(organisation):
    with Webhook() as receiver:
        world = World(organisation, [hook(receiver)], ["ops"], private_origins=f'["{receiver.origin}"]')
        with pytest.raises(Failure, match="(?s)ended with 65.*`alerts.channels` ops: secret `hmac` is in none"):
            world.gateway.start()


def poll(condition, seconds: float = 20):
    """Polls for a condition that the gateway does not report."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not become so"
        time.sleep(0.05)
    return found
