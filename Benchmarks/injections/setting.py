"""The gateway of the benchmark, its servers, and tokens by which each task is a run of its own: of an issuer, or of runs
that state a request."""

import base64
import json
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deployment import Deployment
from people import People

from .agents import ASKED, EXECUTED, Agent, Ended, Modern, judged
from .policies import FIRST, PEOPLE, SECOND, Way, policy
from .runs import Run
from .stubs import Stubs
from .tasks import SUITES, Corpus, Task


class Setting:
    """Runs until the stack is closed. On return of the initialiser, all tools are listed and tokens are accepted."""

    def __init__(self, stack: ExitStack, binary: Path, folder: Path, corpus: Corpus, ways: tuple[Way, ...]):
        people = stack.enter_context(People(folder / "people", PEOPLE))
        worlds = {way.servers: way for way in ways}
        self.ways, self.issuer = ways, Issuer()
        self.stubs = stack.enter_context(Stubs(corpus, self.issuer.keys, tuple(worlds)))
        source = folder / "source"
        source.mkdir()
        (source / "org.yaml").write_text(policy(corpus.suites, self.stubs.url, ways))
        self.gateway = Deployment(binary, folder / "deployment", source, people, org="bench")
        self.gateway.init()
        self.gateway.configure("authorization", **self.issuer.settings(self.stubs.url, ways))
        self.gateway.configure("mcp", hold="1s")  # the shortest time after which a client reads that people must decide
        self.gateway.configure("approval_service", pending_per_agent="1000")
        stack.callback(self.gateway.kill)
        self.gateway.start()
        for world, way in worlds.items():
            for suite in corpus.suites.values():
                servers = (f"{name}-{world}" for name in suite.servers)
                self.gateway.wait_for_tools(way.agent(suite.name), *servers, seconds=60)
        self.wait_for_keys()
        self.policy = next(one["pol"] for one in reversed(self.gateway.records(200)) if one["t"] == "policy.loaded")

    def wait_for_keys(self, seconds: float = 30) -> None:
        """The gateway fetches the issuer's keys while it already answers."""
        deadline = time.monotonic() + seconds
        while True:
            client = Modern(self.gateway.port, self.token(self.ways[0], SUITES[0], "first"))
            try:
                client.call("none__none", {})
                return
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            finally:
                client.close()

    def token(self, way: Way, suite: str, task: str) -> str:
        return self.issuer.token(self.gateway.url, way.agent(suite), task)

    def do(self, way: Way, task: Task) -> Ended:
        if not way.states_request:
            return Agent(self.gateway.port, self.token(way, task.suite, task.name), way, task).do()
        with Run(self.socket, self.policy, way.agent(task.suite), task.request) as run:
            return Agent(self.gateway.port, run.token, way, task).do()

    @property
    def socket(self) -> Path:
        return self.gateway.folder / "state" / "interlock.sock"

    def is_executed_when_approved(self, ended: Ended) -> bool:
        """Lets people approve the first call of the task that waits, and the agent repeat it."""
        call = next(call for call in ended.calls if call.fate == ASKED)
        (shown,) = self.gateway.json("approvals", "show", call.approval)
        for person in (FIRST, SECOND)[:shown["quorum"]]:
            self.gateway.run("approvals", "approve", call.approval, "--digest", shown["digest"], by=person)
        client = Modern(self.gateway.port, ended.token)
        try:
            return judged(client.call(call.tool, call.arguments))[0] == EXECUTED
        finally:
            client.close()

    def check_arrivals(self, done: list[Ended]) -> None:
        """Raises unless exactly those calls arrived at the servers that an agent saw executed."""
        seen = Counter(call.tool.replace("__", ".") for one in done for call in one.calls if call.fate == EXECUTED)
        if (arrived := Counter(tool for tool, _ in self.stubs.arrived)) != seen:
            raise RuntimeError(f"servers and agents disagree: {arrived - seen} arrived, {seen - arrived} did not")


class Issuer:
    """Signs the agents' tokens. The run of such a token is that of its client and the person for whom it acts."""

    def __init__(self):
        self.key, self.name = Ed25519PrivateKey.generate(), ""
        public = {"kty": "OKP", "crv": "Ed25519", "x": encoded(self.key.public_key().public_bytes_raw()), "kid": "one",
                  "use": "sig", "alg": "EdDSA"}
        self.keys = json.dumps({"keys": [public]}).encode()

    def settings(self, url: str, ways: tuple[Way, ...]) -> dict[str, str]:
        """The keys of `authorization`, if the key set is at `url`/keys."""
        self.name = url
        clients = ", ".join(f'"{way.agent(suite)}": {way.agent(suite)}' for way in ways for suite in SUITES)
        entry = f'issuer: "{url}", keys: "{url}/keys", clients: {{{clients}}}, person: email, scopes: false'
        return {"issuers": f"[{{{entry}}}]", "retry": "1s"}

    def token(self, audience: str, client: str, task: str) -> str:
        now = int(time.time())
        head = {"alg": "EdDSA", "kid": "one", "typ": "at+jwt"}
        claims = {"iss": self.name, "aud": audience, "sub": task, "client_id": client, "email": f"{task}@users.example",
                  "iat": now, "exp": now + 900, "jti": f"{client}/{task}"}
        signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
        return f"{signed}.{encoded(self.key.sign(signed.encode()))}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
