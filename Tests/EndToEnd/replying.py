"""How the tests' own HTTP servers answer."""

import json
from http.server import BaseHTTPRequestHandler


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes | dict = b"", **headers: str) -> None:
    """A whole answer, JSON unless `Content_Type` says otherwise; `_` in a header's name stands for `-`."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        handler.send_response(status)
        for name, value in {"Content_Type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)
    except OSError:
        pass  # whoever asked has gone
