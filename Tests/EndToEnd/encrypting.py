"""A PostgreSQL server that takes TCP connections over TLS alone, and only with a client's certificate that names the role."""

import socket
from pathlib import Path

from certificates import PEM, Authority, pem_of
from storing import Server

TLS = """
listen_addresses = '127.0.0.1'
port = {port}
ssl = on
ssl_min_protocol_version = 'TLSv1.3'
ssl_cert_file = '{folder}/server.pem'
ssl_key_file = '{folder}/server.key'
ssl_ca_file = '{folder}/root.pem'
"""


def encrypt(server: Server, root: Authority) -> int:
    """Starts the server again with TLS, and returns its port; its local socket stays trusted."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    certificate, key = root.issue("server")
    write(server.base / "server.pem", certificate.public_bytes(PEM))
    write(server.base / "server.key", pem_of(key))
    write(server.base / "root.pem", root.certificate.public_bytes(PEM))
    for name in ("server.pem", "server.key", "root.pem"):
        server.user.own(server.base / name)
    with open(server.data / "postgresql.conf", "a") as file:
        file.write(TLS.format(port=port, folder=server.base))
    (server.data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 cert\n")
    server.stop("fast")
    server.start()
    return port


def parameters(root: Authority, name: str, folder: Path, port: int, database: str) -> str:
    """The connection of the node gw1 with a certificate that names `name`; it and its key are written to the folder."""
    certificate, key = root.issue(name)
    write(folder / f"{name}.pem", certificate.public_bytes(PEM))
    write(folder / f"{name}.key", pem_of(key))
    write(folder / "root.pem", root.certificate.public_bytes(PEM))
    return (f"host=127.0.0.1 port={port} dbname={database} user=gw1 sslmode=verify-full sslrootcert={folder}/root.pem "
            f"sslcert={folder}/{name}.pem sslkey={folder}/{name}.key")


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
