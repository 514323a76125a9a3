"""Parts that are missing, empty, unreadable or damaged when the gateway starts (`docs/fail-closed.md`)."""

import os
import shutil
import sqlite3
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import ledgerfile
from addresses import ADA, SAM
from broken import STORE, ask, check_does_not_start, harmed, wait_for_health
from conftest import UNREUSED, missing, organise
from test_kill import is_halted
from waits import until

pytestmark = pytest.mark.requirement("R070")


@pytest.fixture(scope="module")
def shared(binary, people):
    """A deployment that each test leaves unchanged, and stopped."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="interlock-e2e-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        made = organise(stack, binary, people, folder, servers=("tickets",), segment=UNREUSED)
        assert ask(made.session("support-triage")).code is None
        made.gateway.stop()
        yield made


@pytest.fixture
def made(shared):
    """A copy of the initial state of `shared`, for a test that changes more than one file."""
    kept = shared.folder / "kept"
    shutil.copytree(shared.gateway.folder, kept, ignore=shutil.ignore_patterns("*.sock"))
    yield shared
    shared.gateway.kill()
    shutil.rmtree(shared.gateway.folder)
    kept.rename(shared.gateway.folder)


def serves(made) -> None:
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    wait_for_health(made, "/readyz", 200, "ready")
    assert ask(made.session("support-triage")).code is None
    made.gateway.stop()


@pytest.mark.parametrize("harm, codes", [
    (None, {66}), ("empty", {65, 66}), ("a pipe of words", {65}), ("org.yaml cut short", {65})])
def test_a_policy_that_is_missing_empty_or_unparsable(made, harm, codes):
    with harmed(made.gateway.policy, None):
        if harm:
            made.gateway.policy.mkdir()
        if harm == "a pipe of words":
            (made.gateway.policy / "org.yaml").write_text("yes | no | {\n")
        if harm == "org.yaml cut short":
            whole = (made.gateway.policy.with_name("policy.kept") / "org.yaml").read_text()
            (made.gateway.policy / "org.yaml").write_text(whole[:len(whole) // 2])
        check_does_not_start(made, codes)
    serves(made)


@pytest.mark.parametrize("harm", ["other", "newer", "folder"])
def test_a_store_that_is_no_store_or_of_a_newer_version(made, harm):
    path = made.gateway.folder / "state" / STORE
    if harm == "newer":
        with sqlite3.connect(path) as store:
            store.execute("PRAGMA user_version = 9999")
        store.close()
        check_does_not_start(made, {74}, STORE)
        return
    for name in (f"{STORE}-wal", f"{STORE}-shm"):
        (path.parent / name).unlink(missing_ok=True)
    with harmed(path, b"this is no database" * 500 if harm == "other" else None):
        if harm == "folder":
            path.mkdir()
        check_does_not_start(made, {74}, STORE)


@pytest.mark.parametrize("seconds", [8, None])
def test_a_store_that_is_held_at_a_start_is_waited_for(made, seconds):
    """SQLite itself waits for five seconds; the gateway goes on for thirty, and says so."""
    holder = sqlite3.connect(made.gateway.folder / "state" / STORE, isolation_level=None)
    # A connection in this mode keeps its locks until it is closed.
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    process = made.gateway.launch()
    try:
        began = time.monotonic()
        until(lambda: "waiting for it for 30 s" in made.gateway.stderr(), seconds=20)
        assert "ready agents" not in made.gateway.stderr()
        if seconds is None:
            assert process.wait(60) == 74 and 30 <= time.monotonic() - began
            assert STORE in made.gateway.stderr()
            return
        time.sleep(max(0.0, seconds - (time.monotonic() - began)))
        holder.close()
        until(lambda: "ready agents" in made.gateway.stderr(), made.gateway, seconds=60)
    finally:
        holder.close()
        made.gateway.kill()
    serves(made)


def frame_places(made) -> tuple[Path, list[int]]:
    """The segment with the newest frame, and the offsets of its frames."""
    best = None
    for path in (made.gateway.ledger / "wal").glob("*.seg"):
        data, at, places = path.read_bytes(), 0, []
        while at + ledgerfile.HEAD.size <= len(data) and data[at:at + 8] == ledgerfile.MAGIC:
            _, _, index, _, _, *sizes, _ = ledgerfile.HEAD.unpack_from(data, at)
            places.append(at)
            end = at + ledgerfile.HEAD.size + sum(sizes)
            at = end + 4 + -(end + 4) % ledgerfile.BLOCK
        if places and (best is None or index > best[0]):
            best = (index, path, places)
    return best[1], best[2]


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 1]))


def test_a_torn_last_frame_of_the_log_is_cut_and_said(made):
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    assert ask(made.session("support-triage")).code is None
    made.gateway.kill()  # its records are not published yet
    path, places = frame_places(made)
    flip(path, places[-1] + ledgerfile.HEAD.size + 40)
    made.gateway.start()
    assert [one["t"] for one in made.gateway.records(50)].count("log.recovered") >= 1
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_a_log_that_is_damaged_before_its_end_does_not_start(made):
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets")
    for number in range(5):
        assert ask(made.session("support-triage")).code is None
    made.gateway.kill()
    path, places = frame_places(made)
    flip(path, places[-3] + ledgerfile.HEAD.size + 40)
    check_does_not_start(made, {65})


@pytest.mark.parametrize("text", [None, b"", b"{}", b'{"keys": ['], ids=["missing", "empty", "other", "torn"])
def test_without_the_trust_file_everything_is_halted(made, text):
    with harmed(made.gateway.folder / "state" / "kill" / "trust.json", text):
        made.gateway.start()
        assert is_halted(made)
        assert "trust.json" in made.gateway.stderr()
        assert "halts: the organisation is halted" in wait_for_health(made, "/readyz", 503)
        # No signature can be verified, so no person can resume.
        (halt,) = made.gateway.json("kill", "--status")[0]["halts"]
        refused = made.gateway.run("resume", halt["id"], "--reason", "nobody may now", by=ADA, check=False)
        assert refused.returncode == (74 if text is None else 65) and "trust.json" in refused.stderr, refused
        made.gateway.stop()
    made.gateway.start()
    assert is_halted(made), "two people let it go on"
    made.gateway.resume(halt["id"], ADA, SAM)
    assert not is_halted(made)


@pytest.mark.parametrize("text", [None, b"", b"{}"], ids=["missing", "empty", "other"])
def test_without_the_newest_epoch_everything_is_halted(made, text):
    made.gateway.start()
    made.gateway.resume(made.gateway.halt("--agent", "refunds", by=ADA), ADA, SAM)
    made.gateway.stop()
    epoch = made.gateway.folder / "state" / "kill" / "epoch.json"
    if text is None:
        epoch.unlink()
    else:
        epoch.write_bytes(text)
    made.gateway.start()
    assert is_halted(made) and is_halted(made, "refunds")
    wait_for_health(made, "/readyz", 503, "halts:")
    (halt,) = made.gateway.json("kill", "--status")[0]["halts"]
    made.gateway.resume(halt["id"], ADA, SAM)
    assert not is_halted(made)


def test_without_the_folder_of_the_kill_switch_everything_is_halted(made):
    shutil.rmtree(made.gateway.folder / "state" / "kill")
    made.gateway.start()
    assert is_halted(made)
    wait_for_health(made, "/readyz", 503, "halts:")


def test_without_the_launcher_no_server_is_started(made):
    """A server whose sandbox is unavailable is not offered, and no part of it runs outside."""
    folder = made.folder / "bin"
    folder.mkdir(exist_ok=True)
    alone = folder / "interlock"
    shutil.copy2(made.gateway.binary, alone)
    whole, made.gateway.binary = made.gateway.binary, alone
    try:
        check_starts_without("kb", made)
    finally:
        made.gateway.kill()
        made.gateway.binary = whole
        shutil.rmtree(folder)


def check_starts_without(server: str, made) -> None:
    """The gateway runs, and that server is unavailable."""
    made.gateway.start()
    made.gateway.wait_for_tools("support-triage", "tickets", seconds=60)
    session = made.session("support-triage")
    assert not [name for name in session.tools() if name.startswith(f"{server}__")]
    assert session.call(f"{server}__search", text="x").code == -32602


def test_without_data_of_time_zones_no_hours_are_guessed(made):
    if os.geteuid() != 0:
        missing("hiding the system's zones needs root")
    file = made.gateway.policy / "agents" / "support-triage.yaml"
    text = file.read_text()
    hours = '    hours: {days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", to: "23:59", tz: Asia/Kathmandu}\n'
    file.write_text(text.replace("    tier: low\n", "    tier: low\n" + hours, 1))
    hide = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /usr/share/zoneinfo && exec "$0" "$@"']
    process = made.gateway.launch(prefix=hide)
    assert process.wait(60) == 65, made.gateway.stderr()[-2000:]
    assert "Asia/Kathmandu" in made.gateway.stderr()
    made.gateway.process = None
    made.gateway.start()
    made.gateway.stop()
