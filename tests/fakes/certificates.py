"""Authorities, certificates and keys for tests of TLS, made when they are needed and worth nothing elsewhere."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Certificate:
    """PEM files of a certificate and its key, and both in one as Kafka wants them."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates; `file` is what those who trust it are given."""

    def __init__(self, folder, name):
        self._folder, self._name, self._key = folder, _name(name), ec.generate_private_key(ec.SECP256R1())
        own = _builder(self._name, self._name, self._key, HOUR).add_extension(x509.BasicConstraints(True, 0), True)
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        signed = own.add_extension(usage, True).sign(self._key, hashes.SHA256())
        self.file = self._keep(name, _pem(signed))

    def issue(self, name, *addresses, valid_for=HOUR):
        """A certificate for these IP addresses, host names, or nobody; negative times have run out."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self._name, key, valid_for)
        if addresses:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(one) for one in addresses]), False)
        signed = _pem(builder.sign(self._key, hashes.SHA256()))
        unlocked = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Certificate(
            self._keep(f"{name}-certificate", signed),
            self._keep(f"{name}-key", unlocked),
            self._keep(f"{name}-both", unlocked + signed),
        )

    def _keep(self, name, content):
        file = self._folder / f"{name}.pem"
        file.write_bytes(content)
        return file


def _builder(subject, issuer, key, valid_for):
    ends = datetime.now(UTC) + valid_for
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(ends, datetime.now(UTC)) - HOUR)
        .not_valid_after(ends)
    )


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _general(address):
    try:
        return x509.IPAddress(ip_address(address))
    except ValueError:
        return x509.DNSName(address)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
