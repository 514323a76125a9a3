"""Section 16 of docs/specs/sandbox.md: each attempt to get out of a sandbox succeeds without it and is refused inside for its
reason, with each backend; without a layer exactly the attempts that this layer alone stops succeed. What the kernel lacks is
skipped as absent."""

import functools
import json
import os
import platform
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest

import launching
from conftest import missing
from launching import DEFAULT, Launcher, Spec, bind, environment, overlay, record
from people import People
from refusing import LANDLOCK, calls_fail
from sandboxing import SandboxHouse
from surroundings import Surroundings
from test_launcher_faults import HOSTS
from waits import until

pytestmark = [pytest.mark.requirement("R075", "R077"),
              pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the attempts are those of x86-64")]

ADA = "ada@acme.example"
SAM = "sam@acme.example"
POLICY = """\
interlock: 1
org: acme
owners: [{ada}, {sam}]
agents:
  fixer:
    owner: {ada}
    purpose: Fixes bugs
    tier: low
    stage: supervised
    review_by: {review}
    sandbox: {sandbox}
"""
BACKENDS = ("own", "bwrap")
GONE, ELSEWHERE = ("ENOENT", "ENOTDIR"), ("ENOENT", "EXDEV", "EACCES")
# The reason for which each attempt is refused inside; several where the backends, or two layers, differ in the first to refuse.
REFUSED = {
    "read_path": GONE, "read_by_link_of_the_project": GONE, "read_by_own_link": GONE, "read_hidden_name": GONE,
    "read_hidden_name_in_another_case": GONE, "read_hard_link_of_a_hidden_name": GONE, "read_below_a_hidden_folder": GONE,
    "uncover_a_hidden_name": GONE, "uncover_a_hidden_folder": GONE, "uncover_by_rename": ELSEWHERE,
    "clean_configuration_of_git": ("another content",), "device_node_of_the_project": GONE, "root_of_a_host_process": GONE,
    "environment_of_a_host_process": GONE, "descriptor_of_a_host_process": GONE, "memory_of_a_host_process": GONE,
    "environment_of_the_caller": ("not set",), "inherited_descriptor": ("EBADF",), "shared_memory_by_name": GONE,
    "shared_memory_by_key": ("ENOENT",), "keyring": ("EPERM",), "temporary_file_of_the_host": GONE,
    "users_of_the_host": ("another content",),
    "write_path": GONE, "write_by_link_of_the_project": GONE, "write_by_own_link": GONE,
    "write_a_read_only_tree": ("EROFS", "EACCES"), "change_a_file_of_a_read_only_tree": ("EROFS", "EACCES"),
    "change_the_mode_of_a_read_only_tree": ("EROFS",), "write_an_inherited_descriptor": ("EBADF",),
    "truncate_standard_input": ("EINVAL",), "write_standard_input_by_name": ("ESPIPE",), "bind_a_folder": ("EPERM",),
    "set_id_file": ("EPERM",), "set_id_file_by_open": ("EPERM",), "type_into_a_terminal": ("EPERM",),
    "loopback_of_the_host": ("ECONNREFUSED",), "address_of_the_host": ("ENETUNREACH",), "unspecified_address": ("ECONNREFUSED",),
    "mapped_loopback": ("ECONNREFUSED",), "datagram_to_the_host": ("ECONNREFUSED",), "datagram_to_an_address": ("ENETUNREACH",),
    "name_server": ("ECONNREFUSED",), "raw_socket": ("EPERM",), "interfaces_of_the_host": ("lo alone",),
    "abstract_socket": ("ECONNREFUSED",), "pathname_socket": GONE, "socket_in_the_project": GONE,
    "socket_in_a_read_tree": ("ECONNREFUSED",), "socket_of_the_gateway": GONE, "vsock": ("EAFNOSUPPORT",),
    "vsock_by_a_wide_family": ("EAFNOSUPPORT",), "cryptography_socket": ("EAFNOSUPPORT",), "netlink_of_events": ("EAFNOSUPPORT",),
    "nested_user_namespace": ("EPERM",), "nested_by_clone": ("EPERM",), "by_clone3": ("ENOSYS",), "io_uring": ("ENOSYS",),
    "a_kernel_interface": ("EPERM",), "int_0x80": ("signal 31",), "x32": ("signal 31",), "personality": ("EPERM",),
    "modify_ldt": ("EPERM",), "unfiltered": ("EPERM",), "handle_of_a_file": ("EPERM",), "watch_of_a_mount": ("EPERM",),
    "page_gifts": ("EPERM",), "core_handler_of_the_host": ("EPERM",),
    "signal_to_a_host_process": ("ESRCH",), "trace_of_a_host_process": ("EPERM",), "trace_of_a_child": ("EPERM",),
    "memory_of_a_child_by_a_call": ("EPERM",), "descriptor_of_a_child": ("EPERM",),
    "descriptor_of_a_host_process_by_a_call": ("ESRCH",), "arguments_of_the_first_process": ("empty",), "fork_bomb": ("EAGAIN",),
}
# What a kernel or a machine may lack, by the error without a sandbox.
ABSENT = {
    "keyring": {"ENOSYS"}, "cryptography_socket": {"EAFNOSUPPORT"}, "vsock": {"EAFNOSUPPORT"}, "x32": {"ENOSYS"},
    "vsock_by_a_wide_family": {"EAFNOSUPPORT"}, "int_0x80": {"signal 11"}, "type_into_a_terminal": {"EIO"},
    "interfaces_of_the_host": {"lo alone"}, "address_of_the_host": {"ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"},
    "datagram_to_an_address": {"ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH", "timed out"}, "trace_of_a_child": {"EPERM"},
    "trace_of_a_host_process": {"EPERM"}, "modify_ldt": {"ENOSYS"}, "watch_of_a_mount": {"ENOSYS", "EPERM"},
    "handle_of_a_file": {"EPERM"}, "device_node_of_the_project": {"ENOENT"},
}
# What the filter of system calls alone stops (docs/specs/sandbox.md, section 16), and what else it does: further forms of the
# same, and calls between processes of one sandbox.
WITHOUT_FILTER = {
    "set_id_file", "set_id_file_by_open", "vsock", "vsock_by_a_wide_family", "cryptography_socket", "netlink_of_events",
    "nested_user_namespace", "nested_by_clone", "by_clone3", "raw_socket", "io_uring", "a_kernel_interface", "int_0x80", "x32",
    "personality", "modify_ldt", "unfiltered", "keyring", "type_into_a_terminal", "page_gifts", "trace_of_a_child",
    "core_handler_of_the_host",
    "memory_of_a_child_by_a_call", "descriptor_of_a_child", "handle_of_a_file", "watch_of_a_mount",
}


class World:
    """A deployment, what is around it, and what each attempt did outside and inside."""

    def __init__(self, binary, people, backend: str):
        self.around, self.backend = Surroundings(), backend
        policy = POLICY.format(ada=ADA, sam=SAM, review=date.today() + timedelta(days=60), sandbox=self.around.policy(backend))
        self.house = SandboxHouse(binary, people, policy)
        self.marker = f"{600 + len(backend)}.{os.getpid()}"

    def refusal(self) -> str | None:
        """Why this backend makes no sandbox here."""
        command = self.house.command("true", options=("--dry-run",))
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=30)
        return json.loads(done.stderr.splitlines()[-1])["reason"] if done.returncode == 70 else None

    def start(self) -> None:
        self.house.start()
        self.around.start(self.house)

    @functools.cached_property
    def outside(self) -> dict:
        with self.around.secret.open("r+") as held:
            project = self.around.project(self.house, "outside", inherited=held.fileno(), marker=self.marker)
            return self.run([*self.house.user.prefix, "/usr/bin/python3", str(project / "escapes.py")], held)["done"]

    @functools.cached_property
    def inside(self) -> dict:
        with self.around.secret.open("r+") as held:
            project = self.around.project(self.house, "inside", inherited=held.fileno(), marker="1" + self.marker)
            return self.run(self.house.command("python3", "/workspace/escapes.py", project=project), held)

    def run(self, command: list[str], held) -> dict:
        """Standard input is a file of the host, and a descriptor of another one is left open."""
        self.around.input.write_text("standard input\n")
        self.house.user.own(self.around.input)
        with self.around.input.open("r+b") as given:
            done = subprocess.run(command, stdin=given, capture_output=True, text=True, cwd="/", timeout=60,
                                  pass_fds=[held.fileno()],
                                  env={"PATH": "/usr/bin:/bin", "LEAK": "outside", "TMPDIR": str(self.around.scratch),
                                       "PYTHONDONTWRITEBYTECODE": "1"})
        assert done.stdout, done.stderr
        return {**json.loads(done.stdout), "error": done.stderr, "code": done.returncode}

    def close(self) -> None:
        subprocess.run(["pkill", "-KILL", "-f", f"time.sleep.{self.marker}"], capture_output=True)
        self.around.close()
        self.house.close()


@pytest.fixture(scope="module", params=BACKENDS)
def world(request, binary, tmp_path_factory):
    with People(tmp_path_factory.mktemp("people"), {ADA: ["kill", "resume", "security"], SAM: ["resume"]}) as people:
        made = World(binary, people, request.param)
        try:
            if (reason := made.refusal()) is not None:
                pytest.skip(f"backend {request.param}: {reason}")
            made.start()
            yield made
        finally:
            made.close()


@pytest.mark.parametrize("name", REFUSED)
def test_attempt_succeeds_without_the_sandbox_and_is_refused_inside(world, name):
    outside = world.outside[name]
    if outside in ABSENT.get(name, ()):
        pytest.skip(f"absent: {outside}")
    assert outside is True, f"{name} does not succeed without the sandbox: {outside}"
    # A tree in `read` is a bind there, so the filter refuses unix sockets but pairs.
    pairs_alone = ("EAFNOSUPPORT",) if world.backend == "bwrap" and "socket" in name else ()
    assert world.inside["done"][name] in REFUSED[name] + pairs_alone


def test_every_attempt_is_listed_and_no_path_of_the_host_is_shown(world):
    assert set(world.inside["done"]) == set(REFUSED) and world.inside["code"] == 0, world.inside["error"]
    # bubblewrap's mounts show where the copy of the project lies (docs/specs/sandbox.md, section 10).
    base = [world.house.base] if world.backend == "own" else []
    for path in (*base, world.around.secret, world.around.target):
        assert str(path) not in world.inside["shown"]


def test_a_daemon_does_not_outlive_the_run(world):
    """The same daemon goes on when its parent was not in a sandbox."""
    assert world.outside and world.inside
    until(lambda: not alive(f"time.sleep.1{world.marker}"), seconds=2)
    assert alive(f"time.sleep.{world.marker}")


def alive(marker: str) -> bool:
    return subprocess.run(["pgrep", "-f", marker], capture_output=True).returncode == 0


# The proxy. `http` and a tunnel say the reason themselves; what is refused after the answer is closed; SOCKS says 2.
PROXIED = {
    "suffix": "no-rule", "subdomain": "no-rule", "prefix": "no-rule", "another name": "no-rule", "shorter": "no-rule",
    "apex of the wildcard": "no-rule", "wildcard without the dot": "no-rule", "below another": "no-rule", "asterisk": "bad-host",
    "port": "port", "port with a leading zero": "bad-request", "no port": "bad-request", "user information": "bad-host",
    "two names": "bad-host", "percent": "bad-host", "private answer": "private-address", "metadata answer": "private-address",
    "mixed answer": "private-address", "address": "no-rule", "short address": "bad-host", "hexadecimal address": "bad-host",
    "decimal address": "bad-host", "octal address": "bad-host", "address with a dot": "bad-host", "IPv6": "no-rule",
    "mapped address": "no-rule", "zone": "bad-host", "metadata address": "private-address", "metadata name": "private-address",
    "metadata by IPv6": "private-address", "mapped metadata": "private-address",
    "mapped metadata in hexadecimal": "private-address", "unspecified address": "private-address",
    "metadata of no rule": "no-rule", "zero": "bad-host", "decimal metadata": "bad-host", "hexadecimal metadata": "bad-host",
    "octal metadata": "bad-host", "metadata with zeros": "bad-host", "short metadata": "bad-host",
    "metadata by http": "private-address", "NUL": "bad-host", "NUL first": "bad-host", "SOCKS name": "no-rule",
    "SOCKS address": "no-rule", "SOCKS metadata": "private-address", "SOCKS metadata by IPv6": "private-address",
    "SOCKS metadata name": "private-address", "SOCKS bind": "bad-request", "SOCKS datagrams": "bad-request",
    "SOCKS to http": "no-rule",
    "no SNI": "no-sni", "another SNI": "sni-mismatch", "another SNI in pieces": "sni-mismatch",
    "another SNI in records": "sni-mismatch", "no TLS": "not-tls", "early data": "early-data", "http to a tls rule": "no-rule",
    "tunnel to an http rule": "no-rule", "another Host": "bad-request", "two Hosts": "bad-request", "two lengths": "bad-request",
    "chunked": "bad-request", "upgrade": "bad-request", "line feeds": "bad-request", "folded": "bad-request",
    "origin form": "bad-request",
}
ALLOWED = {"allowed": "server", "allowed below the wildcard": "server", "allowed in pieces": "server",
           "allowed in records": "server", "allowed in capitals": "server", "allowed request": "open"}


def shown(name: str, reason: str) -> str:
    if name.startswith(("SOCKS", "NUL")):
        return "reply 2"
    return "closed" if reason in ("no-sni", "sni-mismatch", "not-tls") else reason


# The gateway records at most twenty refusals of a run in a second one by one.
PARTS = 4


def test_the_proxy_refuses_each_for_its_reason_and_none_by_a_failed_look_up(world):
    servers = world.around.servers
    del servers.asked[:], servers.reached[:]
    project = world.around.project(world.house, "proxied")
    runs = [world.house.begin("python3", "/workspace/proxying.py", str(part), str(PARTS), project=project)
            for part in range(PARTS)]
    seen, codes, allowed = {}, {}, 0
    for part, running in enumerate(runs):
        out, error = running.communicate(timeout=30)
        assert running.returncode == 0, error
        seen |= json.loads(out)
        connects = [one for one in world.house.leaves(json.loads(error.splitlines()[-1])["run"]) if one["t"] == "net.connect"]
        denied = [name for name in [*PROXIED, *ALLOWED][part::PARTS] if name in PROXIED]
        found = [one["code"] for one in connects if one["dec"] == "deny"]
        assert len(found) == len(denied), found
        codes |= dict(zip(denied, found))
        allowed += len(connects) - len(found)
    assert seen == {name: shown(name, reason) for name, reason in PROXIED.items()} | ALLOWED
    assert codes == {name: "net." + reason.replace("-", "_") for name, reason in PROXIED.items()} and allowed == len(ALLOWED)
    # Every name leads to a live server, so that none is refused because there is nothing; nothing of what was refused got there.
    assert servers.reached.count("tls") == 5 and servers.reached.count("plain") == 1
    (request,) = [one for one in servers.reached if one not in ("tls", "plain")]
    assert request.endswith("\r\n\r\nok") and "second" not in request
    # A name is looked up only after a rule admitted it.
    assert set(servers.asked) == {"shop.test", "a.wild.test", "strict.test", "meta.test", "mixed.test", "plain.test",
                                  "metadata.google.internal"}


# Later execution. What was planted outside runs when its owner works there; what was planted inside is flagged, is not applied
# without an approval by name, and does not run.

LATER = {"hook": ["git", "commit", "-q", "--allow-empty", "-m", "x"], "nested": ["git", "-C", "nested", "status"],
         "pointed": ["git", "-C", "pointed", "status"], "bare": ["@move", "bare"], "plain": ["@move", "plain"],
         "parted": ["script", "-qec", "cd parted && git branch", "/dev/null"],
         "shell": ["bash", "--rcfile", ".bashrc", "-ic", "true"],
         "path": ["python3", "-c", "import site; site.addsitedir('.')"], "site": ["python3", "-c", "0"], "make": ["make", "-s"],
         "compiled": ["python3", "-c", "import tool"], "link": ["sh", "-c", "echo ran >>log"]}
FLAGS = {"nested/.git/config": "executes_later", "pointed/.git": "executes_later", "meta/x/config": "executes_later",
         "bare/config": "executes_later", "plain/hooks/reference-transaction": "executes_later", "parted/HEAD": "executes_later",
         "parted/commondir": "executes_later", ".bashrc": "executes_later", "later.pth": "executes_later",
         "sitecustomize.py": "executes_later", "Makefile": "executes_later", ".vscode/tasks.json": "executes_later",
         ".VSCode/settings.json": "executes_later", ".claude/settings.json": "executes_later",
         "deep/er/.GIT/hooks/post-checkout": "executes_later", "bin/tool": "new_executable", "log": "symlink_outside",
         "straight": "symlink_outside", ".git/hooks/pre-commit": "executes_later"}
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def work_in(world, project: Path) -> set[str]:
    """Does what an owner does in a project; returns what ran because of it."""
    base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    for name, words in LATER.items():
        if words[0] == "@move":
            words = ["sh", "-c", f"cd {words[1]} 2>/dev/null && git update-ref refs/heads/m $(git commit-tree -m x {EMPTY_TREE})"]
        env = base | ({"PYTHONPATH": "."} if name == "site" else {})
        subprocess.run([*world.house.user.prefix, *words], cwd=project, env=env, capture_output=True, timeout=20)
    found = {path.name for path in world.around.marks.iterdir()}
    if (world.around.target / "log").exists():
        found.add("link")
        (world.around.target / "log").unlink()
    for path in world.around.marks.iterdir():
        path.unlink()
    return found


def test_what_would_run_later_is_flagged_and_is_not_applied(world):
    arguments = [str(world.around.marks), str(world.around.target / "log")]
    outside = world.around.project(world.house, "planted-outside")
    subprocess.run([*world.house.user.prefix, "/usr/bin/python3", "planting.py", *arguments], cwd=outside, check=True)
    assert work_in(world, outside) == set(LATER)
    Path("/tmp/compiled.py").unlink(missing_ok=True)

    project = world.around.project(world.house, "planted")
    code, _, report = world.house.run("python3", "/workspace/planting.py", *arguments, project=project)
    assert code == 0, report
    run = report["run"]
    entries = json.loads(world.house.workspace("diff", run, "--json").stdout)["entries"]
    flags = {one["path"]: one["flags"] for one in entries}
    assert {path: flag for path, flag in FLAGS.items() if flag not in flags.get(path, [])} == {}
    assert any(path.endswith(".pyc") and "executes_later" in found for path, found in flags.items())
    assert world.house.workspace("apply", run).returncode == 73
    # Nor does what has no flag, which is applied without an approval.
    flagged = [path for path, found in flags.items() if found]
    clean = [path for path in flags if not any(one == path or one.startswith(path + "/") for one in flagged)]
    applied = world.house.workspace("apply", run, *[word for path in clean for word in ("--path", path)])
    assert applied.returncode == 0, applied.stderr
    assert work_in(world, project) == set()
    assert world.house.workspace("discard", run).returncode == 0


# Controls.

CONTROLS = """\
set -e
mkdir -p /tmp/c && cd /tmp/c
printf 'int main(void){return 0;}' >a.c && cc a.c -o a && ./a && echo compiled
cd /workspace && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && git log --oneline | wc -l
python3 -m http.server --bind 127.0.0.1 8000 >/dev/null 2>&1 & sleep 0.5
curl -s -o /dev/null -w '%{http_code}\\n' --noproxy '*' http://127.0.0.1:8000/
echo piped | tr d t | cat
python3 -c "import multiprocessing, threading; print(multiprocessing.get_context('fork').Queue is not None)"
"""


def test_ordinary_work_works(world):
    """Controls: compiler, git, a local server, pipes. Hosts that are allowed are among the attempts at the proxy."""
    project = world.around.project(world.house, "controls")
    code, out, report = world.house.run("bash", "-c", CONTROLS, project=project)
    assert (code, out.split()) == (0, ["compiled", "1", "200", "pipet", "True"]), (out, report)


# Layers removed, by the launcher alone: never by a switch of the product.

class Layers:
    def __init__(self, world):
        self.world, self.launcher = world, Launcher()
        self.count = 0

    def attempts(self, variant=DEFAULT, landlock: bool = True) -> set[str]:
        """The attempts that succeed in a sandbox as a run has it, with or without a layer."""
        self.count += 1
        around, house = self.world.around, self.world.house
        with around.secret.open("r+") as held:
            project = around.project(house, f"layers{self.count}", inherited=held.fileno(), marker=f"2{self.world.marker}")
            layer = self.launcher.directory("layer")
            for name in ("upper", "work"):
                (layer / name).mkdir()
            hidden = ["server.pem", "notes.txt", ".ssh", "service.sock", "Old/SERVER.PEM"]
            hidden += ["disk"] if os.geteuid() == 0 else []
            (layer / "upper" / "Old").mkdir()
            (layer / "upper" / ".git").mkdir()
            (layer / "upper" / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
            for name in hidden:
                os.mknod(layer / "upper" / name, 0o20600, os.makedev(0, 0))
            subprocess.run(["chown", "-R", f"{launching.OUTSIDE_ID}:{launching.OUTSIDE_ID}", layer, project], check=True)
            missing_landlock = {} if landlock else {"before": calls_fail((LANDLOCK, 95))}
            extra = [record(21, (5000).to_bytes(4, "little")), launching.rlimit(1, 64)]
            if not landlock:
                extra.insert(0, record(14, (1).to_bytes(4, "little")))
            spec = Spec(["python3", "-B", "/workspace/escapes.py"],
                        [overlay(project, "/workspace", layer), overlay(around.tools, str(around.tools))], extra=extra)
            given = environment({"PATH": "/usr/bin:/bin", "HOME": "/home/agent", "TMPDIR": "/tmp"})
            ended = self.launcher.run(spec, variant, given, **missing_landlock)
        assert ended.code == 0, ended
        return {name for name, result in json.loads(ended.output)["done"].items() if result is True}


@pytest.fixture(scope="module")
def layers(world):
    if world.backend != "own":
        pytest.skip("the launcher's own backend")
    if launching.compiler() is None or not Path("/usr/include/seccomp.h").exists():
        missing("no C compiler or libseccomp-dev: run scripts/setup")
    made = Layers(world)
    yield made
    made.launcher.close()


def test_without_a_layer_exactly_its_attempts_succeed(world, layers):
    succeeds = {name for name, result in world.outside.items() if result is True}
    assert layers.attempts() == set()
    assert layers.attempts("off") == WITHOUT_FILTER & succeeds
    assert layers.attempts(landlock=False) == set()
