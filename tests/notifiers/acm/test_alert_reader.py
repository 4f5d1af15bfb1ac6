"""Alert messages of other senders, in the forms that public code and captures show.

The forms are those of GE Mural to Ascom, of a Mindray gateway and of Draeger's reference messages
(2019); the contents are made up.
"""

from __future__ import annotations

import pytest

from edge_agent.drivers.hl7_oru import er7
from edge_agent.notifiers.acm.alert_reader import ReceivedAlert, read_alert
from edge_agent.notifiers.acm.codes import AlarmState, Inactivation, Phase
from tests.support.notices import UUID

GE = f"""\
MSH|^~\\&|Central|Hospital|PAGER|Site|20210122052031.040+0000||ORU^R40^ORU_R40|{UUID}|P|2.6|||AL|NE|\
|UNICODE UTF-8|||IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO
PID|||X-1||REDACTED^^|
PV1||I|ICU^B1^B1^Site
OBR|1|{UUID}^Central^ICU&B1&B1&Site|{UUID}^Central^ICU&B1&B1&Site|196616^MDC_EVT_ALARM^MDC|||\
20210120082326.275+0000||||||||||||||||||||||{UUID}^{UUID}
OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||
OBX|2|ST|0^MDCX_EVT_ALERT_ADVISORY^MDC|1.0.0.0.1|HYPERTENSION-Recheck BP|||A~PM~SA|||R|||\
20210120082326.275+0000||||Central
OBX|3|ST|68164^MDC_ATTR_ALERT_SOURCE^MDC|1.0.0.0.2|Central|||A~PM~SA|||R
OBX|4|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|update|||A~PM~SA|||R
OBX|5|ST|68166^MDC_ATTR_ALARM_STATE^MDC|1.0.0.0.4|latched|||A~PM~SA|||R
OBX|6|ST|68167^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.0.0.0.5|audio-paused~alert-acknowledged|||R
OBX|7|ST|68168^MDC_ATTR_ALARM_PRIORITY^MDC|1.0.0.0.6|PM|||A~PM~SA|||R
"""
MINDRAY = """\
MSH|^~\\&|MINDRAY_^00A037000000^EUI-64|MINDRAY|||20260124124738000+0800||ORU^R40^ORU_R40|7|P|2.6|||AL\
|NE||UNICODE UTF-8|||IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO
PV1||I|ICU^^5
OBR|1|1^A|196680^A^00A037000000^EUI-64|196616^MDC_EVT_ALARM^MDC|||20260124124738+0800
OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.196680.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST|||R
OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.196680.3|start
OBX|4|ST|68482^MDC_ATTR_ALARM_STATE^MDC|1.7.0.196680.4|active
OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.7.0.196680.6|PL
"""
DRAEGER_BEAT = f"""\
MSH|^~\\&|0030E60000000001^EUI-64|Draeger|||20191105183941+0100||ORU^R40^ORU_R40|79|D|2.6|||AL|NE|||\
|IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.4.4^ISO
PV1|||TAM^^^SC8^^tkl
OBR|1||0^urn:uuid:{UUID}^0030E60000000001^EUI-64|196616^MDC_EVT_ALARM^MDC|||20191105183941+0100
OBX|1|ST|258047^MDC_EVT_ACTIVE^MDC|1.0.0.0.1|Heartbeat||||||F
OBX|2|ST|68480^MDC_ATTR_ALERT_SOURCE^MDC|1.0.0.0.2|69837^MDC_TODO^MDC||||||F
OBX|3|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.0.0.0.3|start||||||F
OBX|4|ST|68166^MDC_ATTR_ALARM_STATE^MDC|1.0.0.0.4|active||||||F
OBX|5|ST|68167^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC|1.0.0.0.5|enabled||||||F
OBX|6|ST|68168^MDC_ATTR_ALARM_PRIORITY^MDC|1.0.0.0.6|PN||||||F
OBX|7|ST|68485^MDC_ATTR_ALERT_TYPE^MDC|1.0.0.0.7|SA||||||F
OBX|8|NM|67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC|1.0.0.0.8|5|264320^MDC_DIM_SEC^MDC
"""


def read(text: str) -> ReceivedAlert:
    return read_alert(er7.parse(text.replace("\n", "\r").encode()))


def test_the_earlier_codes_of_the_facets_are_read() -> None:
    found = read(GE)
    report = found.report
    assert (report.alert_id, report.bed_id) == ("Central", "B1")
    assert (report.headline, report.priority, report.alert_type) == (
        "HYPERTENSION-Recheck BP",
        "PM",
        "SA",
    )
    assert (report.phase, report.state) == (Phase.UPDATE, AlarmState.LATCHED)
    assert report.inactivation == (Inactivation.AUDIO_PAUSED, Inactivation.ACKNOWLEDGED)
    assert found.has_parent
    assert not report.is_beat


def test_an_event_that_is_coded_is_read_by_its_name() -> None:
    report = read(MINDRAY).report
    assert (report.headline, report.bed_id) == ("MDC_EVT_LEAD_OFF", "5")
    assert (report.phase, report.state, report.priority) == (Phase.START, AlarmState.ACTIVE, "PL")
    assert report.alert_type == "ST"
    assert report.at_ns == 1769230058 * 10**9  # milliseconds without a point, eight hours ahead


def test_a_heartbeat_with_the_profile_in_the_field_before_is_read() -> None:
    found = read(DRAEGER_BEAT)
    report = found.report
    assert report.is_beat
    assert (found.profile, found.has_parent) == ("IHE_PCD_ACM_001", False)
    assert (report.alert_id, report.n, report.confirm_s) == (UUID, 0, 5.0)
    assert (report.priority, report.alert_type) == ("PN", "SA")


def test_the_event_of_a_heartbeat_has_two_numbers() -> None:
    assert read(DRAEGER_BEAT.replace("258047", "196614")).report.is_beat


def test_a_name_before_the_code_is_read_too() -> None:
    turned = MINDRAY.replace("68481^MDC_ATTR_EVENT_PHASE", "MDC_ATTR_EVENT_PHASE^68481")
    assert read(turned).report.phase is Phase.START


def test_unknown_words_are_none_and_break_nothing() -> None:
    text = MINDRAY.replace("start", "sideways").replace("active", "").replace("|PL\n", "|P9\n")
    text += "OBX|9|NM|67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC|1|soon\n"
    report = read(text).report
    assert (report.phase, report.state, report.priority) == (None, None, "PL")
    assert report.confirm_s is None


@pytest.mark.parametrize("value", ["soon", "nan", "inf", "1e999"])
def test_a_time_that_is_no_number_is_none(value: str) -> None:
    row = f"OBX|9|NM|67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC|1|{value}\n"
    assert read(MINDRAY + row).report.confirm_s is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MINDRAY.replace("ORU^R40^ORU_R40", "ORU^R01^ORU_R01"), "want ORU"),
        ("\n".join(line for line in MINDRAY.split("\n") if line[:3] != "OBR"), "no alert in it"),
        ("\n".join(line for line in MINDRAY.split("\n") if line[:3] != "OBX"), "no alert in it"),
    ],
)
def test_what_is_no_alert_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(text)
