"""A deployment whose log has a quarter of a simulated organisation: 20 agents, calls, refusals, approvals, drills, incidents,
promotions and demotions, written by `quarter-log`, a test program with the ledger's own writer under a clock that jumps ahead."""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

import make_organisation
from addresses import ADA, LI, PAUL, RUI
from clocks import later, sweep
from conftest import ROOT, interpreter, missing
from deployment import Deployment, Failure
from forking import ForkedUpstreams
from governed import agent, policy, server
from logwriter import tile_path
from people import People
from waits import until

DAYS, DAY = 90, 86_400
TIERS = {"low": 8, "medium": 8, "high": 4}
# The people who approve each consequential call; tier low makes none.
NEED = {"low": 0, "medium": 1, "high": 2}
AGENTS = [f"{tier}-{number}" for tier, count in TIERS.items() for number in range(1, count + 1)]
TOOLS = ("tools:\n  get_ticket: {class: read}\n  search: {class: read}\n"
         "  close_ticket: {class: write, effects: [reversible]}\n")
SEGMENT = 8
# The people who approve in the simulation; the reviewer is none of them.
APPROVERS = [ADA, PAUL, RUI]
# The owner of all agents first.
DECIDERS = [LI, ADA]


def granted(name: str) -> list[str]:
    """The tools of an agent; tier low only reads."""
    return ["get_ticket"] if name.startswith("low") else ["get_ticket", "close_ticket"]


def quarter_log(binary: Path) -> Path:
    for folder in (binary.parent, ROOT / ".build" / "release"):
        if (folder / "quarter-log").exists():
            return folder / "quarter-log"
    missing("quarter-log is not built: run `scripts/compile`")


class KeptPeople(People):
    """People whose keys the test has as well, since in the simulation they sign for the past."""

    def __init__(self, folder: Path):
        super().__init__(folder, make_organisation.PEOPLE)
        self.seeds: dict[str, bytes] = {}

    def add(self, email: str) -> Path:
        key, private = Ed25519PrivateKey.generate(), self.folder / email.split("@")[0]
        self.seeds[email] = key.private_bytes_raw()
        private.touch(mode=0o600)
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        public = private.with_suffix(".pub")
        public.write_bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + f" {email}\n".encode())
        subprocess.run(["ssh-add", "-q", private], check=True, timeout=10, capture_output=True,
                       env={**os.environ, **self.environment})
        private.unlink()
        self.public[email] = public
        return public


class Dated(Deployment):
    """A deployment whose programs run at another time."""
    ahead = 0  # seconds; each process gets shared memory of its own for its clock

    @property
    def clock(self) -> dict[str, str]:
        return later(self.ahead) if self.ahead else {}

    def run(self, *words: str, environment: dict[str, str] | None = None, check: bool = True,
            **options) -> subprocess.CompletedProcess:
        for _ in range(5):
            done = super().run(*words, environment={**self.clock, **(environment or {})}, check=False, **options)
            if not (done.returncode and lost_clock(done.stderr)):
                break
            sweep()
        if check and done.returncode != 0:
            raise Failure(f"interlock {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def start(self, seconds: float = 60, environment: dict[str, str] | None = None, **options) -> "Dated":
        for attempt in range(5):
            sweep()
            try:
                super().start(seconds, {**self.clock, **(environment or {})}, **options)
                break
            except Failure as failure:
                if not lost_clock(str(failure)) or attempt == 4:
                    raise
        return self


def lost_clock(said: str) -> bool:
    """A process whose number another one had finds the shared memory that the clock's library left then, and does nothing."""
    return "libfaketime" in said


class Quarter:
    """The quarter ends with yesterday; after it the gateway runs at the real time."""

    def __init__(self, gateway: Dated, records: int, seed: int):
        self.gateway, self.records, self.seed = gateway, records, seed
        self.end = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = self.end - timedelta(days=DAYS)
        self.size = 0

    @property
    def period(self) -> tuple[str, ...]:
        return "--from", str(self.start.date()), "--to", str(self.end.date())

    @property
    def published(self) -> Path:
        return self.gateway.ledger / "log"

    def begin(self) -> None:
        """Makes the deployment an hour before the quarter, and lets its gateway run for a moment."""
        self.gateway.ahead = int(self.start.timestamp() - 3_600 - time.time())
        self.gateway.init()
        # The first day is as old as payloads become by default, and the review opens records of it.
        self.gateway.configure("ledger", payload_days="180")
        self.gateway.start()
        until(lambda: self.gateway.records(500, type="policy.loaded"), self.gateway)
        until(lambda: self.gateway.records(500, type="key.listed"), self.gateway)
        self.gateway.stop()

    def live(self, program: Path) -> None:
        """Writes the records of the quarter."""
        records = self.gateway.records(500)
        enrolled = {one["key"]: one["by"] for one in records if one["t"] == "approver.enrolled"}

        def pseudonym(person: str) -> str:
            return enrolled[public_key(self.gateway.people.public[person])]

        plan = {
            "state": str(self.gateway.folder / "state"), "origin": records[0]["origin"], "segment": SEGMENT << 20,
            "begin": int(self.start.timestamp()) * 1_000_000, "days": DAYS, "records": self.records, "seed": self.seed,
            "policy": [one for one in records if one["t"] == "policy.loaded"][-1]["pol"],
            "agents": [{"name": name, "need": NEED[name.split("-")[0]]} for name in AGENTS],
            "people": [pseudonym(person) for person in APPROVERS], "org": self.gateway.org,
            "deciders": [{"person": person, "pseudonym": pseudonym(person),
                          "seed": b64encode(self.gateway.people.seeds[person]).decode()} for person in DECIDERS]}
        with timed(f"{self.records:,} records written, seed {self.seed}"):
            done = subprocess.run([program], input=json.dumps(plan), capture_output=True, text=True, timeout=3_600)
        assert done.returncode == 0, done.stderr[-3000:]
        self.size = json.loads(done.stdout)["size"]
        assert self.size >= self.records

    def go_on(self) -> None:
        """Starts the gateway after the quarter, and waits until index and checkpoint have the whole of it."""
        self.gateway.ahead = 0
        with timed("start of serve"):
            self.gateway.start(seconds=600)
        with timed("index and checkpoint"):
            until(lambda: self.gateway.json("status")[0]["index"]["records"] >= self.size, self.gateway, seconds=900)
            until(lambda: self.gateway.published_size() > self.size + 1, self.gateway, seconds=120)

    def leaves(self) -> Iterator[dict]:
        return map(json.loads, published_entries(self.gateway))

    def of_period(self) -> Iterator[dict]:
        first, last = (int(one.timestamp()) * 1_000_000 for one in (self.start, self.end))
        return (one for one in self.leaves() if first <= one["ts"] < last)


def published_entries(gateway: Deployment) -> Iterator[bytes]:
    """The published records as they are stored, bundle by bundle."""
    size, folder = gateway.published_size(), gateway.ledger / "log"
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        path = folder / tile_path("entries", index, width)
        data = (path if path.exists() else folder / tile_path("entries", index, 256)).read_bytes()
        at = 0
        for _ in range(width):
            (count,) = struct.unpack_from(">H", data, at)
            yield data[at + 2:at + 2 + count]
            at += 2 + count


def public_key(path: Path) -> str:
    """The key of a file of OpenSSH, as records have it."""
    return b64encode(b64decode(path.read_text().split()[1])[-32:]).decode()


@contextmanager
def timed(what: str):
    began = time.monotonic()
    yield
    print(f"quarter: {what}: {time.monotonic() - began:.2f} s", file=sys.stderr)


def written(quarter: Quarter, ports: dict[str, int]) -> str:
    """The policy. Its dates are of before the quarter, in which the program starts first."""
    before = {"last_drill": quarter.start - timedelta(days=7), "on": quarter.start - timedelta(days=14)}
    text = policy(
        "servers:", server("tickets", ports["tickets"], TOOLS),
        "agents:", *[agent(name, f"mcp_scopes:\n  tickets: [{', '.join(granted(name))}]\n", tier=name.split("-")[0],
                           data="{tickets.get_ticket: {mask: {email: domain_only}}}" if name.startswith("high") else None)
                     for name in AGENTS])
    for name, day in before.items():
        text = re.sub(rf'\b{name}: "[0-9-]+"', f'{name}: "{day.date()}"', text)
    return text


@contextmanager
def lived(binary: Path, records: int, seed: int) -> Iterator[Quarter]:
    """A quarter with so many records, whose gateway runs."""
    program = quarter_log(binary)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-quarter-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = make_organisation.make(folder, interpreter("servers"))
        source = folder / "source"
        source.mkdir()
        upstreams = ForkedUpstreams(made["python"], Path(made["data"]), {"tickets": made["ports"]["tickets"]},
                                    folder / "upstreams.log")
        stack.push(upstreams)
        upstreams.launch()
        people = stack.enter_context(KeptPeople(folder / "people"))
        gateway = Dated(binary, folder / "deployment", source, people, segment=f"{SEGMENT}MiB")
        stack.callback(gateway.kill)
        quarter = Quarter(gateway, records, seed)
        (source / "org.yaml").write_text(written(quarter, made["ports"]))
        upstreams.wait()
        quarter.begin()
        quarter.live(program)
        quarter.go_on()
        yield quarter


def offline(*words, seconds: float = 3_600) -> subprocess.CompletedProcess:
    """Runs a program without any network, or as it is where the machine has no namespaces for it."""
    command = [*map(str, words)]
    done = subprocess.run(["unshare", "-Urn", *command], capture_output=True, text=True, timeout=seconds,
                          env={"PATH": os.environ["PATH"]})
    return done if "unshare" not in done.stderr else missing("there is no network namespace here")


def verifiers(binary: Path) -> dict[str, list]:
    """The command line of each verifier; they share no code."""
    return {"interlock-verify": [binary.parent / "interlock-verify"],
            "python": [sys.executable, ROOT / "Tests" / "Verifier" / "ledger_verifier.py"]}
