"""HL7 devices can have every fault that real ones have, and promise no more than they send."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.hl7.dialects import Missing
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.patients.vitals import TrueVitals
from tests.support.hl7_host import (
    ALL_OFF,
    DIALECTS,
    NORMAL,
    POWERED_AT,
    Dialogue,
    acknowledgement,
    at,
    first_report,
    pushing,
)


def test_x_on_values_of_a_device_that_means_it_promises_nothing() -> None:
    dialogue = pushing("northern_aquaris", x_on_everything=True)
    rows = first_report(dialogue).all("OBX")
    assert {at(row, 11) for row in rows} == {"X"}
    assert at(rows[0], 5) == "97"
    assert set(dialogue.told[0].values.values()) == {None}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_scaled_temperature_follows_the_true_one_and_promises_nothing(dialect: str) -> None:
    vitals = replace(NORMAL, temperature=38.5, temperature_site="")
    dialogue = pushing(dialect, vitals, scaled_temperature=True)
    values = [at(row, 5) for row in first_report(dialogue).all("OBX")]
    assert values.index("384.5") == values.index("38.5") + 1
    promised = {
        key: value
        for key, value in dialogue.told[0].values.items()
        if key.startswith("temperature")
    }
    assert list(promised.values()) == [38.5]


def test_a_duplicated_spo2_is_sent_twice() -> None:
    ours = first_report(pushing("mindray_egateway", duplicated_spo2=True))
    assert [at(row, 4) for row in ours.rows("150456")] == ["1.3.1.150456", "1.3.2.150456"]


def test_set_ids_can_be_missing() -> None:
    ours = first_report(pushing("mindray_egateway", no_set_ids=True))
    assert {at(row, 1) for row in ours.all("OBX")} == {""}


def test_zones_can_be_missing() -> None:
    ours = first_report(pushing("comen_nc5", zoneless_times=True, zone_minutes=60))
    assert at(ours.one("MSH"), 6) == "20250615160645"


def test_carbon_dioxide_under_the_code_of_spo2_changes_no_promise() -> None:
    dialogue = pushing("ge_carescape_gateway", ALL_OFF, co2_under_spo2_code=True)
    row = first_report(dialogue).row("150456")
    assert row[3:7] == ["150456^MDC_CO2_ET^MDC", "1.7.1.1", "35", "266016^MDC_DIM_MMHG^MDC"]
    assert dialogue.told[0].values["spo2"] is None


@pytest.mark.parametrize("vitals", [NORMAL, ALL_OFF])
def test_a_stale_cuff_reading_is_6_h_old_and_promises_nothing(vitals: TrueVitals) -> None:
    dialogue = pushing("intellibridge", vitals, stale_nibp=True)
    for patient_s in (5.0, 3600.0):
        row = dialogue.hear(patient_s)[-1].row("0002-4a05")
        assert (at(row, 5), at(row, 14)) == ("142", "20250615090640")
    assert {sent.values["nibp_systolic"] for sent in dialogue.told} == {None}
    assert dialogue.told[0].values["spo2"] == vitals.spo2


@pytest.mark.parametrize(
    ("missing", "found"),
    [
        (Missing.EMPTY, [("", "X")]),
        (Missing.NO_READING, [("", "R")]),
        (Missing.LARGE, [("8388607", "X")]),
        (Missing.NEGATIVE, [("-100", "F")]),
        (Missing.FULL_SCALE, [("32767", "R")]),
        (Missing.OMITTED, []),
    ],
)
def test_a_missing_value_can_be_said_in_any_way(
    missing: Missing, found: list[tuple[str, str]]
) -> None:
    dialogue = pushing("mindray_egateway", replace(NORMAL, spo2=None), missing=missing)
    rows = first_report(dialogue).rows("150456")
    assert [(at(row, 5), at(row, 11)) for row in rows] == found
    assert dialogue.told[0].values["spo2"] is None
    assert dialogue.told[0].values["heart_rate"] == 80.0


def test_a_device_can_hand_out_its_bytes_in_pieces() -> None:
    dialogue = pushing("mindray_egateway", in_pieces=True)
    pieces = [dialogue.raw(tenth / 10) for tenth in range(1, 400)]
    assert not any(piece == sent.wire for piece in pieces for sent in dialogue.told)
    assert b"".join(pieces) == b"".join(sent.wire for sent in dialogue.told)


def test_garbage_lies_between_messages_and_looks_like_none() -> None:
    dialogue = pushing("northern_aquaris", garbage_between=True)
    stream = dialogue.raw(50.0)
    for sent in dialogue.told:
        noise, _, stream = stream.partition(sent.wire)
        assert noise
        assert not set(noise) & {0x0B, 0x1C}
    assert stream == b""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_bytes_that_are_no_text_stand_where_nothing_depends_on_them(dialect: str) -> None:
    clean, bad = (pushing(dialect, bad_charset_bytes=quirk).raw(5.0) for quirk in (False, True))
    assert bad.count(b"\xff\xfe\x80") == 1
    assert bad.replace(b"\xff\xfe\x80", b"") == clean


def test_a_device_can_break_off_within_a_message_and_stay_silent() -> None:
    dialogue = Dialogue(Hl7Settings(dialect="edan_ehc", half_message_then_silence_at_s=10.0))
    (first,) = dialogue.hear(5.0)
    half = dialogue.raw(10.0)
    assert half.startswith(b"\x0bMSH|")
    assert b"\x1c" not in half
    assert dialogue.say(acknowledgement(first.control_id), 11.0) == []
    assert dialogue.raw(500.0) == b""
    assert len(dialogue.told) == 1


def test_no_alarm_follows_a_message_that_broke_off() -> None:
    dialogue = pushing("mindray_egateway", ALL_OFF, half_message_then_silence_at_s=0.0)
    assert dialogue.raw(5.0).count(b"MSH|") == 1
    assert dialogue.raw(100.0) == b""
    assert dialogue.told == []


def test_one_report_can_be_oversized() -> None:
    dialogue = pushing("mindray_egateway", oversized_at_s=10.0)
    sizes = [len(dialogue.raw(5.0 * count)) for count in range(1, 5)]
    assert [size > 200_000 for size in sizes] == [False, True, False, False]
    assert [sent.at.seconds_since(POWERED_AT) for sent in dialogue.told] == [5.0, 15.0, 20.0]
