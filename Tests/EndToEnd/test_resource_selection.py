"""A grant that is narrowed to databases, tables and paths, before a server that would read every one of them."""

import json
import shutil
import sqlite3
from contextlib import ExitStack, closing

import pytest

import faulty
from conftest import FIXTURES, organise
from deployment import Failure
from revising import edit, reload

pytestmark = pytest.mark.requirement("R021")
AGENT = "agents/tester.yaml"


@pytest.fixture(scope="module")
def world(binary, people, tmp_path_factory):
    data = tmp_path_factory.mktemp("warehouse")
    data.chmod(0o777)  # the sandbox may run the server as another user
    for database in ("shop", "hr"):
        with closing(sqlite3.connect(data / f"{database}.db")) as store, store:
            for table in ("orders", "salaries"):
                store.execute(f"CREATE TABLE {table} (line TEXT)")
                store.execute(f"INSERT INTO {table} VALUES ('{database} {table}')")
    (data / "files" / "reports").mkdir(parents=True)
    (data / "files" / "reports" / "2026.txt").write_text("the report")
    (data / "files" / "secret.txt").write_text("the secret")
    (data / "arrived").touch()
    for path in [*data.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    files = faulty.policy("warehouse", (
        f'{{stdio: ["/usr/bin/python3", "{FIXTURES / "warehouse_server.py"}", "--data", "{data}"], '
        f'sandbox: {{read: ["{FIXTURES}"], writable_cache: ["{data}"]}}}}'), ("rows", "read"))
    server, agent = "servers/warehouse.yaml", AGENT
    files[server] = files[server].replace(
        "rows: {class: read}", "rows: {class: read, selects: {database: args.database, table: args.table}}").replace(
        "read: {class: read}", "read: {class: read, selects: {path: args.path}}")
    files[agent] = files[agent].replace(
        "[read]", f"[{{tool: rows, only: {{database: shop, table: orders}}}}, "
                  f"{{tool: read, only: {{path: {data}/files/reports}}}}]")
    with ExitStack() as stack:
        made = organise(stack, binary, people, tmp_path_factory.mktemp("selection"), extra=files, servers=(), wait=())
        made.gateway.wait_for_tools("tester", "warehouse")
        made.data = data
        yield made


def arrived(world) -> list[dict]:
    return [json.loads(line) for line in (world.data / "arrived").read_text().splitlines()]


def call(world, tool: str, **arguments: str):
    """The text of the result, or None if the gateway refused; then nothing arrived."""
    before = len(arrived(world))
    answer = world.session("tester").call(f"warehouse__{tool}", **arguments)
    if answer.code is None and not answer.message.get("error"):
        assert arrived(world)[before:] == [arguments]
        return answer.message["result"]["content"][0]["text"]
    assert len(arrived(world)) == before
    return None


def test_another_table_or_database_is_denied(world):
    assert json.loads(call(world, "rows", database="shop", table="orders")) == [["shop orders"]]
    for database, table in (("shop", "salaries"), ("hr", "orders"), ("hr", "salaries"), ("shop", "orders, salaries"),
                            ("shop", "orders UNION SELECT * FROM salaries"), ("../shop", "orders"), ("shop", "Orders")):
        assert call(world, "rows", database=database, table=table) is None, (database, table)
    denied = world.gateway.records(30, type="call.denied")[-1]
    assert (denied["code"], denied["rule"]) == ("policy.guard_false", "agents.tester.mcp_scopes.warehouse[0]"), denied


def test_another_path_is_denied(world):
    reports = world.data / "files" / "reports"
    assert call(world, "read", path=f"{reports}/2026.txt") == "the report"
    for path in (f"{reports}/../secret.txt", f"{reports}/./../secret.txt", str(world.data / "files" / "secret.txt"),
                 f"{reports}//2026.txt", f"/{reports}/2026.txt", f"{reports}s/2026.txt", "files/reports/2026.txt", "/etc/passwd",
                 f"{reports}/..\\secret.txt", f"{reports}/..\u0000/secret.txt"):
        assert call(world, "read", path=path) is None, path


def test_a_reviewer_reads_what_it_is_narrowed_to(world):
    page = world.gateway.run("policy", "worst-case", "tester", "--policy", str(world.gateway.policy), "--no-lock").stdout
    assert 'database is "shop" and table is "orders"' in page and "files/reports" in page


def test_a_table_more_is_a_widening_with_its_witness_and_acts_after_the_reload(world, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(world.gateway.policy, before)
    edit(world.gateway, "table: orders", "table: [orders, salaries]", AGENT)
    compared = world.gateway.run("policy", "diff", str(before), str(world.gateway.policy), "--no-lock", check=False)
    assert compared.returncode == 2 and 'WIDENS tester warehouse.rows' in compared.stdout, compared.stdout + compared.stderr
    assert '"table":"salaries"' in compared.stdout
    assert reload(world.gateway)["outcome"] == "loaded"
    assert json.loads(call(world, "rows", database="shop", table="salaries")) == [["shop salaries"]]
    assert call(world, "rows", database="hr", table="salaries") is None


def test_a_selection_that_cannot_be_judged_does_not_start(organisation):
    files = faulty.policy("warehouse", '{http: "http://127.0.0.1:9/mcp"}', ("rows",))
    files[AGENT] = files[AGENT].replace("[read]", "[{tool: rows, only: {table: orders}}]")
    with pytest.raises(Failure, match="E217 .*which argument names the table"):
        organisation(extra=files, servers=(), start=False)
