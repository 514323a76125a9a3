"""`Benchmarks/searching.py`: what counts as found beside other programs, and what is said of one that fails."""

import json
import re
import sys

import pytest
from conftest import ROOT

sys.path[:0] = [str(ROOT / "Benchmarks"), str(ROOT / "Benchmarks" / "peers")]

import finding  # noqa: E402
import searchers  # noqa: E402
import searching  # noqa: E402

pytestmark = pytest.mark.requirement("R082")


def samples(*rules):
    return [finding.Sample(rule, rule or "placeholder", "none", 1, "text") for rule in rules]


class Stub(searchers.Searcher):
    """A peer that is a line of shell; its output names files, each with one finding."""

    name, script, limit = "stub", "", 60

    def __init__(self, pythons):
        pass

    def words(self, folder, report):
        return ["sh", "-c", self.script]

    def read(self, output, report):
        return [searchers.Found(line, "Token", False) for line in output.split()]

    def version(self):
        return "stub 1"


def run(binary, tmp_path, script, name="stub", numbers=4, limit=60):
    """A comparison with one stub, on the corpus of `finding.py`."""
    made = type("Made", (Stub,), {"name": name, "script": script, "limit": limit})
    compared = searching.Run(binary, tmp_path, [made])
    compared.compare(finding.corpus(29, numbers), tmp_path)
    return compared


def test_a_file_counts_once_for_what_it_has():
    found = [searchers.Found(f"./00000{number}.txt", rule, True) for number, rule in
             [(0, "a"), (0, "b"), (1, "PEM Private Key"), (2, "a"), (2, "private-key"), (2, "b"), (3, "a")]]
    made = samples("npm-token", "private-key", None, "stripe-test-key", "jwt", None)
    counts = {name: (one.present, one.found, one.false) for name, one in searching.counted(made, found).items()}
    # A kind that is only marked is neither; a near miss is one false finding of all, and one of each class.
    assert counts == {"token": (2, 1, 1), "private-key": (1, 1, 1), "block": (3, 2, 1)}


def test_the_program_is_compared_with_a_peer_by_the_same_files(binary, tmp_path):
    compared = run(binary, tmp_path, "ls *.txt")
    ours, theirs = compared.counts["interlock"]["all rules"]["block"], compared.counts["stub"]["all rules"]["block"]
    assert ours.present == theirs.present == theirs.found > 100 and theirs.false > 100
    assert ours.figures()["recall"] >= finding.BARS["recall"] and ours.false < theirs.false / 10
    # The stub has generic rules alone.
    named = compared.counts["stub"]["named kinds"]["block"]
    assert (named.found, named.false, named.present) == (0, 0, ours.present)


@pytest.mark.parametrize(
    "script, said",
    [
        ("echo first; echo why >&2; exit 3", "ended with 3: why"),
        ("true", "finds nothing"),
        ("echo 000000.txt; sleep 60 & wait", "did not end within 1 s"),
        ("kill -9 $$", "ended with -9"),
    ],
)
def test_a_peer_that_fails_is_named_and_not_compared(binary, tmp_path, script, said):
    compared = run(binary, tmp_path, script, numbers=1, limit=1 if "sleep" in script else 60)
    assert said in compared.missing["stub"] and list(compared.counts) == ["interlock"]
    assert [one.name for one in compared.searchers] == ["interlock"]


def test_a_peer_that_cannot_be_installed_is_named_and_the_program_is_not_left_out(tmp_path, binary):
    def absent(pythons):
        raise searchers.Unavailable("no wheel for this machine")

    absent.name = "gitleaks"
    assert searching.Run(binary, tmp_path, [absent]).missing == {"gitleaks": "no wheel for this machine"}
    with pytest.raises(SystemExit, match="interlock"):
        searching.Run(tmp_path / "absent", tmp_path, [])


def test_rates_and_bars_can_fail(binary, tmp_path, monkeypatch):
    monkeypatch.setattr(searching, "MOST", 1 << 20)
    compared = run(binary, tmp_path, "ls *.txt", name="gitleaks")
    compared.time({searching.JSON: [searching.clean_json(100_000)]}, 1, tmp_path)
    assert compared.rates["interlock"][searching.JSON] > 0 and compared.rates["gitleaks"][searching.JSON] > 0
    compared.rates = {"interlock": {searching.JSON: 600}, "gitleaks": {searching.JSON: 100}}
    assert all(finding.met(row) for row in compared.bars() if "MB/s" in row[2] or "x" in row[2])
    compared.rates["gitleaks"][searching.JSON] = 700
    assert [row[0] for row in compared.bars() if row[2] == "x" and not finding.met(row)] == ["clean JSON, of gitleaks"]
    compared.counts["interlock"]["all rules"]["block"].found -= 1
    assert "recall of `block`; the bar is the best peer's" in [row[0] for row in compared.bars() if not finding.met(row)]
    assert "NOT MET" in "\n".join(compared.text())
    assert json.loads(json.dumps(compared.result()))["bars"]


def test_clean_json_is_the_same_each_time_and_json():
    text = searching.clean_json(5_000)
    assert text == searching.clean_json(5_000) and len(text) >= 5_000
    assert [json.loads(line)["ok"] for line in text.splitlines()].count(True) == len(text.splitlines())


# The report of each peer, whether it prints it, and what is read from it.
REPORTS = {
    searchers.DetectSecrets: ({"results": {"000001.txt": [{"type": "JSON Web Token"}, {"type": "Secret Keyword"}]}}, True,
                              [("JSON Web Token", True), ("Secret Keyword", False)]),
    searchers.CredSweeper: ([{"rule": "Token", "line_data_list": [{"path": "./000001.txt"}]},
                             {"rule": "PEM Private Key", "line_data_list": [{"path": "./000001.txt"}] * 2}], False,
                            [("Token", False), ("PEM Private Key", True), ("PEM Private Key", True)]),
    searchers.Gitleaks: ([{"File": "000001.txt", "RuleID": "generic-api-key"}, {"File": "000001.txt", "RuleID": "jwt"}],
                         False, [("generic-api-key", False), ("jwt", True)]),
}


@pytest.mark.parametrize("peer", REPORTS, ids=lambda peer: peer.name)
def test_reports_are_read_and_others_refused(tmp_path, peer):
    report, is_printed, expected = REPORTS[peer]
    reader, path = object.__new__(peer), tmp_path / "report.json"

    def read(text):
        path.write_text("" if is_printed else text)
        return reader.read(text if is_printed else "", path)

    found = read(json.dumps(report))
    assert [(one.rule, one.named) for one in found] == expected
    assert {one.file.removeprefix("./") for one in found} == {"000001.txt"}
    for bad in ("", "{", '[{"other": 1}]', '{"other": 1}'):
        with pytest.raises((ValueError, KeyError, TypeError)):
            read(bad)


@pytest.mark.parametrize("name", ["detect-secrets", "credsweeper", "gitleaks"])
def test_the_peers_are_pinned_by_the_digests_of_their_wheels(name):
    lines = [line for line in (ROOT / "Benchmarks" / "peers" / f"{name}.txt").read_text().splitlines() if line[0] != "#"]
    assert lines[0] == "--only-binary :all:"
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+ --hash=sha256:[0-9a-f]{64}", line) for line in lines[1:])
