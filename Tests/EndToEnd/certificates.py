"""Certificates for the tests' servers on loopback."""

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


class Authority:
    """Signs certificates for 127.0.0.1, and for names."""

    def __init__(self, name: str = "test root"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._sign(name, self.key.public_key(), name, self.key, is_authority=True)
        self.name = name

    def issue(self, name: str = "gateway", key=None, hosts: tuple[str, ...] = ()):
        key = key or ec.generate_private_key(ec.SECP256R1())
        return self._sign(name, key.public_key(), self.name, self.key, hosts=hosts), key

    @staticmethod
    def _sign(name, public, issuer, signer, is_authority=False, hosts=()):
        now = datetime.datetime.now(datetime.timezone.utc)
        named = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        made = (x509.CertificateBuilder().subject_name(named(name)).issuer_name(named(issuer)).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
                .not_valid_after(now + datetime.timedelta(days=2))
                .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True))
        if not is_authority:
            made = made.add_extension(x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), *map(x509.DNSName, hosts)]), critical=False)
        return made.sign(signer, hashes.SHA256())


def pem_of(key) -> bytes:
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def serving(root: Authority, folder: Path, hosts: tuple[str, ...] = ()) -> ssl.SSLContext:
    """The TLS context of a Python server that presents a certificate of `root`."""
    certificate, key = root.issue("server", hosts=hosts)
    path = folder / "server.pem"
    path.write_bytes(certificate.public_bytes(PEM) + pem_of(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
