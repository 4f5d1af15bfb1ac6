"""The table of permissions, as the ward's staff would read it."""

from __future__ import annotations

import pytest

from edge_agent.access.roles import HOLDERS, Permission, Role, may

ALLOWED = {
    Role.VIEW: "view",
    Role.NURSE: "view answer enter pause_audio hand_over test_chain",
    Role.CHARGE: (
        "view answer enter pause_audio hand_over test_chain read_audit set_up_station lift_lock"
    ),
    Role.ENGINEER: "view test_chain read_audit set_up_station lift_lock manage_accounts",
}


@pytest.mark.parametrize("role", Role)
def test_a_role_allows_what_the_table_says_and_nothing_else(role: Role) -> None:
    found = {permission for permission in Permission if may(role, permission)}
    assert found == {Permission(name) for name in ALLOWED[role].split()}


def test_an_engineer_never_answers_for_a_patient() -> None:
    assert not may(Role.ENGINEER, Permission.ANSWER)
    assert not may(Role.ENGINEER, Permission.ENTER)


def test_every_permission_has_a_holder() -> None:
    assert HOLDERS.keys() == set(Permission)
    assert all(HOLDERS.values())
