"""Logs of all shapes: sizes, tiles, additional files and pruning."""

import json
import os
import shutil
from pathlib import Path

import pytest

from encoding import b64
from synthetic import CALL, KEY, Run, Writer, jcs, put, sample, sha

ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("INTERLOCK_VECTORS", ROOT.parent / "shared" / "vectors"))
TESSERA = VECTORS / "tessera-testlog" / "testdata" / "log"
TESSERA_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_sizes(verify, folder, size):
    log = Writer()
    if size:
        log.add("log.genesis", origin=log.origin)
    while len(log.entries) < size:
        log.add("log.tick")
    assert "warning" not in verify(*KEY, log.write(folder))


def test_a_log_with_two_levels_of_full_tiles(verify, folder):
    log = Writer([b"%d" % number for number in range(70_000)])
    (folder.parent / "old").write_bytes(log.checkpoint(65_537))
    said = verify(*KEY, "--tree-only", "--old-checkpoint", folder.parent / "old", log.write(folder))
    assert "70000 entries" in said and "warning" not in said
    tile = folder / "tile/1/000"
    tile.write_bytes(tile.read_bytes()[:-1] + b"?")
    assert "tile/1/000" in verify(*KEY, "--tree-only", folder, expect=1)


def test_the_public_log_of_tessera(verify, tmp_path):
    if not TESSERA.exists():
        assert os.environ.get("CI") != "true", f"{TESSERA} is not there"
        pytest.skip("tessera-testlog: the public log is not there")
    shutil.copytree(TESSERA, tmp_path / "log")
    sizes = sorted(int(path.suffix[1:]) for path in TESSERA.glob("checkpoint.*"))
    (tmp_path / "log" / "checkpoint").write_bytes((TESSERA / f"checkpoint.{sizes[-1]}").read_bytes())
    old = [word for size in sizes for word in ("--old-checkpoint", TESSERA / f"checkpoint.{size}")]
    verify("--vkey", TESSERA_KEY, "--tree-only", *old, tmp_path / "log")
    verify("--vkey", TESSERA_KEY, tmp_path / "log", expect=1)


def test_partial_tiles_of_older_states_are_compared(verify, folder):
    log, _ = sample()
    log.write(folder)
    put(folder, Writer(log.entries[:4]).files() | {"checkpoint": log.checkpoint()})
    assert "warning" not in verify(*KEY, folder)
    older = folder / "tile/entries/000.p/4"
    older.write_bytes(older.read_bytes()[:-1] + b" ")
    assert "tile/entries/000.p/4" in verify(*KEY, folder, expect=1)


def test_the_full_tile_in_place_of_the_last_partial_one(verify, folder):
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    while len(log.entries) < 256:
        log.add("log.tick")
    put(folder, log.files() | {"checkpoint": log.checkpoint(200)})
    # The full bundle, the full tile and the one above it reach beyond the checkpoint.
    assert "warning: files beyond the checkpoint: 3, such as tile/0/000\n" in verify(*KEY, folder)


@pytest.mark.parametrize("name", ["notes.txt", "tile/0/x000/000", "tile/64/000", "tile/0/000.p/0", "tile/0/000.p/256",
                                  "tile/entries/00.p/1"])
def test_other_files_are_warnings(verify, folder, name):
    put(sample()[0].write(folder), {name: b"?"})
    assert f"warning: {name}: not a file" in verify(*KEY, folder)


@pytest.mark.parametrize("name", ["tile/0/001", "tile/0/000.p/99", "tile/1/000.p/1", "tile/entries/000"])
def test_files_beyond_the_checkpoint_are_warnings(verify, folder, name):
    put(sample()[0].write(folder), {name: b"?"})
    assert f"beyond the checkpoint: 1, such as {name}" in verify(*KEY, folder)


def pruned(folder: Path, *between: str, **fields) -> Writer:
    """A run whose chain and whose last intent begin among 256 absent entries; a record of each type in `between`
    precedes the closing one."""
    log = Writer()
    log.add("log.genesis", origin=log.origin)
    run = Run(log)
    run.add("run.start")
    while len(log.entries) < 255:
        log.add("log.tick")
    opened = run.add("call.intent", call=CALL)
    for kind in between:
        log.add(kind)
    run.close(opened, **fields)
    log.write(folder)
    (folder / "tile/entries/000").unlink()
    return log


def test_a_start_leaves_no_absent_intent_open(verify, folder):
    pruned(folder, "log.tick")
    verify(*KEY, "--min-index", 256, folder)
    pruned(folder, "log.started")
    assert "not open" in verify(*KEY, "--min-index", 256, folder, expect=1)
    pruned(folder, "log.started", late=True)
    verify(*KEY, "--min-index", 256, folder)


def test_only_full_bundles_are_pruned(verify, folder):
    pruned(folder)
    (folder / "tile/entries/001.p/1").unlink()
    assert "tile/entries/001.p/1 is missing" in verify(*KEY, "--min-index", 257, folder, expect=1)


def test_a_pruned_log(verify, folder):
    pruned(folder)
    verify(*KEY, "--min-index", 256, folder)
    assert "missing" in verify(*KEY, "--min-index", 255, folder, expect=1)
    assert "missing" in verify(*KEY, folder, expect=1)
    (folder / "tile/0/000").unlink()
    verify(*KEY, "--min-index", 256, folder, expect=1)


def test_a_pruned_log_names_only_hashes_of_absent_entries(verify, folder):
    log = pruned(folder)
    outcome = json.loads(log.entries[256])
    for field in ("prev", "intent"):
        changed = Writer([*log.entries[:256], jcs({**outcome, field: b64(sha(b"?"))})])
        put(folder, changed.files())
        (folder / "tile/entries/000").unlink()
        assert "record 256" in verify(*KEY, "--min-index", 256, folder, expect=1)
