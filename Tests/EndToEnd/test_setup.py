"""`scripts/setup`, twice at once in one folder. What it calls is replaced; the script itself is the repository's."""

import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def executable(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_two_setups_in_one_folder_wait_for_each_other(tmp_path):
    folder, programs, order = tmp_path / "repository", tmp_path / "programs", tmp_path / "order"
    for path in (folder / "scripts", folder / "requirements", programs):
        path.mkdir(parents=True)
    shutil.copy(REPOSITORY / "scripts" / "setup", folder / "scripts")
    (folder / "requirements" / "tests.txt").write_text("")
    executable(programs / "swift", 'echo "Swift version 6.3"')
    executable(programs / "dpkg-query", "printf installed")
    # The last step, which takes long enough for the other to come to it.
    executable(folder / "scripts" / "fetch-slowly", f'echo "begun $$" >>"{order}"; sleep 1; echo "ended $$" >>"{order}"')
    environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
    running = [subprocess.Popen([folder / "scripts" / "setup"], env=environment, stderr=subprocess.PIPE, text=True)
               for _ in range(3)]
    printed = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], printed
    lines = [line.split() for line in order.read_text().splitlines()]
    assert [word for word, _ in lines] == ["begun", "ended"] * 3, "one began before another had ended"
    assert all(begun[1] == ended[1] for begun, ended in zip(lines[::2], lines[1::2]))
    # The environment was made once: the others found it complete.
    assert sum("Python environment tests" in text for text in printed) == 1, printed
