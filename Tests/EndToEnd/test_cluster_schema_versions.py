"""Migrations of a cluster's store: forward only, each step once, two versions of the functions side by side.
A real PostgreSQL 15."""

import hashlib
import re
from pathlib import Path

import psycopg
import pytest

import storing
from storing import SCHEMA, STEPS, Store, at_once, refusal, server, store  # noqa: F401

EMBEDDED = storing.FILES.parent / "CClusterSchema.c"


def test_the_program_embeds_the_steps_that_are_tested():
    text = EMBEDDED.read_text()
    assert re.findall(r'#embed "files/(.*)"', text) == ["roles.sql", *(path.name for path in STEPS)]
    assert re.findall(r'\{"(.*)", step(\d+), sizeof step(\d+)\}', text) == [
        (path.name, str(number), str(number)) for number, path in enumerate(STEPS, 1)]
    assert [int(path.name[:4]) for path in STEPS] == list(range(1, len(STEPS) + 1))


def test_each_step_is_applied_once_with_its_digest(store):
    assert store.rows("SELECT n, name, digest FROM il.migration ORDER BY n") == [
        (number, path.name, hashlib.sha256(path.read_bytes()).digest()) for number, path in enumerate(STEPS, 1)]
    assert store.migrate() == []


def test_two_migrations_at_once_apply_each_step_once(server):
    with Store(server) as store:
        store.create("template1", ("gw1",))
        done = at_once([store.migrate, store.migrate, store.migrate])
        assert sorted(number for numbers in done for number in numbers) == list(range(1, len(STEPS) + 1))


def test_a_step_that_fails_leaves_nothing_of_it(store, tmp_path):
    bad = tmp_path / f"{len(STEPS) + 1:04}-bad.sql"
    bad.write_text("CREATE TABLE il.half (x integer); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        store.migrate([*STEPS, bad])
    assert store.rows("SELECT to_regclass('il.half'), count(*) FROM il.migration") == [(None, len(STEPS))]
    bad.write_text("CREATE TABLE il.half (x integer);")
    assert store.migrate([*STEPS, bad]) == [len(STEPS) + 1]


def test_a_step_that_was_changed_after_it_was_applied_is_found(store, tmp_path):
    changed = tmp_path / STEPS[0].name
    changed.write_bytes(STEPS[0].read_bytes() + b"-- later\n")
    with pytest.raises(AssertionError, match="step 1 was changed"):
        store.migrate([changed, *STEPS[1:]])


def next_version(folder: Path) -> list[Path]:
    """The steps of a second API version: the same functions in a schema of their own, which shows that they use nothing
    of the first."""
    made = []
    for path in STEPS:
        text = path.read_text()
        if "CREATE FUNCTION il_v1." not in text and "il_v1" not in text:
            continue
        text = text.replace("il_v1", "il_v2")
        # What is made once for all versions.
        text = re.sub(r"CREATE FUNCTION il\.finish.*?END \$\$;\nREVOKE ALL ON FUNCTION il\.finish FROM PUBLIC;", "", text,
                      flags=re.DOTALL)
        copy = folder / f"{len(STEPS) + len(made) + 1:04}-{path.name[5:]}"
        copy.write_text(text)
        made.append(copy)
    return made


def test_two_versions_work_side_by_side_until_the_old_one_is_dropped(store, tmp_path):
    old, new, third = store.nodes
    genesis = store.head()[1]
    steps = next_version(tmp_path)
    assert len(steps) == 9
    assert store.migrate([*STEPS, *steps]) == [int(path.name[:4]) for path in steps]
    # A node that goes on with the old functions, and one that was replaced.
    old.do("record", "quarantine", "s1", b"by the old")
    new.connection.execute("SELECT il_v2.start('new process', 0, 2, 0)")
    new.connection.execute("SELECT il_v2.heartbeat(2, 1, 0, %s, '0', '{}')", (genesis,))
    assert new.connection.execute("SELECT il_v2.record(2, 'quarantine', 's2', 'by the new')").fetchone() == (2,)
    old.do("record", "quarantine", "s3", b"by the old again")
    # A kind that only the new version knows waits until all nodes have it.
    with store.migrator() as migrator:
        migrator.execute("INSERT INTO il.kind VALUES ('later', 2)")
        assert refusal(lambda: new.connection.execute("SELECT il_v2.record(2, 'later', 'x', 'later')")) == "IL003"
        # Two nodes still have the old version.
        assert refusal(lambda: migrator.execute("SELECT il.finish(2)")) == "IL003"
        for node in (old, third):
            node.connection.execute("SELECT il_v2.start('another process', 0, 2, 0)")
        assert refusal(lambda: migrator.execute("SELECT il.finish(3)")) == "IL003"
        migrator.execute("SELECT il.finish(2)")
        migrator.execute("SELECT il.finish(2)")
    assert store.rows("SELECT min, to_regnamespace('il_v1')::text FROM il.meta") == [(2, None)]
    assert new.connection.execute("SELECT il_v2.record(2, 'later', 'x', 'later')").fetchone() == (4,)
    assert refusal(lambda: old.call("start", "an old program", 0, 1, 0)) == "3F000"
    assert refusal(lambda: old.connection.execute("SELECT il_v2.start('an old program', 0, 1, 0)")) == "IL003"
    assert storing.chain_faults(store.rows("SELECT n, prev, digest, body FROM il.control ORDER BY n")) == []


def test_a_second_cluster_is_not_founded_over_the_first(store):
    with store.migrator() as migrator:
        digest = migrator.execute("SELECT il_v1.found('gw1', %s, 'none')", (store.genesis,)).fetchone()[0]
        assert (0, digest) == store.head()
        assert refusal(lambda: migrator.execute("SELECT il_v1.found('gw1', 'another', 'none')")) == "IL003"
    assert store.rows("SELECT kind, subject FROM il.control") == [("genesis", "genesis")]


def test_the_roles_may_be_made_again(store):
    with store.admin() as admin:
        admin.execute((SCHEMA / "roles.sql").read_text())
    store.nodes[0].beat()
