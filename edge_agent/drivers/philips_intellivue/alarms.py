"""The monitor's own alarms, from its alert monitor object.

Layout after the Data Export Interface Programming Guide (4535 642 59271), "Alert Monitor" and
DevAlarmList.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.drivers.philips_intellivue.codes import (
    EVENT_PARTITION,
    METRIC_PARTITION,
    OBJECT_PARTITION,
    term,
)
from edge_agent.drivers.philips_intellivue.polls import PolledObject
from edge_agent.drivers.philips_intellivue.reader import Reader
from edge_agent.drivers.philips_intellivue.texts import shown
from edge_agent.model.session_events import DeviceAlarm

_PATIENT: Final = 0x0902
_TECHNICAL: Final = 0x0904
_WITH_TEXT: Final = 0x0204

_PRIORITIES: Final[dict[int, tuple[str, bool | None]]] = {
    0x0000: ("", None),
    0x0001: ("low", True),
    0x0002: ("medium", True),
    0x0004: ("high", True),
    0x0100: ("low", False),
    0x0200: ("medium", False),
    0x0400: ("high", False),
}
"""Priority, and True for a technical alarm, by AlertType; 0 is NO_ALERT."""

_UNUSABLE: Final = 0x0400 | 0x0200 | 0x0100
"""AlertState bits of test, standby and demo."""


@dataclass(frozen=True, slots=True)
class AlarmLists:
    """Patient and technical alarms of the monitor; a message changes only the lists it holds."""

    patient: tuple[DeviceAlarm, ...] = ()
    technical: tuple[DeviceAlarm, ...] = ()

    @property
    def all(self) -> tuple[DeviceAlarm, ...]:
        """Patient alarms, then technical ones, each in the monitor's order."""
        return self.patient + self.technical


def updated(lists: AlarmLists | None, polled: PolledObject) -> AlarmLists | None:
    """Return the lists after an object; None while the monitor has reported none.

    Raises
    ------
    MalformedMessageError
        If an entry is cut short.
    """
    patient = polled.attributes.get(_PATIENT)
    technical = polled.attributes.get(_TECHNICAL)
    if patient is None and technical is None:
        return lists
    known = lists or AlarmLists()
    return AlarmLists(
        known.patient if patient is None else _entries(patient),
        known.technical if technical is None else _entries(technical),
    )


def _entries(value: bytes) -> tuple[DeviceAlarm, ...]:
    reader = Reader(value)
    count = reader.u16()
    entries = Reader(reader.block())
    alarms = tuple(_alarm(entries) for _ in range(count))
    entries.finish()
    return alarms


def _alarm(entries: Reader) -> DeviceAlarm:
    source, code, kind, state = (entries.u16() for _ in range(4))
    entries.read(4)
    handle = entries.u16()
    has_text = entries.u16() == _WITH_TEXT
    detail = Reader(entries.block())
    detail.read(10)
    text = shown(detail.block()) if has_text else ""
    # An unlisted type is shown as the gravest technical one rather than discarded.
    priority, is_technical = _PRIORITIES.get(kind, ("high", True))
    return DeviceAlarm(
        source_code=term(OBJECT_PARTITION if code & 1 else METRIC_PARTITION, source),
        event_code=term(EVENT_PARTITION, code & 0xFFFE),
        priority=priority,
        is_technical=is_technical,
        state=state,
        channel=f"{handle:04X}",
        text=text,
        is_usable=not state & _UNUSABLE,
    )
