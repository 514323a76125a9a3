"""Each guard of the functions of a cluster's store is needed: without it the test that is named here fails."""

import os
import shutil
import subprocess
import sys

import pytest

import storing

RACES, LIMITS = "test_cluster_schema.py", "test_cluster_schema_limits.py"
FAILOVER, ROLES = "test_cluster_schema_failover.py", "test_cluster_schema_roles.py"
GENERATION, NODES = "test_cluster_schema_generation.py", "test_cluster_schema_nodes.py"
PEOPLE = "test_cluster_schema_people.py"
CHANGED = "    IF NOT FOUND THEN\n        PERFORM il_v1.refuse('IL003', 'the request has changed');\n    END IF;\n"
# What is removed, the step, its text, what is there instead, and the test that fails.
GUARDS = {
    "the state and version of a grant": (
        "0008", "     WHERE id = _id AND rev = _rev AND ver = _ver AND state = 'approved'\n    RETURNING",
        "     WHERE id = _id AND rev = _rev\n    RETURNING", RACES, "ended_or_was_revised or race_for_one"),
    "the votes before": (
        "0008", "        ver = _ver AND state = 'pending' OR ver = _ver + 1 AND node = _me AND change = _change AND state",
        "        state = 'pending' OR ver = _ver + 1 AND node = _me AND change = _change AND state", RACES, "builds_on_all"),
    "the lock of the chain": (
        "0006", "    PERFORM pg_advisory_xact_lock(7400);\n    PERFORM il_v1.opened();\n    SELECT * INTO _old",
        "    PERFORM il_v1.opened();\n    SELECT * INTO _old", RACES, "sixteen"),
    "one entry for the same bytes": (
        "0001", "content bytea NOT NULL UNIQUE", "content bytea NOT NULL", RACES, "under_one_number"),
    "the incarnation of the caller": (
        "0006", "WHERE name = session_user AND inc = _inc AND state = 'live';\n    IF NOT FOUND",
        "WHERE name = session_user;\n    IF NOT FOUND", NODES, "silent_node"),
    "transactions that a session may leave open": (
        "0006", "NOT BETWEEN interval '1 ms' AND interval '10 s' THEN", "< interval '0' THEN", ROLES, "left_open"),
    "the kind of an entry that is put back": (
        "0007", "IF NOT il_v1.is_known(_kind) AND _kind NOT IN", "IF _kind IS NULL AND _kind NOT IN", GENERATION,
        "all_nodes_know"),
    "the node that settles": (
        "0010", "IF _name IS DISTINCT FROM _me THEN", "IF false THEN", LIMITS, "dead_node_come"),
    "what is open from the beginning": (
        "0006", "AND (_low > '0' OR a.state IN ('pending', 'approved'))", "", NODES, "from_the_beginning"),
    "the rest of a part": ("0006", "    IF _count >= 1000 THEN", "    IF false THEN", NODES, "from_the_beginning"),
    "the largest part": (
        "0006", "FETCH FIRST 1000 ROWS WITH TIES) y ORDER BY y.seen LIMIT 10000) x;",
        "FETCH FIRST 1000 ROWS WITH TIES) y) x;", GENERATION, "too_large"),
    "the days of partitions": ("0012", "_now + 32, interval", "_now + 7, interval", LIMITS, "made_ahead"),
    "the moment for which a drop waits": (
        "0012", "PERFORM set_config('lock_timeout', '50ms', true);", "", LIMITS, "cannot_be_dropped"),
    "warnings that a session hides": (
        "0006", "IF current_setting('client_min_messages') IN ('error', 'fatal', 'panic') THEN", "IF false THEN", ROLES,
        "hides_warnings"),
    "the least incarnation": ("0006", "SET inc = greatest(_least, inc +", "SET inc = (inc +", GENERATION, "number_of_an"),
    "the largest incarnation": ("0006", "_least IS NULL OR _least > 1::bigint << 52", "false", GENERATION, "number_of_an"),
    "halts with the same id": (
        "0006", "    IF _kind IN ('release', 'end') THEN", "    IF _kind IN ('halt', 'release', 'end') THEN", RACES, "kept_out"),
    "the index of orders": (
        "0001", "WHERE kind IN ('release', 'end');", "WHERE kind IN ('halt', 'release', 'end');", RACES, "kept_out"),
    "the numbers of a node": (
        "0001", "DEFAULT 0 CHECK (beat BETWEEN 0 AND 9007199254740991),\n    applied bigint", "DEFAULT 0,\n    applied bigint",
        GENERATION, "cannot_read"),
    "the numbers of a task": (
        "0001", "inc bigint,\n    beat bigint NOT NULL DEFAULT 0 CHECK (beat BETWEEN 0 AND 9007199254740991)",
        "inc bigint,\n    beat bigint NOT NULL DEFAULT 0", GENERATION, "cannot_read"),
    "the entry of a retirement": (
        "0006", "WHERE n = _n AND kind = 'member' AND subject = _name;", "WHERE true;", NODES, "before_the_row"),
    "the row of a node that is retired": (
        "0006", "    ELSIF _deed IS DISTINCT FROM 'retire' THEN\n", "    ELSIF _deed = 'retire' THEN\n"
        "        UPDATE il.node SET state = 'retired', inc = inc + 1 WHERE name = _name AND state <> 'retired';\n    ELSE\n",
        NODES, "before_the_row"),
    "the attempt that consumed a nonce": (
        "0008", "WHERE il.nonce.attempt = _attempt AND il.nonce.node = _by\n", "WHERE true\n", RACES,
        "other_content or receives_twice"),
    "the attempt that set a counter": (
        "0011", "x.c = _c AND x.attempt = _attempt AND x.node", "x.c = _c AND x.node", RACES, "receives_twice"),
    "the counter of a passkey": ("0011", "WHERE x.c < _c OR", "WHERE x.c <= _c OR", PEOPLE, "passkey"),
    "the horizon of heartbeats": (
        "0006", "low := pg_snapshot_xmin(", "low := pg_snapshot_xmax(", NODES, "older_transaction"),
    "no notice of heartbeats": (
        "0006", "    low := pg_snapshot_xmin(", "    PERFORM pg_notify('il', 'beat');\n    low := pg_snapshot_xmin(", RACES,
        "only_an_append"),
    "the node of a run": ("0009", "d.inc > _row.inc) THEN 'lost'", "d.inc >= _row.inc) THEN 'lost'", NODES, "one_node_until"),
    "the term of a run": ("0009", "AND inc = _inc AND term = _term AND ended", "AND inc = _inc AND ended", NODES, "late_one"),
    "the number of a claim": ("0009", "IF _number < _row.claim OR _row.free OR", "IF _row.free OR", NODES, "late_one"),
    "the answer of a claim that was put back": (
        "0009", " OR _row.origin IS NULL THEN", " THEN", GENERATION, "store_lost_is_put"),
    "the term of a run that is put back": (
        "0009", "AND (r.term < _term OR r.term = _term AND r.node = _me);", ";", GENERATION, "later_term"),
    "runs are put back while the generation is closed": (
        "0009", "PERFORM FROM il.meta WHERE open IS DISTINCT FROM il_v1.generation() FOR SHARE;",
        "PERFORM FROM il.meta FOR SHARE;", GENERATION, "store_lost_is_put"),
    "the level of a row of before": (
        "0009", "OR r.written <> il_v1.generation()", "", GENERATION, "at_least_untrusted"),
    "the level of a run whose node was lost": (
        "0009", "WHEN _origin = 'lost' OR r.written", "WHEN r.written", NODES, "silent_node"),
    "the generation": (
        "0006", "    IF NOT il_v1.is_open() THEN\n        PERFORM il_v1.refuse('IL004'",
        "    IF false THEN\n        PERFORM il_v1.refuse('IL004'", FAILOVER, "after_a_restart"),
    "the comparison of heads": (
        "0007", "            OR NOT EXISTS (SELECT FROM il.control c WHERE c.n = d.applied AND c.digest = d.head)))",
        "            ))", FAILOVER, "lost_entries or differs"),
    "a head that the chain lacks": (
        "0006", "    IF il_v1.is_unknown(_applied, _head) THEN\n        PERFORM", "    IF false THEN\n        PERFORM", GENERATION,
        "gone_in_the_backup"),
    "the digest of a head": ("0006", "WHERE n = _applied AND digest = _head)", "WHERE n = _applied)", GENERATION, "forked"),
    "the link of an entry that is put back": (
        "0007", "    IF _n IS DISTINCT FROM _head.n + 1 OR _prev IS DISTINCT FROM _head.digest\n        OR _digest",
        "    IF _digest", FAILOVER, "lost_entries"),
    "the rows of an entry that is put back": (
        "0007", "    IF _kind = 'use' THEN", "    IF false THEN", FAILOVER, "lost_entries"),
    "leases that are put back before": (
        "0007", " OR d.restored IS DISTINCT FROM il_v1.generation()", "", LIMITS, "new_generation"),
    "a window after the end of a lease": (
        "0009", "AND l.until >= _limit.newest - 60)) INTO", "AND l.until >= _limit.newest)) INTO", LIMITS, "node_that_died"),
    "a whole window of uses": (
        "0009", "AND u.slot >= _limit.newest - 60 AND u.day", "AND u.slot >= _limit.newest - 59 AND u.day", LIMITS,
        "unit_counts"),
    "the margin of clocks of a use": ("0010", "_at + 2000000)", "_at)", LIMITS, "unit_counts"),
    "the clock of the store": (
        "0009", "least(_now, il_v1.now_us()))), most", "_now)), most", LIMITS, "clock_that"),
    "the clock of the node": (
        "0009", "least(_now, il_v1.now_us()))), most", "il_v1.now_us())), most", LIMITS, "unit_counts"),
    "the newest slot": (
        "0009", "SET newest = greatest(newest, il_v1", "SET newest = greatest(0, il_v1", LIMITS, "clock_that"),
    "the end of a lease": ("0009", "IF _end < _limit.newest THEN", "IF false THEN", LIMITS, "clock_that"),
    "sums of reports": ("0010", "greatest(0, _used - _lease.used)", "_used", LIMITS, "comes_back"),
    "the end of the incarnation that is settled": (
        "0010", "WHERE name = _name AND inc > _its;", "WHERE name = _name;", LIMITS, "dead_node_come"),
    "the search path": (
        "0008", "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp\nAS $$\nDECLARE\n"
        "    _me text := il_v1.caller(_inc);\nBEGIN\n    PERFORM il_v1.opened();\n    PERFORM il_v1.consume",
        "LANGUAGE plpgsql SECURITY DEFINER\nAS $$\nDECLARE\n    _me text := il_v1.caller(_inc);\nBEGIN\n"
        "    PERFORM il_v1.opened();\n    PERFORM il_v1.consume", ROLES, "fixed_search"),
    "bodies that readers may not read": ("0013", "'body', 'proof'", "'proof'", ROLES, "sees_no_body"),
}


def without(name: str) -> tuple[str, str]:
    """The name of the step and its text without a guard, which must be in it once."""
    step, guard, instead, _, _ = GUARDS[name]
    path, = storing.FILES.glob(f"{step}-*.sql")
    text = path.read_text()
    assert text.count(guard) == 1, f"{path.name}: {name}"
    return path.name, text.replace(guard, instead)


def test_each_guard_is_in_its_step_once():
    assert len({without(name)[1] for name in GUARDS}) == len(GUARDS)


@pytest.mark.stress
@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_its_test_fails(tmp_path, name):
    storing.require()
    folder = tmp_path / "files"
    shutil.copytree(storing.FILES, folder)
    step, text = without(name)
    (folder / step).write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-k", GUARDS[name][4],
         str(storing.ROOT / "Tests" / "EndToEnd" / GUARDS[name][3])],
        env={**os.environ, "INTERLOCK_CLUSTER_SCHEMA": str(folder), "PYTEST_XDIST_WORKER": ""}, cwd=storing.ROOT,
        capture_output=True, text=True)
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout + done.stderr
