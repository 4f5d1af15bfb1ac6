"""Each dialect is written field by field as the devices themselves write it."""

from __future__ import annotations

from dataclasses import replace

from simulators.monitors.hl7.settings import Hl7Settings
from simulators.patients.vitals import Cuff, TrueVitals
from tests.support.hl7_host import (
    ALL_OFF,
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
    dialogue = pushing("comen_nc5", vitals, zone_minutes=480, location="^^&10")
    ours = first_report(dialogue)
    assert_same_rows(ours, theirs, instead={})
    assert_same_head(ours, theirs, {("PID", 3), ("PID", 10)})
    assert at(ours.one("PV1"), 3) == "^^&10"
    order = [at(row, 4) for row in ours.all("OBX") if at(row, 4) != "1.7.4.147842"]
    assert order == [at(row, 4) for row in theirs.all("OBX")]


def test_a_northern_report_has_the_fields_of_a_recorded_one() -> None:
    theirs = sample("northern_aquaris.mllp")
    vitals = TrueVitals(None, None, None, None, None, 38.5, "core", Cuff(142, 114, 100, 0.0))
    ours = first_report(pushing("northern_aquaris", vitals, scaled_temperature=True, location="^^"))
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
