"""Marks in OBX-8, at a device and in MSH-11: demonstrations and doubts never pass for values."""

from __future__ import annotations

import pytest

from edge_agent.model.measurements import GenerationMode, Validity
from edge_agent.model.session_events import FrameRejected
from edge_agent.vitals.normalise import Normaliser
from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, DEGC, HR, PERCENT, SPO2, TEMP, obx, one

DEMO, REAL, TEST = GenerationMode.DEMO, GenerationMode.REAL, GenerationMode.TEST
DEVICE = "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC"


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("", (REAL, 77.0, Validity.VALID)),
        ("H", (REAL, 77.0, Validity.VALID)),
        ("LL~PH~ST", (REAL, 77.0, Validity.VALID)),
        ("DEMO", (DEMO, 77.0, Validity.VALID)),
        ("L~DEMO", (DEMO, 77.0, Validity.VALID)),
        ("demo^demo data^IHE", (DEMO, 77.0, Validity.VALID)),
        ("TEST", (TEST, 77.0, Validity.VALID)),
        ("TEST~DEMO", (DEMO, 77.0, Validity.VALID)),
        ("TRAINING", (TEST, 77.0, Validity.VALID)),
        ("SIMULATED", (DEMO, 77.0, Validity.VALID)),
        ("N;DEMO", (DEMO, 77.0, Validity.VALID)),
        ("QUES", (REAL, 77.0, Validity.QUESTIONABLE)),
        ("EARLY", (REAL, 77.0, Validity.QUESTIONABLE)),
        ("CAL", (REAL, 77.0, Validity.CALIBRATING)),
        ("BUSY", (REAL, 77.0, Validity.MEASURING)),
        ("INV", (REAL, None, Validity.INVALID)),
        ("OFF", (REAL, None, Validity.INVALID)),
        ("NAV", (REAL, None, Validity.NOT_AVAILABLE)),
        (">", (REAL, None, Validity.ABOVE_RANGE)),
        ("<", (REAL, None, Validity.BELOW_RANGE)),
        ("QUES~NAV", (REAL, None, Validity.NOT_AVAILABLE)),
        ("L~QUES~BUSY", (REAL, 77.0, Validity.MEASURING)),
        ("XYZ", (REAL, 77.0, Validity.VALID)),
    ],
)
def test_a_mark_says_where_a_value_comes_from_and_how_good_it_is(
    flags: str, expected: tuple[GenerationMode, float | None, Validity]
) -> None:
    numeric = one(obx(SPO2, "77", PERCENT, flags=flags))
    assert (numeric.mode, numeric.value, numeric.validity) == expected


@pytest.mark.parametrize(
    ("flags", "status", "validity"),
    [
        ("QUES", "X", Validity.INVALID),
        ("INV", "S", Validity.INVALID),
        ("BUSY", "S", Validity.MEASURING),
        ("H", "S", Validity.QUESTIONABLE),
    ],
)
def test_of_mark_and_status_the_worse_counts(flags: str, status: str, validity: Validity) -> None:
    assert one(obx(SPO2, "77", PERCENT, status, flags=flags)).validity is validity


@pytest.mark.parametrize(("flags", "validity"), [("", Validity.VALID), ("INV", Validity.INVALID)])
def test_a_mark_counts_also_where_the_status_means_nothing(flags: str, validity: Validity) -> None:
    row = obx(SPO2, "77", PERCENT, "X", flags=flags)
    assert one(row, "intellibridge").validity is validity


def test_no_vital_of_a_demonstration_is_usable() -> None:
    rows = [
        obx(SPO2, "77", PERCENT, "R", flags="DEMO"),
        obx(HR, "150", BPM, "R", flags="L~TEST"),
        obx(TEMP, "39.4", DEGC, "R", flags="QUES"),
    ]
    (message,) = sender.messages(sender.read(sender.results(*rows)))
    vitals = Normaliser("bed-1").normalise(message)
    assert [(v.value, v.is_usable) for v in vitals] == [(77, False), (150, False), (39.4, False)]


@pytest.mark.parametrize(("flags", "mode"), [("DEMO", DEMO), ("TEST", TEST), ("OFF", REAL)])
def test_a_mark_on_the_device_counts_for_all_that_it_measures(
    flags: str, mode: GenerationMode
) -> None:
    rows = [obx(HR, "66", BPM), obx(DEVICE, "", "", "X", kind="", flags=flags)]
    assert [n.mode for n in sender.numerics(sender.read(sender.results(*rows)))] == [mode]


@pytest.mark.parametrize(
    ("processing", "mode"),
    [
        ("P", REAL),
        ("p", REAL),
        ("P^T", REAL),
        ("", REAL),
        ("T", TEST),
        ("d", TEST),
        ("T ", TEST),
        ("DEMO", TEST),
        ("N", TEST),
    ],
)
def test_only_what_patients_are_treated_by_is_real(processing: str, mode: GenerationMode) -> None:
    frame = sender.frame(sender.header(rest=f"1|{processing}|2.6"), obx(HR, "66", BPM))
    assert [n.mode for n in sender.numerics(sender.read(frame))] == [mode]


@pytest.mark.parametrize(("flags", "is_usable"), [("PH~SP", True), ("PH~SP~DEMO", False)])
def test_an_alarm_of_a_demonstration_is_marked(flags: str, *, is_usable: bool) -> None:
    event = "196616^MDC_EVT_ALARM^MDC"
    value = "196670^MDC_EVT_LO^MDC"
    row = obx(event, value, "", kind="CWE", sub_id="1.0.0.1.1", flags=flags)
    frame = sender.frame(sender.header("ORU^R40^ORU_R40"), row)
    ((alarm,),) = sender.alarms(sender.read(frame))
    assert (alarm.is_usable, alarm.priority) == (is_usable, "high")


@pytest.mark.parametrize(("flags", "is_usable"), [("", True), ("TEST", False)])
def test_an_alarm_as_text_of_a_test_is_marked(flags: str, *, is_usable: bool) -> None:
    row = obx("2^Yellow Alarm^MDIL-ALERT", "SpO2 High", "", kind="TX", flags=flags)
    ((alarm,),) = sender.alarms(sender.read(sender.results(row), "efficia_lan"))
    assert alarm.is_usable is is_usable


def told(*rows: str, profile: str = "") -> list[str]:
    events = sender.read(sender.results(*rows), profile)
    found = [e for e in events if isinstance(e, FrameRejected)]
    assert {e.origin for e in found} <= {"ICU^^5"}
    return [e.reason.removeprefix("not understood: ") for e in found]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (obx("007001^VITAL PR(spo2)", "77", "/min"), ["code 007001^VITAL PR(spo2)"]),
        (obx("161^PI^99MNDRY", "1.2", "furlong"), ["code 161^PI^99MNDRY"]),
        (obx(HR, "77", "Schl/min"), [f"unit 'Schl/min' of {HR}"]),
        (obx(SPO2, "77", ""), [f"unit '' of {SPO2}"]),
        (obx(SPO2, "88bpm", PERCENT), [f"value '99bpm' (9: any digit) of {SPO2}"]),
        (obx(SPO2, "9.7e1", PERCENT), [f"value '9.9e9' (9: any digit) of {SPO2}"]),
        (obx(SPO2, "97,5", PERCENT), [f"value '99,9' (9: any digit) of {SPO2}"]),
        (obx(SPO2, "97", PERCENT, flags="H~WRONG"), ["mark 'WRONG' in OBX-8"]),
        (obx("x" * 999, "5", ""), ["code " + "x" * 120]),
        (obx("a\x1b[2J\x07b", "5", ""), ["code a\ufffd[2J\ufffdb"]),
        (obx(SPO2, "97", PERCENT, flags="L~VALID"), []),
        (obx(SPO2, "97", PERCENT, "X"), []),
        (obx(SPO2, "", PERCENT), []),
        (obx(SPO2, '""', PERCENT, "X"), []),
        (obx(SPO2, "---", PERCENT), []),
        (obx(SPO2, "***", PERCENT), []),
        (obx(SPO2, "?", PERCENT), []),
        (obx(SPO2, "N/A", PERCENT), []),
        (obx(SPO2, "> 98", PERCENT), []),
        (obx("note", "well", "", kind="TX"), []),
        (obx("note", "5 mg at noon", "", kind="TX"), []),
        (obx("PR", "77", "/min", kind="ST"), ["code PR"]),
        (obx(SPO2, "97 %", "", kind="ST"), [f"value '99 %' (9: any digit) of {SPO2}"]),
        (obx(SPO2, "> 97%", "", kind="TX"), [f"value '> 99%' (9: any digit) of {SPO2}"]),
        (obx(SPO2, "low", "", kind="ST"), []),
        (obx("67975^MDC_ATTR_TIME_ABS^MDC", "20260912", "", kind="DTM"), []),
    ],
)
def test_what_is_not_understood_is_told_in_the_senders_words(row: str, words: list[str]) -> None:
    assert told(row) == words


def test_what_is_not_understood_is_told_once_per_message() -> None:
    row = obx(SPO2, "97", "")
    assert told(row, row, obx(HR, "66", BPM)) == [f"unit '' of {SPO2}"]


def test_what_is_told_of_one_message_is_bounded() -> None:
    rows = [obx(f"local-{n}", "5", "") for n in range(200)]
    more = "more in one message than the 64 that are named"
    assert told(*rows) == [*(f"code local-{n}" for n in range(64)), more]
    assert more not in told(*rows[:64])


def test_one_bad_row_costs_that_row() -> None:
    rows = [obx(SPO2, "nine", PERCENT), obx("", "", ""), obx(HR, "66", BPM)]
    values = [(n.code, n.value) for n in sender.numerics(sender.read(sender.results(*rows)))]
    assert (147842, 66.0) in values


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        (TEMP, "0", DEGC, (None, Validity.NOT_AVAILABLE)),
        (TEMP, "0.0", "Cel", (None, Validity.NOT_AVAILABLE)),
        (TEMP, "-1", DEGC, (None, Validity.NOT_AVAILABLE)),
        (TEMP, "-99.9", DEGC, (None, Validity.NOT_AVAILABLE)),
        (TEMP, "32", "degF", (None, Validity.NOT_AVAILABLE)),
        (TEMP, "32.1", "degF", (32.1, Validity.VALID)),
        (TEMP, "0.1", DEGC, (0.1, Validity.VALID)),
        ("188440^MDC_TEMP_DIFF^MDC", "-0.4", DEGC, (-0.4, Validity.VALID)),
        (HR, "0", BPM, (0.0, Validity.VALID)),
        (HR, "-1", BPM, (None, Validity.NOT_AVAILABLE)),
        (HR, "9999", BPM, (None, Validity.NOT_AVAILABLE)),
        (HR, "-32768", BPM, (None, Validity.NOT_AVAILABLE)),
        (SPO2, "-1", PERCENT, (None, Validity.NOT_AVAILABLE)),
        ("150021^SYS^MDC", "-1", "mmHg", (None, Validity.NOT_AVAILABLE)),
        ("150301^SYS^MDC", "-1", "kPa", (None, Validity.NOT_AVAILABLE)),
        ("150033^ART^MDC", "-2", "mmHg", (-2.0, Validity.QUESTIONABLE)),
        ("150033^ART^MDC", "0", "mmHg", (0.0, Validity.VALID)),
        ("150087^CVP^MDC", "-100", "mmHg", (None, Validity.NOT_AVAILABLE)),
        ("131841^MDC_ECG_AMPL_ST_I^MDC", "-1", "266418^MDC_DIM_MILLI_M^MDC", (-1, Validity.VALID)),
    ],
)
def test_a_number_that_stands_for_none_is_no_value_and_a_zero_is_one(
    code: str, value: str, unit: str, expected: tuple[float | None, Validity]
) -> None:
    numeric = one(obx(code, value, unit))
    assert (numeric.value, numeric.validity) == expected


@pytest.mark.parametrize(
    "unit",
    [
        *("bpm", "BPM", "beats/min", "Beats / min", "beats/minute", "b/min", "/min", "/MIN"),
        *("1/min", "min-1", "min⁻¹", "/minute", "PER MINUTE", "{H.B.}/min", "beats per minute"),
    ],
)
def test_heart_rates_are_read_in_every_spelling(unit: str) -> None:
    assert one(obx(HR, "88", unit)).unit_code == 264864


@pytest.mark.parametrize(
    "unit",
    [
        *("degC", "Deg C", "deg. C", "DegC", "C", "°C", "º C", "˚C", "℃", "?C"),
        *("°\u0421", "Â°C"),
        *("Celsius", "degrees C", "Degrees Celsius", "Cel", "CEL", r"\S\C", "^C", "268192"),
    ],
)
def test_degrees_celsius_are_read_in_every_spelling(unit: str) -> None:
    assert one(obx(TEMP, "38.4", unit)).unit == "Cel"


@pytest.mark.parametrize("unit", ["F", "degF", "Fahrenheit", "°F", "℉", "[degF]", "deg F"])
def test_fahrenheit_is_converted_where_the_unit_says_so(unit: str) -> None:
    (message,) = sender.messages(sender.read(sender.results(obx(TEMP, "101.1", unit))))
    (vital,) = Normaliser("bed-1").normalise(message)
    assert vital.value == pytest.approx(38.39, abs=0.01)
    assert vital.is_usable


@pytest.mark.parametrize(
    "unit", ["mmHg", "mm Hg", "mm(hg)", "mm[Hg]", "MMHG", "torr", "㎜Hg", "мм рт. ст."]
)
def test_pressures_are_read_in_every_spelling(unit: str) -> None:
    assert one(obx("150021^SYS^MDC", "120", unit)).unit == "mm[Hg]"


def test_a_degree_sign_in_an_undeclared_charset_is_one() -> None:
    data = sender.results(obx(TEMP, "38.4", "°C")).replace("°".encode(), b"\xb0")
    (numeric,) = sender.numerics(sender.read(data))
    assert (numeric.value, numeric.unit) == (38.4, "Cel")


@pytest.mark.parametrize(
    ("observation", "code"),
    [
        ("8867-4^Heart rate^LN", 147842),
        ("8867-4^Heart rate^LOINC", 147842),
        ("59408-5^SpO2^LN", 150456),
        ("8310-5^Temp^2.16.840.1.113883.6.1", 150344),
        ("9279-1^RR^LN", 151562),
        ("76534-7^SYS^LN", 150021),
        ("MDC_ECG_HEART_RATE^^MDC", 147842),
        ("MDC_ECG_HEART_RATE", 147842),
        ("HR1^MDC_ECG_HEART_RATE^L", 147842),
        ("HR^Heart rate^L^147842^MDC_ECG_HEART_RATE^MDC", 147842),
        ("147842^MDC_ECG_HEART_RATE^2.16.840.1.113883.6.24", 147842),
        ("147842^MDC_ECG_HEART_RATE^urn:oid:2.16.840.1.113883.6.24", 147842),
        ("147842^HR^MDC-IEEE", 147842),
        ("147842^HR^99MDC", 147842),
        ("147842 ^HR^ISO/IEEE 11073-10101", 147842),
        ("150364^MDC_TEMP_BODY^MDC", 150344),
        ("0150456^SpO2", 67108865),
        ("147842^HR^99MNDRY", 67108865),
    ],
)
def test_codes_are_found_under_the_names_senders_use(observation: str, code: int) -> None:
    assert one(obx(observation, "60", BPM)).code == code


@pytest.mark.parametrize(
    ("unit", "code"), [("/min", 151562), ("rpm", 151562), ("mL", 151552), ("", 151552)]
)
def test_a_respiration_is_told_from_its_waveform_by_the_unit(unit: str, code: int) -> None:
    assert one(obx("151552^MDC_RESP^MDC", "18", unit)).code == code
