"""Each dialect is written field by field as the devices themselves write it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.hl7.dialects import DIALECTS as TABLES
from simulators.monitors.hl7.settings import Hl7Settings
from simulators.patients.vitals import Cuff, TrueVitals
from tests.support.hl7_host import (
    ALL_OFF,
    DIALECTS,
    NORMAL,
    Dialogue,
    Message,
    at,
    first_report,
    pushing,
    query,
    read,
)
from tests.support.shared_data import shared_data


def sample(name: str) -> Message:
    (message,) = read(shared_data(f"captures/samples/hl7/{name}").read_bytes())
    return message


def shape(text: str) -> str:
    """Return a field with digits, dots and letters that vary from device to device as one sign."""
    return "".join("9" if sign in "0123456789ABCDEFG" else sign for sign in text)


def assert_same_rows(ours: Message, theirs: Message, *, instead: dict[str, str]) -> None:
    """Compare every row of theirs with ours, where `instead` says what ours has for a field."""
    for row in theirs.all("OBX"):
        (mine,) = [
            mine
            for mine in ours.all("OBX")
            if at(mine, 3) == at(row, 3) and at(mine, 4) == at(row, 4)
        ]
        assert len(mine) == len(row)
        for number, (own, real) in enumerate(zip(mine, row, strict=True)):
            if number == 18:
                assert own.count("^") == real.count("^")
            elif number == 14:
                assert shape(own) == shape(real)
            else:
                assert own == instead.get(real, real), (number, row)


def assert_same_head(ours: Message, theirs: Message, but: set[tuple[str, int]]) -> None:
    """Compare the segments ahead of the rows; fields in `but` only in their shape or not at all."""
    heads = [[s for s in message.segments if s[0] != "OBX"] for message in (ours, theirs)]
    for mine, real in zip(*heads, strict=True):
        assert mine[0] == real[0]
        assert len(mine) == len(real), mine[0]
        for number, (own, wanted) in enumerate(zip(mine, real, strict=True)):
            if (mine[0], number) not in but:
                assert shape(own) == shape(wanted), (mine[0], number)


def test_a_mindray_report_has_the_fields_of_a_recorded_one() -> None:
    theirs = sample("mindray_egateway.mllp")
    vitals = TrueVitals(66, 65, 98, None, 17, None, "core", None)
    ours = first_report(pushing("mindray_egateway", vitals, zone_minutes=330))
    assert_same_rows(ours, theirs, instead={"19": "17"})
    assert [at(row, 1) for row in ours.all("OBX")] == ["1", "2", "4", "5", "13"]
    assert_same_head(ours, theirs, {("PV1", 3), ("MSH", 9), ("OBR", 2), ("OBR", 3)})
    assert at(ours.one("PV1"), 3).startswith("ICU^^5^")
    assert at(ours.one("MSH"), 2).split("^")[0::2] == ["MINDRAY_EGATEWAY", "EUI-64"]


def test_a_comen_report_has_the_fields_of_a_recorded_one() -> None:
    theirs = sample("comen_nc5.mllp")
    vitals = TrueVitals(None, 59, 97, None, 20, 37.0, "core", Cuff(120, 90, 80, 0.0))
    dialogue = pushing("comen_nc5", vitals, zone_minutes=480, place="^^&10")
    ours = first_report(dialogue)
    assert_same_rows(ours, theirs, instead={})
    assert_same_head(ours, theirs, {("PID", 3), ("PID", 10)})
    assert at(ours.one("PV1"), 3) == "^^&10"
    order = [at(row, 4) for row in ours.all("OBX") if at(row, 4) != "1.7.4.147842"]
    assert order == [at(row, 4) for row in theirs.all("OBX")]


def test_a_northern_report_has_the_fields_of_a_recorded_one() -> None:
    theirs = sample("northern_aquaris.mllp")
    vitals = TrueVitals(None, None, None, None, None, 38.5, "core", Cuff(142, 114, 100, 0.0))
    ours = first_report(pushing("northern_aquaris", vitals, scaled_temperature=True, place="^^"))
    assert_same_rows(ours, theirs, instead={})
    assert_same_head(ours, theirs, {("PID", 3), ("OBR", 7)})
    assert [at(row, 1) for row in ours.all("OBX")][:7] == ["1", "2", "3", "4", "3", "4", "5"]


def test_a_mindray_alarm_has_the_facets_of_a_recorded_one() -> None:
    theirs = sample("mindray_r40_leadoff.mllp")
    dialogue = pushing("mindray_egateway", replace(NORMAL, heart_rate=None), zone_minutes=480)
    _, ours = dialogue.hear(5.0)
    assert_same_rows(ours, theirs, instead={})
    assert len(ours.all("OBX")) == len(theirs.all("OBX"))
    assert ours.kind == "ORU^R40^ORU_R40"
    assert shape(at(ours.one("MSH"), 6)) == shape(at(theirs.one("MSH"), 6))
    assert at(ours.one("PV1"), 3).startswith("ICU^^5")


def test_a_ge_report_names_its_parts_its_device_and_its_zone() -> None:
    ours = first_report(pushing("ge_carescape_gateway", zone_minutes=60))
    header = ours.one("MSH")
    assert at(header, 6) == "20250615160645+0100"
    assert [at(header, number) for number in (14, 15, 17)] == ["NE", "AL", "UNICODE UTF-8"]
    assert at(ours.one("PID"), 5).startswith("УДАЛЕНО^")
    parts = [row for row in ours.all("OBX") if at(row, 2) == ""]
    assert [at(row, 11) for row in parts] == ["X"] * 8
    assert not any(at(row, 5) for row in parts)
    values = [row for row in ours.all("OBX") if at(row, 2) == "NM"]
    assert {at(row, 18).split("^")[1] for row in values} == {"B40_GE"}
    assert {at(row, 11) for row in values} == {"R"}
    assert at(ours.row("147842"), 4) == "1.5.1.1"
    assert at(ours.row("150021"), 14) == "20250615155640+0100"  # the cuff's own time


def test_an_intellibridge_report_marks_every_row_x_and_is_written_in_latin_1() -> None:
    dialogue = pushing("intellibridge")
    ours = first_report(dialogue)
    assert {at(row, 11) for row in ours.all("OBX")} == {"X"}
    assert at(ours.one("MSH"), 17) == "8859/1"
    assert at(ours.one("MSH"), 6) == ""  # only OBR-7 tells when
    assert at(ours.one("OBR"), 7) == "20250615150645"
    assert ours.row("0002-500a")[:7] == [
        "OBX",
        "",
        "NM",
        "0002-500a^RR^MDIL",
        "0",
        "16",
        "0004-0ae0^rpm^MDIL",
    ]
    assert at(ours.row("0002-4182"), 7) == "50-120"
    assert at(ours.row("0002-f0c4"), 6) == "0004-17a0^°C^MDIL"
    assert at(ours.one("PV1"), 3) == "ICU^^5&0&0"
    assert dialogue.told[0].values["spo2"] == 97.0


def test_an_edan_report_uses_edan_numbers_and_ucum_units() -> None:
    ours = first_report(pushing("edan_ehc"))
    found = {at(row, 3): (at(row, 5), at(row, 6)) for row in ours.all("OBX")}
    assert found == {
        "131072^ECG_HR^EHC": ("80", "/min"),
        "327680^SPO2_SPO2^EHC": ("97", "%"),
        "327681^SPO2_PR^EHC": ("79", "/min"),
        "393216^NIBP_SYS^EHC": ("120", "mm[Hg]"),
        "393217^NIBP_DIA^EHC": ("75", "mm[Hg]"),
        "393218^NIBP_MEAN^EHC": ("90", "mm[Hg]"),
        "458752^TEMP_T1^EHC": ("37.0", "Cel"),
    }


def test_efficia_rows_are_those_of_the_export_guide() -> None:
    dialogue = Dialogue(Hl7Settings(dialect="efficia"))
    (answer,) = dialogue.say(query(), 3.0)
    lines = {"|".join(row) for row in answer.all("OBX")}
    assert {
        "OBX||NM|0002-4bb8^SpO2^MDIL||97|0004-0220^%^MDIL|||||F",
        "OBX||NM|0002-4a05^NBPs^MDIL||120|0004-0f20^mmHg^MDIL|||||F|||20250615145640",
        "OBX||NM|0002-480a^Pulse^MDIL||79|0004-0aa0^bpm^MDIL|||||F||||||0002-4bb8^SpO2^MDIL",
        "OBX||NM|0002-5000^Resp^MDIL||16|0004-0ae0^rpm^MDIL|||||F",
    } <= lines
    dialogue.vitals = ALL_OFF
    (answer,) = dialogue.say(query(), 4.0)
    lines = {"|".join(row) for row in answer.all("OBX")}
    assert {
        "OBX||NM|0002-4a05^NBPs^MDIL|||0004-0f20^mmHg^MDIL|||||F",
        "OBX||NM|0002-4bb8^SpO2^MDIL|||0004-0220^%^MDIL|||||X",
        "OBX||NM|0002-4182^HR^MDIL|||0004-0aa0^bpm^MDIL|||||X",
    } <= lines


@pytest.mark.parametrize(
    ("dialect", "value", "status", "cuff"),
    [
        ("mindray_egateway", None, "", None),
        ("ge_carescape_gateway", None, "", None),
        ("comen_nc5", "8388607", "X", "8388607"),
        ("northern_aquaris", "-100", "F", "-100"),
        ("intellibridge", "", "X", None),
        ("edan_ehc", "", "X", None),
        ("efficia", "", "X", ""),
    ],
)
def test_each_dialect_has_its_own_way_to_say_that_a_value_is_missing(
    dialect: str, value: str | None, status: str, cuff: str | None
) -> None:
    dialogue = pushing(dialect, ALL_OFF)
    ours = first_report(dialogue)
    hearts = ours.rows(
        {"intellibridge": "0002-4182", "efficia": "0002-4182"}.get(dialect, "147842")
    )
    if dialect == "edan_ehc":
        hearts = ours.rows("131072")
    cuffs = [row for row in ours.all("OBX") if "SYS" in at(row, 3) or "NBPs" in at(row, 3)]
    assert [(at(row, 5), at(row, 11)) for row in hearts] == (
        [] if value is None else [(value, status)]
    )
    assert [at(row, 5) for row in cuffs] == ([] if cuff is None else [cuff])
    assert dialogue.told[0].values
    assert set(dialogue.told[0].values.values()) == {None}


@pytest.mark.parametrize(
    ("dialect", "keys"),
    [
        (
            "mindray_egateway",
            "spo2 pulse_rate@spo2 perfusion_index respiratory_rate@pleth respiratory_rate@thoracic"
            " temperature nibp_systolic@cuff nibp_mean@cuff nibp_diastolic@cuff heart_rate",
        ),
        (
            "comen_nc5",
            "spo2 pulse_rate heart_rate respiratory_rate temperature nibp_systolic nibp_diastolic"
            " nibp_mean",
        ),
        (
            "northern_aquaris",
            "spo2 pulse_rate@spo2 temperature nibp_systolic@cuff nibp_mean@cuff"
            " nibp_diastolic@cuff heart_rate respiratory_rate",
        ),
        (
            "intellibridge",
            "respiratory_rate heart_rate spo2 pulse_rate temperature@bladder nibp_systolic"
            " nibp_diastolic nibp_mean",
        ),
        (
            "ge_carescape_gateway",
            "heart_rate respiratory_rate nibp_systolic nibp_diastolic nibp_mean pulse_rate@spo2"
            " spo2 temperature",
        ),
        (
            "edan_ehc",
            "heart_rate spo2 pulse_rate@spo2 nibp_systolic nibp_diastolic nibp_mean temperature",
        ),
        (
            "efficia",
            "heart_rate spo2 nibp_systolic nibp_diastolic nibp_mean pulse_rate@spo2"
            " respiratory_rate perfusion_index temperature@t1",
        ),
    ],
)
def test_a_reader_is_promised_what_the_codes_of_the_dialect_say(dialect: str, keys: str) -> None:
    dialogue = pushing(dialect)
    dialogue.raw(5.0)
    told = dialogue.told[0]
    assert list(told.values) == keys.split()
    expected = {
        "heart_rate": 80.0,
        "pulse_rate": 79.0,
        "spo2": 97.0,
        "perfusion_index": 3.0,
        "respiratory_rate": 16.0,
        "temperature": 37.0,
        "nibp_systolic": 120.0,
        "nibp_mean": 90.0,
        "nibp_diastolic": 75.0,
    }
    for key, value in told.values.items():
        assert value == expected[key.partition("@")[0]]
    assert told.wire.startswith(b"\x0bMSH|")
    assert told.wire.endswith(b"\r\x1c\r")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_place_stands_where_a_reader_finds_the_bed(dialect: str) -> None:
    place = at(first_report(pushing(dialect, place="7W^12^B")).one("PV1"), 3)
    assert [part.partition("&")[0] for part in place.split("^")][:3] == ["7W", "12", "B"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_report_has_its_own_name(dialect: str) -> None:
    reports = pushing(dialect).hear(100.0)
    names = [message.control_id for message in reports]
    assert len(set(names)) == len(names) >= 20
    assert all(1 <= len(name) <= 24 for name in names)


def test_an_axillary_temperature_has_its_own_code() -> None:
    dialogue = pushing("mindray_egateway", replace(NORMAL, temperature_site="axillary"))
    assert at(first_report(dialogue).row("188496"), 5) == "37.0"
    assert dialogue.told[0].values["temperature@axillary"] == 37.0


@pytest.mark.parametrize(
    ("dialect", "code", "unit"),
    [
        ("mindray_egateway", "150344", "266560^MDC_DIM_FAHR^MDC"),
        ("efficia", "0002-f0c7", "0004-1140^F^MDIL"),
        ("edan_ehc", "458752", "[degF]"),
    ],
)
def test_fahrenheit_is_sent_and_promised_at_its_own_resolution(
    dialect: str, code: str, unit: str
) -> None:
    dialogue = pushing(dialect, replace(NORMAL, temperature=38.6), fahrenheit=True)
    row = first_report(dialogue).row(code)
    assert (at(row, 5), at(row, 6)) == ("101.5", unit)
    (promised,) = (
        value for key, value in dialogue.told[0].values.items() if key.startswith("temperature")
    )
    assert promised == pytest.approx((101.5 - 32) * 5 / 9)
    if dialect == "edan_ehc":
        assert at(row, 7) == "96.8-102.2"


def test_values_outside_the_limits_are_flagged_where_limits_are_shown() -> None:
    vitals = replace(NORMAL, heart_rate=130, spo2=85)
    ours = first_report(pushing("edan_ehc", vitals))
    assert [at(ours.row(code), 8) for code in ("131072", "327680", "393216")] == ["H", "L", ""]


def test_times_follow_the_devices_own_clock_and_zone() -> None:
    dialogue = pushing("comen_nc5", zone_minutes=-210, wall_offset_s=90.0)
    ours = first_report(dialogue)
    assert at(ours.one("MSH"), 6) == "20250615113815-0330"
    assert at(ours.row("150021"), 14) == "20250615112810-0330"


def test_tables_and_hosts_know_the_same_dialects() -> None:
    assert tuple(TABLES) == DIALECTS


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="dialect is 'hl7'; want one of mindray_egateway"):
        Hl7Settings(dialect="hl7")


def test_a_period_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="every_s is 0"):
        Hl7Settings(every_s=0.0)
