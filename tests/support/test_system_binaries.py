"""A missing program of the system skips with its reason, and fails where CI promises it."""

from __future__ import annotations

import pytest

from tests.support.system_binaries import system_binary


def test_a_missing_program_skips_on_a_person_s_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Debian package nothing"):
        system_binary("nothing-here", "nothing")


def test_a_missing_program_fails_where_ci_promises_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must run this test"):
        system_binary("nothing-here", "nothing")
