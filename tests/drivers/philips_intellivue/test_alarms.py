"""The monitor's alarms keep their priority, partition, state and text."""

from __future__ import annotations

import pytest

from edge_agent.drivers.philips_intellivue.alarms import AlarmLists, updated
from edge_agent.drivers.philips_intellivue.polls import PolledObject
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError
from tests.drivers.philips_intellivue.monitor import alarm, listed

EMPTY = listed()


def lists(patient: bytes | None, technical: bytes | None = None) -> AlarmLists:
    attributes = {0x0902: patient, 0x0904: technical}
    polled = PolledObject(0x83C0, {k: v for k, v in attributes.items() if v is not None})
    found = updated(None, polled)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "priority", "is_technical"),
    [
        (0x0000, "", None),
        (0x0001, "low", True),
        (0x0002, "medium", True),
        (0x0004, "high", True),
        (0x0100, "low", False),
        (0x0200, "medium", False),
        (0x0400, "high", False),
        (0x0800, "high", True),
    ],
)
def test_the_type_gives_priority_and_kind(
    kind: int, priority: str, *, is_technical: bool | None
) -> None:
    (found,) = lists(listed(alarm(0x003E, kind, 0))).all
    assert (found.priority, found.is_technical) == (priority, is_technical)


def test_the_lowest_bit_of_the_code_tells_the_partition_of_the_source() -> None:
    metric, from_object = lists(listed(alarm(0x003E, 0x0200, 0), alarm(0x003F, 0x0200, 0))).all
    assert (metric.source_code, metric.event_code) == (150456, 196670)
    assert (from_object.source_code, from_object.event_code) == (0x14BB8, 196670)
    assert metric.channel == "83B5"


@pytest.mark.parametrize(
    ("state", "is_usable"),
    [
        (0x0000, True),
        (0x0008, True),
        (0x1000, True),
        (0xE000, True),
        (0x0400, False),
        (0x0200, False),
        (0x0100, False),
    ],
)
def test_alarms_of_test_demo_and_standby_are_not_usable(state: int, *, is_usable: bool) -> None:
    (found,) = lists(listed(alarm(0x003E, 0x0200, state))).all
    assert (found.state, found.is_usable) == (state, is_usable)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("\ue40d\ue40d SpO\u2082   LOW     ", "** SpO\u2082   LOW     "),
        ("\ue40d\ue40d\ue40d ASYSTOLE", "*** ASYSTOLE"),
        ("\ue000 \ue4ff \uf8ff", "\ufffd \ufffd \ufffd"),
        ("\U000f0000 LOW", "\ufffd LOW"),  # from a plane of private use
        ("HR über 120 \0\0", "HR über 120 "),
        (None, ""),
    ],
)
def test_text_is_as_the_monitor_shows_it_without_private_use_characters(
    sent: str | None, shown: str
) -> None:
    entry = alarm(0x003E, 0x0200, 0, text=sent)
    (found,) = lists(listed(entry)).all
    assert found.text == shown


def test_a_list_that_is_left_out_stays_as_it_was() -> None:
    one = listed(alarm(0x003E, 0x0200, 0))
    before = lists(one, EMPTY)
    technical_only = PolledObject(0x83C0, {0x0904: one})
    after = updated(before, technical_only)
    assert after is not None
    assert after.patient == before.patient
    assert len(after.all) == 2
    patient_only = PolledObject(0x83C0, {0x0902: EMPTY})
    assert updated(after, patient_only) == AlarmLists((), after.technical)


def test_objects_without_a_list_report_nothing() -> None:
    assert updated(None, PolledObject(0x83C0, {0x0916: b""})) is None


def test_a_list_that_announces_too_much_is_malformed() -> None:
    with pytest.raises(MalformedMessageError):
        lists(b"\x00\x02" + listed(alarm(0x003E, 0x0200, 0))[2:])
