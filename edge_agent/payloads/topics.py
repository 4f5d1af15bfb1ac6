"""The MQTT topics; no other module builds them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

CONTEXT: Final = "context"
ACKNOWLEDGEMENT: Final = "ack"
"""Subject of commands about alerts: answers, and wishes for a test."""
ALERTS: Final = "alerts"
_BOARD: Final = "_board"
_SCREENS: Final = "screens"
_SEGMENT: Final = re.compile(r"[^/+#\x00]+")


@dataclass(frozen=True, slots=True)
class Topics:
    """The MQTT topics of one gateway; each kind has a fixed number of segments."""

    site: str
    ward: str
    gateway_id: str

    def __post_init__(self) -> None:
        for name in (self.site, self.ward, self.gateway_id):
            check_segment(name)

    def vitals(self, bed_id: str) -> str:
        """Return the topic of a bed's vitals."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/vitals"

    def alert(self, bed_id: str, rule_id: str) -> str:
        """Return the topic that retains the current state of a rule on a bed."""
        bed, rule = check_segment(bed_id), check_segment(rule_id)
        return f"crswatch/v1/{self.site}/{self.ward}/{bed}/{ALERTS}/{rule}"

    def alerts(self) -> str:
        """Return the filter for the alerts of the whole ward."""
        return f"crswatch/v1/{self.site}/{self.ward}/+/{ALERTS}/+"

    def alerts_of(self, bed_id: str) -> str:
        """Return the filter for the alerts of a bed."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/{ALERTS}/+"

    def everything(self) -> str:
        """Return the filter for all topics of the ward."""
        return f"crswatch/v1/{self.site}/{self.ward}/#"

    def events(self, bed_id: str) -> str:
        """Return the topic of a bed's events."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/events"

    def status(self, bed_id: str) -> str:
        """Return the topic that retains the state of a bed's links."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/status"

    def calls(self, bed_id: str) -> str:
        """Return the topic that retains the call for a bed's problem."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/calls"

    def auditor(self) -> str:
        """Return the topic that retains the newest word of the auditor of calls."""
        return f"{self.gateway()}/auditor"

    def gateway(self) -> str:
        """Return the topic that retains birth and last will."""
        return f"crswatch/v1/{self.site}/{self.ward}/_gateway/{self.gateway_id}"

    def screens(self) -> str:
        """Return the filter for the reports of every board of the ward on its screens."""
        return f"crswatch/v1/{self.site}/{self.ward}/{_BOARD}/+/{_SCREENS}"

    def board_screens(self) -> str:
        """Return the topic of the report on the screens, where this is a ward's board."""
        return f"crswatch/v1/{self.site}/{self.ward}/{_BOARD}/{self.gateway_id}/{_SCREENS}"

    def audit(self) -> str:
        """Return the topic that retains the newest checkpoint of the audit trail."""
        return f"{self.gateway()}/audit"

    def context(self, bed_id: str) -> str:
        """Return the topic for entries about the patient of a bed."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/{CONTEXT}"

    def contexts(self) -> str:
        """Return the filter for the entries of the whole ward."""
        return f"crswatch/v1/{self.site}/{self.ward}/+/{CONTEXT}"

    def answers(self, bed_id: str) -> str:
        """Return the topic for answers to the alerts of a bed."""
        return f"crswatch/v1/{self.site}/{self.ward}/{check_segment(bed_id)}/ack"

    def acknowledgements(self) -> str:
        """Return the filter for the commands of the whole ward."""
        return f"crswatch/v1/{self.site}/{self.ward}/+/{ACKNOWLEDGEMENT}"

    def notices(self, bed_id: str = "+") -> str:
        """Return the topic of notices to people about a bed; by default that of every bed."""
        bed = bed_id if bed_id == "+" else check_segment(bed_id)
        return f"crswatch/v1/{self.site}/{self.ward}/{bed}/notices"

    def replies(self, bed_id: str = "+") -> str:
        """Return the topic of replies to the notices about a bed; by default that of every bed."""
        bed = bed_id if bed_id == "+" else check_segment(bed_id)
        return f"crswatch/v1/{self.site}/{self.ward}/{bed}/answers"

    def way(self, name: str) -> str:
        """Return the topic of the heartbeat of a way out."""
        return f"{self.gateway()}/ways/{check_segment(name)}"

    def ways(self) -> str:
        """Return the filter for the heartbeats of every way out of this gateway."""
        return f"{self.gateway()}/ways/+"

    def every_way(self) -> str:
        """Return the filter for the heartbeats of the ways out of every gateway of the ward."""
        return f"crswatch/v1/{self.site}/{self.ward}/_gateway/+/ways/+"


def trail_origin(site: str, ward: str, gateway_id: str) -> str:
    """Return the name of a gateway's audit trail, in its checkpoints and its key."""
    return f"crswatch/{site}/{ward}/{gateway_id}"


def check_segment(name: str) -> str:
    """Return `name` if it is valid as one segment of a topic.

    Raises
    ------
    ValueError
        If it is empty or holds a character that MQTT 5 section 4.7 reserves.
    """
    if not _SEGMENT.fullmatch(name):
        raise ValueError(f"topic segment is {name!r}; want text without '/', '+', '#' and NUL")
    return name


def bed_of(topic: str) -> str:
    """Return the bed of a topic that has one."""
    return topic.split("/")[4]


def is_context(topic: str) -> bool:
    """Return True if a command's topic is that of entries about a patient."""
    return topic.split("/")[5:] == [CONTEXT]


def board_of(topic: str) -> str:
    """Return the board of a topic of screens."""
    return topic.split("/")[5]


def is_screens(topic: str) -> bool:
    """Return True if a topic is that of a board's report on its screens."""
    match topic.split("/")[4:]:
        case ["_board", _, "screens"]:
            return True
    return False


def rule_of(topic: str) -> str:
    """Return the rule of an alert's topic."""
    return topic.split("/")[6]


def is_alert(topic: str) -> bool:
    """Return True if a topic is that of an alert's state."""
    return topic.split("/")[5:6] == [ALERTS]
