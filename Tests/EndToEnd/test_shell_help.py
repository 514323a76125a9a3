"""What the program prints for shells and for `man`, used by them."""

import re
import shutil
import subprocess

import pytest


def printed(binary, *words: str) -> str:
    done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_version_is_one_line(binary):
    assert re.fullmatch(r"interlock \d+\.\d+\.\d+\n", printed(binary, "--version"))
    assert printed(binary, "version") == printed(binary, "--version")


@pytest.mark.parametrize("line, expected", [
    ("interlock pol", {"policy"}),
    ("interlock policy ", {"check", "test", "explain", "worst-case", "diff", "mutate", "schema"}),
    ("interlock policy check --no", {"--no-lock"}),
    ("interlock audit key ", {"list", "rotate"}),
    ("interlock approvals list --js", {"--json"}),
])
def test_bash_completes_commands_and_options(binary, line, expected):
    words = line.split(" ")
    script = (f"source <({binary} completion bash)\nCOMP_WORDS=({' '.join(words[:-1])} '{words[-1]}')\n"
              f"COMP_CWORD={len(words) - 1}\n_interlock\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = set(done.stdout.split())
    assert expected <= found, found


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_script(binary, shell):
    text = printed(binary, "completion", shell)
    assert "worst-case" in text and "--no-lock" in text
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([program, "-n"], input=text, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_an_unknown_shell_is_refused(binary):
    done = subprocess.run([binary, "completion", "tcsh"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 64 and "bash, zsh or fish" in done.stderr


def test_man_reads_its_page(binary):
    page = printed(binary, "manual")
    assert page.startswith(".TH INTERLOCK 1") and "worst\\-case" in page
    program = shutil.which("groff")
    if program is None:
        pytest.skip("groff is not installed")
    done = subprocess.run([program, "-man", "-Tutf8", "-P-bcou", "-ww"], input=page, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "interlock policy check" in done.stdout
