"""Messages of a simulated HL7 device, in its dialect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from simulators.monitors.hl7.alarms import AlarmCondition, Phase
from simulators.monitors.hl7.er7 import NOT_TEXT, HostMessage, TimeStyle, framed, segment, stamp
from simulators.monitors.hl7.rows import RowWriter, Shown
from simulators.monitors.hl7.settings import Hl7Settings

_OVERSIZED_ROW: Final = segment("OBX", {2: "ED", 3: "0^WAVE^99SIM", 5: "A" * 600_000, 11: "F"})
# object identifier: IHE Patient Care Device technical framework, ACM profile
_ALARM_PROFILE: Final = "IHE_PCD_004^IHE PCD^1.3.6.1.4.1.19376.1.6.1.4.1^ISO"


@dataclass(frozen=True, slots=True)
class FramedMessage:
    """One framed message with its control id."""

    control_id: str
    wire: bytes


class MessageWriter:
    """Writes one device's messages and counts them.

    Parameters
    ----------
    settings
        Settings of the device.
    seed
        Chooses the device's identity and the start of its counter.
    """

    def __init__(self, settings: Hl7Settings, seed: int) -> None:
        chance = Random(seed)
        self._settings = settings
        self._dialect = settings.writing
        self._count = chance.randrange(1000, 5000)
        unit = chance.randrange(1 << 24)
        device = _device(settings.dialect, unit)
        self._identity = {
            "device": device,
            "address": f"00-0F-14-{unit >> 16:02X}-{unit >> 8 & 255:02X}-{unit & 255:02X}",
            "tail": f"{unit:06X}",
            "patient": str(10_000 + seed % 90_000),
            "location": settings.location,
            "free": self._dialect.free_text + (NOT_TEXT if settings.bad_charset_bytes else ""),
        }
        self._row_writer = RowWriter(settings, device)

    def report(
        self, shown: Shown, *, is_oversized: bool
    ) -> tuple[FramedMessage, dict[str, float | None]]:
        """Return an ORU^R01 and the values that it promises to a reader."""
        rows = self._row_writer.rows(shown)
        lines = self._with_alarms(rows.lines, shown)
        if is_oversized:
            lines.append(_OVERSIZED_ROW)
        return self._message(self._dialect.report_kind, shown, (), lines), dict(rows.values)

    def answer(
        self, query: HostMessage, shown: Shown
    ) -> tuple[FramedMessage, dict[str, float | None] | None]:
        """Return the answer to a query: an ORF^R04, or an ACK without values to a bad query."""
        if query.field("QRD", 9) not in {"RES", "STA"} or not query.field("QRD", 4):
            refusal = f"MSA|AR|{query.control_id}|Invalid query"
            return self.short_message("ACK", shown, (refusal,)), None
        echo = [f"MSA|AA|{query.control_id}"]
        echo += ["|".join(fields) for fields in query.segments if fields[0] == "QRD"]
        rows = self._row_writer.rows(shown)
        lines = self._with_alarms(rows.lines, shown)
        return self._message("ORF^R04", shown, echo, lines), dict(rows.values)

    def alarm(self, alarm: AlarmCondition, phase: Phase, shown: Shown) -> FramedMessage:
        """Return an alarm message, ORU^R40."""
        zone = self._settings.zone_minutes
        fields = self._fields("ORU^R40^ORU_R40", shown)
        fields["now"] = stamp(shown.wall_ns, zone, TimeStyle.MILLISECONDS_ZONE)
        head = [line.format_map(fields) for line in self._dialect.head]
        head[0] = head[0].partition("|||IHE_PCD_001")[0] + f"|||{_ALARM_PROFILE}"
        facets = (
            ("1", "CWE", "196616^MDC_EVT_ALARM^MDC", alarm.event),
            ("2", "CWE", "68480^MDC_ATTR_ALERT_SOURCE^MDC", alarm.source),
            ("3", "ST", "68481^MDC_ATTR_EVENT_PHASE^MDC", phase.value),
            (
                "4",
                "ST",
                "68482^MDC_ATTR_ALARM_STATE^MDC",
                "inactive" if phase is Phase.END else "active",
            ),
            ("6", "ST", "68484^MDC_ATTR_ALARM_PRIORITY^MDC", alarm.priority),
        )
        rows = []
        for number, kind, code, value in facets:
            row = {1: number, 2: kind, 3: code, 4: f"{alarm.sub_id}.{number}", 5: value}
            if number == "1":
                now = stamp(shown.wall_ns, zone, TimeStyle.SECONDS_ZONE)
                row |= {8: alarm.flags, 11: "R", 14: now}
            if value:
                rows.append(segment("OBX", row))
        return FramedMessage(fields["id"], framed((*head, *rows), self._dialect.codec))

    def chatter(self, shown: Shown) -> list[FramedMessage]:
        """Return a query for patients and a report of one, sent between reports."""
        question = ("QRD|{now}|R|I|{id}|||||RES", "QRF|MON||||1")
        admission = ("EVN|A08|{now}", *self._dialect.head[1:3])
        return [
            self.short_message("QRY^R02", shown, question),
            self.short_message("ADT^A08^ADT_A01", shown, admission),
        ]

    def short_message(self, kind: str, shown: Shown, lines: Sequence[str]) -> FramedMessage:
        """Return a message of MSH and the given lines, which may name fields in braces."""
        fields = self._fields(kind, shown)
        written = [line.format_map(fields) for line in (self._dialect.head[0], *lines)]
        return FramedMessage(fields["id"], framed(written, self._dialect.codec))

    def _with_alarms(self, rows: Sequence[str], shown: Shown) -> list[str]:
        if not (self._settings.sends_alarms and self._dialect.has_alarm_rows):
            return list(rows)
        alarms = self._row_writer.alarm_rows(shown.vitals)
        if not self._dialect.alarm_head:
            first = len(self._dialect.fixed_rows)
            return [*rows[:first], *alarms, *rows[first:]]
        head = self._dialect.alarm_head.format(now=self._row_writer.stamp(shown.wall_ns))
        return [*rows, head, *alarms] if alarms else list(rows)

    def _message(
        self, kind: str, shown: Shown, after_msh: Sequence[str], rows: Sequence[str]
    ) -> FramedMessage:
        fields = self._fields(kind, shown)
        header, *rest = (line.format_map(fields) for line in self._dialect.head)
        return FramedMessage(
            fields["id"], framed((header, *after_msh, *rest, *rows), self._dialect.codec)
        )

    def _fields(self, kind: str, shown: Shown) -> dict[str, str]:
        self._count += 1
        clock = stamp(shown.wall_ns, self._settings.zone_minutes, TimeStyle.SECONDS)
        fields = self._identity | {
            "kind": kind,
            "now": self._row_writer.stamp(shown.wall_ns),
            "clock": clock,
        }
        fields["id"] = self._dialect.control_id.format(**fields, count=self._count)
        return fields


def _device(dialect: str, unit: int) -> str:
    return {
        "mindray_egateway": f"00A03700{unit:08X}",
        "comen_nc5": f"KC{unit:09d}G",
        "ge_carescape_gateway": f"080019FFFE{unit:06X}",
        "efficia": f"CN{unit:08d}",
    }.get(dialect, f"SN{unit:08d}")
