"""The section of the nurses' board: beyond this machine with TLS and accounts, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config.board import is_loopback
from edge_agent.config.gateway_file import AgentConfig, accounts_path, parse_config
from edge_agent.model.errors import ConfigError

BASE = """
[gateway]
id = "gw-01"
site = "hospital"
ward = "cart-1"
[journal]
path = "crswatch.db"
[[beds]]
id = "bed-01"
port = "none"
driver = "nonin"
"""
TLS = 'tls_cert = "board.pem"\ntls_key = "board.key"\n'


def parsed(folder: Path, board: str) -> AgentConfig:
    return parse_config(f"{BASE}\n[board]\n{board}", source="x", folder=folder)


def mistakes(folder: Path, board: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parsed(folder, board)
    return [f"{mistake.key}: {mistake.message}" for mistake in caught.value.mistakes]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("board.pem", "board.key"):
        (tmp_path / name).touch()
    return tmp_path


def test_without_the_section_there_is_no_board(folder: Path) -> None:
    config = parse_config(BASE, source="x", folder=folder)
    assert config.board is None
    assert accounts_path(config) == folder / "crswatch.db.accounts"


def test_an_empty_section_serves_this_machine_alone(folder: Path) -> None:
    config = parsed(folder, "")
    assert config.board is not None
    assert (config.board.address, config.board.port, config.board.is_local) == (
        "127.0.0.1",
        8080,
        True,
    )
    assert config.board.station
    assert accounts_path(config) == folder / "crswatch.db.accounts"


def test_paths_start_at_the_folder_of_the_file(folder: Path) -> None:
    (folder / "protocol.toml").touch()
    config = parsed(folder, f'{TLS}accounts = "a/people"\nprotocol_file = "protocol.toml"\n')
    assert config.board is not None
    assert config.board.tls_cert == folder / "board.pem"
    assert config.board.protocol_file == folder / "protocol.toml"
    assert accounts_path(config) == folder / "a" / "people"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_neither_tls_nor_accounts(folder: Path, address: str) -> None:
    assert is_loopback(address)
    assert parsed(folder, f'address = "{address}"').board is not None


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "192.0.2.5", "fe80::1%eth0", "::ffff:127.0.0.1", "board.ward.example"],
)
def test_beyond_this_machine_both_are_needed_and_both_are_said(folder: Path, address: str) -> None:
    assert not is_loopback(address)
    tls, accounts = mistakes(folder, f'address = "{address}"')
    assert tls.startswith("board.tls_cert: is missing; the board at ")
    assert accounts.startswith(f"board.accounts: '{folder}/crswatch.db.accounts' is not there; ")
    assert "crswatch accounts add" in accounts
    (only,) = mistakes(folder, f'address = "{address}"\n{TLS}')
    assert only == accounts
    (folder / "crswatch.db.accounts").touch()
    (only,) = mistakes(folder, f'address = "{address}"')
    assert only == tls
    config = parsed(folder, f'address = "{address}"\n{TLS}')
    assert config.board is not None
    assert not config.board.is_local


def test_a_proxy_in_front_brings_others_so_accounts_are_needed(folder: Path) -> None:
    (only,) = mistakes(folder, 'proxies = ["127.0.0.1"]')
    assert only.startswith("board.accounts: ")
    (folder / "people").touch()
    config = parsed(folder, 'proxies = ["127.0.0.1", "192.0.2.0/28"]\naccounts = "people"')
    assert config.board is not None
    assert not config.board.is_local


def test_certificate_and_key_go_together(folder: Path) -> None:
    assert mistakes(folder, 'tls_cert = "board.pem"') == [
        "board.tls_cert: and board.tls_key go together"
    ]


@pytest.mark.parametrize("proxy", ["proxy.example", "0.0.0.0/0", "192.0.2.7/24", "", "::/1"])
def test_a_proxy_is_an_address_or_a_small_network(folder: Path, proxy: str) -> None:
    assert "board.proxies.0: " in "".join(mistakes(folder, f'proxies = ["{proxy}"]'))


def test_a_section_that_is_none_hides_no_other_mistake(folder: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"board = 3\n{BASE}", source="x", folder=folder)
    assert [mistake.key for mistake in caught.value.mistakes] == ["board"]
    text = BASE.replace('path = "crswatch.db"', "path = 7")
    with pytest.raises(ConfigError) as caught:
        parse_config(f'{text}[board]\naddress = "::"', source="x", folder=folder)
    keys = [mistake.key for mistake in caught.value.mistakes]
    assert sorted(keys) == ["board.tls_cert", "journal.path"]
