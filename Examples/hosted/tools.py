#!/usr/bin/python3 -I
"""Runs inside `interlock run` as `tools.py SESSION`: each line of standard input is a call of the vendor's agent
toolset, each line of standard output its result. The gateway decides about each call before it runs, by the events of
docs/specs/coding-agents.md, section 3; the sandbox bounds what a call can do. One file, because `interlock run` shows
no other one of this folder inside.

A line is a result only with a seal, whose key is the first line of standard input. Each tool runs in a process of its
own, which inherits no stream of this one, and no other process can read its memory or open its streams: so no tool can
write a line that counts as a result (docs/decisions/0121)."""

import ctypes
import glob
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO

SECONDS, LONGEST = 120, 100_000
KEY_BYTES = 32
PR_SET_DUMPABLE = 4  # linux/prctl.h
# The gateway lets a call wait for people for 20 s, and answers before the adapter's time is over.
ROUTE, PATH, SECONDS_TO_DECIDE, LONGEST_VERDICT = "127.0.0.1:3128", "/hook/v1/event", 25, 10 << 20


def sealed(key: bytes, found: dict) -> bytes:
    """The line of a result, which only a holder of the key can make."""
    body = json.dumps(found).encode()
    return hmac.digest(key, body, "sha256").hex().encode() + b" " + body + b"\n"


def opened(key: bytes, line: bytes) -> dict | None:
    """The result of a line that was sealed with the key, and None for every other line."""
    seal, _, body = line.removesuffix(b"\n").partition(b" ")
    made = hmac.digest(key, body, "sha256").hex().encode()
    return json.loads(body) if hmac.compare_digest(seal, made) else None


def own_streams() -> tuple[BinaryIO, BinaryIO]:
    """The calls and the results, on descriptors that no tool inherits and no other process can open.

    Raises `OSError` if that cannot be had."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, *[ctypes.c_ulong(0)] * 4) != 0:
        raise OSError(ctypes.get_errno(), "the memory of this process cannot be hidden")
    calls, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+b", buffering=0) as null:
        for stream in (0, 1):
            os.dup2(null.fileno(), stream)
    return calls, results


class Failed(Exception):
    """The text is what the model reads."""


def executed(words: list[str], given: bytes = b"") -> tuple[int, str]:
    """The exit code and the output of a program, which inherits no descriptor of this process."""
    try:
        done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{(late.stdout or b'').decode(errors='replace')}\nended after {SECONDS} s") from None
    return done.returncode, done.stdout.decode(errors="replace")


def bash(command: str, **_) -> str:
    """Each command has a shell of its own: folder and variables are not kept, files are."""
    code, text = executed(["/bin/bash", "-c", command])
    if code:
        raise Failed(f"{text}\nexit code {code}")
    return text


def read(file_path: str, **_) -> str:
    return Path(file_path).read_text(errors="replace")


def write(file_path: str, content: str, **_) -> str:
    path = Path(file_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return f"wrote {len(content.encode())} bytes to {file_path}"


def edit(file_path: str, old_string: str, new_string: str, replace_all: bool = False, **_) -> str:
    path = Path(file_path)
    text = path.read_text()
    found = text.count(old_string) if old_string else 0
    if found == 0 or (found > 1 and not replace_all):
        raise Failed(f"`old_string` is {found} times in {file_path}")
    path.write_text(text.replace(old_string, new_string))
    return f"replaced {found} in {file_path}"


def find(pattern: str, path: str = ".", **_) -> str:
    return "\n".join(sorted(glob.glob(os.path.join(path, pattern), recursive=True)))


def grep(pattern: str, path: str = ".", **_) -> str:
    wanted, lines = re.compile(pattern), []
    files = [Path(path)] if os.path.isfile(path) else sorted(one for one in Path(path).rglob("*") if one.is_file())
    for file in files:
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            if wanted.search(line):
                lines.append(f"{file}:{number}:{line}")
    return "\n".join(lines)


# The tool of the policy that each is.
TOOLS = {"bash": "host.shell", "read": "host.read", "write": "host.write", "edit": "host.edit", "glob": "host.search",
         "grep": "host.search"}
# Each in a process of its own: a path such as `/proc/self/fd/1` or `/proc/self/mem` leads to the process that opens it.
FILE_TOOLS = {"read": read, "write": write, "edit": edit, "glob": find, "grep": grep}


def run_file_tool(name: str) -> int:
    """The process of one file tool: arguments on standard input, the text on standard output, and 1 if it failed."""
    try:
        code, text = 0, FILE_TOOLS[name](**json.load(sys.stdin))
    except (Failed, OSError, TypeError, ValueError, re.error) as failure:
        code, text = 1, str(failure)
    # Names of files may have bytes that no JSON can carry.
    sys.stdout.buffer.write(text[:LONGEST].encode(errors="replace"))
    return code


def run(name: str, given) -> str:
    if name == "bash":
        return bash(**given)
    if name not in FILE_TOOLS:
        raise Failed(f"no tool `{name}`")
    code, text = executed([sys.executable, "-I", __file__, "--file-tool", name], json.dumps(given).encode())
    if code:
        raise Failed(text)
    return text


class Gateway:
    """Asks about the calls of one session. No method raises: a failure is a deny."""

    def __init__(self, session: str, route: str = ROUTE):
        self.session, self.route, self.has_begun = session, route, False

    def before(self, call: str, tool: dict) -> dict:
        """The verdict about a call that is to run."""
        if not self.has_begun:
            begun = self._tell("session_start", "session.status_running")
            self.has_begun = begun["verdict"] == "allow"
            if not self.has_begun:
                return begun
        return self._tell("pre_tool", "agent.tool_use", call=call, tool=tool)

    def after(self, call: str, tool: dict, text: str, is_error: bool) -> dict:
        """The verdict about what the model may read: `allow`, `redact` with the text in its place, or a refusal."""
        kind = "post_tool_failure" if is_error else "post_tool"
        return self._tell(kind, "user.tool_result", call=call, tool=tool, details={"result": text})

    def end(self) -> None:
        if self.has_begun:
            self._tell("session_end", "session.status_idle")

    def _tell(self, event: str, name: str, **members) -> dict:
        try:
            return self._verdict({"v": 1, "host": "worker", "event": event, "host_event": name, "session": self.session,
                                  "cwd": os.getcwd(), **members})
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as failure:
            return {"verdict": "deny", "reason": "unreachable", "text": f"the gateway could not be asked: {failure!r}"}

    def _verdict(self, event: dict) -> dict:
        body = json.dumps(event, allow_nan=False)
        connection = http.client.HTTPConnection(self.route, timeout=SECONDS_TO_DECIDE)
        try:
            connection.request("POST", PATH, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read(LONGEST_VERDICT)
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("v") != 1 or not isinstance(found.get("verdict"), str):
            raise ValueError("no verdict")
        return found


def refusal(verdict: dict) -> str:
    """What the model reads in the place of a result; an approval's id is there, so that the same call can be tried again."""
    approval = f" [{verdict['approval']}]" if verdict.get("approval") else ""
    return f"({verdict.get('reason')}) {verdict.get('text')}{approval}"


def done(call: dict) -> dict:
    try:
        is_error, text = False, run(call["name"], call["input"])
    except (Failed, OSError, TypeError, ValueError) as failure:
        is_error, text = True, str(failure)
    return {"is_error": is_error, "text": text[:LONGEST].encode(errors="replace").decode()}


def result(gateway: Gateway, call: dict) -> dict:
    """Runs the call if the gateway allows it. The result is what the model may read."""
    tool = {"host_name": call["name"], "name": TOOLS.get(call["name"], "host.other"), "args": call["input"]}
    verdict = gateway.before(call["id"], tool)
    if verdict["verdict"] != "allow":
        return {"is_error": True, "text": f"not run: {refusal(verdict)}"}
    found = done(call)
    verdict = gateway.after(call["id"], tool, found["text"], found["is_error"])
    if verdict["verdict"] == "redact" and isinstance(verdict.get("result"), str):
        return {**found, "text": verdict["result"]}
    if verdict["verdict"] != "allow":
        return {"is_error": True, "text": f"it ran, and its result is withheld: {refusal(verdict)}"}
    return found


def work(gateway: Gateway) -> None:
    """Answers the calls of one session."""
    calls, results = own_streams()
    key = bytes.fromhex(calls.readline().decode())
    if len(key) != KEY_BYTES:
        raise ValueError("the first line is no key")
    for line in calls:
        call = json.loads(line)
        results.write(sealed(key, {"id": call["id"], **result(gateway, call)}))
        results.flush()
    gateway.end()


if __name__ == "__main__":
    if sys.argv[1] == "--file-tool":
        raise SystemExit(run_file_tool(sys.argv[2]))
    work(Gateway(sys.argv[1]))
