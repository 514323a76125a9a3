"""TLS 1.3 with custom records: Python's library does the handshake and reads, and this module encrypts the sent
records, which no library might send; and certificates with any content."""

import datetime
import hmac
import socket
import ssl
import struct
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.x509.oid import NameOID

from certificates import PEM, Authority, pem_of

ALERT, HANDSHAKE, DATA = 21, 22, 23
CLOSE_NOTIFY = b"\x01\x00"
KEY_UPDATE = b"\x18\x00\x00\x01"  # and whether one is requested in return
# A ticket for two hours, with one byte and nothing else: no shorter one is valid.
TICKET = b"\x04\x00\x00\x0e" + struct.pack(">II", 7200, 1) + b"\x00" + b"\x00\x01t" + b"\x00\x00"
RECORD = 16_000  # a record holds 16384 bytes


class Peer:
    """One end of a connection whose handshake is over."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, as_client_of: str | None = None):
        """Takes ownership of the context. `as_client_of` is the name of the server; without it this end is a server."""
        self.connection = connection
        self.received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
        with tempfile.NamedTemporaryFile("r") as log:
            context.minimum_version, context.keylog_filename = ssl.TLSVersion.TLSv1_3, log.name
            self.library = context.wrap_bio(self.received, sent, not as_client_of, as_client_of)
            self._wait(self.library.do_handshake, sent)
            secrets = {line.split()[0]: line.split()[2] for line in log if not line.startswith("#")}
        cipher = self.library.cipher()[0]
        self.hash = "sha384" if "SHA384" in cipher else "sha256"
        self.cipher, self.size = (ChaCha20Poly1305 if "CHACHA" in cipher else AESGCM), 16 if "_128_" in cipher else 32
        self._use(bytes.fromhex(secrets[f"{'CLIENT' if as_client_of else 'SERVER'}_TRAFFIC_SECRET_0"]))

    def _wait(self, step, sent: ssl.MemoryBIO | None = None):
        """Runs the step until enough bytes have arrived for it; returns its result."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                if sent and sent.pending:
                    self.connection.sendall(sent.read())
                data = self.connection.recv(65_536)
                if not data:
                    raise ConnectionError("closed without an end of TLS") from None
                self.received.write(data)
            finally:
                if sent and sent.pending:
                    self.connection.sendall(sent.read())

    def read(self) -> bytes:
        return self._wait(lambda: self.library.read(65_536))

    def _derive(self, name: bytes, size: int) -> bytes:
        """HKDF-Expand-Label (RFC 8446, section 7.1), for at most one block."""
        label = b"tls13 " + name
        return hmac.digest(self.secret, struct.pack(">HB", size, len(label)) + label + b"\x00\x01", self.hash)[:size]

    def _use(self, secret: bytes) -> None:
        self.secret, self.number = secret, 0
        self.key, self.start = self.cipher(self._derive(b"key", self.size)), int.from_bytes(self._derive(b"iv", 12))

    def record(self, kind: int, body: bytes) -> bytes:
        nonce = (self.start ^ self.number).to_bytes(12)
        self.number += 1
        head = struct.pack(">BHH", DATA, 0x0303, len(body) + 17)
        return head + self.key.encrypt(nonce, body + bytes([kind]), head)

    def records(self, data: bytes) -> bytes:
        return b"".join(self.record(DATA, data[place:place + RECORD]) for place in range(0, len(data), RECORD))

    def key_updates(self, number: int, asks: bool = False) -> bytes:
        """This number of key updates, one per record, because each changes the keys of the next."""
        made = []
        for _ in range(number):
            made.append(self.record(HANDSHAKE, KEY_UPDATE + bytes([asks])))
            self._use(self._derive(b"traffic upd", len(self.secret)))
        return b"".join(made)


def certificate(path: Path, signer: Authority, names: list, subject: str = "localhost", hours=(-1, 48)) -> Path:
    """A certificate with its key in that file. `names` are the alternative names; `hours` its validity, relative to
    now."""
    key, now, hour = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC), datetime.timedelta(hours=1)
    made = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(signer.certificate.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + hours[0] * hour).not_valid_after(now + hours[1] * hour))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    path.write_bytes(made.sign(signer.key, hashes.SHA256()).public_bytes(PEM) + pem_of(key))
    return path
