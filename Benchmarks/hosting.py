#!/usr/bin/env python3
"""Starts one build of Interlock as the checkout that it is of knows how, for `beside.py`; ends it at the end of input.

    Benchmarks/hosting.py CHECKOUT BINARY FOLDER UPSTREAM_PORT

Prints one line of JSON: how the load reaches the gateway, and its process.
"""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace


def main() -> None:
    checkout, binary, folder, port = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    # This file's own folder comes first otherwise, which is another version's.
    sys.path[0] = str(checkout / "Benchmarks")
    import rows
    from people import People

    with ExitStack() as stack:
        people = stack.enter_context(People(folder / "people", rows.PEOPLE))
        interlock = rows.Interlock(SimpleNamespace(port=port), binary, folder, people)
        stack.callback(interlock.gateway.kill)
        started = interlock.start()
        interlock.open()
        print(json.dumps({"pid": interlock.gateway.process.pid, "port": interlock.port, "tool": interlock.tool,
                          "headers": interlock.headers, "sessions": interlock.sessions, "start_ms": started}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
