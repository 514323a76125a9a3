"""`interlock audit export` of logs that are not whole: a record that cannot be read, and records that were pruned."""

import json
import subprocess

import pytest

from judging import pruned, sample


@pytest.fixture
def export(binary, tmp_path):
    """Exports a log of files, in a folder without a deployment."""
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()

    def run(log, folder, *words, expect: int) -> tuple[list[str], str]:
        out = nowhere / "out"
        out.unlink(missing_ok=True)
        done = subprocess.run(
            [binary, "audit", "export", *words, "-o", str(out), "--log", str(folder), "--vkey", log.key.vkey],
            capture_output=True, text=True, timeout=120, cwd=nowhere)
        assert done.returncode == expect, f"{done.returncode}: {done.stdout}{done.stderr}"
        return (out.read_text().splitlines() if expect == 0 else []), done.stdout + done.stderr

    return run


@pytest.mark.parametrize("words", [("--format", "jsonl"), ("--format", "csv"), ("--format", "ocsf"), ("--for", "evals"),
                                   ("--format", "jsonl", "--since", "2020-01-01T00:00:00Z")])
def test_a_record_that_cannot_be_read_is_not_left_out(export, tmp_path, words):
    log = sample(20)
    whole, said = export(log, log.write(tmp_path / "whole"), *words, expect=0)
    assert whole and "note" not in said, said
    log.entries.append(b'{"v": 1, "t": "log.tick"}')
    log.add("log.tick", size=len(log.entries))
    _, said = export(log, log.write(tmp_path / "log"), *words, expect=65)
    assert "record 20 is in no canonical form" in said, said


def test_an_export_of_a_pruned_log_says_where_it_begins(export, tmp_path):
    log, _, folder = pruned(tmp_path / "log")
    lines, said = export(log, folder, "--format", "jsonl", expect=0)
    assert [json.loads(line)["index"] for line in lines] == list(range(256, len(log.entries)))
    assert "begins with record 256" in said and f"{len(lines)} records" in said, said
    _, said = export(log, folder, "--format", "tiles", expect=73)
    assert "pruned" in said, said
