"""`interlock cluster init`, `join`, `admit` and `permit`: a cluster is founded from a stopped deployment, and new nodes are
admitted by people who sign; each wrong digest, file, person, name and time is refused. A real PostgreSQL 15."""

import copy
import json
import shutil
import time
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import storing
from addresses import ADA, DANA, SAM
from clustering import DATA, NO, NOT_FOUND, NOT_PERMITTED, OK, USAGE, Database, House, house  # noqa: F401
from conftest import organise
from storing import Server, make_node

CANNOT_CREATE, TRY_AGAIN = 73, 75
WHY = ("--reason", "Three nodes from May on")
FOUNDING = (*WHY, "--standby", "none")


@pytest.fixture(scope="module")
def server():
    storing.require()
    with Server() as server:
        yield server


@pytest.fixture(scope="module")
def template(binary, people, tmp_path_factory):
    """A deployment of one node that was never started."""
    with ExitStack() as stack:
        yield organise(stack, binary, people, tmp_path_factory.mktemp("founding"), start=False, servers=()).gateway


class Machine:
    """A folder with an `interlock.yaml`, on which people call `interlock cluster`."""

    def __init__(self, binary: Path, folder: Path, people):
        self.house, self.folder, self.people = House(binary, folder), folder, people

    def cluster(self, *words: str, by: str | None = None, expect: int = OK) -> str:
        signing = ("--as", by, "--key", "agent") if by else ()
        return self.house.run("cluster", *map(str, words), *signing, expect=expect, environment=self.people.environment)

    def control(self, name: str) -> Path:
        return self.folder / "state" / "control" / name

    @property
    def trust(self) -> Path:
        return self.folder / "state" / "kill" / "trust.json"

    def edit_people(self, edit) -> None:
        trust = json.loads(self.trust.read_text())
        for person in trust["people"]:
            edit(person)
        self.trust.write_text(json.dumps(trust))


class Site:
    """The machines of one cluster, and their database."""

    def __init__(self, binary: Path, people, template, database: Database, folder: Path):
        self.binary, self.people, self.template, self.database, self.folder = binary, people, template, database, folder

    def deployment(self, name: str = "gw1") -> Machine:
        """A machine with a stopped deployment of one node."""
        gateway = self.copied(name)
        gateway.configure("store", postgres=f'"{self.database.postgres}"', deadline="20s")
        gateway.configure("cluster", node=name)
        return Machine(self.binary, gateway.folder, self.people)

    def copied(self, name: str):
        gateway = copy.copy(self.template)
        gateway.folder = self.folder / name
        gateway.log = self.folder / f"{name}.log"
        shutil.copytree(self.template.folder, gateway.folder, symlinks=True)
        return gateway

    def machine(self, node: str) -> Machine:
        """A new machine, whose login is there."""
        folder = self.folder / f"{node}-{len(list(self.folder.iterdir()))}"
        folder.mkdir(mode=0o700)
        made = Machine(self.binary, folder, self.people)
        made.house.settle(self.database.postgres, node)
        with self.database.admin() as admin:
            make_node(admin, node)
        return made

    def founded(self) -> tuple[Machine, str]:
        """A first node, and the digest of the first entry."""
        first, order = self.deployment(), self.folder / "founding.json"
        first.cluster("init", *FOUNDING, "--out", order, by=ADA)
        said = first.cluster("init", order, "--json", by=SAM)
        (founded,) = (json.loads(line) for line in said.splitlines() if line.startswith("{"))
        return first, founded["genesis"]

    def request(self, node: str, genesis: str, *words: str) -> tuple[Machine, Path]:
        machine, file = self.machine(node), self.folder / f"request-{len(list(self.folder.iterdir()))}.json"
        machine.cluster("join", "--genesis", genesis, *(words or WHY), "--out", file)
        return machine, file

    def entries(self) -> list[tuple]:
        return self.database.rows("SELECT n, kind, subject, node FROM il.control ORDER BY n")


@pytest.fixture
def site(binary, people, template, server, house, tmp_path) -> Site:  # noqa: F811
    database = Database(server, house)
    house.settle(database.postgres)
    house.migrate()
    return Site(binary, people, template, database, tmp_path)


def seconds(count: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(seconds=count)).strftime("%Y-%m-%dT%H:%M:%SZ")


# Founding.

def test_two_people_found_a_cluster_and_admit_a_node(site):
    first, order = site.deployment(), site.folder / "founding.json"
    said = first.cluster("init", *FOUNDING, "--out", order, by=ADA)
    assert "gw1 founds a cluster of acme" in said and "waits for another person: interlock cluster init FILE" in said
    assert json.loads(order.read_text())["statement"]["standby"] == "none" and site.entries() == []
    said = first.cluster("init", order, by=SAM)
    ((digest,),) = site.database.rows("SELECT 'sha256:' || encode(digest, 'hex') FROM il.control")
    assert f"gw1 has founded the cluster {digest}" in said
    assert json.loads(first.control("member.json").read_text())["genesis"] == digest
    assert not first.control("founding.entry").exists()
    assert f"is a member of the cluster {digest}" in first.cluster("init", *FOUNDING, by=ADA, expect=CANNOT_CREATE)

    second, request = site.request("gw2", digest)
    shown = json.loads(request.read_text())["statement"]
    assert shown["node"]["name"] == "gw2" and shown["deed"] == "admit"
    said = first.cluster("admit", request, by=ADA)
    assert "gw2 joins acme" in said and shown["node"]["tls"] in said and "waits for another person" in said
    assert len(site.entries()) == 1
    assert "gw2 is a member by entry 1" in first.cluster("admit", request, by=SAM)
    assert site.entries()[1] == (1, "member", "gw2", "gw1")
    assert "`gw2` is a member already" in first.cluster("admit", request, by=SAM, expect=NO)
    assert "verified up to entry 1" in second.cluster("join", "--genesis", digest)
    assert json.loads(second.control("member.json").read_text())["head"]["n"] == 1
    chain = [json.loads(line) for line in second.control("member.chain").read_text().splitlines()]
    assert [(entry["n"], entry["kind"]) for entry in chain] == [(0, "genesis"), (1, "member")]
    assert json.loads(second.trust.read_text())["people"] == json.loads(first.trust.read_text())["people"]
    # The new member can admit the next one.
    _, request = site.request("gw3", digest)
    second.cluster("admit", request, by=SAM)
    assert "gw3 is a member by entry 2" in second.cluster("admit", request, by=ADA)


def test_a_founding_that_was_broken_off_is_finished_with_the_same_entry(site):
    first, digest = site.founded()
    ((body,),) = site.database.rows("SELECT body FROM il.control")
    first.control("member.json").unlink()
    first.control("founding.entry").write_bytes(body)
    assert f"gw1 has founded the cluster {digest}" in first.cluster("init")
    assert len(site.entries()) == 1 and first.control("member.json").exists()


def test_a_founding_is_refused_where_it_cannot_be(site, house, server):  # noqa: F811
    first = site.deployment()
    order = site.folder / "founding.json"
    empty = Database(server, house)
    assert "run `interlock cluster migrate` first" in first.cluster(
        "init", *FOUNDING, "--postgres", empty.postgres, by=ADA, expect=NOT_FOUND)
    assert "unknown standby `perhaps`" in first.cluster("init", *WHY, "--standby", "perhaps", by=ADA, expect=USAGE)
    assert "the signer is not named in the order" in first.cluster("init", *FOUNDING, by=DANA, expect=NOT_PERMITTED)
    # The store has no standby, and the order demands one.
    required = site.folder / "required.json"
    first.cluster("init", *WHY, "--out", required, by=ADA)
    assert "no synchronous standby" in first.cluster("init", required, by=SAM, expect=NO)
    first.cluster("init", *FOUNDING, "--out", order, by=ADA)
    assert "by the same person" in first.cluster("init", order, by=ADA, expect=NOT_PERMITTED)
    assert site.entries() == []
    # What the first person signed is no more what there is.
    before = first.trust.read_text()
    first.edit_people(lambda person: person["roles"].append("kill") if person["person"] == SAM else None)
    assert "people, keys or policy changed since" in first.cluster("init", order, by=SAM, expect=DATA)
    first.trust.write_text(before)
    assert "`--reason` cannot be used with FILE" in first.cluster("init", order, *WHY, by=SAM, expect=USAGE)
    first.cluster("init", order, by=SAM)
    other = site.deployment("other")
    assert "the chain has entries" in other.cluster("init", *FOUNDING, by=ADA, expect=NO)


def test_people_who_cannot_sign_found_nothing(site):
    first = site.deployment()
    first.edit_people(lambda person: person["roles"].remove("security") if person["person"] == SAM else None)
    assert "1 of 2 people can sign" in first.cluster("init", *FOUNDING, by=ADA, expect=NOT_PERMITTED)


def test_nothing_is_founded_or_signed_while_a_gateway_runs(site):
    gateway = site.copied("gw1")
    first = Machine(site.binary, gateway.folder, site.people)
    gateway.start()
    try:
        gateway.configure("store", postgres=f'"{site.database.postgres}"')
        gateway.configure("cluster", node="gw1")
        assert "another `interlock serve` runs" in first.cluster("init", *FOUNDING, by=ADA, expect=TRY_AGAIN)
    finally:
        gateway.kill()
    assert site.entries() == []


# Joining.

def test_a_node_joins_the_cluster_of_the_given_digest_alone(site):
    _, digest = site.founded()
    machine = site.machine("gw2")
    other = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    said = machine.cluster("join", "--genesis", other, *WHY, expect=DATA)
    assert "the chain starts with another entry than the given one" in said and "compare the digest" in said
    assert "is no digest" in machine.cluster("join", "--genesis", "9f2c", *WHY, expect=USAGE)
    assert not (machine.folder / "state").exists()
    deployment = site.deployment("gw4")
    assert "is a deployment of its own" in deployment.cluster("join", "--genesis", digest, *WHY, expect=CANNOT_CREATE)
    with site.database.admin() as admin:
        admin.execute("UPDATE il.control SET node = 'gw9' WHERE n = 0")
    assert "another node for entry 0" in machine.cluster("join", "--genesis", digest, *WHY, expect=DATA)


def test_an_edited_request_wrong_people_and_a_taken_name_admit_no_node(site):
    first, digest = site.founded()
    _, request = site.request("gw2", digest)
    edited = site.folder / "edited.json"
    for part, instead in (("gw2", "gw3"), ("Three nodes", "Four nodes")):
        edited.write_text(request.read_text().replace(part, instead))
        assert "has not signed this statement" in first.cluster("admit", edited, by=ADA, expect=DATA)
    assert "the signer is not named in the order" in first.cluster("admit", request, by=DANA, expect=NOT_PERMITTED)
    first.cluster("admit", request, by=ADA)
    assert "by the same person" in first.cluster("admit", request, by=ADA, expect=NOT_PERMITTED)
    _, rival = site.request("gw2", digest)
    first.cluster("admit", request, by=SAM)
    assert "the name `gw2` is that of another member" in first.cluster("admit", rival, by=ADA, expect=NO)
    late = site.machine("gw2")
    assert "the name `gw2` is that of another member" in late.cluster("join", "--genesis", digest, *WHY, expect=NO)
    assert not (late.folder / "state").exists()
    assert [row[2] for row in site.entries()] == ["genesis", "gw2"]
    # A machine that is no member signs nothing.
    assert "this node is no member of a cluster" in late.cluster("admit", rival, by=ADA, expect=NOT_FOUND)


# Permits.

def test_a_permit_admits_as_many_nodes_as_two_people_signed(site):
    first, digest = site.founded()
    permit = site.folder / "permit.json"
    said = first.cluster("permit", "--count", "1", "--until", seconds(3600), *WHY, "--out", permit, by=ADA)
    assert "1 nodes may join acme" in said and "waits for another person" in said
    assert permit.stat().st_mode & 0o777 == 0o600
    waiting = site.machine("gw2")
    assert "waits for another person" in waiting.cluster("join", "--genesis", digest, "--permit", permit, expect=NO)
    assert "by the same person" in first.cluster("permit", permit, by=ADA, expect=NOT_PERMITTED)
    assert "admits 1 nodes until" in first.cluster("permit", permit, by=SAM)
    assert "enough people have signed" in first.cluster("permit", permit, by=SAM, expect=NO)
    member, claim = site.request("gw2", digest, "--permit", str(permit))
    _, second = site.request("gw3", digest, "--permit", str(permit))
    # A claim needs no signature of a person.
    assert "gw2 is a member by entry 1" in first.cluster("admit", claim)
    assert "verified up to entry 1" in member.cluster("join", "--genesis", digest)
    assert "no node would take this" in first.cluster("admit", second, expect=NO)
    third = site.machine("gw4")
    assert "the permit has admitted 1 nodes" in third.cluster("join", "--genesis", digest, "--permit", permit, expect=NO)
    assert [row[2] for row in site.entries()] == ["genesis", "gw2"]


def test_a_permit_that_is_over_or_too_long_admits_no_node(site):
    first, digest = site.founded()
    permit = site.folder / "permit.json"
    for count, until in (("1", seconds(-60)), ("1", seconds(32 * 86_400)), ("0", seconds(60)), ("1001", seconds(60))):
        first.cluster("permit", "--count", count, "--until", until, *WHY, "--out", permit, by=ADA, expect=USAGE)
    assert not permit.exists()
    first.cluster("permit", "--count", "1", "--until", seconds(12), *WHY, "--out", permit, by=ADA)
    time.sleep(13)
    assert "the permit ended at" in first.cluster("permit", permit, by=SAM, expect=NO)
    assert len(site.entries()) == 1
