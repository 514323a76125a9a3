"""The JSON Schema for editors against the program: the schema accepts everything that the program compiles, and lets no
misspelt key through. Two readers that share only the files: jsonschema and PyYAML here."""

import copy
import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest

import editoryaml

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = sorted((ROOT / "Tests" / "PolicyTests" / "Golden").glob("*.txt"))
NOW = "2026-11-20T09:00:00Z"
SUBFOLDERS = ("servers", "agents", "elevations", "tests")


@pytest.fixture(scope="module")
def schema(binary):
    printed = subprocess.run([binary, "policy", "schema"], capture_output=True, text=True, timeout=20, check=True)
    document = json.loads(printed.stdout)
    jsonschema.Draft202012Validator.check_schema(document)
    return jsonschema.Draft202012Validator(document)


def complaints(schema, value) -> list[str]:
    return [f"{error.json_path}: {error.message[:120]}" for error in schema.iter_errors(value)]


@pytest.fixture
def codes(binary, tmp_path):
    """The codes of the findings of `policy check` in a value, written as JSON, which is YAML."""
    def check(value) -> set[str]:
        path = tmp_path / "policy.yaml"
        path.write_text(json.dumps(value) + "\n")
        done = subprocess.run(
            [binary, "policy", "check", "--json", "--at", NOW, path], capture_output=True, text=True, timeout=20)
        assert done.returncode in (0, 1, 65), done.stderr
        return {json.loads(line)["code"] for line in done.stdout.splitlines()}
    return check


def acme():
    return editoryaml.load((ROOT / "Examples" / "policies" / "acme.yaml").read_text())


@pytest.mark.parametrize("name", ["acme.yaml", "support-triage.yaml"])
def test_the_examples_hold(schema, name):
    assert complaints(schema, editoryaml.load((ROOT / "Examples" / "policies" / name).read_text())) == []


def test_every_file_of_a_folder_holds(schema, binary, tmp_path):
    whole = acme()
    folder = tmp_path / "policy"
    for key in SUBFOLDERS:
        (folder / key).mkdir(parents=True)
        (folder / key / "all.yaml").write_text(json.dumps({key: whole.pop(key)}) + "\n")
    (folder / "org.yaml").write_text(json.dumps(whole) + "\n")
    (folder / "agents" / "one.yaml").write_text((ROOT / "Examples" / "policies" / "support-triage.yaml").read_text()
                                                .replace("agent: support-triage", "agent: support-second"))
    for path in folder.rglob("*.yaml"):
        assert complaints(schema, editoryaml.load(path.read_text())) == [], path.name
    done = subprocess.run([binary, "policy", "check", "--at", NOW, folder], capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and " E" not in done.stdout, done.stdout  # lint errors of the bare agent only


def policies(text: str) -> list[str]:
    """The files of a golden case; the caller cuts off the expected output."""
    if not text.startswith("=== "):
        return [text]
    parts = [part.split("\n", 1) for part in re.split(r"^=== ", text, flags=re.M)[1:]]
    return [body for name, body in parts if name.endswith(".yaml")]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_it_is_never_narrower_than_the_program(schema, path):
    source, printed = path.read_text().split("\n----\n")
    found = set(re.findall(r"^\S+ ([ELWN][0-9]{3}) ", printed, re.M))
    if "E201" in found:
        values = [editoryaml.load(text) for text in policies(source)]
        assert any(complaints(schema, value) for value in values)
    elif not any(code.startswith(("E1", "E2")) for code in found) and not found & {"E302", "E402"}:
        # The other E3 and E4 are about properties beyond a schema: guards, and the meaning of the files together.
        for text in policies(source):
            assert complaints(schema, editoryaml.load(text)) == []


def mappings(value, path=()):
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from mappings(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from mappings(inner, (*path, index))


def test_no_misspelt_key_gets_by(schema, codes):
    """Each key of the example, one at a time. The keys that pass are names, which the program checks by meaning."""
    whole, passed, refused = acme(), [], 0
    for path in mappings(whole):
        if "args" in path:
            continue  # free JSON
        mapping = whole
        for step in path:
            mapping = mapping[step]
        for key in mapping:
            wrong = copy.deepcopy(whole)
            inner = wrong
            for step in path:
                inner = inner[step]
            inner[key + "x"] = inner.pop(key)
            if complaints(schema, wrong):
                refused += 1
            else:
                passed.append(("/".join(map(str, (*path, key))), wrong))
    assert refused > 200 and len(passed) < 150
    for place, wrong in passed:
        assert not codes(wrong) & {"E201", "E202", "E204"}, place


AGENT = ("agents", "refunds")


@pytest.mark.parametrize("place, value", [
    (("interlock",), 2),
    (("kill_switch",), "org-wide, tested daily"),
    (("kill_switch", "last_drill"), "2026-11-3"),
    (("defaults", "elevation", "approvers"), 0),
    (("controls", "read", "trusted"), "aprove"),
    (("approvals", "finance", "expires"), "2 hours"),
    (("tiers", "low", "calls"), "120 per minute"),
    (("servers", "crm", "tools", "get_customer", "class"), "raed"),
    (("servers", "crm", "tools", "get_customer", "effects"), ["sensitive"]),
    (("forbid", 0, "id"), "no customer delete"),
    ((*AGENT, "tier"), "hihg"),
    ((*AGENT, "stage"), "trustd"),
    ((*AGENT, "owner"), "kim"),
    ((*AGENT, "hours", "from"), "8:00"),
    ((*AGENT, "mcp_scopes", "tickets"), "read"),
    ((*AGENT, "sandbox"), "isolated, network egress = all"),
], ids=lambda value: "/".join(map(str, value)) if isinstance(value, tuple) else None)
def test_a_value_of_the_wrong_form_is_seen_by_both(schema, codes, place, value):
    whole = acme()
    assert complaints(schema, whole) == []
    inner = whole
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    assert complaints(schema, whole)
    assert any(code.startswith("E2") for code in codes(whole))
