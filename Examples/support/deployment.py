"""One Interlock deployment: its folder, its process, and its command line as people use it."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import wire
from make_organisation import free_ports
from people import People


class Failure(Exception):
    """A command or the gateway did not do what was asked; the text has what it printed."""


class Deployment:
    """The gateway runs from `start` to `stop` or `kill`, on the same two ports each time."""

    def __init__(self, binary: Path, folder: Path, policy: Path, people: People, org: str = "acme",
                 ports: tuple[int, int] | None = None, node: str | None = None, segment: str | None = None):
        self.binary, self.folder, self.people, self.org = binary, folder, people, org
        self.policy, self.node, self.segment = policy, node, segment
        self.port, self.people_port = ports or free_ports(2)
        self.log = folder.parent / f"{folder.name}.log"
        self.process: subprocess.Popen | None = None
        self.console: str | None = None  # where `init` is told that browsers find it
        self.links: dict[str, str] = {}  # by which the founding people enrol passkeys then

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    @property
    def ledger(self) -> Path:
        return self.folder / "state" / "ledger"

    prefix: list[str] = []  # words by which commands that read the state run as the gateway's user, where that is another one
    breakers: dict[str, str] = {}  # keys of that section of interlock.yaml; none: as they are by default

    # Setting up.

    def init(self) -> None:
        said = self.run(
            "init", "--org", self.org, "--policy", str(self.policy), *self.people.arguments(),
            *(["--console", self.console] if self.console else []), *(["--node", self.node] if self.node else []),
            *(["--segment", self.segment] if self.segment else [])).stdout
        self.links = dict(re.findall(r"passkey of (\S+): (\S+)", said))
        self.policy = self.folder / "policy"  # a deployment holds its own copy
        self.configure("listeners", agents=f'"127.0.0.1:{self.port}"', people=f'"127.0.0.1:{self.people_port}"',
                       audience=f'"{self.url}"')
        # Examples decide in seconds what people take minutes for, and wait for one request at a time.
        self.configure("approval_service", countermeasures="mark", probes="{rate: 0, min_per_month: 0}")
        if self.breakers:
            self.configure("breakers", **self.breakers)
        # They hurry more than agents do; tests of limits set their own.
        self.configure("limits", requests="{rate: 1000000/s, burst: 100000}", auth_failures="1000000/s",
                       inflight="{agent: 100000, server: 100000}", lists="1000000/s", discovers="1000000/s")
        self.configure("drill", auto="false")  # on a Tuesday morning some would drill, and be slower
        if filesystem(self.folder) not in ("ext2/ext3", "xfs"):
            # Their flushes prove little, so a deployment must say that it accepts that. An example may.
            self.configure("ledger", any_filesystem="true")

    def pin(self, by: str) -> None:
        """Takes what the servers offer now as read by this person, who signs it; they must be up."""
        self.run("servers", "pin", "--accept", by=by, seconds=120)

    def sign_off(self, author: str, *others: str) -> None:
        """The author signs what lies in the folder, then the people whose signatures count."""
        for person in (author, *others):
            self.run("policy", "diff", str(self.policy), str(self.policy), "--sign", "agent",
                     "--dir", str(self.folder), by=person)

    def configure(self, section: str, **values: str) -> None:
        """Sets keys of one section of `interlock.yaml`; each must stand there."""
        path = self.folder / "interlock.yaml"
        lines, here = path.read_text().splitlines(), None
        for number, line in enumerate(lines):
            if line and not line.startswith((" ", "#")):
                here = line.split(":")[0]
            name = line.strip().split(":")[0]
            if here == section and line.startswith("  ") and name in values:
                lines[number] = f"  {name}: {values.pop(name)}"
        if values:
            raise Failure(f"{path} has no {sorted(values)} in {section}")
        path.write_text("\n".join(lines) + "\n")

    # The process.

    def start(self, seconds: float = 60, environment: dict[str, str] | None = None,
              prefix: list[str] | None = None, words: tuple[str, ...] = ()) -> "Deployment":
        """Returns when the agents' listener answers. `words`: more of the command line."""
        self.launch(environment, prefix, words)
        deadline = time.monotonic() + seconds
        while "ready agents" not in self.stderr():
            if self.process.poll() is not None:
                code, self.process = self.process.returncode, None
                raise Failure(f"serve ended with {code}: {self.stderr()[-3000:]}")
            if time.monotonic() > deadline:
                self.kill()
                raise Failure(f"not ready within {seconds} s: {self.stderr()[-3000:]}")
            time.sleep(0.02)
        return self

    def launch(self, environment: dict[str, str] | None = None, prefix: list[str] | None = None,
               words: tuple[str, ...] = ()) -> subprocess.Popen:
        """Starts `serve` without waiting for anything."""
        self._log_from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*(prefix or []), str(self.binary), "serve", "--dir", str(self.folder), *words],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        return self.process

    def stderr(self) -> str:
        """What this start has printed so far."""
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode(errors="replace")

    def stop(self, seconds: float = 20) -> int:
        """SIGTERM, then its exit code; killed when it does not end in time."""
        return self._end(signal.SIGTERM, seconds)

    def kill(self) -> int:
        return self._end(signal.SIGKILL, 10)

    def _end(self, number: int, seconds: float) -> int:
        if self.process is None:
            return 0
        try:
            self.process.send_signal(number)
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise Failure(f"did not end within {seconds} s of signal {number}") from None
        finally:
            if self.process.returncode is not None:  # who is interrupted here still has it to kill
                self.process = None

    def wait_for_tools(self, agent: str, *servers: str, seconds: float = 30, **token) -> None:
        """Upstreams connect after the gateway is up; this waits until theirs are listed."""
        deadline = time.monotonic() + seconds
        session = wire.Session(self.port, self.token(agent, **token))
        while True:
            missing = set(servers) - {name.split("__")[0] for name in session.tools()}
            if not missing:
                return
            if time.monotonic() > deadline:
                raise Failure(f"no tools of {sorted(missing)} for {agent}; log: {self.stderr()[-3000:]}")
            time.sleep(0.1)

    # The command line.

    def run(self, *words: str, by: str | None = None, check: bool = True, seconds: float = 60,
            environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        """`interlock WORDS --dir FOLDER`; `by` signs with that person's key of the agent."""
        folder = [] if words[0] == "policy" else ["--dir", str(self.folder)]  # a policy stands by itself
        done = subprocess.run(
            [*([] if by else self.prefix), str(self.binary), *words, *folder, *(["--as", by] if by else [])],
            capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL,
            env={**os.environ, **self.people.environment, **(environment or {})})
        if check and done.returncode != 0:
            raise Failure(f"interlock {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def json(self, *words: str, **options) -> list:
        """The objects a command prints with `--json`, one per line."""
        return [json.loads(line) for line in self.run(*words, "--json", **options).stdout.splitlines() if line]

    def token(self, agent: str, purpose: str = "example", **flags: str) -> str:
        """`ttl`, `run`, `on_behalf_of` become flags."""
        words = [word for name, value in flags.items() for word in (f"--{name.replace('_', '-')}", value)]
        return self.run("agents", "token", agent, "--purpose", purpose, *words).stdout.strip()

    def records(self, number: int = 50, **flags: str) -> list[dict]:
        """The newest records, oldest first: each leaf with its place as `index`. Read from the files, so that
        looking changes nothing and needs no gateway."""
        words = [word for name, value in flags.items() for word in (f"--{name}", value)]
        found = []
        for line in self.json("audit", "tail", "-n", str(number), "--log", str(self.ledger), *words):
            leaf = line.get("leaf", line)
            found.append({**leaf, "index": line["index"]})
        return sorted(found, key=lambda record: record["index"])

    def alarms(self, number: int = 50) -> list[tuple[str, str]]:
        """Code and subject of each alarm among the newest records, without the one about a policy that is not signed off."""
        return [(one["code"], one["subject"]) for one in self.records(number)
                if one["t"] == "alarm.raised" and one["code"] != "policy.unsigned"]

    def record_of(self, identifier: str) -> str:
        """All that `audit show` knows of a record: the JSON text."""
        return self.run("audit", "show", identifier, "--log", str(self.ledger), "--json").stdout

    def published_size(self) -> int:
        """The number of records that the published checkpoint covers."""
        return int((self.ledger / "log" / "checkpoint").read_text().splitlines()[1])

    @property
    def log_key(self) -> str:
        """The verifier key of the log, as its owner gives it to an auditor."""
        return json.loads(self.record_of("0"))["leaf"]["vkey"]

    def proof_of(self, record: int, folder: Path) -> subprocess.CompletedProcess:
        """A proof of the record, checked by the program that shares no code with the one that made it."""
        proof, leaf = folder / f"{record}.tlog-proof", folder / f"{record}.leaf"
        self.run("audit", "prove", str(record), "-o", str(proof))
        leaf.write_text(self.run("audit", "show", str(record), "--raw").stdout.removesuffix("\n"))
        return subprocess.run(
            [str(self.binary.parent / "interlock-verify"), str(proof), str(leaf), "--vkey", self.log_key],
            capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def replay(self, *words: str) -> subprocess.CompletedProcess:
        """Makes recorded decisions again: all of them, or those that the words choose."""
        return self.run("audit", "replay", *(words or ("--since", "2020-01-01T00:00:00Z")), check=False, seconds=600)

    def verify(self) -> subprocess.CompletedProcess:
        return self.run("audit", "verify", check=False, seconds=600)

    # Deciding.

    def pending(self, seconds: float = 15, other_than: set[str] = frozenset()) -> dict:
        """The one request that waits for people, as soon as it is there."""
        deadline = time.monotonic() + seconds
        while True:
            waiting = [request for request in self.json("approvals", "list")
                       if request.get("state") == "pending" and approval_id(request) not in other_than]
            if len(waiting) == 1:
                return waiting[0]
            if waiting or time.monotonic() > deadline:
                raise Failure(f"{len(waiting)} requests wait for people")
            time.sleep(0.05)

    def approve(self, identifier: str, by: str, check: bool = True, **options) -> subprocess.CompletedProcess:
        """Without a terminal the whole digest of the call is given, as somebody has read it."""
        (shown,) = self.json("approvals", "show", identifier)
        return self.run("approvals", "approve", identifier, "--digest", shown["digest"], by=by, check=check, **options)

    def halt(self, *scope: str, by: str, reason: str = "rehearsal of the kill switch", cuts: bool = False) -> str:
        """The id of the halt. One that cuts calls whose end nobody knows says so, and no."""
        done = self.run("kill", *scope, "--reason", reason, by=by, check=False)
        if done.returncode != (1 if cuts else 0):
            raise Failure(f"kill: exit {done.returncode}\n{done.stdout}{done.stderr}")
        text = done.stdout + done.stderr
        # The report before it may name sandboxed runs.
        named = re.search(r"\bhalt ([0-9a-hjkmnp-tv-z]{26}) ", text)
        return named[1] if named else first_identifier(text)

    def resume(self, halt: str, first: str, second: str, reason: str = "rehearsal is over") -> None:
        self.confirm(self.ask_resume(halt, first, reason), second)

    def ask_resume(self, halt: str, by: str, reason: str = "rehearsal is over") -> str:
        """The id of the release, which waits for a second signature."""
        done = self.run("resume", halt, "--reason", reason, by=by)
        found = [one for one in identifiers(done.stdout + done.stderr) if one != halt]
        if not found:
            raise Failure(f"resume names no release: {done.stdout}{done.stderr}")
        return found[0]

    def confirm(self, release: str, by: str, check: bool = True) -> subprocess.CompletedProcess:
        return self.run("resume", "--confirm", release, by=by, check=check)


def filesystem(folder: Path) -> str:
    return subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=True).stdout.strip()


def approval_id(request: dict) -> str:
    return request.get("id") or request["request"]


def identifiers(text: str) -> list[str]:
    """The 26-character ids of a text, each once, in order."""
    return list(dict.fromkeys(re.findall(r"(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])", text)))


def first_identifier(text: str) -> str:
    found = identifiers(text)
    if not found:
        raise Failure(f"no id in: {text}")
    return found[0]
