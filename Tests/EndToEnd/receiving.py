"""The receivers of people's channels: a mail server on PyPI `aiosmtpd` and an HTTP receiver. Both can refuse, fail or
hang, and store what they accept."""

import asyncio
import email
import email.policy
import hmac
import json
import re
import ssl
import threading
import time
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.smtp import AuthResult, SMTP

from replying import reply


class Told:
    """Received items, for which a test can wait."""

    def __init__(self):
        self.changed, self.all = threading.Condition(), []

    def add(self, one) -> None:
        with self.changed:
            self.all.append(one)
            self.changed.notify_all()

    def wait(self, wanted, seconds: float = 20) -> list:
        """Waits until `wanted` returns a true value for all items so far, and returns it."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not (found := wanted(list(self.all))):
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"not within {seconds} s: {self.all}")
            return found

    def count(self, number: int, seconds: float = 20) -> list:
        return self.wait(lambda all: all if len(all) >= number else None, seconds)


class Webhook(Told):
    """Responds with `status` and `response`, or never if that is None. Each item has headers, body and path."""

    def __init__(self, status: int | None = 200, port: int = 0, response: bytes = b""):
        super().__init__()
        self.status, self.response, self.ended = status, response, threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.add({"path": self.path, "headers": dict(self.headers), "body": body, "at": time.time()})
                if owner.status is None:
                    owner.ended.wait()
                    self.close_connection = True
                    return
                more = {"Location": "http://127.0.0.1:1/"} if 300 <= owner.status < 400 else {}
                reply(self, owner.status, owner.response, **more)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        self.origin = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.http.shutdown()
        self.http.server_close()

    def alerts(self, kind: str | None = None) -> list[dict]:
        found = [json.loads(one["body"]) for one in self.all]
        return [one for one in found if kind in (None, one["kind"])]


def is_signed(one: dict, secret: str) -> bool:
    """Checks the signature as documented: time and body under the shared secret."""
    match = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", one["headers"]["Interlock-Signature"])
    signed = match[1].encode() + b"." + one["body"]
    fresh = abs(one["at"] - int(match[1])) < 300
    return fresh and hmac.compare_digest(hmac.digest(secret.encode(), signed, "sha256").hex(), match[2])


class Mails(Told):
    """A mail server with a certificate. `implicit`: TLS from the first byte, otherwise required STARTTLS. `answers`
    maps recipients to refusals; `account` is the required login."""

    def __init__(self, context: ssl.SSLContext, implicit: bool = False, account: tuple[str, str] | None = None,
                 offers_tls: bool = True):
        super().__init__()
        self.answers: dict[str, str] = {}
        self.account = account
        options = {"tls_context": context if not implicit and offers_tls else None,
                   "require_starttls": not implicit and offers_tls,
                   "auth_required": account is not None, "auth_require_tls": not implicit,
                   "authenticator": self.check if account else None}
        self.context, self.options = context if implicit else None, options
        self.loop = asyncio.new_event_loop()
        self.scheme = "smtps" if implicit else "smtp"

    def check(self, server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self.account)

    def __enter__(self):
        self.server = self.loop.run_until_complete(self.loop.create_server(
            lambda: SMTP(self, loop=self.loop, **self.options), "127.0.0.1", 0, ssl=self.context))
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"{self.scheme}://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.server.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        mail.envelope, mail.over_tls = envelope.rcpt_tos, session.ssl is not None
        self.add(mail)
        return "250 OK"

    def to(self, person: str, kind: str) -> EmailMessage:
        """Waits for the only mail of this kind to this person."""
        def wanted(mails):
            return [one for one in mails if one.envelope == [person] and f"kind: {kind}" in text(one)]
        return self.wait(wanted)[0]


def text(mail: EmailMessage) -> str:
    return mail.get_content()


def field(mail: EmailMessage, name: str) -> str | None:
    match = re.search(rf"^{name}: (.*?)\r?$", text(mail), re.M)
    return match and match[1]
