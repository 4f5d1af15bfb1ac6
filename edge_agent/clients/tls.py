"""TLS settings of a client, from files in PEM."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Protocol

from edge_agent.model.errors import ConfigError, Mistake


class TlsFiles(Protocol):
    """Certificates, any of which may be missing."""

    @property
    def tls_ca(self) -> Path | None:
        """Certificate authority of the server; None for a line without TLS."""

    @property
    def tls_cert(self) -> Path | None:
        """Our certificate; None where the server wants none."""

    @property
    def tls_key(self) -> Path | None:
        """Key of our certificate."""


def tls_context(files: TlsFiles) -> ssl.SSLContext | None:
    """Return the TLS settings of these files, None for a line without TLS.

    Raises
    ------
    ConfigError
        If a certificate or key cannot be read, or the two do not belong together.
    """
    if files.tls_ca is None:
        return None
    try:
        context = ssl.create_default_context(cafile=files.tls_ca)
    except (OSError, ValueError) as error:
        raise _refused(files.tls_ca, error, "a certificate authority in PEM") from error
    if files.tls_cert is not None:
        try:
            # A key that asks for a pass phrase would wait for one at the terminal.
            context.load_cert_chain(files.tls_cert, files.tls_key, password="")
        except (OSError, ValueError) as error:
            for path in (files.tls_cert, files.tls_key):
                _check_readable(path)
            pair = f"{files.tls_cert} and {files.tls_key}"
            wanted = "a certificate in PEM and its own key, without a pass phrase"
            raise _refused(pair, error, wanted) from error
    return context


def _check_readable(path: Path | None) -> None:
    if path is None:
        return
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise _refused(path, error, "a file that this user may read") from error


def _refused(what: Path | str, error: Exception, wanted: str) -> ConfigError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    return ConfigError((Mistake(str(what), "-", f"cannot be used: {reason}; want {wanted}"),))
