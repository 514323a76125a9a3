"""A gateway with content on every page: a signed-in person of each role; calls that went through, were refused and
wait; a halted agent, alerts, incidents, a drill, reviews, a pending revision of the policy; and hostile text everywhere."""

import json
from concurrent.futures import Future, ThreadPoolExecutor

import reviewing
import revising
from addresses import ADA, DANA, INES, PAUL, RUI, SAM
from browsing import Browser
from conftest import FIXTURES
from consolepages import PEOPLE
from faulty import policy
from learning import USUAL, alarm, learned, remember, spike
from office import Office
from refunding import Asking
from waits import passed_drill, until

HOSTILE = json.loads((FIXTURES / "hostile_words.json").read_text())
# One line, as purposes and reasons must be.
MARKUP = HOSTILE[0]
# A valid name of a file or a host.
NAME = MARKUP.replace("/", "") + "\u202e"
TALKING = f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "talking_server.py"}"], sandbox: {{read: ["{FIXTURES}"]}}}}'


def talking() -> dict[str, str]:
    """A server that returns such text, and its agent in a file of such a name."""
    files = policy("talking", TALKING, ("tell",))
    return {"servers/talking.yaml": files["servers/talking.yaml"], f"agents/{NAME}.yaml": files["agents/tester.yaml"]}


class House:
    def __init__(self, stack, binary, people):
        self.office = Office(
            stack, binary, people, invited=PEOPLE, prepare=lambda gateway: remember(gateway, learned(USUAL)),
            settings={"detectors": {"first_host": "alert"}}, extra={
                **talking(),
                "agents/support-triage.yaml": lambda text: text.replace(
                    "Reads inbound tickets and finds the right answer", json.dumps(MARKUP))})
        self.gateway = self.office.gateway
        self.pool = stack.enter_context(ThreadPoolExecutor(4))
        self.gateway.wait_for_tools("support-triage", "kb")
        # The alert of a series needs a whole minute to end.
        spiking = self.pool.submit(spike, self.gateway)
        self.people: dict[str, Browser] = {person: self.office.person(person) for person in PEOPLE}
        self.names = {**self._notice(spiking), **self._happen(), **self._handle(), **self._review(), **self._revise(),
                      "person": self._person()}
        stack.callback(self._end)

    def _notice(self, spiking: Future) -> dict[str, str]:
        """A drill, and alerts: one of a series, one with a text and one with a subject chosen by an outsider."""
        drill = passed_drill(self.gateway)
        self.gateway.wait_for_tools("tester", "talking")
        tester = self.office.acme.session("tester")
        for host in ("kb.example", NAME):
            assert tester.call("talking__tell", text=f"https://{host}").code is None
        said = until(lambda: alarm(self.gateway, "signal.first_host"), self.gateway, 60)["id"]
        self.gateway.run("alerts", "dispose", said, "--as", "attack", "--reason", MARKUP, "--incident", "2")
        series = spiking.result(300)["id"]
        torn = self.gateway.folder / "state" / "kill" / "orders" / f"{NAME}.json"
        torn.write_bytes(b"{")
        torn.chmod(0o600)
        (halt,) = until(lambda: self.gateway.json("kill", "--status")[0]["halts"], self.gateway, 60)
        self.gateway.resume(halt["id"], ADA, SAM)
        about = until(lambda: alarm(self.gateway, "kill.fault"), self.gateway, 60)["id"]
        return {"drill": drill, "series": series, "said": said, "about": about}

    def _happen(self) -> dict[str, str]:
        """Makes the events that pages show; returns the names in the pages' paths."""
        asking = Asking(self.office.acme, self.pool)
        assert asking.session().call("billing__get_invoice", id="INV-20931").code is None
        assert self.office.acme.session("tester").call("talking__tell", text="\n".join(HOSTILE)).code is None
        assert asking.ask(amount_cents=900_000).result(30).code == 4030
        denied = asking.ask()
        asking.deny(asking.request(), by=RUI)
        assert denied.result(30).code == 4031
        self.held = asking.ask(invoice_id="\n".join(HOSTILE))
        self.request = asking.request()
        self.halt = self.gateway.halt("--agent", "support-triage", by=ADA, reason=MARKUP)
        records = self.gateway.records(500)
        refused, *_ = [one for one in records if one["t"] == "call.denied" and one["agent"] == "refunds"]
        told = [one for one in records if one["t"] == "call.intent" and one["tool"] == "talking__tell"][-1]
        return {"request": self.request, "halt": self.halt, "run": refused["run"], "record": str(refused["index"]),
                "told_run": told["run"], "told": str(told["index"])}

    def _handle(self) -> dict[str, str]:
        """Incidents: the one that was opened by an alert's disposition, with an action, and one that is closed."""
        (incident,) = self.gateway.json("incidents", "list", check=False)
        self.gateway.run("incidents", "act", incident["id"], "--did", MARKUP)
        ended = self.gateway.json("incidents", "open", "--severity", "3", "--reason", MARKUP)[0]["id"]
        self.gateway.run("incidents", "close", ended, "--cause", "other", "--reason", MARKUP)
        return {"incident": incident["id"], "incident_ended": ended}

    def _review(self) -> dict[str, str]:
        """Reviews: one that was signed with a finding, one with each kind of mark and a record without, and that of the
        organisation."""
        signed = reviewing.started(self, "refunds")
        leaves = reviewing.sampled(self, signed)
        (shown,) = reviewing.answer(self, "sample", signed)
        reviewing.mark(self, signed, leaves[0], "finding", "--severity", "2", "--note", MARKUP)
        for leaf in leaves[1:]:
            reviewing.mark(self, signed, leaf, "ok")
        due = reviewing.day(5)
        (begun,) = self.gateway.records(500, type="review.started")
        answers = reviewing.stated(begun, self.gateway.folder / "answers.json", findings=[
            {"severity": 2, "text": MARKUP, "owner": INES, "due": due, "leaf": leaves[0]}],
            drift=[{**one, "outcome": "keep"} for one in shown["drift"]])
        reviewing.answer(self, "sign", signed, "--next", due, "--answers", answers, "--with", DANA, by=SAM)
        reviewing.answer(self, "sign", signed, by=DANA)
        opened = reviewing.started(self, "tester")
        marked, unread, *_ = reviewing.sampled(self, opened)
        reviewing.mark(self, opened, marked, "finding", "--severity", "3", "--note", MARKUP)
        reviewing.answer(self, "start", "--org", "--from", reviewing.yesterday())
        return {"marked_leaf": reviewing.address(marked), "leaf": reviewing.address(unread)}

    def _revise(self) -> dict[str, str]:
        """Puts a pending revision on disk, whose name and content its author chose."""
        revising.sign_off(self.gateway)
        revising.propose(
            self.gateway, ("org.yaml", '"example.1"', json.dumps(MARKUP)),
            ("agents/refunds.yaml", "\"args.amount_cents <= 800000 && args.currency == 'EUR'\"",
             json.dumps(f"args.amount_cents <= 800000 && args.currency in ['EUR', {json.dumps(MARKUP)}]")),
            (f"agents/{NAME}.yaml", "mcp_scopes:\n", "mcp_scopes:\n      kb: [read]\n"))
        return {}

    def _person(self) -> str:
        """The end of the address of a person's page."""
        browser = self.people[SAM]
        browser.open("/people")
        return browser.driver.find_element("link text", PAUL).get_attribute("href").rsplit("/", 1)[1]

    def _end(self):
        self.gateway.run("approvals", "deny", self.request, "--reason", "not this one", by=RUI, check=False)
        self.held.result(30)
