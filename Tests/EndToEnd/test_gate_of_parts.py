"""One byte changed in each part of what shapes an agent, in turn: the gateway refuses the agent and sends nothing, and
`interlock eval gate` ends with 1, until the byte is restored (docs/specs/evals.md, section 12)."""

import os
import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import evaluation
from addresses import ADA, LI
from changingserver import changing, definition  # noqa: F401
from evaluating import key
from evaluation import AGENT
from governed import DENIED
from test_attested_prompt import SocketSession, claims
from waits import until

pytestmark = pytest.mark.requirement("R116", "R117")

SKILL = "skills/triage/SKILL.md"
GUARDED = '      tickets: [get_ticket, {tool: search, when: "size(args.text) < 900"}]\n'


def flipped(text: str, old: str) -> str:
    """The text with another last byte of `old`, which it has once."""
    assert text.count(old) == 1, old
    return text.replace(old, old[:-1] + chr(ord(old[-1]) ^ 1))


class Attested:
    """The example's agent, whose prompt, skill and model an attester states for one token."""

    def __init__(self, organisation, people):
        section = evaluation.signed_by(LI, people.public[LI])
        section += f'  attesters: [{{key: "{key(people, ADA)}", held_by: [{ADA}]}}]\n'
        self.made = organisation(start=False, extra={
            "org.yaml": lambda text: text + section,
            f"agents/{AGENT}.yaml": lambda text: text.replace(
                "    tier: low\n", f"    tier: low\n    workloads: {{uid: {os.geteuid()}}}\n", 1).replace(
                "      tickets: [read]\n", GUARDED, 1)})
        self.gateway, self.evals = self.made.gateway, evaluation.Evals(self.made.gateway)
        self.gateway.configure("listeners", agents_socket='"agents.sock"')
        self.gateway.pin(ADA)
        self.evals.write()
        self.skill = self.gateway.folder / SKILL
        self.skill.parent.mkdir(parents=True)
        self.skill.write_text("Sort by age.\n")
        self.list = self.evals.suite / "fingerprint.yaml"
        self.list.write_text(self.list.read_text().rstrip() + f"\nskills: [{{name: triage, path: {Path(SKILL).parent}}}]\n")
        self.gateway.start()
        self.gateway.wait_for_tools("refunds", "tickets")
        self.token, self.hours = self.made.token(AGENT), 0

    def attest(self) -> None:
        """States what is on disk now; of one token the statement that ends last counts."""
        self.hours += 1
        end = datetime.now(timezone.utc) + timedelta(hours=self.hours)
        release = self.gateway.folder / "release.yaml"
        release.write_text(self.list.read_text())
        self.gateway.run("eval", "attest", AGENT, "--token", claims(self.token)["jti"], "--until",
                         f"{end:%Y-%m-%dT%H:%M:%SZ}", "--fingerprint", str(release), "--sign", "agent")

    def reload(self) -> None:
        before = self.evals.policy()
        self.gateway.process.send_signal(signal.SIGHUP)
        until(lambda: self.evals.policy() != before, self.gateway)

    def open(self) -> SocketSession:
        return SocketSession(self.gateway.folder / "agents.sock", self.token)

    def check_served(self) -> None:
        assert self.evals.gate()[0] == 0
        assert "instructions" not in self.open().opening.message["result"]
        arrived = self.made.count("tickets", "search")
        assert self.open().call("tickets__search", text="lamp").code is None
        assert self.made.count("tickets", "search") == arrived + 1

    def check_refused(self, part: str, session: SocketSession) -> None:
        assert self.evals.gate() == (1, f"{AGENT}: eval-missing, changed since the last result: {part}")
        arrived = self.made.count("tickets", "search")
        assert session.call("tickets__search", text="lamp").code == DENIED, part
        # A session that opens now says so, and is refused as well.
        later = self.open()
        assert "eval-missing" in later.opening.message["result"]["instructions"]
        assert later.call("tickets__search", text="lamp").code == DENIED, part
        assert self.made.count("tickets", "search") == arrived, part
        until(lambda: [one for one in self.gateway.records(300, type="eval.refused")
                       if (one["agent"], one["code"], one.get("codes")) == (AGENT, "eval-missing", [part])], self.gateway)


def test_one_byte_of_prompt_skill_model_and_policy(organisation, people):
    world = Attested(organisation, people)
    world.evals.evaluate()
    world.attest()
    world.check_served()
    session = world.open()
    agent = world.gateway.policy / "agents" / f"{AGENT}.yaml"
    for part, path, old in [("prompt", world.evals.prompt, world.evals.prompt.read_text()[:40]),
                            ("skills", world.skill, "Sort by age"),
                            ("model", world.list, "claude-sonnet-4-5-20250929"), ("policy", agent, "< 900")]:
        kept = path.read_text()
        path.write_text(flipped(kept, old))
        if part == "policy":
            world.reload()
        else:
            world.attest()
        world.check_refused(part, session)
        path.write_text(kept)
        if part == "policy":
            world.reload()
        else:
            world.attest()
        world.check_served()
        assert session.call("tickets__search", text="lamp").code is None, "the run of before goes on"
    assert world.gateway.replay().returncode == 0


def test_one_byte_of_a_tool(changing, people):  # noqa: F811
    made = changing(definition("one"), definition("two"))
    gateway = made.gateway
    org, agent = gateway.policy / "org.yaml", gateway.policy / "agents" / "tester.yaml"
    org.write_text(org.read_text() + evaluation.signed_by(LI, people.public[LI]))
    # The other tool is one that the suite can refuse.
    agent.write_text(agent.read_text().replace("changing: [read]", "changing: [one]"))
    made.accept()
    made.start()
    gateway.run("eval", "run", "tester", "--starter", "--sign", "agent")
    (result,) = [path for path in (gateway.folder / "suites/tester/results").glob("*.json")
                 if not path.name.endswith(".cases.json")]
    gateway.run("eval", "gate", "--submit", str(result))

    def restart(text: str):
        gateway.stop()
        made.offer([definition("one", text), definition("two")])
        made.accept()
        made.start()
        return gateway.run("eval", "gate", "tester", check=False), made.session()

    assert made.session().call("changing__one", text="short").code is None
    done, session = restart("a toom")
    assert done.returncode == 1 and "changed since the last result: tools" in done.stdout
    sent = len(gateway.records(300, type="call.intent"))
    assert "eval-missing" in session.opening.message["result"]["instructions"]
    assert session.call("changing__one", text="short").code == DENIED
    assert len(gateway.records(300, type="call.intent")) == sent
    until(lambda: [one for one in gateway.records(300, type="eval.refused") if one.get("codes") == ["tools"]], gateway)
    done, session = restart("a tool")
    assert done.returncode == 0, done.stdout
    assert session.call("changing__one", text="short").code is None
