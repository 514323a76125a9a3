"""The Python environments of the peers, made from `NAME.txt` beside this file the first time that they are measured."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
INSTALLING = 900  # seconds


class Unavailable(Exception):
    """A peer that cannot be installed or set up here; the text is the reason."""


def environment(name: str, pythons: Path, is_whole: bool = False) -> Path:
    """The Python of an environment below `pythons`; installs it if it is missing or its requirements have changed.
    `is_whole`: the file names all packages, and nothing that these ask for besides is installed."""
    file, folder = HERE / f"{name}.txt", pythons / name
    stamp = hashlib.sha256(f"{folder}\n{file.read_text()}".encode()).hexdigest()
    kept = folder / ".stamp"
    python = folder / "bin" / "python"
    # The stamp is written last, so an interrupted installation starts over.
    if kept.exists() and kept.read_text() == stamp:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    run("/usr/bin/python3", "-m", "venv", folder)
    alone = ["--no-deps"] if is_whole else []
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *alone, "--requirement", file)
    kept.write_text(stamp)
    return python


def existing(name: str, pythons: Path) -> Path:
    """The Python of an environment that `scripts/setup` makes."""
    python = pythons / name / "bin" / "python"
    if not python.exists():
        raise Unavailable(f"missing environment `{name}`; help: run scripts/setup")
    return python


def version(python: Path, package: str) -> str:
    return run(python, "-c", f"import importlib.metadata as m; print(m.version({package!r}))").strip()


def program(*names: str, package: str) -> str:
    """The path of the first program that exists."""
    for name in names:
        if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin"):
            return found
    raise Unavailable(f"missing program `{names[0]}`; help: apt-get install {package}")


def run(*words, **settings: str) -> str:
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=INSTALLING,
                              env={**os.environ, **settings})
    except subprocess.TimeoutExpired:
        raise Unavailable(f"`{Path(words[0]).name}` did not end within {INSTALLING} s") from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise Unavailable(f"`{Path(words[0]).name}` failed: {said[-1][:300]}")
    return done.stdout
