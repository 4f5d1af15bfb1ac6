"""A client's login at the broker, with what a ward may have put into the files."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge_agent.clients.mqtt_login import log_in
from edge_agent.clients.tls import tls_context
from edge_agent.model.errors import ConfigError


@dataclass(frozen=True)
class Login:
    """The broker's part of a configuration."""

    username: str = ""
    password_file: Path | None = None
    tls_ca: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "ca.pem", folder / "ca.key"
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
    words += f"-subj /CN=ward -keyout {key} -out {cert}"
    subprocess.run(words.split(), check=True, capture_output=True)
    return cert, key


def refusal(login: Login) -> str:
    with pytest.raises(ConfigError) as caught:
        tls_context(login)
    return str(caught.value)


def test_a_password_is_the_first_line_of_its_file_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"\xef\xbb\xbfs3cret\r\n")
    client = Client(CallbackAPIVersion.VERSION2)
    log_in(client, Login("gw", path))
    assert client.username == "gw"
    assert client.password == "s3cret"


def test_a_password_that_cannot_be_read_is_named_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes("s3cret".encode("utf-16"))
    with pytest.raises(ConfigError, match="saved as UTF-16"):
        log_in(Client(CallbackAPIVersion.VERSION2), Login("gw", path))


def test_certificates_that_fit_are_taken(pair: tuple[Path, Path]) -> None:
    cert, key = pair
    assert tls_context(Login()) is None
    assert tls_context(Login(tls_ca=cert)) is not None
    assert tls_context(Login(tls_ca=cert, tls_cert=cert, tls_key=key)) is not None


def test_each_file_that_does_not_serve_is_named_with_the_reason(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    cert, key = pair
    none = tmp_path / "note.txt"
    none.write_text("no certificate")
    gone = tmp_path / "gone.pem"
    assert refusal(Login(tls_ca=none)).startswith(f"{none}: cannot be used: NO_CERTIFICATE")
    assert refusal(Login(tls_ca=gone)).startswith(f"{gone}: cannot be used: No such file")
    swapped = refusal(Login(tls_ca=cert, tls_cert=key, tls_key=cert))
    assert swapped.startswith(f"{key} and {cert}: cannot be used")
    assert "a certificate in PEM and its own key" in swapped
    missing = refusal(Login(tls_ca=cert, tls_cert=cert, tls_key=gone))
    assert missing.startswith(f"{gone}: cannot be used: No such file")


def test_a_key_with_a_pass_phrase_is_refused_and_nobody_is_asked(
    pair: tuple[Path, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cert, key = pair
    locked = tmp_path / "locked.key"
    words = f"openssl ec -in {key} -aes128 -passout pass:ward -out {locked}"
    subprocess.run(words.split(), check=True, capture_output=True)
    assert "without a pass phrase" in refusal(Login(tls_ca=cert, tls_cert=cert, tls_key=locked))
    assert capfd.readouterr().err == ""
