"""Certificates of a made authority, as files."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: an authority, and a client's certificate with its key."""

    ca: Path
    client: Path
    client_key: Path
    authority: trustme.CA

    def server(self, host: str = "127.0.0.1", *, wants_client: bool = False) -> ssl.SSLContext:
        """Return the settings of a server with a certificate for `host`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(host).configure_cert(context)
        if wants_client:
            self.authority.configure_trust(context)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def made_certificates(folder: Path) -> Certificates:
    """Return certificates of a new authority, in a folder that may be new."""
    folder.mkdir(exist_ok=True)
    authority = trustme.CA()
    ca, client, key = (folder / name for name in ("ca.pem", "client.pem", "client.key"))
    authority.cert_pem.write_to_path(ca)
    own = authority.issue_cert("gw-1.ward.example")
    own.cert_chain_pems[0].write_to_path(client)
    own.private_key_pem.write_to_path(key)
    return Certificates(ca, client, key, authority)
