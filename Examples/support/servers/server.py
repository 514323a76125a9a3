"""Runs one server of the example organisation: `server.py tickets --http 8001 --data DIR`, or `--stdio`."""

import argparse
import importlib
import logging
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer

NAMES = ("tickets", "kb", "crm", "billing")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("name", choices=NAMES)
    way = arguments.add_mutually_exclusive_group(required=True)
    way.add_argument("--http", type=int, metavar="PORT", help="Streamable HTTP on 127.0.0.1:PORT/mcp")
    way.add_argument("--stdio", action="store_true", help="one message per line on stdin and stdout")
    arguments.add_argument("--data", type=Path, required=True, help="the folder of the database")
    arguments.add_argument("--json-answers", action="store_true", help="plain JSON in place of event streams")
    given = arguments.parse_args()

    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    server = MCPServer(given.name, version="1.0.0", log_level="WARNING")
    importlib.import_module(given.name).add_tools(server, given.data)
    if given.stdio:
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=given.http, json_response=given.json_answers)


if __name__ == "__main__":
    main()
