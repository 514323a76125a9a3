"""R039: the hook adapter believes a file that names the gateway only if the agent's user cannot have written it
(docs/specs/coding-agents.md, section 2)."""

import json
import os
import shutil
from pathlib import Path

import pytest

from conftest import missing
from hookfixtures import gateway, hooks  # noqa: F401
from hooking import USER
from launching import Spec, bind, file, tmpfs

pytestmark = pytest.mark.requirement("R039")


def test_a_file_that_others_could_have_written_names_no_gateway(hooks, gateway):
    def check(change) -> None:
        hooks.reset()
        change()
        done = hooks.run()
        assert done.refused and "(hook-config)" in done.said and gateway.requests == [], done

    def replaced(path: Path, by) -> None:
        kept = path.with_name("kept")
        path.rename(kept)
        by(path, kept)

    folder = hooks.file.parent
    for path in (hooks.file, folder, hooks.etc):
        check(lambda path=path: os.chown(path, USER, USER))
        check(lambda path=path: os.chown(path, USER, 0))
        for mode in (0o020, 0o002):
            check(lambda path=path, mode=mode: path.chmod(path.stat().st_mode | mode))
    check(lambda: hooks.file.unlink())
    check(lambda: shutil.rmtree(folder))
    check(lambda: hooks.file.chmod(0))
    check(lambda: replaced(hooks.file, lambda path, kept: path.symlink_to("kept")))
    check(lambda: replaced(folder, lambda path, kept: path.symlink_to("kept")))
    check(lambda: replaced(hooks.file, lambda path, kept: os.mkfifo(path, 0o644)))
    check(lambda: replaced(hooks.file, lambda path, kept: path.mkdir()))
    hooks.reset()
    assert hooks.run().code == 0


def test_a_file_that_is_not_exactly_an_endpoint_names_no_gateway(hooks, gateway):
    path = str(hooks.socket)
    route = "http://127.0.0.1:3128/hook/v1/event"
    wrong = [b"", b"{}", b"[]", b"null", b'{"socket":', {"socket": ""}, {"socket": "/"}, {"socket": "interlock.sock"},
             {"socket": path, "route": route}, {"socket": path, "also": 1}, {"socket": 1}, {"socket": "/" + "x" * 107},
             {"socket": path + "\0"}, json.dumps({"socket": path}).encode() + b" " * 4096, {"Socket": path},
             b'{"socket":"%b","socket":"%b"}' % (path.encode(), path.encode()), b'{"socket":"/\xff"}',
             {"route": "https://127.0.0.1:3128/hook"}, {"route": "http://127.0.0.1/hook"}, {"route": "http://localhost:3128/"},
             {"route": "http://127.0.0.1:3128"}, {"route": "http://127.0.0.1:70000/x"}, {"route": "http://127.0.0.1:0/x"},
             {"route": "http://127.0.0.1:3128@example.org/"}, {"route": "http://127.0.0.1.example.org:80/"},
             {"route": "http://127.0.0.1:3128/a b"}, {"route": "http://127.0.0.1:3128/a\r\nX: y"}, {"route": None}]
    for value in wrong:
        hooks.write(value)
        done = hooks.run()
        assert done.refused and "(hook-config)" in done.said, (value, done)
    assert gateway.requests == []


@pytest.mark.parametrize("way", ["--ro-bind", "--bind"])
def test_where_root_has_no_id_the_file_must_be_on_a_read_only_mount(hooks, gateway, way):
    """As inside a run, where the launcher makes the file: there everything is the caller's own or a stranger's."""
    if shutil.which("bwrap") is None:
        missing("no bubblewrap: run scripts/setup")
    os.chown(hooks.file, USER, USER)
    inside = ["bwrap", "--unshare-user", "--uid", "1000", "--gid", "1000", "--ro-bind", "/", "/", "--dev", "/dev",
              "--proc", "/proc", way, str(hooks.etc), "/etc", "--die-with-parent"]
    done = hooks.run(wrapper=inside)
    if way == "--bind":
        assert done.refused and "(hook-config)" in done.said and gateway.requests == [], done
    else:
        assert (done.code, done.said) == (0, ""), done


INSIDE = """
import json, socket, subprocess, sys, threading
sys.path.insert(0, "/opt/tests")
from hooking import Gateway, EVENT
gateway = Gateway()
path = "/etc/interlock/hook.json"
if len(sys.argv) > 1:
    open(path, "w").write(json.dumps({"route": f"http://127.0.0.1:{gateway.port}/hook/v1/event"}))
    port = gateway.port
else:
    port = int(json.load(open(path))["route"].split(":")[2].split("/")[0])
    gateway.listener.close()
    gateway = Gateway(port=port)
done = subprocess.run(["/opt/interlock-hook", "claude-code"], input=json.dumps(EVENT).encode(), capture_output=True)
print(done.returncode, done.stdout, done.stderr.decode().strip(), [head.split("\\r\\n")[1] for head, _ in gateway.requests])
"""


@pytest.mark.parametrize("is_writable", [False, True])
def test_inside_a_run_the_file_of_the_launcher_names_the_route(binary, launcher, is_writable):
    """The real walls: the filter of calls, Landlock, one id, and a file system that the launcher made read-only."""
    program = launcher.folder / "interlock-hook"
    if not program.exists():
        shutil.copy(binary.parent / "interlock-hook", program)
        program.chmod(0o755)
    tree = [bind(Path(__file__).parent, "/opt/tests"), bind(program, "/opt/interlock-hook")]
    if is_writable:
        tree.append(tmpfs("/etc/interlock", 0o1777))
    else:
        tree.append(file("/etc/interlock/hook.json", '{"route":"http://127.0.0.1:4128/hook/v1/event"}'))
    ended = launcher.run(Spec(["python3", "-B", "-c", INSIDE, *(["w"] if is_writable else [])], tree))
    if is_writable:
        assert ended.output.startswith("2 b'' interlock: denied (hook-config) ") and ended.output.endswith(" []\n"), ended
    else:
        assert ended.output == "0 b''  ['Host: 127.0.0.1:4128']\n", ended
