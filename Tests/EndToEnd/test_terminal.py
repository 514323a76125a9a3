"""What commands print to people at a terminal, and to scripts."""

import json
import os
import pty
import subprocess

import pytest

from addresses import ADA, SAM
from governed import agent, approval_id, governed, policy, server
from terminal import to_the_end


@pytest.fixture(scope="module")
def world(binary, people):
    def written(ports: dict[str, int]) -> str:
        return policy(
            "servers:",
            server("tickets", ports["tickets"], """
tools:
  search: {class: read}
  close_ticket: {class: write, effects: [customer_facing]}
"""), "agents:", agent("clerk", "mcp_scopes:\n  tickets: [read, write]\n"))

    with governed(binary, people, written, servers=("tickets",)) as world:
        world.gateway.wait_for_tools("clerk", "tickets")
        yield world


def at_terminal(world, *words: str, **environment: str) -> str:
    """What a command prints to a terminal."""
    own, other = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen(
        [str(world.gateway.binary), *words], stdin=subprocess.DEVNULL, stdout=other, stderr=other,
        env={**kept, **world.gateway.people.environment, **environment})
    os.close(other)
    printed = to_the_end(own)
    process.wait(30)
    return printed.decode().replace("\r\n", "\n")


def test_a_list_has_titles_on_a_terminal_and_none_in_a_pipe(world):
    words = ("agents", "list", "--dir", str(world.gateway.folder))
    first, second = at_terminal(world, *words, TERM="xterm").splitlines()
    assert first.startswith("\x1b[1mAGENT") and first.endswith("OWNER\x1b[0m") and second.startswith("clerk")
    assert at_terminal(world, *words, TERM="xterm", NO_COLOR="1").splitlines()[0].split()[0] == "AGENT"
    assert "\x1b" not in at_terminal(world, *words, TERM="dumb")
    (line,) = world.gateway.run("agents", "list").stdout.splitlines()
    assert line == second and "\x1b" not in line


@pytest.mark.parametrize("words, titles", [
    (("people", "list"), "PERSON ROLES CREDENTIAL SINCE END"),
    (("kill", "--status"), "POINT NOTE"),
])
def test_lists_of_parts_have_aligned_columns_with_titles_on_a_terminal(world, words, titles):
    words = (*words, "--dir", str(world.gateway.folder))
    shown = at_terminal(world, *words, TERM="dumb").splitlines()
    (place,) = [place for place, line in enumerate(shown) if line.split() == titles.split()]
    assert len(shown) > place + 1
    # Each row has a text below the last title.
    column = shown[place].rindex(titles.split()[-1])
    rows = [line for line in shown[place + 1:] if not line.startswith("invited: ")]
    assert all(line[column] != " " and line[column - 1] == " " for line in rows), shown
    assert world.gateway.run(*words[:2]).stdout.splitlines() == shown[:place] + shown[place + 1:]


def test_an_error_is_red_on_a_terminal_alone(world):
    assert at_terminal(world, "agents", "lst", TERM="xterm").startswith("\x1b[31minterlock:\x1b[0m no command")
    done = world.gateway.run("agents", "lst", check=False)
    assert done.returncode == 64 and done.stderr.startswith("interlock: no command")


def test_approvals_are_watched_as_they_come_and_end(world):
    watch = subprocess.Popen(
        [str(world.gateway.binary), "approvals", "watch", "--json", "--dir", str(world.gateway.folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        client = world.client("clerk")
        client.send("call", name="tickets__close_ticket", arguments={"id": "T-1001", "message": "Done"})
        asked = json.loads(watch.stdout.readline())
        assert (asked["event"], asked["tool"], asked["agent"]) == ("asked", "tickets.close_ticket", "clerk")
        world.gateway.run("approvals", "deny", asked["shown"], "--reason", "not this one", by=SAM)
        ended = json.loads(watch.stdout.readline())
        assert (ended["event"], ended["shown"]) == ("ended", asked["shown"])
        client.answer()
        world.hang_up()
        world.gateway.kill()
        assert "no contact" in watch.stderr.readline()
        world.gateway.start()
        assert "contact restored" in watch.stderr.readline()
        world.gateway.wait_for_tools("clerk", "tickets")
    finally:
        watch.kill()
        watch.wait(10)


@pytest.mark.parametrize("every", ["0", "301", "often"])
def test_a_watch_with_another_pause_is_refused(world, every):
    done = world.gateway.run("approvals", "watch", "--every", every, check=False)
    assert done.returncode == 64 and "1 to 300" in done.stderr


class TestLogin:
    @pytest.fixture
    def home(self, tmp_path):
        return {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}

    def test_commands_sign_for_the_person_who_logged_in(self, world, home, tmp_path):
        run = world.gateway.run
        client = world.client("clerk")
        client.send("call", name="tickets__close_ticket", arguments={"id": "T-1001", "message": "Done"})
        words = ("approvals", "deny", approval_id(world.gateway.pending()), "--reason", "not this one")
        refused = run(*words, environment=home, check=False)
        assert refused.returncode == 64 and "`--as` is missing" in refused.stderr
        assert run("login", environment=home, check=False).returncode == 1
        assert ADA in run("login", ADA, environment=home).stdout
        path = tmp_path / "config" / "interlock" / "person.json"
        assert path.stat().st_mode & 0o777 == 0o600 and json.loads(path.read_text()) == {"person": ADA}
        assert ADA in run("login", environment=home).stdout
        assert "denied" in run(*words, environment=home).stdout
        client.answer()
        assert run("login", "--forget", environment=home).stdout == "there is no default person now\n"
        assert not path.exists()

    def test_what_is_no_person_here_is_refused(self, world, home):
        run = world.gateway.run
        assert run("login", "nobody", environment=home, check=False).returncode == 64
        done = run("login", "stranger@acme.example", environment=home, check=False)
        assert done.returncode == 77 and "is not enrolled here" in done.stderr and ADA in done.stderr
        assert run("login", ADA, "--key", "/no/such/key", environment=home, check=False).returncode == 77
        assert run("login", ADA, "--forget", environment=home, check=False).returncode == 64

    @pytest.mark.parametrize("text, mode", [
        ("", 0o600), ("{}", 0o600), ("[]", 0o600), ('{"person":7}', 0o600), ('{"person":"ada"}', 0o600),
        ('{"person":"ada@acme.example","more":1}', 0o600), ('{"person":"ada@acme.example"}', 0o666)])
    def test_a_damaged_or_writable_default_is_not_used(self, world, home, tmp_path, text, mode):
        path = tmp_path / "config" / "interlock" / "person.json"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(mode)
        for words in (("login",), ("kill", "--agent", "clerk", "--reason", "It asks too often")):
            done = world.gateway.run(*words, environment=home, check=False)
            assert done.returncode == 65 and "interlock login" in done.stderr, done.stderr
        forgotten = world.gateway.run("login", "--forget", environment=home)
        assert forgotten.returncode == 0 and not path.exists()
