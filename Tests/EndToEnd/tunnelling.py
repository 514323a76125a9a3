"""A stand-in of the routing proxy of an MCP tunnel, written from the vendor's public reference of its configuration
(docs/decisions/0116): it ends the inner TLS, looks the host name up in its routes, and passes the request on, path and query as they
came. It adds nothing. The reference does not say whether the upstream gets the caller's Host; the stand-in does either."""

import http.client
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import wire
from certificates import PEM, Authority, serving
from replying import reply

# Fields of one connection, which a proxy does not pass on (RFC 9110, section 7.6.1).
OF_CONNECTION = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


class RoutingProxy:
    """Runs from `with` to its end. `routes` has the port of the upstream on loopback for each name below `domain`; `trust` signs the
    certificates of upstreams."""

    def __init__(self, folder: Path, domain: str, routes: dict[str, int], trust: Authority, keeps_host: bool = True):
        self.domain, self.routes, self.keeps_host = domain, routes, keeps_host
        self.inner = Authority("the tunnel's own root")
        (folder / "inner.pem").write_bytes(self.inner.certificate.public_bytes(PEM))
        (folder / "upstream.pem").write_bytes(trust.certificate.public_bytes(PEM))
        self.client = ssl.create_default_context(cafile=str(folder / "inner.pem"))
        self.upstream = ssl.create_default_context(cafile=str(folder / "upstream.pem"))
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                proxy.pass_on(self)

            do_GET = do_DELETE = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        context = serving(self.inner, folder, hosts=(f"*.{domain}",))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_port

    def __enter__(self) -> "RoutingProxy":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()

    def pass_on(self, asked: BaseHTTPRequestHandler) -> None:
        name = asked.headers.get("Host", "").lower().removesuffix(f".{self.domain}")
        if name not in self.routes:
            return reply(asked, 404, b"no route for host", Content_Type="text/plain")
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        port = self.routes[name]
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=self.upstream)
        try:
            connection.putrequest(asked.command, asked.path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", asked.headers["Host"] if self.keeps_host else f"127.0.0.1:{port}")
            for field, value in asked.headers.items():
                if field.lower() not in OF_CONNECTION | {"host"}:
                    connection.putheader(field, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            data = answer.read()
            fields = {field.replace("-", "_"): value for field, value in answer.getheaders()
                      if field.lower() not in OF_CONNECTION | {"content-length", "date", "server"}}
        finally:
            connection.close()
        kind = next((value for field, value in fields.items() if field.lower() == "content_type"), "text/plain")
        others = {field: value for field, value in fields.items() if field.lower() != "content_type"}
        reply(asked, answer.status, data, Content_Type=kind, **others)

    def ask(self, host: str, method: str = "POST", path: str = "/mcp", headers: dict | None = None, body: bytes = b"") -> wire.Answer:
        """One request as it leaves the tunnel: over inner TLS, to a host name below the tunnel's domain unless it has a dot."""
        full = host if "." in host else f"{host}.{self.domain}"
        name = full if full.endswith(self.domain) else f"any.{self.domain}"
        return exchange(self.port, self.client, name, {"Host": full, **(headers or {})}, method, path, body)


def exchange(port: int, context: ssl.SSLContext, name: str, headers: dict, method: str = "GET", path: str = "/mcp",
             body: bytes = b"") -> wire.Answer:
    """One request over TLS whose certificate must be that of `name`; headers are sent exactly as given."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 30), server_hostname=name)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for field, value in headers.items():
            connection.putheader(field, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found = {field.lower(): value for field, value in answer.getheaders()}
        data = answer.read()
    finally:
        connection.close()
    return wire.Answer(answer.status, found, data, wire.messages(found.get("content-type", ""), data))


class TunnelSession(wire.Session):
    """A legacy session whose requests come through the tunnel to one host name."""

    def __init__(self, tunnel: RoutingProxy, host: str, token: str | None, **options):
        self.tunnel, self.host = tunnel, host
        super().__init__(tunnel.port, token, **options)

    def post(self, message, seconds: float = 60, **headers: str) -> wire.Answer:
        return self.tunnel.ask(self.host, path=self.path, headers={**self.headers, **headers}, body=json.dumps(message).encode())
