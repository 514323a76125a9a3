"""What the program prints for shells and for `man`, used by them."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import missing


def printed(binary, *words: str) -> str:
    done = subprocess.run([binary, *words], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_version_is_one_line(binary):
    assert re.fullmatch(r"interlock \d+\.\d+\.\d+\n", printed(binary, "--version"))
    assert printed(binary, "version") == printed(binary, "--version")
    # The verifier shares no code with the program, and has its version all the same.
    verifier = printed(binary.parent / "interlock-verify", "--version")
    assert verifier == printed(binary, "--version").replace("interlock ", "interlock-verify ")


LINES = [
    ("interlock pol", {"policy"}),
    ("interlock policy ", {"check", "test", "explain", "worst-case", "diff", "mutate", "schema"}),
    ("interlock policy check --no", {"--no-lock"}),
    ("interlock audit key ", {"list", "rotate"}),
    ("interlock approvals list --js", {"--json"}),
]


@pytest.mark.parametrize("line, expected", LINES)
def test_bash_completes_commands_and_options(binary, line, expected):
    words = line.split(" ")
    script = (f"source <({binary} completion bash)\nCOMP_WORDS=({' '.join(words[:-1])} '{words[-1]}')\n"
              f"COMP_CWORD={len(words) - 1}\n_interlock\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = set(done.stdout.split())
    assert expected <= found, found


# The words that Tab offers after the line $2 in an interactive shell that ran $1, one a line.
TAB_OF_ZSH = """
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= RPS1= found=(); autoload -Uz compinit; compinit -u -D; $1"
zpty -w shell 'compadd() {
  local -a hits
  if [[ ${@[1,(i)(-|--)]} != *" "-[OAD]" "* ]] { builtin compadd -A hits "$@"; found+=($hits) }
  builtin compadd "$@"
}'
zpty -w shell 'tell() { _main_complete; print -r -- "<<${(F)found}>>" }; zle -C tell complete-word tell; bindkey "^I" tell'
zpty -w shell 'print RE""ADY'
zpty -r shell seen '*READY*'
zpty -w -n shell "$2"$'\t'
zpty -r shell seen '*<<*>>*'
print -r -- ${${seen##*<<}%%>>*}
zpty -d shell
"""


def offered(binary, folder, shell: str, line: str) -> set[str]:
    """What the shell offers after the line, in a folder with the file `policy-notes`."""
    program = shutil.which(shell)
    if program is None:
        missing(f"{shell} is not installed: run scripts/setup")
    (folder / "policy-notes").touch()
    words = {
        "fish": ["--no-config", "-c", f"{binary} completion fish | source; complete -C '{line}'"],
        "zsh": ["-f", "-c", TAB_OF_ZSH, "tab", f"source <({binary} completion zsh)", line],
    }[shell]
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=30, cwd=folder,
                          env={**os.environ, "TERM": "dumb", "HOME": str(folder)})
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_complete_commands_options_and_files(binary, tmp_path, shell):
    for line, expected in LINES:
        found = offered(binary, tmp_path, shell, line)
        # A file is no command, even one whose name begins like it.
        assert expected <= found and "policy-notes" not in found, (line, found)
    found = offered(binary, tmp_path, shell, "interlock policy check --policy pol")
    assert found == {"policy-notes"}, found


def test_zsh_loads_its_script_from_a_file(binary, tmp_path):
    (tmp_path / "_interlock").write_text(printed(binary, "completion", "zsh"))
    program = shutil.which("zsh") or missing("zsh is not installed: run scripts/setup")
    done = subprocess.run([program, "-f", "-c", TAB_OF_ZSH, "tab", f"fpath=({tmp_path} $fpath); compinit -u -D",
                           "interlock audit ke"], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["key"], "")


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_their_script(binary, shell):
    text = printed(binary, "completion", shell)
    assert "worst-case" in text and "--no-lock" in text
    program = shutil.which(shell) or missing(f"{shell} is not installed: run scripts/setup")
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
