"""The endpoints of Claude Managed Agents that a worker needs, as the vendor's public Python SDK calls them (docs/decisions/0116)."""

import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

HEADERS = {"anthropic-version": "2023-06-01", "anthropic-beta": "managed-agents-2026-04-01", "content-type": "application/json",
           "anthropic-worker-id": socket.gethostname()}
FIRST_BEAT = "NO_HEARTBEAT"


@dataclass(frozen=True)
class Work:
    """A claimed work item: one session of the queue."""
    id: str
    session: str


class Vendor:
    """Each method raises `OSError` if the vendor cannot be reached or refuses (`urllib.error.HTTPError`)."""

    def __init__(self, base: str, environment: str, key: str):
        self.base, self.environment = base.rstrip("/"), environment
        self.headers = {**HEADERS, "authorization": f"Bearer {key}"}

    def claim(self) -> Work | None:
        """The next session of the queue, acknowledged; None if there is none within a second."""
        found = self._ask("GET", self._work("poll"), block_ms=999)
        if not found:
            return None
        work = Work(found["id"], found["data"]["id"])
        self._ask("POST", self._work(work.id, "ack"))
        return work

    def beat(self, work: Work, last: str) -> dict:
        """Extends the lease; `last` is the `last_heartbeat` of the response before, or `FIRST_BEAT`."""
        return self._ask("POST", self._work(work.id, "heartbeat"), expected_last_heartbeat=last)

    def stop(self, work: Work) -> None:
        """Ends a work item, also one that has ended already."""
        try:
            self._ask("POST", self._work(work.id, "stop"), {"force": True})
        except urllib.error.HTTPError as refused:
            if refused.code != 409:
                raise

    def events(self, session: str) -> list[dict]:
        """The whole history of a session, oldest first."""
        found, page = [], {}
        while True:
            answer = self._ask("GET", f"/v1/sessions/{quoted(session)}/events", limit=1000, **page)
            found += answer["data"]
            if not answer.get("next_page"):
                return found
            page = {"page": answer["next_page"]}

    def send(self, session: str, event: dict) -> None:
        self._ask("POST", f"/v1/sessions/{quoted(session)}/events", {"events": [event]})

    def _work(self, *parts: str) -> str:
        return "/".join((f"/v1/environments/{quoted(self.environment)}/work", *map(quoted, parts)))

    def _ask(self, method: str, path: str, body: dict | None = None, **query):
        url = f"{self.base}{path}?{urllib.parse.urlencode({'beta': 'true', **query})}"
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(url, data, self.headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


def quoted(part: str) -> str:
    return urllib.parse.quote(part, safe="")
