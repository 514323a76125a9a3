#!/usr/bin/python3
"""A worker of a self-hosted environment whose exec wrapper is `interlock run`: it claims sessions, and runs the tools of each in one run.

    ANTHROPIC_ENVIRONMENT_ID=… ANTHROPIC_ENVIRONMENT_KEY=… worker.py --agent hosted --project ~/project

It holds the environment key, outside. The run gets a key of its own and the calls on standard input alone, and only a
line that is sealed with that key is a result. What ends the run, such as the kill switch, ends the work item; a lost
lease ends the run."""

import argparse
import json
import os
import secrets
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from tools import KEY_BYTES, opened
from vendor import FIRST_BEAT, Vendor, Work

LONGEST_LINE = 2 << 20
SECONDS_TO_END = 30
TOOLS = Path(__file__).resolve().parent / "tools.py"


def pending(events: list[dict]) -> list[dict]:
    """The calls of the agent's toolset that are to run now: without a result, and confirmed where the vendor asks for it."""
    answered = {one["tool_use_id"] for one in events if one["type"] == "user.tool_result"}
    confirmed = {one["tool_use_id"]: one["result"] for one in events if one["type"] == "user.tool_confirmation"}

    def may_run(call: dict) -> bool:
        permission = call.get("evaluated_permission", "deny")
        return permission == "allow" or (permission == "ask" and confirmed.get(call["id"]) == "allow")

    return [one for one in events if one["type"] == "agent.tool_use" and one["id"] not in answered and may_run(one)]


def is_over(events: list[dict]) -> bool:
    return any(one["type"] in ("session.status_terminated", "session.deleted") for one in events)


def is_idle(events: list[dict]) -> bool:
    """Whether the agent has ended its turn, and waits for its user."""
    last = events[-1] if events else {}
    return last.get("type") == "session.status_idle" and last.get("stop_reason", {}).get("type") == "end_turn"


class Run:
    """One run of `interlock run`, which all calls of a session share."""

    def __init__(self, agent: str, project: str, session: str):
        self.errors = tempfile.TemporaryFile()
        words = ["interlock", "run", agent, "--json", "--workspace", project, "--purpose", f"hosted session {session}", "--",
                 str(TOOLS), session]
        # The key is not in the environment of `interlock run` either.
        environment = {name: value for name, value in os.environ.items() if name != "ANTHROPIC_ENVIRONMENT_KEY"}
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, env=environment)
        # The first line inside, before any tool runs; no later process inside can read it.
        self.key = secrets.token_bytes(KEY_BYTES)
        try:
            self._send(self.key.hex().encode())
        except OSError:
            pass  # The run has ended, which the first call finds out.

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def do(self, call: dict) -> dict:
        """The result of a call; an error if the run ends meanwhile, whatever ends it."""
        line = b""
        try:
            self._send(json.dumps({name: call[name] for name in ("id", "name", "input")}).encode())
            line = self.process.stdout.readline(LONGEST_LINE)
            found = opened(self.key, line)
            if found["id"] == call["id"] and isinstance(found["text"], str) and isinstance(found["is_error"], bool):
                return found
        except (OSError, ValueError, KeyError, TypeError):
            pass
        # What is no answer ends the run: its next line could be the answer to another call. Without a line it is ending.
        if line:
            self.end()
        return {"is_error": True, "text": f"not done: the sandbox has ended ({self.report().get('reason') or 'unknown'})"}

    def _send(self, line: bytes) -> None:
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.terminate()

    def close(self) -> int:
        """The exit code of `interlock run`, whose changes wait for review."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.stdout.close()
        return self.process.wait()

    def report(self) -> dict:
        """The object on the last line of standard error, once the run has ended."""
        try:
            self.process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self.end()
            self.process.wait()
        self.errors.seek(0)
        lines = self.errors.read().decode(errors="replace").splitlines()
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError):
            return {"reason": lines[-1] if lines else "no report"}


class Lease:
    """Heartbeats of a work item. `lost` is called once when another worker may have it."""

    def __init__(self, vendor: Vendor, work: Work, lost):
        self.vendor, self.work, self.lost = vendor, work, lost
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.ended.set()
        self.thread.join()

    def _beat(self) -> None:
        last, lifetime, good = FIRST_BEAT, 90.0, time.monotonic()
        while not self.ended.is_set():
            try:
                answer = self.vendor.beat(self.work, last)
                last, good = answer["last_heartbeat"], time.monotonic()
                lifetime = answer["ttl_seconds"] or lifetime
                if answer["state"] in ("stopping", "stopped") or not answer["lease_extended"]:
                    return self.lost()
            except OSError as failure:
                refused = 400 <= getattr(failure, "code", 0) < 500
                if refused or time.monotonic() - good > lifetime:
                    return self.lost()
            except Exception:  # an answer that is none: without beats another worker gets the session
                return self.lost()
            self.ended.wait(max(1.0, min(lifetime / 2, 30.0)))


def serve(vendor: Vendor, work: Work, agent: str, project: str, max_idle: float, pause: float = 1.0) -> int:
    """Runs a session's calls until it is over, idle for `max_idle` seconds, or its run has ended. Returns the run's exit code."""
    run = Run(agent, project, work.session)
    lease = Lease(vendor, work, run.end)
    idle = None
    try:
        while True:
            ended = run.has_ended
            events = vendor.events(work.session)
            calls = pending(events)
            for call in calls:
                done = run.do(call)
                vendor.send(work.session, {"type": "user.tool_result", "tool_use_id": call["id"], "is_error": done["is_error"],
                                           "content": [{"type": "text", "text": done["text"] or "(no output)"}]})
            if ended or is_over(events):
                break
            if calls:
                idle = None
                continue
            idle = (idle or time.monotonic()) if is_idle(events) else None
            if idle is not None and time.monotonic() - idle >= max_idle:
                break
            time.sleep(pause)
    finally:
        lease.close()
        code = run.close()
        vendor.stop(work)
    return code


def main() -> int:
    parser = argparse.ArgumentParser(description="claims sessions, and runs their tools in `interlock run`")
    parser.add_argument("--agent", required=True, help="the agent of the policy")
    parser.add_argument("--project", required=True, help="the folder that each session works on, in a layer of its own")
    parser.add_argument("--max-idle", type=float, default=60.0, help="seconds after the end of a turn")
    parser.add_argument("--once", action="store_true", help="end after one session, with the exit code of its run")
    given = parser.parse_args()
    vendor = Vendor(os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com"), os.environ["ANTHROPIC_ENVIRONMENT_ID"],
                    os.environ["ANTHROPIC_ENVIRONMENT_KEY"])
    while True:
        work = vendor.claim()
        if work is None:
            continue
        print(f"claimed {work.session}", flush=True)
        code = serve(vendor, work, given.agent, given.project, given.max_idle)
        print(f"ended {work.session}: {code}", flush=True)
        if given.once:
            return code


if __name__ == "__main__":
    raise SystemExit(main())
