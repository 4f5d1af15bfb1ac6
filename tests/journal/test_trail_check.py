"""Attacks on an audit trail, each of them found; and a sound trail, in which nothing is found."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.journal.trail_check import TrailRange, check_trail
from edge_agent.model.audit import Act, AuditAct, AuditEntry, Checkpoint
from edge_agent.payloads.audit import GENESIS, chained, decode_line, encode_line
from edge_agent.payloads.checkpoints import signed_checkpoint
from tests.support.trails import KEY, ORIGIN, START, an_act

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def a_trail(entries: int, by: str = "nurse 7") -> list[AuditEntry]:
    """Return a sound trail."""
    found: list[AuditEntry] = []
    head = GENESIS
    for n in range(1, entries + 1):
        found.append(chained(an_act(n, by), n, head))
        head = found[-1].head
    return found


TRAIL = a_trail(30)
LINES = [encode_line(entry) for entry in TRAIL]


def anchors(*counts: int, trail: Sequence[AuditEntry] = TRAIL) -> list[Checkpoint]:
    """Return the checkpoints that the gateway signed at these numbers."""
    return [signed_checkpoint(KEY, ORIGIN, n, trail[n - 1].head, START.utc_ns + n) for n in counts]


def faults(lines: Iterable[bytes], *counts: int) -> str:
    """Return the faults of a trail, of which the checkpoints left the gateway."""
    return "; ".join(check_trail(lines, anchors(*counts)).faults)


def test_in_a_sound_trail_nothing_is_found() -> None:
    report = check_trail(LINES, anchors(10, 20))
    assert (report.entries, report.faults, report.notes) == (30, (), ())
    assert report.ranges == (TrailRange(1, 30, 20, START.utc_ns + 20),)


def test_without_checkpoints_nothing_is_anchored() -> None:
    assert check_trail(LINES, []).ranges == (TrailRange(1, 30, 0, 0),)
    assert check_trail([], []).ranges == ()


def test_a_tail_that_was_cut_off_shows_only_by_a_checkpoint() -> None:
    assert faults(LINES[:18]) == ""
    assert faults(LINES[:18], 10) == ""
    assert faults(LINES[:18], 10, 20) == (
        "the end was cut off: the trail had 20 entries at 2026-01-31T14:05:00.123Z, and entries "
        "19 to 20 are missing"
    )
    assert "entry 20 is missing" in faults(LINES[:19], 20)


def test_a_trail_that_was_deleted_shows_by_a_checkpoint() -> None:
    assert faults([], 10, 20) == "the trail is gone: it had 20 entries at 2026-01-31T14:05:00.123Z"


def test_a_trail_that_was_written_anew_as_a_whole_shows_by_a_checkpoint() -> None:
    forged = [encode_line(entry) for entry in a_trail(30, by="nobody")]
    assert faults(forged) == ""
    report = check_trail(forged, anchors(10, 20))
    assert report.faults == (
        "2 checkpoints do not match: entries 1 to 10 are not as at 2026-01-31T14:05:00.123Z; the "
        "trail was written anew after that",
    )
    assert report.ranges == (TrailRange(1, 30, 0, 0),)


def test_a_trail_that_was_written_anew_from_some_entry_on_shows_between_two_checkpoints() -> None:
    forged, head = TRAIL[:14], TRAIL[13].head
    for n in range(15, 31):
        forged = [*forged, chained(an_act(n, "nobody"), n, head)]
        head = forged[-1].head
    report = check_trail(map(encode_line, forged), anchors(10, 20))
    (words,) = report.faults
    assert words.startswith("1 checkpoint does not match: entries 11 to 20 are not as at")
    assert report.ranges == (TrailRange(1, 30, 10, START.utc_ns + 10),)


def test_one_entry_that_was_changed_is_found_by_itself() -> None:
    changed = [*LINES]
    changed[4] = changed[4].replace(b"nurse 7", b"nurse 8")
    report = check_trail(changed, anchors(3, 20))
    assert report.faults == ("entry 5 was changed: its hash does not match",)
    assert [(r.first, r.last, r.anchored_until) for r in report.ranges] == [(1, 4, 3), (6, 30, 20)]


def test_one_entry_that_was_changed_with_its_hash_is_found_by_the_next_one() -> None:
    forged = encode_line(chained(an_act(5, "nurse 8"), 5, TRAIL[3].head))
    said = faults([*LINES[:4], forged, *LINES[5:]])
    assert said.startswith("entry 6 does not follow from the one before it")


def test_the_last_entry_changed_is_found() -> None:
    assert faults([*LINES[:-1], LINES[-1].replace(b"nurse 7", b"nurse 8")]) == (
        "entry 30 was changed: its hash does not match"
    )


def test_entries_in_another_order_are_found() -> None:
    said = faults([*LINES[:4], LINES[5], LINES[4], *LINES[6:]])
    assert "entry 5 is missing before entry 6" in said
    assert "entry 5 stands behind entry 6: moved, or of another trail" in said


def test_an_entry_that_was_taken_out_is_found() -> None:
    assert faults([*LINES[:4], *LINES[5:]], 20) == "entry 5 is missing before entry 6"
    assert faults(LINES[3:]) == "entries 1 to 3 are missing before entry 4"


def test_an_entry_that_was_repeated_is_found() -> None:
    assert "entry 5 stands behind entry 5" in faults([*LINES[:5], *LINES[4:]])


def test_two_trails_that_were_put_together_are_found() -> None:
    other = [encode_line(entry) for entry in a_trail(30, by="nobody")]
    report = check_trail([*LINES[:12], *other[12:]], anchors(10, 20))
    assert "two trails were put together here" in report.faults[0]
    assert "1 checkpoint does not match: entries 11 to 20" in report.faults[1]
    assert [(r.first, r.last, r.anchored_until) for r in report.ranges] == [
        (1, 12, 10),
        (13, 30, 12),
    ]
    assert "entry 1 stands behind entry 30" in faults([*LINES, *other])


def test_a_gateway_that_signed_two_histories_is_found() -> None:
    other = anchors(20, trail=a_trail(30, by="nobody"))
    said = check_trail(LINES, [*anchors(10, 20, 30), *other]).faults
    assert said == (
        "1 checkpoint does not match: entry 20 is not as at 2026-01-31T14:05:00.123Z; the trail "
        "was written anew after that",
    )


@given(st.data())
def test_whatever_line_is_changed_moved_or_taken_out_is_found(data: st.DataObject) -> None:
    lines = [*LINES]
    at = data.draw(st.integers(0, 28))
    match data.draw(st.sampled_from(["change", "remove", "swap", "insert", "noise"])):
        case "change":
            line = bytearray(lines[at])
            line[data.draw(st.integers(0, len(line) - 2))] ^= 1
            lines[at] = bytes(line)
        case "remove":
            del lines[at]
        case "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        case "insert":
            lines.insert(at, data.draw(st.sampled_from(LINES)))
        case _:
            lines.insert(at, data.draw(st.binary(min_size=1, max_size=20)) + b"\n")
    assert check_trail(lines, []).faults


@given(st.data())
def test_whatever_is_anchored_is_as_it_was(data: st.DataObject) -> None:
    """However an attacker puts lines together: what the report calls anchored is the true trail."""
    forged = [encode_line(entry) for entry in a_trail(30, by="nobody")]
    pieces = data.draw(st.lists(st.sampled_from([*LINES, *forged]), max_size=40))
    lines = [*LINES[: data.draw(st.integers(0, 30))], *pieces]
    report = check_trail(lines, anchors(10, 20))
    sound = [entry for entry in map(decode_line, lines) if entry is not None]
    at = 0
    for part in report.ranges:
        own = sound[at : at + part.last - part.first + 1]
        anchored = [entry for entry in own if entry.n <= part.anchored_until]
        assert anchored == TRAIL[part.first - 1 : part.anchored_until]
        at += len(own)
    assert at == len(sound)


TORN = LINES[10][:-40]


def recorded(torn: bytes, **changes: str) -> list[bytes]:
    """Return the lines behind torn bytes, as a start after a loss of power writes them."""
    detail = {"bytes": str(len(torn)), "sha256": sha256(torn).hexdigest(), **changes}
    act = AuditAct(Act.TRAIL_TORN, "", START, via="gateway", detail=detail)
    entry = chained(act, 11, TRAIL[9].head)
    return [encode_line(entry), encode_line(chained(an_act(12), 12, entry.head))]


def test_a_torn_end_is_said() -> None:
    assert faults([*LINES[:10], TORN]) == (
        f"the trail ends with {len(TORN)} bytes that are no entry, as after a loss of power; the "
        "agent records them at its next start"
    )


def test_a_torn_end_that_the_next_start_recorded_is_a_note_and_breaks_nothing() -> None:
    torn = TORN + b"\n"
    report = check_trail([*LINES[:10], torn, *recorded(torn)], anchors(10))
    assert report.faults == ()
    assert report.notes[0].startswith(f"{len(torn)} bytes before entry 11 are no entry, as it says")
    assert [(r.first, r.last, r.anchored_until) for r in report.ranges] == [(1, 12, 10)]


@pytest.mark.parametrize("changes", [{"bytes": "7"}, {"sha256": "00" * 32}])
def test_torn_bytes_that_were_changed_afterwards_are_found(changes: dict[str, str]) -> None:
    torn = TORN + b"\n"
    assert faults([*LINES[:10], torn, *recorded(torn, **changes)]) == (
        f"{len(torn)} bytes before entry 11 are no entry"
    )


def test_a_changed_entry_cannot_be_passed_off_as_torn_where_it_is_anchored() -> None:
    torn = LINES[10].replace(b"nurse 7", b"nurse 8")
    lines = [*LINES[:10], torn, *recorded(torn)]
    assert faults(lines, 10) == ""
    assert "1 checkpoint does not match: entries 11 to 12 are not as at" in faults(lines, 10, 12)


def test_many_faults_are_counted() -> None:
    said = check_trail(LINES[::-1], []).faults
    assert len(said) == 21
    assert said[-1] == "and 10 more"


def test_lines_are_json_that_any_program_reads() -> None:
    assert json.loads(LINES[0])["entry"]["by"] == "nurse 7"
