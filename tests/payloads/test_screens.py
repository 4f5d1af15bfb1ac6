"""Reports on screens on the wire: bounded, and refused as a whole where anything is wrong."""

from __future__ import annotations

import json

import pytest

from edge_agent.model.answers import SeenAlert
from edge_agent.model.oversight import BoardReport, OpenedProblem, ScreenReport
from edge_agent.payloads.screens import encode_screens, parse_screens

SEEN = (SeenAlert("a-1", 3), SeenAlert("a-2", 1))
WALL = ScreenReport("wall", can_sound=True, is_awake=True, age_s=2.5, shows=SEEN)
REPORT = BoardReport((WALL,), (OpenedProblem("nurse 7", SEEN), OpenedProblem("", SEEN[:1])))


def altered(**fields: object) -> bytes:
    """Return a report whose one screen has other fields."""
    screen = {"name": "wall", "can_sound": True, "is_awake": True, "age_s": 0.0, "shows": []}
    return json.dumps({"screens": [screen | fields]}).encode()


def shows(number: int, alert_id: str = "a", n: int = 1) -> list[dict[str, object]]:
    return [{"alert_id": alert_id, "n": n}] * number


def test_a_report_is_read_as_it_was_written() -> None:
    assert parse_screens(encode_screens(REPORT)) == REPORT
    assert parse_screens(encode_screens(BoardReport())) == BoardReport()


def test_the_wire_form_is_fixed() -> None:
    report = BoardReport((WALL,), (OpenedProblem("nurse 7", SEEN[:1]),))
    assert json.loads(encode_screens(report)) == {
        "screens": [
            {
                "name": "wall",
                "can_sound": True,
                "is_awake": True,
                "age_s": 2.5,
                "shows": [{"alert_id": "a-1", "n": 3}, {"alert_id": "a-2", "n": 1}],
            }
        ],
        "opened": [{"by": "nurse 7", "seen": [{"alert_id": "a-1", "n": 3}]}],
        "schema": 1,
    }


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"", "want screens"),
        (b"{}", "want screens"),
        (b"[" * 100_000, "want screens"),
        (b"\xff\xfe", "want screens"),
        (b" " * 0x40001, "at most 262144 allowed"),
        (altered(can_sound=1), "Expected `bool`"),
        (altered(name=""), "want 1 to 80 visible characters"),
        (altered(name="wall\n"), "want 1 to 80 visible characters"),
        (altered(age_s=-0.1), "age_s is -0.1"),
        (altered(age_s=60.1), "want 0 to 60 s"),
        (altered(shows=shows(65)), "at most 64 in one list"),
        (altered(shows=shows(1, alert_id="")), "want the id of an alert"),
        (altered(shows=shows(1, alert_id="ä")), "want the id of an alert"),
        (altered(shows=shows(1, n=-1)), "with n -1"),
        (altered(shows=shows(1, n=10**30)), "want"),
        (json.dumps({"screens": [json.loads(altered())["screens"][0]] * 129}).encode(), "129 scr"),
        (
            json.dumps({"screens": json.loads(altered(shows=shows(64)))["screens"] * 9}).encode(),
            "576 alerts",
        ),
        (b'{"screens": [], "opened": [{"by": "a\\u202eb", "seen": []}]}', "visible characters"),
        (
            json.dumps({"screens": [], "opened": [{"by": "", "seen": []}] * 65}).encode(),
            "65 opened problems",
        ),
    ],
)
def test_a_report_with_a_mistake_is_refused(payload: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_screens(payload)
    assert len(str(caught.value)) < 500


def test_whatever_a_board_holds_its_report_is_valid_and_fits_a_packet() -> None:
    alerts = tuple(SeenAlert('"' * 159 + chr(33 + i % 90), 2**53) for i in range(100))
    wild = (SeenAlert("ä", 1), SeenAlert("x", -1), SeenAlert("", 1), *alerts)
    screens = [
        ScreenReport(name, can_sound=True, is_awake=True, age_s=age_s, shows=wild)
        for name, age_s in [
            ("𝄞" * 90, 1.0),
            ("\u202e", -1.0),
            ("a\x00b ", 99.0),
            *[("w", 0.0)] * 150,
        ]
    ]
    opened = [OpenedProblem("𝄞" * 90, wild)] * 80
    payload = encode_screens(BoardReport(tuple(screens), tuple(opened)))
    assert len(payload) < 262_144 - 200
    found = parse_screens(payload)
    assert [screen.name for screen in found.screens[:3]] == ["𝄞" * 80, "?", "ab"]
    assert [screen.age_s for screen in found.screens[:3]] == [1.0, 0.0, 60.0]
    assert (len(found.screens), len(found.opened)) == (128, 64)
    assert found.screens[0].shows == alerts[:2], "the newest first"
