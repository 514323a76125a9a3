"""Moves and returns of the log's key, also such as were broken off at any step: at no moment two processes sign, and the
command finishes when it is called again (docs/decisions/0194)."""

import os
import shutil
import subprocess

import pytest

from signing import growth, refusal
from test_signer import begin, search, signed  # noqa: F401

pytestmark = pytest.mark.requirement("R097")


def note(made, text: str) -> None:
    """The transfer as a command that was broken off left it."""
    path = made.gateway.folder / "state" / "keys" / "log.transfer"
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(0o400)


def own(path) -> None:
    os.chown(path, os.geteuid(), os.getegid())
    path.chmod(0o400)


def back(made, signer) -> None:
    """The gateway's key and no published one, as before a move reached `log.public`."""
    keys = made.gateway.folder / "state" / "keys"
    shutil.copy(signer.keys / "log.key", keys / "log.key")
    own(keys / "log.key")
    (keys / "log.public").unlink()


def test_a_move_that_died_before_the_key_was_published(signed):
    """The folder is whole and the gateway has its key: the signer may start, and the gateway may not."""
    made, signer = signed(start=False)
    signer.kill()
    folder = signer.keys.resolve()
    back(made, signer)
    note(made, f"move {folder}\n")
    made.gateway.configure("ledger", signer='""')
    signer.start()
    with pytest.raises(Exception, match="a move of the log's key was broken off"):
        made.gateway.start()
    for words in (("audit", "key", "rotate"), ("signer", "return", "--keys", str(folder))):
        refused = made.gateway.run(*words, check=False)
        assert refused.returncode == 65 and f"interlock signer move --keys '{folder}'" in refused.stderr, refused
    signer.kill()
    # Another folder is refused too, so that the key is not in three places.
    owner = signer.keys.stat().st_uid
    signer.give(os.geteuid())
    other = signer.base / "other"
    other.mkdir(mode=0o700)
    refused = made.gateway.run("signer", "move", "--keys", str(other), check=False)
    assert refused.returncode == 65 and not list(other.iterdir()), refused
    made.gateway.run("signer", "move", "--keys", str(folder))
    keys = made.gateway.folder / "state" / "keys"
    assert not (keys / "log.key").exists() and not (keys / "log.transfer").exists()
    signer.give(owner)
    signer.start()
    made.gateway.configure("ledger", signer=f'"{signer.socket}"')
    begin(made)
    assert search(made.session("support-triage"), "moved").code is None
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_a_move_that_died_before_the_tree(signed):
    """Without its tree the folder signs nothing, and the repetition makes it."""
    made, signer = signed(start=False)
    signer.kill()
    back(made, signer)
    (signer.keys / "signed.tree").unlink()
    note(made, f"move {signer.keys.resolve()}\n")
    with pytest.raises(AssertionError, match="signed.tree"):
        signer.start()
    signer.process = None
    owner = signer.keys.stat().st_uid
    signer.give(os.geteuid())
    made.gateway.run("signer", "move", "--keys", str(signer.keys))
    signer.give(owner)
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_a_move_that_cannot_begin_leaves_the_gateway_as_it_is(signed, tmp_path):
    made, signer = signed(start=False)
    signer.kill()
    signer.give(os.geteuid())
    made.gateway.configure("ledger", signer='""')
    made.gateway.run("signer", "return", "--keys", str(signer.keys))
    taken = tmp_path / "taken"
    taken.mkdir(mode=0o700)
    (taken / "log.key").write_bytes(b"\7" * 32)
    (taken / "log.key").chmod(0o400)
    refused = made.gateway.run("signer", "move", "--keys", str(taken), check=False)
    assert refused.returncode == 65 and "exists already" in refused.stderr, refused
    assert not (made.gateway.folder / "state" / "keys" / "log.transfer").exists()
    begin(made)
    # While it runs, nothing is moved.
    refused = made.gateway.run("signer", "move", "--keys", str(tmp_path / "new"), check=False)
    assert refused.returncode == 75, refused
    assert not (made.gateway.folder / "state" / "keys" / "log.transfer").exists()
    assert search(made.session("support-triage"), "still here").code is None
    assert made.gateway.stop() == 0


def test_a_move_gives_no_folder_a_tree_that_its_signer_surpassed(signed):
    """A gateway's state from before the move, restored: the folder's newer tree is not replaced."""
    made, signer = signed(start=False)
    state, old = made.gateway.folder / "state", made.gateway.folder / "old"
    signer.kill()
    signer.give(os.geteuid())
    made.gateway.configure("ledger", signer='""')
    made.gateway.run("signer", "return", "--keys", str(signer.keys))
    shutil.copytree(state, old, symlinks=True)
    signer.adopt(made.gateway)
    signer.start()
    begin(made)
    assert search(made.session("support-triage"), "newer").code is None
    assert made.gateway.stop() == 0
    origin, size, root = signer.status()
    signer.kill()
    state.rename(made.gateway.folder / "newer")
    old.rename(state)
    signer.give(os.geteuid())
    refused = made.gateway.run("signer", "move", "--keys", str(signer.keys), check=False)
    assert refused.returncode == 65, refused
    assert not (state / "keys" / "log.transfer").exists(), refused
    signer.give()
    signer.start()
    assert signer.status() == (origin, size, root)
    assert refusal(signer.ask(growth(origin, size - 1, [b"\x11" * 32], b"\x22" * 32))) == "fork"


@pytest.mark.parametrize("left", ["whole", "zeros", "removed", "gone"])
def test_a_return_that_died_while_it_destroyed_is_finished(signed, left):
    made, signer = signed(start=False)
    signer.kill()
    key, tree = ((signer.keys / name).read_bytes() for name in ("log.key", "signed.tree"))
    folder = signer.keys.resolve()
    owner = signer.keys.stat().st_uid
    signer.give(os.geteuid())
    made.gateway.configure("ledger", signer='""')
    made.gateway.run("signer", "return", "--keys", str(folder))
    assert not (folder / "signed.tree").exists(), "what is left signs nothing"
    # As it was after the gateway had its key again.
    note(made, f"return {folder}\n")
    (folder / "signed.tree").write_bytes(tree)
    if left == "gone":
        shutil.rmtree(folder)
    elif left != "removed":
        (folder / "log.key").write_bytes(key if left == "whole" else b"\0" * 32)
        own(folder / "log.key")
    with pytest.raises(Exception, match="a return of the log's key was broken off"):
        made.gateway.start()
    if left == "whole":
        # A signer that is started again may sign; the command waits for its end.
        signer.give(owner)
        signer.start()
        if not signer.is_root:
            refused = made.gateway.run("signer", "return", "--keys", str(folder), check=False)
            assert "another signer uses" in refused.stderr, refused
        signer.kill()
        signer.give(os.geteuid())
    made.gateway.run("signer", "return", "--keys", str(folder))
    assert not folder.exists() if left == "gone" else [path.name for path in folder.iterdir()] == ["signer.lock"]
    begin(made)
    assert search(made.session("support-triage"), "back").code is None
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_a_key_comes_back_from_a_folder_with_a_damaged_tree(signed):
    made, signer = signed()
    assert search(made.session("support-triage"), "once").code is None
    assert made.gateway.stop() == 0
    signer.kill()
    with (signer.keys / "signed.tree").open("r+b") as file:
        file.write(b"\0" * 8192)
    with pytest.raises(AssertionError, match="interlock signer return"):
        signer.start()
    signer.process = None
    signer.give(os.geteuid())
    made.gateway.configure("ledger", signer='""')
    made.gateway.run("signer", "return", "--keys", str(signer.keys))
    signer.adopt(made.gateway)
    signer.start()
    begin(made)
    assert search(made.session("support-triage"), "twice").code is None
    assert made.gateway.stop() == 0
    assert made.gateway.verify().returncode == 0


def test_the_place_of_the_key_and_the_setting_agree(signed):
    made, signer = signed(start=False)
    gateway = made.gateway
    second = subprocess.run([signer.binary, "signer", "--socket", signer.base / "second", "--keys", signer.keys],
                            capture_output=True, text=True, timeout=20,
                            **({"user": signer.base.stat().st_uid, "extra_groups": []} if signer.is_root else {}))
    assert second.returncode == 75 and "another signer uses" in second.stderr
    gateway.configure("ledger", signer='""')
    with pytest.raises(Exception, match="the log's key was moved to a signer"):
        gateway.start()
    signer.kill()
    signer.give(os.geteuid())
    gateway.run("signer", "return", "--keys", str(signer.keys))
    begin(made)
    assert gateway.stop() == 0
    gateway.configure("ledger", signer=f'"{signer.socket}"')
    with pytest.raises(Exception, match="has the log's key"):
        gateway.start()
    gateway.configure("ledger", signer='""')
    gateway.run("audit", "key", "rotate")
    begin(made)
    assert gateway.stop() == 0
    signer.adopt(gateway)
    signer.start()
    begin(made)
    assert search(made.session("support-triage"), "rotated").code is None
    assert gateway.stop() == 0
    checkpoint = (gateway.ledger / "log" / "checkpoint").read_text()
    assert checkpoint.count("\u2014 ") == 2, "both keys sign during the rotation"
    assert gateway.verify().returncode == 0


def test_a_move_that_was_broken_off_is_finished(signed):
    made, signer = signed(start=False)
    keys = made.gateway.folder / "state" / "keys"
    signer.kill()
    # The state after a crash before the key was destroyed here.
    shutil.copy(signer.keys / "log.key", keys / "log.key")
    own(keys / "log.key")
    with pytest.raises(Exception, match="finish what was broken off"):
        made.gateway.start()
    owner = signer.keys.stat().st_uid
    signer.give(os.geteuid())
    made.gateway.run("signer", "move", "--keys", str(signer.keys))
    assert not (keys / "log.key").exists()
    signer.give(owner)
    signer.start()
    begin(made)
    assert made.gateway.stop() == 0


def test_a_move_destroys_no_key_that_its_folder_does_not_have(signed, tmp_path):
    made, signer = signed()
    assert made.gateway.stop() == 0
    signer.kill()
    signer.give(os.geteuid())
    key, kept = signer.keys / "log.key", made.gateway.folder / "state" / "keys" / "log.key"
    other = tmp_path / "other"
    again = made.gateway.run("signer", "move", "--keys", str(other), check=False)
    assert again.returncode != 0 and key.exists() and not other.exists(), again
    # As a move that was broken off before it destroyed the gateway's copy leaves it.
    shutil.copy2(key, kept)
    again = made.gateway.run("signer", "move", "--keys", str(other), check=False)
    assert again.returncode != 0 and kept.read_bytes() == key.read_bytes(), again
    made.gateway.run("signer", "move", "--keys", str(signer.keys))
    assert key.exists() and not kept.exists()


def test_a_return_takes_no_key_of_another_node(signed):
    (made, signer), (other, foreign) = signed(), signed()
    for one, its in ((made, signer), (other, foreign)):
        assert one.gateway.stop() == 0
        its.kill()
        its.give(os.geteuid())
    done = made.gateway.run("signer", "return", "--keys", str(foreign.keys), check=False)
    assert done.returncode != 0 and "another log" in done.stderr, done
    assert (foreign.keys / "log.key").exists()
    made.gateway.run("signer", "return", "--keys", str(signer.keys))


def test_a_part_of_the_key_beside_the_gateway_refuses_every_start(signed):
    made, signer = signed()
    assert made.gateway.stop() == 0
    part = made.gateway.folder / "state" / "keys" / "log.key.part"
    part.touch(mode=0o400)
    with pytest.raises(Exception, match="has the log's key"):
        made.gateway.start()
    part.unlink()
    begin(made)
