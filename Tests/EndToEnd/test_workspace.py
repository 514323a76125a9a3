"""`interlock workspace`: a review is on record before it is printed, and a decision before anything is applied. The gateway is a
recorder of this test; the run's folder is written as a supervisor leaves it."""

import hashlib
import json
import os
import socketserver
import subprocess
import threading
from pathlib import Path

import pytest

RUN = "01kag0q9v4x2m7c8d3e5f6g7h8"
pytestmark = pytest.mark.requirement("R078")


class Recorder(socketserver.ThreadingUnixStreamServer):
    """Answers every request with `{}` and keeps its path, its body and the project's file at that moment."""

    daemon_threads = True

    def __init__(self, path: Path, watched: Path):
        self.seen: list[tuple[str, dict, str]] = []
        self.watched = watched

        class Handler(socketserver.StreamRequestHandler):
            def handle(handler):
                line, length = handler.rfile.readline().decode(), 0
                while (head := handler.rfile.readline().strip()) != b"":
                    name, _, value = head.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                body = json.loads(handler.rfile.read(length))
                self.seen.append((line.split()[1], body, self.watched.read_text()))
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
                                    b"Connection: close\r\n\r\n{}")
        super().__init__(str(path), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Workspace:
    def __init__(self, binary: Path, folder: Path):
        self.binary, self.folder, self.project = binary, folder, folder / "project"
        self.run_folder = folder / "state" / "runs" / RUN
        self.upper = self.run_folder / "layer" / "upper"
        for path in (self.project, self.upper, self.run_folder / "layer" / "work"):
            path.mkdir(parents=True, mode=0o700)
        (folder / "interlock.yaml").write_text("{}\n")
        (folder / "interlock.yaml").chmod(0o600)
        (self.project / "a").write_text("one\n")
        (self.project / "a").chmod(0o644)
        self.list("base", f"f 4 0644 {hashlib.sha256(b'one' + bytes([10])).hexdigest()} a\n")
        self.list("prepared", "")
        base, status = (self.run_folder / "layer" / "base").read_bytes(), self.project.stat()
        (self.run_folder / "layer" / "workspace.json").write_text(json.dumps({
            "workspace": 1, "run": RUN, "project": str(self.project),
            "base": "sha256:" + hashlib.sha256(base).hexdigest(), "device": str(status.st_dev), "inode": str(status.st_ino)}))

    def list(self, name: str, lines: str) -> None:
        (self.run_folder / "layer" / name).write_text("interlock-tree 1\n" + lines)

    def write(self, name: str, text: str) -> None:
        (self.upper / name).write_text(text)
        (self.upper / name).chmod(0o644)

    def __call__(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.binary, "workspace", *words, "--dir", self.folder], capture_output=True, text=True, timeout=30)


@pytest.fixture
def made(binary, tmp_path, stack):
    tmp_path.chmod(0o700)
    made = Workspace(binary, tmp_path)
    made.recorder = Recorder(tmp_path / "state" / "interlock.sock", made.project / "a")
    stack.callback(made.recorder.server_close)
    stack.callback(made.recorder.shutdown)
    return made


def test_a_change_is_reviewed_recorded_and_applied(made):
    made.write("a", "two\x1b[31m\n")
    made.write("Makefile", "all:\n")
    listed = made("diff", RUN)
    assert listed.returncode == 0, listed.stderr
    assert "M  a  file 9 bytes" in listed.stdout and "[executes_later]" in listed.stdout
    assert [(path, body["count"], body["flagged"]) for path, body, _ in made.recorder.seen] == [(f"/v1/sandboxes/{RUN}/diff", 2, 1)]
    shown = made("diff", RUN, "--path", "a").stdout
    assert "-one\n+two" in shown and "\x1b" not in shown
    entries = json.loads(made("diff", RUN, "--json").stdout)["entries"]
    assert [(one["path"], one["op"], one["flags"]) for one in entries] == [
        ("Makefile", "create", ["executes_later"]), ("a", "modify", [])]

    refused = made("apply", RUN)
    assert refused.returncode == 73 and "--approve-flag executes_later" in refused.stderr
    assert made("apply", RUN, "--approve-flag", "special_file").returncode == 64
    assert made("apply", RUN, "--path", "b").returncode == 66
    assert (made.project / "a").read_text() == "one\n"
    done = made("apply", RUN, "--approve-flag", "executes_later", "--reason", "reviewed by hand")
    assert done.returncode == 0 and "applied 2 changes" in done.stdout, done.stderr
    assert (made.project / "a").read_text() == "two\x1b[31m\n" and (made.project / "Makefile").exists()
    path, body, before = made.recorder.seen[-1]
    assert path == f"/v1/sandboxes/{RUN}/apply" and body["approved"] == ["executes_later"]
    assert body["flagged"]["count"] == 1, "what people must have approved is stated"
    assert before == "one\n", "the decision was on record before the first change"
    assert made("discard", RUN).returncode == 0 and not (made.run_folder / "layer").exists()
    assert made("diff", RUN).returncode == 66


def test_a_project_that_changed_and_a_link_in_the_way_end_it(made):
    made.write("a", "two\n")
    (made.project / "a").write_text("mine\n")
    assert made("apply", RUN).returncode == 72
    (made.project / "a").rename(made.folder / "outside")
    (made.project / "a").symlink_to(made.folder / "outside")
    assert made("apply", RUN).returncode == 73
    assert (made.folder / "outside").read_text() == "mine\n" and not made.recorder.seen


def test_nothing_is_shown_or_applied_without_its_record(made):
    made.write("a", "two\n")
    made.recorder.shutdown()
    made.recorder.server_close()
    os.unlink(made.folder / "state" / "interlock.sock")
    for words in (["diff", RUN], ["diff", RUN, "--json"], ["apply", RUN], ["discard", RUN]):
        done = made(*words)
        assert done.returncode == 69 and done.stdout == "", words
    assert (made.project / "a").read_text() == "one\n" and made.upper.exists()


def test_a_run_that_is_not_over_is_not_reviewed(made):
    (made.run_folder / "open").touch()
    done = made("diff", RUN)
    assert done.returncode == 75 and "not over" in done.stderr
    assert made("export", RUN, "--format", "patch").returncode == 75
