"""A house with something to see on every page: somebody signed in of each role, calls that went through, were refused and wait, a
stopped agent; and words everywhere that want to be something else."""

import json
from concurrent.futures import ThreadPoolExecutor

from browsing import Browser
from consolepages import ADA, PEOPLE
from office import Office
from test_approvals import Asking

# One line, as purposes and reasons have to be.
MARKUP = "\"><img src=//evil.example/x onerror=alert(1)></bdi></section><h1>Owned</h1><script>document.title='owned'</script>"
HOSTILE = [
    MARKUP, "pay \u202e0001\u202c EUR", "a\u200bb", "\U000e0041\U000e0042", "p\u0430ypal", "\x1b[31mred\x1b[0m",
    "line\r\nnext\tcell", "javascript:alert(1)", "spaces  ",
]


class House:
    def __init__(self, stack, binary, people):
        self.office = Office(stack, binary, people, invited=PEOPLE, extra={
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
        assert asking.ask(amount_cents=900_000).result(30).code == 4030
        self.held = asking.ask(invoice_id="\n".join(HOSTILE))
        self.request = asking.request()
        self.halt = self.gateway.halt("--agent", "support-triage", by=ADA, reason=MARKUP)
        refused = [one for one in self.gateway.records(200) if one.get("agent") == "refunds" and one["t"] == "call.denied"][-1]
        return {"request": self.request, "halt": self.halt, "run": refused["run"], "record": str(refused["index"])}

    def _end(self):
        self.gateway.run("approvals", "deny", self.request, "--reason", "not this one", by="rui@acme.example", check=False)
        self.held.result(30)
