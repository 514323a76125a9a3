#!/usr/bin/env python3
"""Starts one build of Interlock as its own checkout does it, for `beside.py`; stops it at the end of input.

    Benchmarks/hosting.py CHECKOUT BINARY FOLDER UPSTREAM_PORT

Prints one line of JSON: how the load reaches the gateway, and its process. Each input line is answered by another such
line, with a new run.
"""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace


def main() -> None:
    checkout, binary, folder, port = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    # Otherwise the folder of this file comes first, which belongs to another version.
    sys.path[0] = str(checkout / "Benchmarks")
    import rows
    from people import People

    with ExitStack() as stack:
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        interlock = rows.Interlock(SimpleNamespace(port=port), binary, folder, people)
        stack.callback(interlock.gateway.kill)
        started = interlock.start()
        while True:
            interlock.open()
            print(json.dumps({
                "pid": interlock.gateway.process.pid, "port": interlock.port, "tool": interlock.tool,
                "headers": interlock.headers, "sessions": interlock.sessions, "start_ms": started}), flush=True)
            if not sys.stdin.readline():
                break


if __name__ == "__main__":
    main()
