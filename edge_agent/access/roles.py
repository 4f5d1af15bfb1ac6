"""Roles of the staff, and the acts that each allows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Role of an account."""

    VIEW = "view"
    """Sees the ward; also the role of a shared screen until somebody gives a name."""
    NURSE = "nurse"
    CHARGE = "charge"
    """Nurse in charge of a shift: everything a nurse may do, and more."""
    ENGINEER = "engineer"
    """Looks after gateway and accounts; never answers for a patient."""


class Permission(StrEnum):
    """Acts that need a permission; a route of the board names exactly one."""

    VIEW = "view"
    """Seeing beds, alerts, trends and history, and reporting what a screen shows."""
    ANSWER = "answer"
    """Acknowledging, rejecting and silencing alerts, and marking them as seen."""
    ENTER = "enter"
    """Entering facts about a patient, and sending a patient away from the bed for a while."""
    PAUSE_AUDIO = "pause_audio"
    HAND_OVER = "hand_over"
    TEST_CHAIN = "test_chain"
    """Raising a test alert."""
    READ_AUDIT = "read_audit"
    SET_UP_STATION = "set_up_station"
    """Turning a screen into a shared one, where people give name and PIN, or a badge."""
    LIFT_LOCK = "lift_lock"
    """Opening a locked account to the person whose badge is there."""
    MANAGE_ACCOUNTS = "manage_accounts"


_CARE: Final = frozenset({Role.NURSE, Role.CHARGE})
_LEAD: Final = frozenset({Role.CHARGE, Role.ENGINEER})
HOLDERS: Final[Mapping[Permission, frozenset[Role]]] = {
    Permission.VIEW: frozenset(Role),
    Permission.ANSWER: _CARE,
    Permission.ENTER: _CARE,
    Permission.PAUSE_AUDIO: _CARE,
    Permission.HAND_OVER: _CARE,
    Permission.TEST_CHAIN: _CARE | {Role.ENGINEER},
    Permission.READ_AUDIT: _LEAD,
    Permission.SET_UP_STATION: _LEAD,
    Permission.LIFT_LOCK: _LEAD,
    Permission.MANAGE_ACCOUNTS: frozenset({Role.ENGINEER}),
}
"""Roles that hold each permission."""


def may(role: Role, permission: Permission) -> bool:
    """Return True if a role allows an act."""
    return role in HOLDERS[permission]
