"""A house with something to see on every page: somebody signed in of each role, calls that went through, were refused and wait, a
stopped agent; and words everywhere that want to be something else."""

import json
from concurrent.futures import ThreadPoolExecutor

from browsing import Browser
from conftest import FIXTURES
from consolepages import ADA, PEOPLE
from faulty import policy
from office import Office
from refunding import Asking

HOSTILE = json.loads((FIXTURES / "hostile_words.json").read_text())
# One line, as purposes and reasons have to be.
MARKUP = HOSTILE[0]
TALKING = f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "talking_server.py"}"], sandbox: {{read: ["{FIXTURES}"]}}}}'


class House:
    def __init__(self, stack, binary, people):
        self.office = Office(stack, binary, people, invited=PEOPLE, extra={
            **policy("talking", TALKING, ("tell",)),
            "agents/support-triage.yaml": lambda text: text.replace(
                "Reads inbound tickets and finds the right answer", json.dumps(MARKUP))})
        self.gateway = self.office.gateway
        self.pool = stack.enter_context(ThreadPoolExecutor(4))
        self.people: dict[str, Browser] = {person: self.office.person(person) for person in PEOPLE}
        self.names = self._happen()
        stack.callback(self._end)

    def _happen(self) -> dict[str, str]:
        """What pages show, and the names that their addresses have."""
        asking = Asking(self.office.acme, self.pool)
        assert asking.session().call("billing__get_invoice", id="INV-20931").code is None
        self.gateway.wait_for_tools("tester", "talking")
        assert self.office.acme.session("tester").call("talking__tell", text="\n".join(HOSTILE)).code is None
        assert asking.ask(amount_cents=900_000).result(30).code == 4030
        self.held = asking.ask(invoice_id="\n".join(HOSTILE))
        self.request = asking.request()
        self.halt = self.gateway.halt("--agent", "support-triage", by=ADA, reason=MARKUP)
        records = self.gateway.records(200)
        (refused,) = [one for one in records if one["t"] == "call.denied"]
        (told,) = [one for one in records if one["t"] == "call.intent" and one["tool"] == "talking__tell"]
        return {"request": self.request, "halt": self.halt, "run": refused["run"], "record": str(refused["index"]),
                "told_run": told["run"], "told": str(told["index"])}

    def _end(self):
        self.gateway.run("approvals", "deny", self.request, "--reason", "not this one", by="rui@acme.example", check=False)
        self.held.result(30)
