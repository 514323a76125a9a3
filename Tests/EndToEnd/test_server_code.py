"""The files that a stdio server's command resolves to: pinned, checked before each start, and the only ones started."""

import json
import os
import subprocess

import pytest

from changingserver import UNKNOWN, Changing, definition
from conftest import FIXTURES
from waits import until


class Coded(Changing):
    """The server that a file describes, from a script of its own that can be changed."""

    def __init__(self, organisation, tmp_path):
        self.script = tmp_path / "server.py"
        self.script.write_bytes((FIXTURES / "changing_server.py").read_bytes())
        super().__init__(organisation, tmp_path, [definition("one")])
        path = self.gateway.policy / "servers" / "changing.yaml"
        path.write_text(path.read_text().replace(str(FIXTURES / "changing_server.py"), str(self.script)))

    def change(self) -> bytes:
        before = self.script.read_bytes()
        self.script.write_bytes(before + b"# another line\n")
        return before

    @property
    def code(self) -> list[dict]:
        return self.lock["servers"]["changing"]["code"]

    def orders(self) -> list[tuple]:
        return [(one["t"], one.get("code")) for one in self.gateway.records(300) if one["t"].startswith("server.")]


@pytest.fixture
def coded(organisation, tmp_path):
    made = Coded(organisation, tmp_path)
    made.accept()
    return made


def digest(path) -> str:
    return subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout.split()[0]


def test_a_new_entry_shows_its_code(organisation, tmp_path):
    made = Coded(organisation, tmp_path)
    assert f"+ code {made.script}  sha256:{digest(made.script)[:12]}" in made.pin(check=False).stdout


def test_the_lock_says_what_the_command_leads_to(coded):
    python = os.path.realpath("/usr/bin/python3")
    assert coded.code == [{"kind": "file", "path": python, "sha256": digest(python)},
                          {"kind": "file", "path": str(coded.script), "sha256": digest(coded.script)}]
    assert coded.gateway.run("servers", "drift", "changing").returncode == 0
    old = digest(coded.script)
    coded.change()
    for done in (coded.gateway.run("servers", "drift", "changing", check=False), coded.pin(check=False)):
        assert done.returncode == 1 and "code[1].sha256" in done.stdout, done.stdout
        assert old in done.stdout and digest(coded.script) in done.stdout, "old and new are shown"
    coded.accept()
    assert coded.code[1]["sha256"] == digest(coded.script)


def test_other_code_is_not_started_and_shuts_the_server_off(coded):
    before = coded.change()
    coded.gateway.start()
    coded.wait_for("quarantined")
    assert coded.server()["reason"] == f"its code is not as in the lock: `{coded.script}` has changed"
    session = coded.session()
    assert session.tools() == [] and session.call("changing__one").code == UNKNOWN
    assert coded.orders() == [("server.quarantined", "lock.code")]
    release = ("servers", "release", "changing", "--reason", "the script is as it was")
    assert coded.gateway.run(*release, check=False).returncode == 1, "it still is another"
    coded.script.write_bytes(before)
    until(lambda: coded.gateway.run(*release, check=False).returncode == 0, coded.gateway)
    assert coded.session().call("changing__one").code is None
    assert coded.orders()[-1] == ("server.released", None)
    assert coded.gateway.verify().returncode == 0


def test_code_that_changes_while_the_server_runs_starts_no_other_child(coded):
    coded.start()
    coded.change()
    answer = coded.session().call("changing__one")
    assert answer.code == 5020, "the agent's own child is not started"
    coded.wait_for("quarantined")
    assert coded.orders() == [("server.quarantined", "lock.code")]


def test_a_new_lock_and_a_release_bring_other_code_into_force(coded):
    coded.change()
    coded.gateway.start()
    coded.wait_for("quarantined")
    before = coded.gateway.stderr().count("in force")
    coded.accept()
    until(lambda: coded.gateway.stderr().count("in force") > before, coded.gateway, 60)
    release = ("servers", "release", "changing", "--reason", "the new script was read")
    until(lambda: coded.gateway.run(*release, check=False).returncode == 0, coded.gateway)
    assert coded.session().call("changing__one").code is None


def test_missing_code_is_told_and_tried_again(coded):
    aside = coded.script.with_suffix(".aside")
    coded.script.rename(aside)
    coded.gateway.start()
    until(lambda: "cannot be started" in coded.gateway.stderr(), coded.gateway)
    assert coded.orders() == []
    aside.rename(coded.script)
    coded.wait_for("ready")


def test_a_lock_from_before_checks_nothing_and_pin_adds_it(organisation, tmp_path):
    made = Coded(organisation, tmp_path)
    made.accept()
    path = made.gateway.folder / "interlock.lock"
    lock = json.loads(path.read_text())
    del lock["servers"]["changing"]["code"]
    lock["signatures"] = []
    path.write_text(json.dumps(lock))
    made.change()
    assert made.gateway.run("servers", "drift", "changing").returncode == 0
    made.start()
    assert made.session().call("changing__one").code is None
    made.gateway.stop()
    made.accept()
    assert made.code[1]["sha256"] == digest(made.script)


class Packaged(Coded):
    """The same with a Python environment of its own, whose packages have a `helper` that the script imports."""

    def __init__(self, organisation, tmp_path):
        self.environment = tmp_path / "environment"
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", self.environment], check=True)
        (self.packages,) = self.environment.glob("lib/python3*/site-packages")
        (self.packages / "helper.py").write_text("GOOD = True\n")
        super().__init__(organisation, tmp_path)
        self.script.write_bytes(b"import helper\nassert helper.GOOD\n" + self.script.read_bytes())
        path = self.gateway.policy / "servers" / "changing.yaml"
        text = path.read_text()
        assert text.count('"/usr/bin/python3"') == 1 and text.count("read: [") == 1
        path.write_text(text.replace('"/usr/bin/python3"', f'"{self.environment}/bin/python"').replace(
            "read: [", f'read: ["{self.environment}", '))

    def poison(self) -> None:
        """Caches other code for `helper`, which Python would run without a look at the source."""
        evil = self.environment / "evil.py"
        evil.write_text("GOOD = False\n")
        compile_it = ("import importlib.util, py_compile, sys; py_compile.compile(sys.argv[1], "
                      "importlib.util.cache_from_source(sys.argv[2]), invalidation_mode="
                      "py_compile.PycInvalidationMode.UNCHECKED_HASH)")
        python, helper = self.environment / "bin" / "python", self.packages / "helper.py"
        subprocess.run([python, "-c", compile_it, evil, helper], check=True)
        asked = [python, "-c", "import helper; print(helper.GOOD)"]
        assert subprocess.run(asked, capture_output=True, text=True).stdout == "False\n", "elsewhere it is run"


def test_caches_of_an_interpreter_are_neither_pinned_nor_run(organisation, tmp_path):
    made = Packaged(organisation, tmp_path)
    made.accept()
    assert [one["kind"] for one in made.code] == ["file", "file", "file", "folder", "caches"]
    made.poison()
    assert made.gateway.run("servers", "drift", "changing").returncode == 0
    made.start()
    assert made.session().call("changing__one").code is None
    # A file that changed is named.
    made.gateway.stop()
    (made.packages / "helper.py").write_text("GOOD = 1\n")
    drift = made.gateway.run("servers", "drift", "changing", check=False)
    assert "site-packages/helper.py` at 20" in drift.stdout, drift.stdout
    made.gateway.start()
    made.wait_for("quarantined")
    assert "has changed; last written: " in made.server()["reason"] and "helper.py" in made.server()["reason"]
