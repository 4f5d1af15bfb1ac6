"""The ward's accounts beside a running gateway: made later, damaged, and needed by a far board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from edge_agent.access.roles import Permission, Role
from edge_agent.config.board import BoardSection, accounts_beside
from edge_agent.config.gateway_file import AgentConfig, BedSection, GatewaySection, JournalSection
from edge_agent.gateway.admission import Admission, refuse_unsafe_board
from edge_agent.model.errors import ConfigError
from tests.support.ward_accesses import CHEAP, NOW, ROOT, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_accounts_count_from_the_moment_the_first_one_is_made(tmp_path: Path) -> None:
    path = tmp_path / "accounts"
    admission = Admission(path, lambda _act: None, CHEAP)
    assert admission.access() is None
    assert admission.why_not("anybody", Permission.ANSWER) == ""
    assert not path.exists()
    with opened(path) as ward:
        assert admission.why_not("anybody", Permission.ANSWER) == ""
        ward.person("nurse 7")
        assert "there is no account" in admission.why_not("anybody", Permission.ANSWER)
        assert admission.why_not("nurse 7", Permission.ANSWER) == ""
        assert admission.role_of("Nurse 7") == "nurse"
        assert admission.role_of("anybody") == ""
    access = admission.access()
    assert access is not None
    access.file.close()


def test_while_the_accounts_cannot_be_read_nobody_may_answer_by_name(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "accounts"
    with opened(path) as ward:
        ward.person("nurse 7")
    path.chmod(0o644)
    admission = Admission(path, lambda _act: None, CHEAP)
    for _ in range(3):
        said = admission.why_not("nurse 7", Permission.ANSWER)
        assert said.startswith("the accounts cannot be read: ")
        assert "want mode 0600" in said
    assert len(caplog.records) == 1
    path.chmod(0o600)
    assert admission.why_not("nurse 7", Permission.ANSWER) == ""
    access = admission.access()
    assert access is not None
    access.file.close()


def config(folder: Path, board: BoardSection | None) -> AgentConfig:
    bed = BedSection(id="bed-01", port="none", driver="nonin")
    gateway = GatewaySection(id="gw-01", site="site", ward="ward")
    return AgentConfig(gateway, JournalSection(folder / "journal.db"), (bed,), board=board)


def refusal(folder: Path, board: BoardSection | None) -> str:
    try:
        refuse_unsafe_board(config(folder, board), "x")
    except ConfigError as error:
        return str(error)
    return ""


def test_a_certificate_that_does_not_go_with_its_key_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA()
    one, other = authority.issue_cert("board.example"), authority.issue_cert("other.example")
    one.private_key_pem.write_to_path(tmp_path / "one.key")
    one.cert_chain_pems[0].write_to_path(tmp_path / "one.pem")
    other.cert_chain_pems[0].write_to_path(tmp_path / "other.pem")
    (tmp_path / "noise.pem").write_text("my notes")
    key = tmp_path / "one.key"
    assert refusal(tmp_path, BoardSection(tls_cert=tmp_path / "one.pem", tls_key=key)) == ""
    for name in ("other.pem", "noise.pem"):
        said = refusal(tmp_path, BoardSection(tls_cert=tmp_path / name, tls_key=key))
        assert said.startswith(f"x: board.tls_cert: with {key} cannot be used: ")
        assert said.endswith("want a certificate and its key, PEM")


FAR = BoardSection(address="192.0.2.5")


def test_a_board_for_this_machine_needs_no_account(tmp_path: Path) -> None:
    assert refusal(tmp_path, None) == ""
    assert refusal(tmp_path, BoardSection()) == ""
    assert refusal(tmp_path, BoardSection(proxies=("127.0.0.1",))) != ""


def test_a_board_for_others_needs_an_account_that_can_answer(tmp_path: Path) -> None:
    path = accounts_beside(tmp_path / "journal.db")
    wanted = "has no enabled account of a nurse"
    assert wanted in refusal(tmp_path, FAR)
    with opened(path) as ward:
        assert wanted in refusal(tmp_path, FAR)
        ward.person("tech", Role.ENGINEER)
        assert wanted in refusal(tmp_path, FAR)
        ward.person("nurse 7")
        assert refusal(tmp_path, FAR) == ""
        ward.access.accounts.set_enabled("nurse 7", ROOT, NOW, is_enabled=False)
        assert wanted in refusal(tmp_path, FAR)
    path.chmod(0o644)
    assert "want mode 0600" in refusal(tmp_path, FAR)
