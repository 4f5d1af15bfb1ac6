"""Rows become numerics: nothing missing reads as a value, nothing doubtful as a sound one."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import Validity, VitalKind
from edge_agent.vitals.claims import claim
from edge_agent.vitals.normalise import Normaliser
from tests.drivers.hl7_oru.sender import (
    BPM,
    DEGC,
    HR,
    MMHG,
    NIBP_SYS,
    PERCENT,
    SPO2,
    TEMP,
    messages,
    numerics,
    obx,
    one,
    read,
    results,
)

PRIVATE = 1024 * 65536


@pytest.mark.parametrize(
    ("value", "status", "profile", "expected"),
    [
        ("98", "F", "", (98.0, Validity.VALID)),
        ("98", "R", "", (98.0, Validity.VALID)),
        ("98", "", "", (98.0, Validity.VALID)),
        (" 98 ", "F", "", (98.0, Validity.VALID)),
        ("+98.50", "F", "", (98.5, Validity.VALID)),
        (".5", "F", "", (0.5, Validity.VALID)),
        ("98^", "F", "", (98.0, Validity.VALID)),
        ("98", "f", "", (98.0, Validity.VALID)),
        ("98", "F^final", "", (98.0, Validity.VALID)),
        ("0", "F", "", (0.0, Validity.VALID)),
        ("98", "S", "", (98.0, Validity.QUESTIONABLE)),
        ("98", "?", "", (98.0, Validity.QUESTIONABLE)),
        ("98", "X", "", (None, Validity.INVALID)),
        ("", "X", "", (None, Validity.INVALID)),
        ("98", "D", "", (None, Validity.INVALID)),
        ("98", "W", "", (None, Validity.INVALID)),
        ("98", "N", "", (None, Validity.NOT_AVAILABLE)),
        ("", "F", "", (None, Validity.NOT_AVAILABLE)),
        ('""', "F", "", (None, Validity.NOT_AVAILABLE)),
        ("8388607", "F", "", (None, Validity.NOT_AVAILABLE)),
        ("32767", "F", "", (None, Validity.NOT_AVAILABLE)),
        ("---", "F", "", (None, Validity.INVALID)),
        ("1e2", "F", "", (None, Validity.INVALID)),
        ("9,8", "F", "", (None, Validity.INVALID)),
        ("97~98", "F", "", (None, Validity.INVALID)),
        ("97^98", "F", "", (None, Validity.INVALID)),
        ("٩٨", "F", "", (None, Validity.INVALID)),
        ("nan", "F", "", (None, Validity.INVALID)),
        ("-100", "F", "northern_aquaris", (None, Validity.NOT_AVAILABLE)),
        ("-100", "F", "", (None, Validity.NOT_AVAILABLE)),
        ("-999", "", "", (None, Validity.NOT_AVAILABLE)),
        ("-.5", "F", "", (None, Validity.NOT_AVAILABLE)),
        ("> 98", "F", "", (None, Validity.ABOVE_RANGE)),
        ("<=40", "F", "", (None, Validity.BELOW_RANGE)),
        ("98>", "F", "", (None, Validity.INVALID)),
        ("inf", "F", "", (None, Validity.INVALID)),
        ("9" * 400, "F", "", (None, Validity.INVALID)),
        ("0", "F", "northern_aquaris", (0.0, Validity.QUESTIONABLE)),
        ("80", "X", "intellibridge", (80.0, Validity.VALID)),
        ("0", "X", "intellibridge", (0.0, Validity.QUESTIONABLE)),
        ("", "X", "intellibridge", (None, Validity.NOT_AVAILABLE)),
        ("8388607", "X", "comen_nc5", (None, Validity.INVALID)),
        ("", "X", "efficia", (None, Validity.INVALID)),
    ],
)
def test_every_dialect_of_missing_and_valid_is_told_apart(
    value: str, status: str, profile: str, expected: tuple[float | None, Validity]
) -> None:
    numeric = one(obx(SPO2, value, PERCENT, status), profile)
    assert (numeric.value, numeric.validity) == expected
    assert numeric.state == (ord(status[0].upper()) if status else 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("^98", (98.0, Validity.VALID)),
        ("=^98", (98.0, Validity.VALID)),
        (">^42", (None, Validity.ABOVE_RANGE)),
        ("<=^25", (None, Validity.BELOW_RANGE)),
        ("^90^-^98", (None, Validity.INVALID)),
        ("<>^98", (None, Validity.INVALID)),
        ("98", (98.0, Validity.VALID)),
        ("high", (None, Validity.INVALID)),
    ],
)
def test_structured_numerics_are_numbers_or_out_of_range(
    value: str, expected: tuple[float | None, Validity]
) -> None:
    numeric = one(obx(TEMP, value, DEGC, kind="SN"))
    assert (numeric.value, numeric.validity) == expected


@pytest.mark.parametrize("kind", ["", "ST", "TX"])
def test_a_number_that_is_not_declared_one_is_doubtful(kind: str) -> None:
    numeric = one(obx(SPO2, "98", PERCENT, kind=kind))
    assert (numeric.value, numeric.validity) == (98.0, Validity.QUESTIONABLE)


def test_rows_that_measure_nothing_are_passed_over() -> None:
    rows = [
        obx("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "", "", "X", kind=""),
        obx("69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC", "5", "", kind="NM"),
        obx("67975^MDC_ATTR_TIME_ABS^MDC", "20091028123702", "", kind="DTM"),
        obx("68220^MDC_TIME_SYNC_PROTOCOL^MDC", "7", "", kind="CWE"),
        obx(SPO2, "high", PERCENT, kind="ST"),
        obx(SPO2, "", PERCENT, kind="ST"),
    ]
    assert read(results(*rows))[-1:] != []
    assert numerics(read(results(*rows))) == []


@pytest.mark.parametrize(
    ("observation", "profile", "code"),
    [
        (HR, "", 147842),
        ("0002-4182^HR^MDIL", "", 147842),
        ("0002-4BB8^SpO2^MDIL", "", 150456),
        ("0002-f0c8^Temp2^MDILL", "", 192712),
        ("131072^ECG_HR^EHC", "edan_ehc", 147842),
        ("327680^SPO2_SPO2^EHC", "edan_ehc", 150456),
        ("393216^NIBP_SYS^EHC", "edan_ehc", 150021),
        ("393217^NIBP_DIA^EHC", "edan_ehc", 150022),
        ("393219^NIBP_PR^EHC", "edan_ehc", 149546),
        ("458752^TEMP_T1^EHC", "edan_ehc", 150344),
        ("8867-4^Heart rate^LN^147842^MDC_ECG_HEART_RATE^MDC", "", 147842),
        ("149522^MDC_PULS_RATE^MDC", "comen_nc5", 149514),
        ("150017^MDC_PRESS_BLD_SYS^MDC", "comen_nc5", 150021),
        ("150018^MDC_PRESS_BLD_DIA^MDC", "comen_nc5", 150022),
        ("150019^MDC_PRESS_BLD_MEAN^MDC", "comen_nc5", 150023),
        ("149522^MDC_PULS_RATE^MDC", "", 149522),
        ("151712^MDC_AWAY_CO2_EXP^MDC", "ge_carescape_gateway", 151728),
        ("0002-5000^Resp^MDIL", "efficia", 151562),
        ("0401-0b54^ST^MDIL", "", 0x0401_0B54),
        ("147842", "", 147842),
    ],
)
def test_every_dictionary_leads_to_one_code(observation: str, profile: str, code: int) -> None:
    assert one(obx(observation, "60", BPM), profile).code == code


@pytest.mark.parametrize(
    ("observation", "label"),
    [
        ("8480-6^Systolic blood pressure^LN", "LN 8480-6 Systolic blood pressure"),
        ("072007^VITAL rPR(spo2)", "072007 VITAL rPR(spo2)"),
        ("327999^SPO2_NEW^EHC", "EHC 327999 SPO2_NEW"),
        ("161^PI^99MNDRY", "99MNDRY 161 PI"),
        ("99999999999^X^MDC", "MDC 99999999999 X"),
        ("4294967296^X^MDC", "MDC 4294967296 X"),
        ("HR", "HR"),
        ("", ""),
    ],
)
def test_a_code_that_no_dictionary_has_stays_private(observation: str, label: str) -> None:
    numeric = one(obx(observation, "60", BPM))
    assert (numeric.code, numeric.label) == (PRIVATE + 1, label)
    assert claim(numeric) is None


@pytest.mark.parametrize(
    ("sub_id", "code"),
    [("1.1.9.150301", 150301), ("150301", 150301), ("1.1.9.150031", 150031)],
)
def test_the_sub_id_tells_the_systolic_pressure_of_northern(sub_id: str, code: int) -> None:
    row = obx("150031^MDC_PRESS_CUFF_SYS^MDC", "142", MMHG, sub_id=sub_id, access="APERIODIC")
    assert one(row, "northern_aquaris").code == code


@pytest.mark.parametrize(
    ("observation", "method", "code"),
    [
        ("0002-480a^Pulse^MDIL", "0002-4bb8^SpO2^MDIL", 149530),
        ("0002-480a^Pulse^MDIL", "0002-4a05^NBPs^MDIL", 149546),
        ("0002-480a^Pulse^MDIL", "^NBP", 149546),
        ("0002-480a^Pulse^MDIL", "", 149514),
        ("0002-f0c7^Temp^MDIL", "0002-f110^Oral^MDIL", 192832),
        ("0002-f0c7^Temp^MDIL", "", 192711),
    ],
)
def test_the_method_tells_what_efficia_measured_with(
    observation: str, method: str, code: int
) -> None:
    assert one(obx(observation, "60", BPM, method=method), "efficia").code == code


@pytest.mark.parametrize(
    ("unit", "code", "expected"),
    [
        (PERCENT, SPO2, (262688, "%")),
        ("262688", SPO2, (262688, "%")),
        ("0004-0220^%^MDIL", SPO2, (262688, "%")),
        ("%", SPO2, (262688, "%")),
        ("0004-17a0^°C^MDIL", TEMP, (268192, "Cel")),
        ("0004-1140^F^MDIL", TEMP, (266560, "[degF]")),
        ("Cel^Celsius^UCUM", TEMP, (268192, "Cel")),
        ("°C", TEMP, (268192, "Cel")),
        ("degF", TEMP, (266560, "[degF]")),
        ("mm[Hg]^mm[Hg]^UCUM", NIBP_SYS, (266016, "mm[Hg]")),
        ("mmHg", NIBP_SYS, (266016, "mm[Hg]")),
        ("^mmHg", NIBP_SYS, (266016, "mm[Hg]")),
        ("X1^MDC_DIM_MMHG^ACME", NIBP_SYS, (266016, "mm[Hg]")),
        ("kPa", NIBP_SYS, (265987, "kPa")),
        ("{beat}/min^{beat}/min^UCUM", HR, (264864, "/min")),
        ("/min", HR, (264864, "/min")),
        ("/min", "149530^MDC_PULS_OXIM_PULS_RATE^MDC", (264864, "/min")),
        ("/min", "151562^MDC_RESP_RATE^MDC", (264928, "/min")),
        ("/min", "148065^MDC_ECG_V_P_C_CNT^MDC", (264672, "/min")),
        ("266432^MDC_DIM_JOULES^MDC", "150100^X^MDC", (266432, "")),
        ("147842^no unit^MDC", SPO2, (0, "")),
        ("furlong", SPO2, (0, "")),
        ("/min", "151552^MDC_RESP^MDC", (264928, "/min")),
        ("bpm", "151562^MDC_RESP_RATE^MDC", (264928, "/min")),
        ("{breath}/min", HR, (264928, "/min")),
        ("{H.B.}/min", HR, (264864, "/min")),
        ("{H.B.}/min", TEMP, (264672, "/min")),
        ("4^MDC_DIM_DEGC^MDC", TEMP, (268192, "Cel")),
        (r"\S\C", TEMP, (268192, "Cel")),
        ("KPA", NIBP_SYS, (265987, "kPa")),
        ("", SPO2, (0, "")),
    ],
)
def test_units_are_passed_on_truthfully(unit: str, code: str, expected: tuple[int, str]) -> None:
    numeric = one(obx(code, "60", unit))
    assert (numeric.unit_code, numeric.unit) == expected


def test_the_guides_unit_of_efficia_is_celsius() -> None:
    assert one(obx("0002-f0c7^Temp^MDIL", "37.4", "0004-1710^C^MDIL"), "efficia").unit == "Cel"


def test_carbon_dioxide_under_the_code_of_saturation_is_never_a_saturation() -> None:
    claimed = claim(one(obx("150456^MDC_CO2_ET^MDC", "35", MMHG), "ge_carescape_gateway"))
    assert claimed is not None
    assert claimed.row.kind is VitalKind.SPO2
    assert (claimed.value, claimed.validity) == (None, Validity.INVALID)
    assert claimed.usable_value is None


def test_a_temperature_ten_times_too_high_is_never_divided() -> None:
    rows = [obx(TEMP, "384.5", DEGC, sub_id="1.2.2.150344")]
    (message,) = messages(read(results(*rows)))
    (vital,) = Normaliser("bed-1").normalise(message)
    assert (vital.value, vital.is_usable) == (384.5, False)


def test_a_twin_without_value_does_not_hide_the_vital() -> None:
    rows = [
        obx(SPO2, "", PERCENT, "X", sub_id="1.6.1"),
        obx(SPO2, "97", PERCENT, sub_id="1.3.1"),
        obx(SPO2, "96", PERCENT, sub_id="1.3.2"),
    ]
    read_rows = numerics(read(results(*rows)))
    assert [(n.channel, n.code, n.value) for n in read_rows] == [
        ("1.6.1", PRIVATE + 0x4BB8, None),
        ("1.3.1", 150456, 97.0),
        ("1.3.2", 150456, 96.0),
    ]


def test_twins_that_are_all_missing_stay_what_they_are() -> None:
    rows = [obx(SPO2, "", PERCENT, "X")] * 2
    assert [n.code for n in numerics(read(results(*rows)))] == [150456, 150456]
