"""A prompt that a release manifest states for one token: the gateway refuses the token's calls from the moment at which the
stated prompt is another one than its evals cover (docs/specs/evals.md, sections 5 and 6)."""

import base64
import http.client
import json
import os
import socket
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import evaluation
from addresses import ADA, LI
from evaluating import key
from evaluation import AGENT
from governed import DENIED
from waits import until
from wire import Answer, Session, messages


class SocketSession(Session):
    """A session over `listeners.agents_socket`, where the kernel names the user of the caller."""

    def __init__(self, path: Path, token: str):
        self.socket = path
        super().__init__(0, token)

    def post(self, message, seconds: float = 60, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1")
        connection.sock = socket.socket(socket.AF_UNIX)
        try:
            connection.sock.settimeout(seconds)
            connection.sock.connect(str(self.socket))
            connection.request("POST", self.path, json.dumps(message), {**self.headers, **headers})
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            data = response.read()
        finally:
            connection.close()
        return Answer(response.status, found, data, messages(found.get("content-type", ""), data))


def claims(token: str) -> dict:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.mark.requirement("R116", "R117")
def test_a_prompt_that_no_evals_cover_is_refused_by_the_gateway(organisation, people):
    section = evaluation.signed_by(LI, people.public[LI])
    section += f'  attesters: [{{key: "{key(people, ADA)}", held_by: [{ADA}]}}]\n'
    made = organisation(start=False, extra={
        "org.yaml": lambda text: text + section,
        f"agents/{AGENT}.yaml": lambda text: text.replace(
            "    tier: low\n", f"    tier: low\n    workloads: {{uid: {os.geteuid()}}}\n", 1)})
    gateway, evals = made.gateway, evaluation.Evals(made.gateway)
    gateway.configure("listeners", agents_socket='"agents.sock"')
    gateway.pin(ADA)
    evals.write()
    # Its paths are below its own folder, as those of the suite's list are below the folder that has the suites.
    release = gateway.folder / "release.yaml"
    release.write_text((evals.suite / "fingerprint.yaml").read_text())
    gateway.start()
    gateway.wait_for_tools("refunds", "tickets")
    token = made.token(AGENT)

    def attest(hours: int) -> str:
        end = datetime.now(timezone.utc) + timedelta(hours=hours)
        return gateway.run("eval", "attest", AGENT, "--token", claims(token)["jti"], "--until", f"{end:%Y-%m-%dT%H:%M:%SZ}",
                           "--fingerprint", str(release), "--sign", "agent").stdout

    evals.evaluate()
    assert f"{AGENT}: taken; the gate says " in attest(1)
    session = SocketSession(gateway.folder / "agents.sock", token)
    assert session.call("tickets__search", text="lamp").code is None

    # One line of the prompt, and nothing else.
    evals.change_prompt()
    assert session.call("tickets__search", text="lamp").code is None, "the manifest states the prompt of before"
    attest(2)
    arrived = made.count("tickets", "search")
    assert session.call("tickets__search", text="lamp").code == DENIED
    assert made.count("tickets", "search") == arrived
    (refused,) = until(lambda: gateway.records(100, type="eval.refused"), gateway)
    assert (refused["agent"], refused["code"], refused["codes"]) == (AGENT, "eval-missing", ["prompt"])

    evals.evaluate()
    assert session.call("tickets__search", text="lamp").code is None
    assert gateway.replay().returncode == 0
