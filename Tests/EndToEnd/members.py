"""Three gateways as members of one cluster on a real PostgreSQL 15, with the example's servers and people."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import pytest

import storing
from addresses import ADA, SAM
from clustering import Database, House
from conftest import organise
from deployment import Deployment
from make_organisation import free_ports
from storing import Server, make_node

WHY = ("--reason", "Three nodes from May on")


class Cluster:
    """A founded cluster of three nodes on this machine, none of which runs yet."""

    def __init__(self, first: Deployment, database: Database, folder: Path, count: int = 3):
        self.database, self.folder = database, folder
        names = [f"gw{number}" for number in range(1, count + 1)]
        ports = free_ports(2 * count)
        self.peers = dict(zip(names, ports[:count], strict=True))
        self.health = dict(zip(names, ports[count:], strict=True))
        self.nodes: dict[str, Deployment] = {"gw1": first}
        self.settle("gw1")
        order = folder / "founding.json"
        first.run("cluster", "init", *WHY, "--standby", "none", "--out", str(order), "--key", "agent", by=ADA)
        said = first.run("cluster", "init", str(order), "--json", "--key", "agent", by=SAM).stdout
        (founded,) = (json.loads(line) for line in said.splitlines() if line.startswith("{"))
        self.genesis = founded["genesis"]
        for name in names[1:]:
            self.admit(name)

    def settle(self, name: str) -> None:
        node = self.nodes[name]
        node.configure("store", postgres=f'"{self.database.postgres}"', deadline="20s")
        others = ", ".join(f"{one}=127.0.0.1:{port}" for one, port in self.peers.items() if one != name)
        node.configure("cluster", node=name, peers=f'"127.0.0.1:{self.peers[name]}"',
                       health=f'"127.0.0.1:{self.health[name]}"', others=f"[{others}]")

    def admit(self, name: str) -> None:
        """A new machine with the policy and the settings of the first one."""
        first = self.nodes["gw1"]
        with self.database.admin() as admin:
            make_node(admin, name)
        folder = self.folder / name
        folder.mkdir(mode=0o700)
        node = Deployment(first.binary, folder, folder / "policy", first.people, first.org, ports=tuple(free_ports(2)))
        text = (first.folder / "interlock.yaml").read_text().replace(str(first.folder), str(folder))
        (folder / "interlock.yaml").write_text(text)
        shutil.copytree(first.folder / "policy", folder / "policy")
        node.policy = folder / "policy"
        self.nodes[name] = node
        node.configure("listeners", agents=f'"127.0.0.1:{node.port}"', people=f'"127.0.0.1:{node.people_port}"')
        node.configure("ledger", origin=f'"acme.example/{name}/1"')
        self.settle(name)
        request = self.folder / f"{name}.json"
        node.run("cluster", "join", "--genesis", self.genesis, *WHY, "--out", str(request))
        for person in (ADA, SAM):
            first.run("cluster", "admit", str(request), "--key", "agent", by=person)
        node.run("cluster", "join", "--genesis", self.genesis)
        for key in ("pseudonym.key", "store.key"):
            target = folder / "state" / "keys" / key
            target.unlink(missing_ok=True)
            shutil.copy2(first.folder / "state" / "keys" / key, target)

    def ready(self, name: str) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.health[name]}/readyz", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def wait(self, condition, seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def verify(self, folder: Path) -> subprocess.CompletedProcess:
        """All logs together with the chain, in a copy; the nodes are stopped."""
        for node in self.nodes.values():
            (line,) = (one for one in (node.folder / "interlock.yaml").read_text().splitlines() if "  origin:" in one)
            shutil.copytree(node.ledger, folder / "logs" / line.split(":", 1)[1].split("#")[0].strip().strip('"'))
        shutil.copy2(self.nodes["gw1"].folder / "state" / "control" / "chain", folder / "control.chain")
        return subprocess.run(
            [str(self.nodes["gw1"].binary), "audit", "verify", "--cluster", str(folder), "--genesis", self.genesis],
            capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def server():
    storing.require()
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def cluster(binary, people, server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    folder.chmod(0o700)
    with ExitStack() as stack:
        acme = organise(stack, binary, people, tmp_path_factory.mktemp("first"), start=False)
        house = House(binary, folder)
        database = Database(server, house)
        house.settle(database.postgres)
        house.migrate()
        (folder / "interlock.yaml").unlink()
        made = Cluster(acme.gateway, database, folder)
        made.acme = acme
        for name, node in made.nodes.items():
            stack.callback(node.kill)
            node.start()
        yield made
