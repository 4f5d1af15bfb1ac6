"""Notices, heartbeats and checkpoints as syslog messages (RFC 5424)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.audit import Checkpoint
from edge_agent.model.calls import Notice
from edge_agent.model.clock import Instant
from edge_agent.payloads.common import rfc3339
from edge_agent.payloads.notices import GatewayPlace

LONGEST_DATAGRAM: Final = 2048
"""Octets that every receiver should accept (RFC 5424 section 6.1)."""
_ALERT, _WARNING, _NOTICE, _INFORMATIONAL = 1, 4, 5, 6
"""Severities (RFC 5424 section 6.2.1, table 2)."""
_SEVERITIES: Final = {
    AlertPriority.HIGH: _ALERT,
    AlertPriority.MEDIUM: _WARNING,
    AlertPriority.LOW: _NOTICE,
}
_ELEMENT: Final = "crswatch@32473"
"""Name of our structured data; 32473 is the enterprise number for examples (RFC 5612), as the
project has none of its own."""
_MARK: Final = "\ufeff"
"""Says that the text is UTF-8 (RFC 5424 section 6.4)."""
_CUT: Final = "…"
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_NO_NAME: Final = re.compile(r"[^!-~]")


def notice_line(notice: Notice, place: GatewayPlace, facility: int) -> bytes:
    """Return a notice as one syslog message."""
    severity = _INFORMATIONAL if notice.is_over else _SEVERITIES[notice.priority]
    kind = "test" if notice.is_test else "over" if notice.is_over else "notice"
    fields = {
        "notice": notice.notice_id,
        "bed": notice.bed_id,
        "person": notice.person_id,
        "duty": notice.duty,
        "reason": notice.reason,
        "priority": notice.priority.name.lower(),
        "alert": notice.alert_id,
    }
    if notice.answered_by:
        fields["answeredBy"] = notice.answered_by
    text = f"{notice.headline}. {notice.sentence}" if notice.sentence else notice.headline
    head = _head(facility * 8 + severity, notice.at, place, kind)
    return f"{head} {_data(place, fields)} {_MARK}{_plain(text)}".encode()


def beat_line(way: str, place: GatewayPlace, at: Instant, facility: int) -> bytes:
    """Return a heartbeat as one syslog message."""
    head = _head(facility * 8 + _INFORMATIONAL, at, place, "heartbeat")
    return f"{head} {_data(place, {'way': way})} {_MARK}heartbeat of {_plain(way)}".encode()


def checkpoint_line(checkpoint: Checkpoint, place: GatewayPlace, facility: int) -> bytes:
    """Return a checkpoint of the audit trail as one syslog message, its note as JSON."""
    at = Instant(0, checkpoint.at_utc_ns)
    head = _head(facility * 8 + _NOTICE, at, place, "checkpoint")
    fields = {"origin": checkpoint.origin, "count": str(checkpoint.count)}
    note = json.dumps({"signed": checkpoint.text}, ensure_ascii=False)
    return f"{head} {_data(place, fields)} {_MARK}{note}".encode()


def _head(priority: int, at: Instant, place: GatewayPlace, kind: str) -> str:
    host = _NO_NAME.sub("-", place.gateway_id) or "-"
    return f"<{priority}>1 {rfc3339(at.utc_ns)} {host} crswatch - {kind}"


def _data(place: GatewayPlace, fields: Mapping[str, str]) -> str:
    every = {"site": place.site, "ward": place.ward, **fields}
    pairs = (f'{name}="{_escaped(value)}"' for name, value in every.items())
    return f"[{_ELEMENT} {' '.join(pairs)}]"


def _escaped(text: str) -> str:
    """Return a value with the characters escaped that would end it (RFC 5424 section 6.3.3)."""
    return re.sub(r'(["\\\]])', r"\\\1", _plain(text))


def _plain(text: str) -> str:
    """Return a text in one line, without control characters."""
    return _UNPRINTABLE.sub(" ", text)


def shortened(line: bytes, most: int) -> bytes:
    """Return a message of at most `most` octets, cut between two characters."""
    if len(line) <= most:
        return line
    kept = line[: most - len(_CUT.encode())].decode("utf-8", "ignore")
    return f"{kept}{_CUT}".encode()


def counted(line: bytes) -> bytes:
    """Return a message for a stream, its length in front (RFC 6587 section 3.4.1)."""
    return b"%d %b" % (len(line), line)
