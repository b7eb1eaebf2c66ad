"""Certificates for a server, of an authority of the tests' own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "db.example.com"
"""The only name in the certificate of a server."""


class Certificates(NamedTuple):
    """The files of a server, the root that vouches for it, and one that does not."""

    certificate: Path
    key: Path
    root: Path
    other_root: Path


def made(folder: Path) -> Certificates:
    """Make all of them in a folder."""
    found = Certificates(*(folder / f"{name}.pem" for name in Certificates._fields))
    authority, other, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    found.root.write_bytes(_signed("root", authority, "root", authority))
    found.other_root.write_bytes(_signed("another", other, "another", other))
    found.certificate.write_bytes(_signed(HOST, own, "root", authority))
    found.key.touch(mode=0o600)
    found.key.write_bytes(
        own.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found


def _signed(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
) -> bytes:
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_called(name))
        .issuer_name(_called(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=name == issuer, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def _called(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
