"""Log-ins: who gets in, who does not, and where PINs and badges count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.access.accounts import Account
from edge_agent.access.lockout import FOREVER_S
from edge_agent.access.log_in_results import LoggedIn, Place, Refusal, Refused
from edge_agent.access.roles import Role
from edge_agent.access.session_rules import SessionKind
from edge_agent.model.audit import Act
from tests.support.ward_accesses import (
    NOW,
    OTHER_PASSWORD,
    PASSWORD,
    PHONE,
    PIN,
    ROOT,
    Ward,
    badge_of,
    opened,
)

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "gravel soup lantern nineteen"
NOWHERE = Place("203.0.113.9")


def test_the_right_password_opens_a_session_and_is_recorded(ward: Ward) -> None:
    found = ward.access.log_ins.by_password(" Nurse 7", PASSWORD, PHONE, NOW)
    assert isinstance(found, LoggedIn)
    assert found.visitor.session.kind is SessionKind.PERSONAL
    assert found.visitor.session.address == "192.0.2.7"
    (act,) = ward.acts
    assert (act.act, act.by, act.role, act.via) == (
        Act.LOG_IN,
        "nurse 7",
        "nurse",
        "board 192.0.2.7",
    )
    assert act.subject == found.visitor.session.session_id
    assert dict(act.detail) == {"method": "password"}


@pytest.mark.parametrize(
    ("person", "password"),
    [
        ("nurse 7", OTHER_PASSWORD),
        ("nurse 7", ""),
        ("nurse 7", PASSWORD[:-1]),
        ("nurse 7", PASSWORD + " "),
        ("nurse 9", PASSWORD),
        ("", ""),
        ("\ud800", "\ud800"),
        ("nurse 7", "x" * 100_000),
        ("x" * 100_000, PASSWORD),
        ("disabled", PASSWORD),
        ("without", ""),
    ],
)
def test_a_wrong_name_or_password_gets_one_answer(ward: Ward, person: str, password: str) -> None:
    ward.person("disabled")
    ward.access.accounts.set_enabled("disabled", ROOT, NOW, is_enabled=False)
    ward.access.accounts.add("without", Role.NURSE, ROOT, NOW)
    ward.acts.clear()
    found = ward.access.log_ins.by_password(person, password, PHONE, NOW)
    assert found == Refused(Refusal.WRONG)
    (act,) = ward.acts
    assert act.act == Act.LOG_IN_FAILED
    assert act.by in {"nurse 7", "without", ""}


def test_a_name_that_is_none_is_kept_nowhere(ward: Ward, tmp_path: Path) -> None:
    """People type their password into the field of the name."""
    for _ in range(6):
        ward.access.log_ins.by_password(OTHER_PASSWORD, "", PHONE, NOW)
    assert OTHER_PASSWORD not in repr(ward.acts)
    whole = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert OTHER_PASSWORD.encode() not in whole


def test_pins_and_badges_count_at_a_shared_screen_only(ward: Ward) -> None:
    refused = Refused(Refusal.NO_STATION)
    personal = Place("192.0.2.7", ward.log_in("nurse 7").token)
    for place in (PHONE, personal, Place("192.0.2.50", "made up")):
        assert ward.access.log_ins.by_pin("nurse 7", PIN, place, NOW) == refused
        assert ward.access.log_ins.by_badge(badge_of("nurse 7"), place, NOW) == refused
    place = ward.station()
    ward.acts.clear()
    by_pin = ward.access.log_ins.by_pin("nurse 7", PIN, place, NOW)
    by_badge = ward.access.log_ins.by_badge(badge_of("nurse 8"), place, NOW)
    assert isinstance(by_pin, LoggedIn)
    assert isinstance(by_badge, LoggedIn)
    assert [v.visitor.person_id for v in (by_pin, by_badge)] == ["nurse 7", "nurse 8"]
    assert [dict(act.detail)["method"] for act in ward.acts] == ["PIN", "badge"]
    ward.access.sessions.end(place.station_token)
    assert ward.access.log_ins.by_pin("nurse 7", PIN, place, NOW) == refused


def test_one_act_can_be_named_without_a_session(ward: Ward) -> None:
    place = ward.station()
    before = len(ward.access.sessions.open_ones(NOW))
    by_pin = ward.access.log_ins.identify_by_pin("nurse 7", PIN, place, NOW)
    by_badge = ward.access.log_ins.identify_by_badge(badge_of("boss"), place, NOW)
    assert isinstance(by_pin, Account)
    assert isinstance(by_badge, Account)
    assert (by_pin.person_id, by_badge.role) == ("nurse 7", Role.CHARGE)
    assert len(ward.access.sessions.open_ones(NOW)) == before


def test_five_wrong_pins_block_the_pin_until_password_or_badge(ward: Ward) -> None:
    place = ward.station()
    log_ins = ward.access.log_ins
    found = [log_ins.by_pin("nurse 7", f"7{n}93", place, NOW) for n in range(6)]
    assert [one.why for one in found if isinstance(one, Refused)] == [Refusal.WRONG] * 5 + [
        Refusal.PIN_BLOCKED
    ]
    much_later = NOW.plus(20 * 86_400)
    blocked = log_ins.by_pin("nurse 7", PIN, place, much_later)
    assert blocked == Refused(Refusal.PIN_BLOCKED, FOREVER_S)
    assert isinstance(log_ins.by_pin("nurse 8", PIN, place, much_later), LoggedIn)
    assert isinstance(log_ins.by_badge(badge_of("nurse 7"), place, much_later), LoggedIn)
    assert isinstance(log_ins.by_pin("nurse 7", PIN, place, much_later), LoggedIn)
    for n in range(5):
        log_ins.by_pin("nurse 7", f"7{n}93", place, much_later)
    assert isinstance(log_ins.by_password("nurse 7", PASSWORD, place, much_later), LoggedIn)
    assert isinstance(log_ins.by_pin("nurse 7", PIN, place, much_later), LoggedIn)


@pytest.mark.parametrize("person", ["without", "nobody", "disabled"])
def test_an_account_without_a_pin_has_none_that_is_right(ward: Ward, person: str) -> None:
    ward.access.accounts.add("without", Role.NURSE, ROOT, NOW)
    ward.person("disabled")
    place = ward.station()
    ward.access.accounts.set_enabled("disabled", ROOT, NOW, is_enabled=False)
    for pin in ("", PIN, "a hash that no account has", "9" * 1000):
        found = ward.access.log_ins.by_pin(person, pin, place, NOW)
        assert found == Refused(Refusal.WRONG)
    found = ward.access.log_ins.by_badge(badge_of(person), place, NOW)
    assert found == Refused(Refusal.WRONG)


def test_badges_that_are_none_are_delayed_at_their_screen_for_a_minute_at_most(ward: Ward) -> None:
    place, other = ward.station(), ward.station("door")
    log_ins = ward.access.log_ins
    found = [log_ins.by_badge(f"00000{n}", place, NOW) for n in range(12)]
    assert [one.why for one in found if isinstance(one, Refused)] == [Refusal.WRONG] * 11 + [
        Refusal.WAIT
    ]
    assert isinstance(log_ins.by_badge(badge_of("nurse 7"), other, NOW), LoggedIn)
    assert isinstance(log_ins.by_badge(badge_of("nurse 7"), place, NOW.plus(60)), LoggedIn)


def test_only_a_leading_role_sets_up_a_shared_screen_and_is_logged_out_by_it(ward: Ward) -> None:
    nurse = ward.log_in("nurse 7").token
    set_up = ward.access.log_ins.set_up_station
    assert set_up(nurse, "desk", PHONE, NOW) == Refused(Refusal.NOT_ALLOWED)
    assert set_up("", "desk", PHONE, NOW) == Refused(Refusal.NOT_ALLOWED)
    charge = ward.log_in("boss").token
    ward.acts.clear()
    found = set_up(charge, "desk", PHONE, NOW)
    assert isinstance(found, LoggedIn)
    assert found.visitor.session.name == "desk"
    assert ward.access.sessions.check(charge, NOW) is None
    assert ward.recorded() == [(Act.STATION_SET_UP, "boss", "desk")]
    again = set_up(found.token, "door", PHONE, NOW)
    assert again == Refused(Refusal.NOT_ALLOWED)


def test_an_account_that_is_disabled_during_the_log_in_gets_no_session(
    ward: Ward, tmp_path: Path
) -> None:
    """The accounts change while the hash is made: by another program, as in life."""
    log_ins = ward.access.log_ins
    account = ward.access.accounts.find("nurse 7")
    assert account is not None
    with opened(tmp_path / "accounts") as command:
        command.access.accounts.set_enabled("nurse 7", ROOT, NOW, is_enabled=False)
    found = log_ins._begun(account, SessionKind.PERSONAL, "password", PHONE, NOW)
    assert found == Refused(Refusal.WRONG)
    assert ward.acts == []
