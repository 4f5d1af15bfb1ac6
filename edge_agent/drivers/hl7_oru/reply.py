"""Answers to a message: none, or acknowledgements in the sender's own syntax."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from edge_agent.drivers.hl7_oru.er7 import Er7Message
from edge_agent.drivers.hl7_oru.timestamps import timestamp

_CHARSET: Final = 18


class ReplyOutcome(Enum):
    """Outcome of a message; the second letter of its acknowledgement code."""

    ACCEPTED = "A"
    ERROR = "E"
    """The message is damaged; sent again it may arrive whole."""
    REJECTED = "R"
    """The driver does not accept messages of its kind."""


@dataclass(frozen=True, slots=True)
class OutgoingHeader:
    """Time and number of an outgoing message."""

    utc_ns: int
    number: int

    @property
    def time(self) -> str:
        """Time for MSH-7."""
        return timestamp(self.utc_ns)

    @property
    def control_id(self) -> str:
        """Id for MSH-10, unique among the messages of a day; 18 of at most 20 characters."""
        return f"{self.utc_ns // 10**6 % 10**12:012d}{self.number % 10**6:06d}"


def acknowledgement_codes(message: Er7Message, outcome: ReplyOutcome, rule: str) -> list[str]:
    """Return the codes (MSA-1) that a message asks for, in the order of sending.

    Without MSH-15 and MSH-16 the original mode holds, with one application acknowledgement; with
    them the enhanced mode (HL7 Version 2.6, chapter 2.9).

    Parameters
    ----------
    rule
        `acknowledge` of the profile.
    """
    if rule == "never" or message.header.component(9, 1) in {"ACK", "MCF"}:
        return []
    accept, application = message.header.text(15).strip(), message.header.text(16).strip()
    if rule == "always" or not (accept or application):
        return ["A" + outcome.value]
    requested = (("C", accept), ("A", application))
    return [kind + outcome.value for kind, wish in requested if _is_wanted(wish, outcome)]


def _is_wanted(wish: str, outcome: ReplyOutcome) -> bool:
    is_success = outcome is ReplyOutcome.ACCEPTED
    return {"AL": True, "SU": is_success, "ER": not is_success}.get(wish, False)


def acknowledgement(
    message: Er7Message, code: str, outgoing: OutgoingHeader, words: str = ""
) -> bytes:
    """Return the acknowledgement of `message`, with its separators, charset and swapped names.

    Repeated fields stay unchanged, so that their escapes hold.

    Parameters
    ----------
    words
        Reason of a refusal, for MSA-3; empty for none.
    """
    header, syntax = message.header, message.syntax
    event = header.component(9, 2)
    kind = syntax.component.join(["ACK", *([event, "ACK"] if event else [])])
    marks = syntax.component + syntax.repetition + syntax.escape + syntax.subcomponent
    fields = ["MSH", marks, *(header.field(n) for n in (5, 6, 3, 4)), outgoing.time, "", kind]
    fields += [outgoing.control_id, header.field(11) or "P", header.field(12) or "2.6"]
    if header.field(_CHARSET):
        fields += [""] * 5 + [header.field(_CHARSET)]
    answer = ["MSA", code, header.field(10), *([syntax.escaped(words)] if words else [])]
    text = "".join(syntax.field.join(fields) + "\r" for fields in (fields, answer))
    # 1C may stand inside a message, but before the end of a segment it would end ours.
    return text.replace("\x1c", "").replace("\x0b", "").encode(syntax.encoding, "replace")
