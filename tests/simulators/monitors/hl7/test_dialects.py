"""Rules that every dialect keeps: missing values, names, limits, units and times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulators.monitors.hl7.dialects import DIALECTS as TABLES
from simulators.monitors.hl7.settings import Hl7Settings
from tests.support.hl7_host import ALL_OFF, DIALECTS, NORMAL, at, first_report, pushing


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
def test_the_location_stands_where_a_reader_finds_the_bed(dialect: str) -> None:
    location = at(first_report(pushing(dialect, location="7W^12^B")).one("PV1"), 3)
    assert [part.partition("&")[0] for part in location.split("^")][:3] == ["7W", "12", "B"]


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
