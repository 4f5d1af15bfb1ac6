"""Division of a frame into messages, and the context that the rest of a message needs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from edge_agent.drivers.hl7_oru.er7 import BLANKS, UTF_16_BEGINNINGS, lines_of
from edge_agent.drivers.hl7_oru.frames import FILL

_BATCH: Final = {"FHS", "BHS", "BTS", "FTS"}
"""Segments around the messages of a file or a batch (HL7 Version 2.6, 2.10.3)."""
_ROWS: Final = re.compile(rb"[ \t" + FILL + rb"]*(?:[Oo][Bb][Xx]|[Nn][Tt][Ee])\W")
_LONGEST_CONTEXT: Final = 8192
"""Largest context in bytes: a message without its rows and texts; real ones have some 600."""
_HEADER: Final = re.compile(
    rb"(?:\A|(?<=[\r\n]))[ \t\x0b\x1c" + FILL + rb"]*(?:\xef\xbb\xbf)?[Mm][Ss][Hh](?=[^\w\s])"
)


def split(body: bytes) -> list[bytes]:
    """Return the messages in one frame, including any bytes before the first header."""
    if body[:4] in UTF_16_BEGINNINGS:
        return [body]
    starts = [match.start() for match in _HEADER.finditer(body)]
    if starts[:1] != [0]:
        starts.insert(0, 0)
    return [body[a:b] for a, b in pairwise([*starts, len(body)])]


def context(body: bytes) -> bytes:
    """Return the lines of a message that identify the patient and time of its rows.

    A text may follow them. Empty where the message does not end with a row or a text, so that the
    next lines might name the patient; where the lines are too long for a message; and in UTF-16.
    """
    lines = [line for line in re.split(rb"[\r\n]+", body) if BLANKS.sub(b"", line, 1)]
    if body[:4] in UTF_16_BEGINNINGS or not _ROWS.match(lines[-1]):
        return b""
    said = [line for line in lines if not _ROWS.match(line)]
    separator = BLANKS.sub(b"", said[0], 1)[3:4]
    found = b"\r".join((*said, b"NTE" + separator))
    return found if len(found) <= _LONGEST_CONTEXT else b""


def is_wrapping(piece: bytes) -> bool:
    """Return whether a piece is blank, or only the header of a file or batch."""
    lines = lines_of(piece.decode("latin-1"))
    return all(line[:3].upper() in _BATCH for line in lines)
