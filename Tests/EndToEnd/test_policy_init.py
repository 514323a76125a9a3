"""A policy to begin with, made by `interlock policy init`, checks and tests clean."""

import json
import subprocess

import pytest


def run(binary, *words, expect: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run([binary, *map(str, words)], capture_output=True, text=True, timeout=30)
    assert done.returncode == expect, done.stdout + done.stderr
    return done


def made(binary, folder, **options) -> subprocess.CompletedProcess:
    return run(binary, "policy", "init", folder, "--org", "acme", "--owner", "ada@acme.example", **options)


def test_the_starter_checks_tests_and_explains_itself(binary, tmp_path):
    folder = tmp_path / "policy"
    assert f"next: interlock policy check {folder}" in made(binary, folder).stdout
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")) == [
        "agents/helper.yaml", "org.yaml", "servers/tickets.yaml"]
    checked = run(binary, "policy", "check", folder, "--strict", "--no-lock", "--served")
    assert checked.stdout == "" and checked.stderr == ""
    run(binary, "policy", "test", folder, "--no-lock")
    assert "allowed" in run(binary, "policy", "explain", "helper", "--policy", folder, "--no-lock").stdout
    without = run(binary, "policy", "check", folder)
    finding, help_ = without.stdout.splitlines()
    assert help_ == "  help: interlock servers pin tickets"
    assert "W216 tickets: 3 tools have no pin in the lock" in finding and "close_ticket, get_ticket, search" in finding


def test_the_starter_for_claude_code_checks_and_tests_clean_and_denies_what_no_person_can_approve(binary, tmp_path):
    folder = tmp_path / "policy"
    run(binary, "policy", "init", folder, "--claude-code", "--org", "acme", "--owner", "ada@acme.example")
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == [
        "agents", "agents/claude-code.yaml", "org.yaml"]
    run(binary, "policy", "check", folder, "--strict", "--no-lock", "--served")
    assert "4 of 4" in run(binary, "policy", "test", folder, "--no-lock").stdout
    assert run(binary, "policy", "fmt", "--check", folder).stdout == "2 files, 0 have another form\n"
    worst = run(binary, "policy", "worst-case", "claude-code", "--policy", folder, "--no-lock").stdout
    assert "too few people" not in worst and 'denied if class is one of "arbitrary", "delete", "push"' in worst
    assert "can reach: no host; models: main at https://api.anthropic.com" in worst and "secrets: none" in worst


def test_a_folder_with_something_in_it_stays_as_it_is(binary, tmp_path):
    (tmp_path / "kept").write_text("mine")
    assert "is not empty" in made(binary, tmp_path, expect=73).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    made(binary, tmp_path / "kept" / "below", expect=73)


@pytest.mark.parametrize("words, told", [
    (("--org", "acme"), "`--owner` is missing"), (("--owner", "ada@acme.example"), "`--org` is missing"),
    (("--org", "Acme Inc", "--owner", "ada@acme.example"), "no name of an organisation"),
    (("--org", "x\nagents:", "--owner", "ada@acme.example"), "no name of an organisation"),
    (("--org", "acme", "--owner", "ada"), "no e-mail address")])
def test_names_that_are_none_are_refused(binary, tmp_path, words, told):
    assert told in run(binary, "policy", "init", tmp_path / "new", *words, expect=64).stderr
    assert not (tmp_path / "new").exists()


def test_the_files_are_told_to_programs(binary, tmp_path):
    done = run(binary, "policy", "init", tmp_path / "new", "--org", "acme", "--owner", "ada@acme.example", "--json")
    assert json.loads(done.stdout)["files"][0] == "org.yaml"


def test_files_are_put_into_one_form_that_means_the_same(binary, tmp_path):
    folder = tmp_path / "policy"
    made(binary, folder)
    assert run(binary, "policy", "fmt", "--check", folder).stdout == "3 files, 0 have another form\n"
    path = folder / "org.yaml"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"\n", b"  \r\n", 1) + b"\n\n# the last note")
    path.chmod(0o640)
    named = run(binary, "policy", "fmt", "--check", folder, expect=1).stdout
    assert named.startswith(f"{path}: line ends in CRLF, ") and "1 have another form" in named
    (row,) = map(json.loads, run(binary, "policy", "fmt", "--json", path).stdout.splitlines())
    assert row == {"file": str(path), "written": True,
                   "changes": ["line_ends", "trailing_blanks", "empty_lines", "final_newline"]}
    assert path.read_bytes() == kept + b"\n# the last note\n" and path.stat().st_mode & 0o777 == 0o640
    # What cannot be read, or is a link, is left as it is; other files are still put into the form.
    broken, link = tmp_path / "broken.yaml", tmp_path / "link.yaml"
    broken.write_text("a: [\n")
    link.symlink_to(path)
    path.write_bytes(kept + b"\n")
    done = run(binary, "policy", "fmt", broken, path, expect=65)
    assert "broken.yaml` is not changed" in done.stderr and path.read_bytes() == kept
    assert "no regular file" in run(binary, "policy", "fmt", link, expect=65).stderr
    assert link.is_symlink() and broken.read_text() == "a: [\n"
    run(binary, "policy", "fmt", tmp_path / "absent.yaml", expect=66)
