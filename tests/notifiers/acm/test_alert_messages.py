"""Alert messages: what stands in them, and that reading gives back what was written."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import hl7  # type: ignore[import-untyped]
import hl7types
import pytest
from hl7apy.parser import parse_message  # type: ignore[import-untyped]
from hl7types.hl7.v2_8_2.messages.ORU_R40 import ORU_R40
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.hl7_oru import er7
from edge_agent.notifiers.acm.alert_reader import read_alert
from edge_agent.notifiers.acm.alert_report import AlertReport, AlertSender, alert_message
from edge_agent.notifiers.acm.codes import AlarmState, Inactivation, Phase
from tests.notifiers.case import PLACE
from tests.support.notices import AT, UUID

if TYPE_CHECKING:
    from hl7apy.core import Message  # type: ignore[import-untyped]

SENDER = AlertSender(PLACE, "02A1B2C3D4E5F607")
SECOND_NS = AT.utc_ns // 10**9 * 10**9
REPORT = AlertReport(
    alert_id=UUID,
    n=2,
    at_ns=SECOND_NS,
    bed_id="bed-1",
    person_id="nurse-7",
    notice_id="n-1",
    since_ns=SECOND_NS - 60 * 10**9,
    headline="HIGH: bed-1: low blood pressure",
    text="BP 72/42 at 04:26 | HR 147 ^ SpO2 88 % & T 39.2 °C ~ \\",
    phase=Phase.ESCALATE,
    state=AlarmState.ACTIVE,
    inactivation=(Inactivation.ENABLED,),
    priority="PH",
    alert_type="SP",
)
BEAT = AlertReport(UUID, 0, SECOND_NS, headline="heartbeat", is_beat=True, confirm_s=5.0)
OID = "1.3.6.1.4.1.19376.1.6.1.4.1"
TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=60).map(
    str.strip
)


def lines(report: AlertReport, sender: AlertSender = SENDER) -> list[str]:
    return alert_message(report, sender, "C1").decode().split("\r")[:-1]


def test_an_alert_is_written_as_real_senders_write_it() -> None:
    own = "02A1B2C3D4E5F607"
    tail = f"|||A~PH~SP|||F|||20231114221320+0000||||CRSWATCH^^{own}^EUI-64"
    assert lines(REPORT) == [
        f"MSH|^~\\&|CRSWATCH^{own}^EUI-64|st-anna|||20231114221320+0000||ORU^R40^ORU_R40|C1|P|2.6"
        f"|||AL|NE||UNICODE UTF-8|||IHE_PCD_ACM_001^IHE PCD^{OID}^ISO",
        'PID|||""^^^^U||^^^^^^U',
        "PV1||I|w3^^bed-1^st-anna",
        f"OBR|1|n-1^CRSWATCH^{own}^EUI-64|2^{UUID}^{own}^EUI-64|196616^MDC_EVT_ALARM^MDC|||"
        f"20231114221220+0000{'|' * 21}nurse-7|^0&{UUID}&{own}&EUI-64",
        f"OBX|1|ST|196616^MDC_EVT_ALARM^MDC|1.0.0.0.1|HIGH: bed-1: low blood pressure{tail}",
        "OBX|2|CWE|68480^MDC_ATTR_ALERT_SOURCE^MDC|1.0.0.0.2"
        f"|69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC{tail}",
        f"OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|escalate{tail}",
        f"OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.0.0.0.4|active{tail}",
        f"OBX|5|ST|68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.0.0.0.5|enabled{tail}",
        f"OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.0.0.0.6|PH{tail}",
        f"OBX|7|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.0.0.0.7|SP{tail}",
        "OBX|8|ST|68546^MDC_ATTR_ALERT_TEXT^MDC|1.0.0.0.8|BP 72/42 at 04:26 \\F\\ HR 147 \\S\\ "
        f"SpO2 88 % \\T\\ T 39.2 °C \\R\\ \\E\\{tail}",
    ]


def test_the_first_message_of_an_alert_has_no_parent_and_a_test_says_so() -> None:
    first = lines(replace(REPORT, n=0, is_test=True))
    assert first[3].endswith("|nurse-7")
    assert "|A~PH~SP~TEST|" in first[4]


def test_a_heartbeat_says_within_which_time_it_must_be_acknowledged() -> None:
    written = lines(BEAT)
    assert written[2] == "PV1||I|w3^^^st-anna"
    assert written[3].split("|")[3].startswith(f"0^{UUID}^")
    assert written[4].startswith(
        "OBX|1|ST|258047^MDC_EVT_ACTIVE^MDC|1.0.0.0.1|heartbeat|||A~PN~SA|"
    )
    assert written[-1].startswith(
        "OBX|8|NM|67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC|1.0.0.0.8|5|264320^MDC_DIM_SEC^MDC|"
    )


def test_the_person_is_named_where_the_receiver_reads_it() -> None:
    with_segment = lines(REPORT, replace(SENDER, recipient="prt"))
    assert with_segment[4] == (
        "PRT|1|UC||RO^Responsible Observer^HL70912|nurse-7||||w3^^bed-1^st-anna"
    )
    assert "nurse-7" not in with_segment[3]
    assert "nurse-7" not in "".join(lines(REPORT, replace(SENDER, recipient="none")))


def test_no_field_can_break_out_of_its_place() -> None:
    evil = "\rOBX|1|ST|x\x0b\x1c\n^~\\&|"
    sender = replace(SENDER, place=replace(PLACE, ward=evil), receiving_application=evil)
    report = replace(REPORT, bed_id=evil, person_id=evil, notice_id=evil, headline=evil, text=evil)
    written = alert_message(report, replace(sender, recipient="prt"), evil)
    assert b"\x0b" not in written
    assert b"\x1c" not in written
    names = [line[:3] for line in written.decode().split("\r")[:-1]]
    assert names == ["MSH", "PID", "PV1", "OBR", "PRT", *["OBX"] * 8]


@pytest.mark.parametrize("recipient", ["obr28", "prt"])
@pytest.mark.parametrize("report", [REPORT, replace(REPORT, n=0, is_test=True), BEAT])
def test_reading_gives_back_what_was_written(report: AlertReport, recipient: str) -> None:
    sender = replace(SENDER, recipient=recipient)  # type: ignore[arg-type]
    found = read_alert(er7.parse(alert_message(report, sender, "C1")))
    since_ns = report.since_ns if report.since_ns is not None else report.at_ns
    assert found.report == replace(report, since_ns=since_ns)
    assert (found.control_id, found.profile) == ("C1", "IHE_PCD_ACM_001")
    assert found.has_parent is (report.n > 0)
    assert found.sender == "CRSWATCH^02A1B2C3D4E5F607^EUI-64 st-anna"


@given(TEXTS, TEXTS, TEXTS, st.integers(0, 2**40), st.sampled_from(Phase))
def test_any_text_survives(headline: str, text: str, person: str, n: int, phase: Phase) -> None:
    report = replace(REPORT, headline=headline, text=text, person_id=person, n=n, phase=phase)
    found = read_alert(er7.parse(alert_message(report, SENDER, "C1"))).report
    assert found == report


def parsed_by_hl7apy(report: AlertReport) -> Message:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return parse_message(alert_message(report, SENDER, "C1").decode(), find_groups=False)


def test_hl7apy_reads_it_with_the_grammar_of_version_2_6() -> None:
    message = parsed_by_hl7apy(REPORT)
    assert message.version == "2.6"
    assert message.msh.msh_9.value == "ORU^R40^ORU_R40"
    assert (message.msh.msh_15.value, message.msh.msh_16.value) == ("AL", "NE")
    assert message.obr.obr_3.ei_2.value == UUID
    assert message.obr.obr_29.eip_2.ei_2.to_er7() == UUID
    assert message.obr.obr_28.xcn_1.value == "nurse-7"
    assert message.pv1.pv1_3.pl_3.value == "bed-1"
    rows = {row.obx_3.cwe_1.value: row for row in message.obx}
    assert rows["68481"].obx_5.value == "escalate"
    assert rows["68546"].obx_5.value == REPORT.text.replace("\\", "\\E\\").replace(
        "|", "\\F\\"
    ).replace("^", "\\S\\").replace("&", "\\T\\").replace("~", "\\R\\")
    for segment in (message.msh, message.pid, message.pv1, message.obr, *message.obx):
        segment.validate()


@pytest.mark.parametrize("recipient", ["obr28", "prt"])
def test_hl7types_reads_it_as_a_report_of_an_alarm(recipient: str) -> None:
    """Its models know ORU_R40 from version 2.8 on; they are strict about what a field may hold."""
    sender = replace(SENDER, recipient=recipient)  # type: ignore[arg-type]
    text = alert_message(REPORT, sender, "C1").decode()
    found = hl7types.decode_er7(text, ORU_R40)
    assert isinstance(found, ORU_R40)
    [result] = found.PATIENT_RESULT
    [order] = result.ORDER_OBSERVATION
    assert order.OBR.obr_3 is not None
    assert (order.OBR.obr_3.ei_1, order.OBR.obr_3.ei_2) == ("2", UUID)
    assert order.OBR.obr_29 is not None
    assert order.OBR.obr_29.eip_2 is not None
    assert order.OBR.obr_29.eip_2.ei_2 == UUID
    codes = [row.OBX.obx_3.cwe_1 for row in order.OBSERVATION or []]
    assert codes == ["196616", "68480", "68481", "68482", "68483", "68484", "68485", "68546"]
    if recipient == "prt":
        assert order.PRT is not None
        people = [name.xcn_1 for person in order.PRT for name in person.prt_5 or []]
        assert people == ["nurse-7"]


def test_the_package_hl7_reads_it_and_resolves_every_escape() -> None:
    found = hl7.parse(alert_message(REPORT, SENDER, "C1").decode())
    rows = {str(row[3][0][0]): found.unescape(str(row[5])) for row in found["OBX"]}
    assert rows["68546"] == REPORT.text
    assert rows["196616"] == REPORT.headline
    assert str(found["OBR"][0][29][0][1][1]) == UUID
