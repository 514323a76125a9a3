"""Both planes over TLS: accepted and refused handshakes, changes of certificates, and the addresses to listen on."""

import json
import os
import signal
import socket
import ssl
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certificates import PEM, Authority, pem_of
from waits import listed_alert


def write(made, certificate, key) -> None:
    """Writes both files where `interlock.yaml` names them."""
    for name, data, mode in (("gw.pem", certificate.public_bytes(PEM), 0o644), ("gw.key", pem_of(key), 0o600)):
        path = made.gateway.folder / name
        path.write_bytes(data)
        path.chmod(mode)


def configure(made, **more: str) -> None:
    made.gateway.configure("listeners", audience=f'"https://127.0.0.1:{made.gateway.port}/mcp"')
    made.gateway.configure("tls", certificate="gw.pem", key="gw.key", **more)


@pytest.fixture
def root() -> Authority:
    return Authority()


@pytest.fixture
def secure(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    configure(made)
    made.gateway.start()
    return made


def client(root: Authority, folder: Path, **options) -> ssl.SSLContext:
    path = folder / "root.pem"
    path.write_bytes(root.certificate.public_bytes(PEM))
    context = ssl.create_default_context(cafile=str(path))
    for name, value in options.items():
        setattr(context, name, value)
    return context


def ask(port: int, context: ssl.SSLContext, data: bytes, seconds: float = 10) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as stream:
            stream.sendall(data)
            received = b""
            while chunk := stream.recv(65536):
                received += chunk
            return received


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()


METADATA = "/.well-known/oauth-protected-resource/mcp"


def test_the_end_of_the_certificate_is_an_alert(secure):
    """The certificates of these tests end in two days."""
    assert listed_alert(secure.gateway, "certificate.expiring")["subject"] == "tls"


def test_both_planes_answer_over_tls(secure, root):
    context = client(root, secure.folder)
    answer = ask(secure.gateway.port, context, get(METADATA))
    assert answer.startswith(b"HTTP/1.1 200")
    assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["resource"].startswith("https://")
    assert ask(secure.gateway.people_port, context, get("/healthz")).endswith(b"ok\n")
    assert "ready agents https://127.0.0.1" in secure.gateway.stderr()


def test_a_large_request_and_many_on_one_connection(secure, root):
    """Bodies larger than a record, pipelined, in pieces: the bytes are those of the plain connection."""
    token = secure.token("support-triage")
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n" \
           "Accept: application/json, text/event-stream\r\n"
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x" * 900_000, "version": "1"}}})
    request = f"POST /mcp HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
    last = request.replace("Host:", "Connection: close\r\nHost:", 1)
    answer = ask(secure.gateway.port, client(root, secure.folder), (request * 2 + last).encode(), 60)
    assert answer.count(b"HTTP/1.1 ") == 3, answer[:2000]


@pytest.mark.parametrize("version, taken", [("TLSv1_3", True), ("TLSv1_2", True), ("TLSv1_1", False)])
def test_versions(secure, root, version, taken):
    context = client(root, secure.folder)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    context.set_ciphers("ALL:@SECLEVEL=0")
    if taken:
        assert ask(secure.gateway.port, context, get(METADATA)).startswith(b"HTTP/1.1 200")
    else:
        # The alert of the gateway: a client that offers nothing would fail by itself.
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            ask(secure.gateway.port, context, get(METADATA))


def test_only_http_1_1_is_chosen(secure, root):
    for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["h2"], None)):
        context = client(root, secure.folder)
        context.set_alpn_protocols(offered)
        with socket.create_connection(("127.0.0.1", secure.gateway.port), timeout=10) as plain:
            if chosen is None:
                with pytest.raises(ssl.SSLError, match="no application protocol"):
                    context.wrap_socket(plain, server_hostname="127.0.0.1")
            else:
                with context.wrap_socket(plain, server_hostname="127.0.0.1") as stream:
                    assert stream.selected_alpn_protocol() == chosen


def test_plain_http_and_rubbish_get_nothing(secure, root):
    for data in (get(METADATA), b"\0" * 100, os.urandom(500), b"\x16\x03\x01\xff\xff" + b"a" * 70_000):
        with socket.create_connection(("127.0.0.1", secure.gateway.port), timeout=15) as plain:
            try:
                plain.sendall(data)
                received = plain.recv(65536)
            except ConnectionError:
                received = b""
            assert not received.startswith(b"HTTP")
    assert ask(secure.gateway.port, client(root, secure.folder), get(METADATA)).startswith(b"HTTP/1.1 200")


def test_half_open_handshakes_end_and_leave_room(secure, root):
    """Hundreds of silent connections: above the limit they are closed at once, and the rest after ten seconds."""
    with ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", secure.gateway.port), timeout=30))
                  for _ in range(400)]
        time.sleep(1)
        closed = sum(1 for one in silent if is_closed(one))
        assert 100 <= closed <= 200, closed
        deadline = time.monotonic() + 20
        while not all(is_closed(one) for one in silent):
            assert time.monotonic() < deadline, "a handshake that never began is still open"
            time.sleep(0.2)
    assert ask(secure.gateway.port, client(root, secure.folder), get(METADATA)).startswith(b"HTTP/1.1 200")


def is_closed(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_a_handshake_byte_by_byte_is_cut_off_in_time(secure):
    with socket.create_connection(("127.0.0.1", secure.gateway.port), timeout=30) as slow:
        start = time.monotonic()
        try:
            for _ in range(60):
                slow.sendall(b"\x16")
                time.sleep(0.5)
        except ConnectionError:
            pass
        assert time.monotonic() - start < 20


def test_a_new_certificate_is_taken_at_sighup_and_a_bad_one_is_not(secure, root):
    other = Authority("another root")
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(secure.gateway.port, client(other, secure.folder), get(METADATA))
    write(secure, *other.issue())
    secure.gateway.process.send_signal(signal.SIGHUP)
    wait_for(secure, "tls: certificate and key are read again")
    assert ask(secure.gateway.port, client(other, secure.folder), get(METADATA)).startswith(b"HTTP/1.1 200")
    (secure.gateway.folder / "gw.pem").write_text("nothing")
    secure.gateway.process.send_signal(signal.SIGHUP)
    wait_for(secure, "the old certificate stays")
    assert ask(secure.gateway.port, client(other, secure.folder), get(METADATA)).startswith(b"HTTP/1.1 200")


def wait_for(made, words: str) -> None:
    deadline = time.monotonic() + 15
    while words not in made.gateway.stderr():
        assert time.monotonic() < deadline, made.gateway.stderr()[-2000:]
        time.sleep(0.05)


def test_a_client_of_a_foreign_authority_is_refused_and_one_without_certificate_is_not(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    (made.gateway.folder / "clients.pem").write_bytes(root.certificate.public_bytes(PEM))
    configure(made, clients="ca", client_ca="clients.pem")
    made.gateway.start()
    assert ask(made.gateway.port, client(root, made.folder), get(METADATA)).startswith(b"HTTP/1.1 200")
    for authority, taken in ((root, True), (Authority("stranger"), False)):
        context = client(root, made.folder)
        show(context, made.folder, *authority.issue("agent"))
        if taken:
            assert ask(made.gateway.port, context, get(METADATA)).startswith(b"HTTP/1.1 200")
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                ask(made.gateway.port, context, get(METADATA))
    # The gateway still answers, so the failure was a refusal.
    assert ask(made.gateway.port, client(root, made.folder), get(METADATA)).startswith(b"HTTP/1.1 200")


def show(context: ssl.SSLContext, folder: Path, certificate, key) -> None:
    (folder / "agent.pem").write_bytes(certificate.public_bytes(PEM) + pem_of(key))
    context.load_cert_chain(str(folder / "agent.pem"))


@pytest.mark.parametrize("break_it, words", [
    (lambda f: (f / "gw.pem").unlink(), ["tls.certificate", "gw.pem"]),
    (lambda f: (f / "gw.pem").write_text(""), ["tls.certificate", "no certificate in PEM"]),
    (lambda f: (f / "gw.pem").write_bytes((f / "gw.pem").read_bytes()[:200]), ["tls.certificate"]),
    (lambda f: (f / "gw.key").write_text("x"), ["tls.key", "no private key"]),
    (lambda f: (f / "gw.key").write_bytes(pem_of(ec.generate_private_key(ec.SECP256R1()))),
     ["tls.key", "not the key of the certificate"]),
    (lambda f: (f / "gw.key").write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(
        PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x"))),
     ["tls.key", "passphrase"]),
    (lambda f: (f / "gw.key").chmod(0o644), ["tls.key", "chmod 600"]),
])
def test_bad_files_do_not_start(organisation, root, break_it, words):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    configure(made)
    break_it(made.gateway.folder)
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65, done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_a_weak_key_does_not_start(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue(key=rsa.generate_private_key(65537, 1024)))
    configure(made)
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and "too weak" in done.stderr, done.stderr


def test_settings_that_do_not_fit_do_not_start(organisation, root):
    made = organisation(start=False, servers=())
    write(made, *root.issue())
    made.gateway.configure("tls", certificate="gw.pem", key="gw.key")
    assert "must begin with https://" in made.gateway.run("serve", check=False).stderr
    made.gateway.configure("tls", certificate='""')
    assert "`tls.certificate` is empty" in made.gateway.run("serve", check=False).stderr
    configure(made, clients="ca")
    assert "`tls.client_ca` is empty" in made.gateway.run("serve", check=False).stderr


def test_another_address_than_loopback_takes_tls(organisation, root):
    made = organisation(start=False, servers=())
    made.gateway.configure("listeners", agents=f'"0.0.0.0:{made.gateway.port}"')
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and "not a loopback address" in done.stderr and "tls" in done.stderr, done.stderr
    write(made, *root.issue())
    configure(made)
    made.gateway.start()
    assert ask(made.gateway.port, client(root, made.folder), get(METADATA)).startswith(b"HTTP/1.1 200")
    made.gateway.stop()
    made.gateway.configure("listeners", people=f'"0.0.0.0:{made.gateway.people_port}"')
    done = made.gateway.run("serve", check=False)
    assert done.returncode == 65 and "people" in done.stderr, done.stderr
