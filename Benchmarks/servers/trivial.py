"""One trivial tool over HTTP, on whichever `mcp` SDK its interpreter has: `trivial.py PORT`.

On 2.x it speaks both eras, on 1.x the legacy ones alone.
"""

import sys
from importlib.metadata import version

PORT = int(sys.argv[1])

if int(version("mcp").split(".")[0]) >= 2:
    from mcp.server.mcpserver import MCPServer

    server, how = MCPServer("trivial"), {"port": PORT}
else:
    from mcp.server.fastmcp import FastMCP

    server, how = FastMCP("trivial", port=PORT, log_level="WARNING"), {}


@server.tool()
def echo(text: str) -> str:
    """Says the same"""
    return text


server.run("streamable-http", **how)
