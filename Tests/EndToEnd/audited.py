"""A gateway with a few calls in its log, and the output of `interlock audit` on it."""

import hashlib
import json
import subprocess
import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deployment import approval_id
from addresses import PAUL, RUI


class Log:
    """A deployment with a few calls in its log: allowed, denied, and one that two people approved."""

    def __init__(self, acme):
        self.acme, self.gateway = acme, acme.gateway
        session = acme.session("support-triage")
        for text in ("lamp", "invoice"):
            assert session.call("tickets__search", text=text).code is None
        session.call("crm__delete_customer", id="C-77")
        self.gateway.wait_for_tools("refunds", "billing")
        refunds = acme.session("refunds")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(refunds.call, "billing__refund_request", invoice_id="INV-20931",
                                amount_cents=42000, currency="EUR")
            request = approval_id(self.gateway.pending())
            for person in (PAUL, RUI):
                self.gateway.approve(request, person)
            assert asked.result(30).code is None

    def run(self, *words, **options) -> subprocess.CompletedProcess:
        return self.gateway.run("audit", *words, **options)

    def json(self, *words, **options) -> list[dict]:
        return self.gateway.json("audit", *words, **options)

    def files(self, *words, **options) -> list[dict]:
        """Reads from the files, which leaves no record."""
        return self.json(*words, "--log", str(self.gateway.ledger), **options)

    def all(self) -> list[dict]:
        return self.files("tail", "-n", "100000")

    def leaves(self, type: str) -> list[dict]:
        return [one for one in self.all() if one["leaf"]["t"] == type]

    def wait_for_index(self):
        """Waits until the index contains the whole current log."""
        size = len(self.all())
        deadline = time.monotonic() + 20
        while self.gateway.json("status")[0]["index"]["records"] < size:
            assert time.monotonic() < deadline, self.gateway.stderr()[-2000:]
            time.sleep(0.1)

    def wait_for_checkpoint(self):
        """Waits until the whole current log is published."""
        size, deadline = len(self.all()), time.monotonic() + 30
        while self.gateway.published_size() < size:
            assert time.monotonic() < deadline, self.gateway.stderr()[-2000:]
            time.sleep(0.2)

    @property
    def index(self) -> Path:
        return self.gateway.folder / "state" / "index.db"


def sure(records: list[dict]) -> list[dict]:
    """Requires that each record is proved, and that its hash is that of its leaf."""
    for one in records:
        canonical = json.dumps(one["leaf"], separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        assert b64decode(one["hash"]) == hashlib.sha256(b"\x00" + canonical.encode()).digest()
        assert one["proved"]["size"] > one["index"]
    return records
