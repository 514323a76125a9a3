#!/usr/bin/env python3
"""Writes the example organisation into a folder: `make_organisation.py OUT --python DIR/bin/python`.

    OUT/policy/              the policy folder, with dates counted from today and the given ports
    OUT/data/                one SQLite file per server, and a small git repository
    OUT/organisation.json    ports, folders and people, for the programs that start the rest

The policy text stands in `policy/` beside this file; `${name}` is filled in here.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
from collections import deque
from datetime import date, timedelta
from pathlib import Path
from string import Template

HERE = Path(__file__).resolve().parent
HTTP_SERVERS = ("tickets", "crm", "billing")
SERVERS = HTTP_SERVERS + ("kb",)

# Roles are those of the kill switch; who approves what is said in the policy.
PEOPLE = {
    "dana@acme.example": ["kill"],
    "ines@acme.example": [],
    "paul@acme.example": [],
    "rui@acme.example": [],
    "li@acme.example": [],
    "ada@acme.example": ["kill", "resume", "security"],
    "sam@acme.example": ["resume", "security", "break_glass"],
}

CALLS = {"low": "120/m", "medium": "60/m", "high": "20/m"}  # the most an agent of each tier may do


PORTS = (20_000, 32_000)
# Older ones are let go of: their servers listen by then.
claims: deque[socket.socket] = deque(maxlen=64)


def make(out: Path, python: Path, ports: dict[str, int] | None = None, calls: dict[str, str] = CALLS) -> dict:
    """Returns what it writes to `organisation.json`. A folder that exists is brought up to date."""
    out, python = out.resolve(), Path(os.path.abspath(python))  # a link into an environment stays one
    ports = ports or {name: port for name, port in zip(HTTP_SERVERS, free_ports(len(HTTP_SERVERS)))}
    data, repository = out / "data", out / "data" / "repository"
    for name in SERVERS:
        (data / name).mkdir(parents=True, exist_ok=True)
    make_repository(repository)

    today = date.today()
    values = {
        **{f"{name}_port": port for name, port in ports.items()},
        "python": python, "bin": python.parent, "servers": HERE / "servers",
        "data": data, "repository": repository, **{f"{tier}_calls": rate for tier, rate in calls.items()},
        "last_drill": today - timedelta(days=7), "reviewed_on": today - timedelta(days=14),
        "review_by": today + timedelta(days=60),
    }
    for template in sorted((HERE / "policy").rglob("*.yaml")):
        target = out / "policy" / template.relative_to(HERE / "policy")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(template.read_text()).substitute(values))

    made = {
        "org": "acme", "policy": str(out / "policy"), "data": str(data), "repository": str(repository),
        "ports": ports, "people": PEOPLE, "python": str(python),
    }
    (out / "organisation.json").write_text(json.dumps(made, indent=2) + "\n")
    return made


def make_repository(folder: Path) -> None:
    """A repository with two commits, the same every time: names and dates are fixed."""
    if (folder / ".git").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)

    def git(*words: str, day: int = 1) -> None:
        when = f"2026-01-{day:02d}T09:00:00Z"
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER")
               for key, value in (("NAME", "Li"), ("EMAIL", "li@acme.example"), ("DATE", when))}
        subprocess.run(
            ["git", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", *words],
            cwd=folder, check=True, capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **who},
        )

    git("init", "--quiet")
    (folder / "price.py").write_text("def total(prices):\n    return sum(prices)\n")
    git("add", ".")
    git("commit", "--quiet", "-m", "Sum up prices")
    (folder / "price.py").write_text("def total(prices):\n    return round(sum(prices), 2)\n")
    git("add", ".", day=2)
    git("commit", "--quiet", "-m", "Round the sum to cents", day=2)


def free_ports(number: int) -> list[int]:
    """Ports nobody listens on now, all different. They lie below those that the kernel gives to outgoing
    connections, which could take one before its server does; and each is claimed against other processes that
    ask here at the same time, by the UDP port of the same number."""
    found: list[int] = []
    while len(found) < number:
        port = random.randrange(*PORTS)
        claim = socket.socket(type=socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", port))
            with socket.socket() as tried:
                tried.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        found.append(port)
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--python", type=Path, default=Path(sys.executable),
                           help="the interpreter of the environment that has `mcp` and the two PyPI servers")
    for name in HTTP_SERVERS:
        arguments.add_argument(f"--{name}-port", type=int)
    given = arguments.parse_args()
    ports = {name: getattr(given, f"{name}_port") for name in HTTP_SERVERS}
    if any(ports.values()) and not all(ports.values()):
        arguments.error("give all ports or none")
    make(given.out, given.python, ports if all(ports.values()) else None)


if __name__ == "__main__":
    main()
