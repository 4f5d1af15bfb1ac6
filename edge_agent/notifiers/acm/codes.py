"""Codes of IHE PCD alert messages.

Source: IHE Patient Care Device Technical Framework, volume 2, PCD-04, as real senders write them:
GE to Ascom, a Mindray gateway, and the reference messages of Draeger (2019). Numbers are those of
the nomenclature of ISO/IEEE 11073-10101.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from edge_agent.model.alerts import AlertKind, AlertPriority
from edge_agent.model.calls import ReceiptFact

_WHOLE: Final = re.compile("[0-9]{1,18}")
PROFILE: Final = "IHE_PCD_ACM_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO"
ALARM: Final = "196616^MDC_EVT_ALARM^MDC"
ACTIVE: Final = "258047^MDC_EVT_ACTIVE^MDC"
"""Event of a heartbeat."""
SOURCE: Final = "69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC"
SECONDS: Final = "264320^MDC_DIM_SEC^MDC"
BEAT_EVENTS: Final = frozenset({258047, 196614})
"""Events of heartbeats; the second is read by Draeger's sample."""


class Facet(StrEnum):
    """Properties of an alert that have a row of their own."""

    SOURCE = "68480^MDC_ATTR_ALERT_SOURCE^MDC"
    PHASE = "68481^MDC_ATTR_EVENT_PHASE^MDC"
    STATE = "68482^MDC_ATTR_ALARM_STATE^MDC"
    INACTIVATION = "68483^MDC_ATTR_ALARM_INACTIVATION_STATE^MDC"
    PRIORITY = "68484^MDC_ATTR_ALARM_PRIORITY^MDC"
    TYPE = "68485^MDC_ATTR_ALERT_TYPE^MDC"
    TEXT = "68546^MDC_ATTR_ALERT_TEXT^MDC"
    CONFIRM_TIMEOUT = "67860^MDC_ATTR_CONFIRM_TIMEOUT^MDC"
    """Time within which the sender of a heartbeat wants its acknowledgement."""


FACETS: Final = {int(facet.partition("^")[0]): facet for facet in Facet} | {
    68164: Facet.SOURCE,
    68165: Facet.PHASE,
    68166: Facet.STATE,
    68167: Facet.INACTIVATION,
    68168: Facet.PRIORITY,
}
"""Facets by number; those from 68164 to 68168 are of earlier revisions, and still sent."""


class Phase(StrEnum):
    """Phase of an alert's event."""

    START = "start"
    CONTINUE = "continue"
    END = "end"
    UPDATE = "update"
    ESCALATE = "escalate"
    DE_ESCALATE = "de-escalate"
    TIME_POINT = "tpoint"


class AlarmState(StrEnum):
    """State of an alarm."""

    OFF = "off"
    INACTIVE = "inactive"
    ACTIVE = "active"
    LATCHED = "latched"


class Inactivation(StrEnum):
    """Inactivation of an alarm's signals."""

    ENABLED = "enabled"
    AUDIO_PAUSED = "audio-paused"
    AUDIO_OFF = "audio-off"
    ALARM_PAUSED = "alarm-paused"
    ALARM_OFF = "alarm-off"
    ACKNOWLEDGED = "alert-acknowledged"


URN: Final = "urn:uuid:"
"""Beginning that some senders give the id of an alert (RFC 9562)."""
NO_PRIORITY: Final = "PN"
ADVISORY: Final = "SA"
PRIORITIES: Final = {
    AlertPriority.HIGH: "PH",
    AlertPriority.MEDIUM: "PM",
    AlertPriority.LOW: "PL",
}
TYPES: Final = {AlertKind.PHYSIOLOGICAL: "SP", AlertKind.TECHNICAL: "ST"}
ABNORMAL: Final = "A"
TEST: Final = "TEST"
"""Mark in OBX-8 of what is only a test (PCD-01, abnormal flags)."""

STATUS_WORDS: Final[dict[str, ReceiptFact | None]] = {
    "received": None,  # by the alert manager, not yet by anybody's device
    "delivered": ReceiptFact.DELIVERED,
    "read": ReceiptFact.SEEN,
    "seen": ReceiptFact.SEEN,
    "accepted": ReceiptFact.ACCEPTED,
    "acceptedpositive": ReceiptFact.ACCEPTED,
    "acceptedtrue": ReceiptFact.ACCEPTED,
    "acceptednegative": ReceiptFact.REJECTED,
    "acceptedfalse": ReceiptFact.REJECTED,
    "rejected": ReceiptFact.REJECTED,
    "undeliverable": ReceiptFact.FAILED,
    "cancelled": ReceiptFact.FAILED,
    "cancelledother": ReceiptFact.FAILED,
}
"""Facts by the word of a status, in small letters and without blanks. "Delivered" is in Draeger's
sample (PRT-3); the other words are those of the paging protocol WCTP. source: unknown for their use
in PCD-05, of which no public capture is known."""


def whole_in(text: str) -> int | None:
    """Return the whole number that a text is; None for any other text."""
    return int(text) if _WHOLE.fullmatch(text) else None
