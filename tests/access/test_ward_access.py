"""Names that come without a session, as over MQTT: they count only from accounts with the role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.access.roles import Permission, Role
from tests.support.ward_accesses import NOW, ROOT, opened

if TYPE_CHECKING:
    from pathlib import Path


def test_everybody_may_answer_while_there_are_no_accounts(tmp_path: Path) -> None:
    with opened(tmp_path / "accounts") as ward:
        assert not ward.access.has_accounts()
        assert ward.access.may_answer("anybody") == ""


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("nurse 7", ""),
        ("NURSE 7 ", ""),
        ("boss", ""),
        ("nobody", "there is no account 'nobody'"),
        ("", "there is no account ''"),
        ("gone", "the account 'gone' is disabled"),
        ("guest", "'guest' has the role view; want charge or nurse"),
        ("tech", "'tech' has the role engineer; want charge or nurse"),
    ],
)
def test_with_accounts_an_answer_counts_from_nurses_and_charge_nurses(
    tmp_path: Path, by: str, reason: str
) -> None:
    with opened(tmp_path / "accounts") as ward:
        for name, role in {
            "nurse 7": Role.NURSE,
            "boss": Role.CHARGE,
            "gone": Role.CHARGE,
            "guest": Role.VIEW,
            "tech": Role.ENGINEER,
        }.items():
            ward.access.accounts.add(name, role, ROOT, NOW)
        ward.access.accounts.set_enabled("gone", ROOT, NOW, is_enabled=False)
        assert ward.access.may_answer(by) == reason
        assert bool(ward.access.why_not(by, Permission.READ_AUDIT)) == (by not in {"boss", "tech"})
