"""A site's own certificate authority: it issues, renews and revokes certificates."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_agent.broker.files import PRIVATE, PUBLIC, write_whole
from edge_agent.model.errors import AuthorityError

_CERTIFICATE_DAYS: Final = 730
_AUTHORITY_DAYS: Final = 3650
_BACKDATED: Final = timedelta(days=1)
"""Time by which a certificate begins early: a gateway without a clock of its own may start late."""
_KEY: Final = "ca.key"
_CERTIFICATE: Final = "ca.pem"
_REVOCATIONS: Final = "revoked.crl"
_ISSUED: Final = "issued"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate with its private key, both in PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """The authority in a folder: its key, what it issued, and what it revoked.

    Parameters
    ----------
    folder
        Folder of the key. Whoever has it can be anybody, so it stays off the broker's machine.
    now
        Present moment, UTC.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        self._folder = folder
        self._now = now
        self._key = _read_key(folder / _KEY)
        self._certificate = _read_certificate(folder / _CERTIFICATE)
        self._issued = {
            path: _read_certificate(path) for path in sorted((folder / _ISSUED).glob("*.pem"))
        }

    def certificate(self) -> bytes:
        """Return the authority's own certificate in PEM."""
        return self._certificate.public_bytes(Encoding.PEM)

    def revocations(self) -> bytes:
        """Return the list of revoked certificates in PEM."""
        return (self._folder / _REVOCATIONS).read_bytes()

    def names(self) -> frozenset[str]:
        """Return every name that ever had a certificate."""
        return frozenset(_name_of(found) for found in self._issued.values())

    def end_of(self, name: str) -> datetime | None:
        """Return the end of the newest certificate of a name, None where all are revoked."""
        newest = self._newest(name)
        return None if newest is None else newest.not_valid_after_utc

    def has_hosts(self, name: str, hosts: Sequence[str]) -> bool:
        """Return True if the newest certificate of a server is for these hosts."""
        newest = self._newest(name)
        if newest is None:
            return False
        found = newest.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return list(found.value) == [_host(host) for host in hosts]

    def fingerprints(self) -> list[str]:
        """Return the SHA-256 of every public key that counts, in hexadecimal."""
        return [_fingerprint(certificate) for certificate in self._valid()]

    def issue(self, name: str, hosts: Sequence[str] = ()) -> IssuedCertificate:
        """Return a new certificate of a name; with hosts, that of a server.

        Raises
        ------
        OSError
            If the record of it cannot be written; then it is not issued.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(self._certificate.subject, _named(name), key, self._now)
        usage = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
        own = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        builder = (
            builder.not_valid_after(self._end(_CERTIFICATE_DAYS))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value),
                critical=False,
            )
        )
        if hosts:
            names = x509.SubjectAlternativeName([_host(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        text = certificate.public_bytes(Encoding.PEM)
        path = self._folder / _ISSUED / f"{name}-{certificate.serial_number:x}.pem"
        write_whole(path, text, PUBLIC)
        self._issued[path] = certificate
        return IssuedCertificate(text, _key_text(key))

    def revoke(self, name: str) -> int:
        """Revoke every certificate of a name that counts; return their number."""
        found = [certificate for certificate in self._valid() if _name_of(certificate) == name]
        serials = [certificate.serial_number for certificate in found]
        _write_revocations(
            self._folder,
            self._key,
            self._certificate,
            self._now,
            [*self._revoked(), *(_revocation(serial, self._now) for serial in serials)],
        )
        return len(serials)

    def _end(self, days: int) -> datetime:
        """Return the end of a certificate: none outlives its authority."""
        return min(self._now + timedelta(days=days), self._certificate.not_valid_after_utc)

    def _newest(self, name: str) -> x509.Certificate | None:
        found = [c for c in self._unrevoked() if _name_of(c) == name]
        return max(found, key=lambda certificate: certificate.not_valid_after_utc, default=None)

    def _valid(self) -> list[x509.Certificate]:
        """Return the certificates that are neither over nor revoked."""
        return [c for c in self._unrevoked() if c.not_valid_after_utc > self._now]

    def _unrevoked(self) -> list[x509.Certificate]:
        revoked = {entry.serial_number for entry in self._revoked()}
        return [c for c in self._issued.values() if c.serial_number not in revoked]

    def _revoked(self) -> list[x509.RevokedCertificate]:
        path = self._folder / _REVOCATIONS
        try:
            return list(x509.load_pem_x509_crl(path.read_bytes()))
        except ValueError as error:
            raise AuthorityError(f"{path} holds no revocation list; want one in PEM") from error


def found_authority(folder: Path, site: str, now: datetime) -> Authority:
    """Return the authority in a folder; make it where the folder holds none.

    Raises
    ------
    AuthorityError
        If the folder holds files of one that cannot be used.
    OSError
        If they can be neither read nor written.
    """
    if not (folder / _KEY).exists() and not (folder / _CERTIFICATE).exists():
        _make_authority(folder, site, now)
    return Authority(folder, now)


def _make_authority(folder: Path, site: str, now: datetime) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"crswatch authority of {site}"[:64])  # X.520: at most 64 characters
    certificate = (
        _builder(name, name, key, now)
        .not_valid_after(now + timedelta(days=_AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_revocations(folder, key, certificate, now, [])
    write_whole(folder / _KEY, _key_text(key), PRIVATE)
    write_whole(folder / _CERTIFICATE, certificate.public_bytes(Encoding.PEM), PUBLIC)


def _write_revocations(
    folder: Path,
    key: ec.EllipticCurvePrivateKey,
    certificate: x509.Certificate,
    now: datetime,
    revoked: Iterable[x509.RevokedCertificate],
) -> None:
    """Write the list; it ends with the authority, as one that is over shuts everybody out."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(now - _BACKDATED)
        .next_update(certificate.not_valid_after_utc)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for entry in revoked:
        builder = builder.add_revoked_certificate(entry)
    text = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    write_whole(folder / _REVOCATIONS, text, PUBLIC)


def _revocation(serial: int, now: datetime) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder().serial_number(serial)
    return builder.revocation_date(now - _BACKDATED).build()


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .add_extension(own, critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _name_of(certificate: x509.Certificate) -> str:
    return str(certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _fingerprint(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def _key_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.stat().st_mode & _OTHERS:
        raise AuthorityError(f"{path} may be read by others than its owner; want mode 0600")
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise AuthorityError(f"{path} holds no private key in PEM without a password") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path} holds a key of another kind; want one of an elliptic curve")
    return key


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise AuthorityError(f"{path} holds no certificate in PEM") from error
