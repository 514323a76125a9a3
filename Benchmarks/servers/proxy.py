"""FastMCP's proxy with default settings: `proxy.py URL PORT`."""

import logging
import sys

from fastmcp.server import create_proxy

logging.disable(logging.INFO)
create_proxy(sys.argv[1]).run("http", show_banner=False, port=int(sys.argv[2]), log_level="warning")
