"""Entries of the audit trail: one text for one content, and a hash over all of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edge_agent.model.audit import Act, AuditAct
from edge_agent.model.clock import LATEST_UTC_NS, Instant
from edge_agent.payloads.audit import (
    GENESIS,
    LINE_BEGIN,
    LONGEST_LINE_BYTES,
    chained,
    claimed_number,
    decode_line,
    encode_line,
)
from tests.support.trails import an_act

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ACTS = st.builds(
    AuditAct,
    act=st.sampled_from(Act) | TEXTS,
    by=TEXTS,
    at=st.builds(Instant, st.just(0), st.integers(0, LATEST_UTC_NS)),
    role=TEXTS,
    via=TEXTS,
    bed_id=TEXTS,
    subject=TEXTS,
    detail=st.dictionaries(TEXTS, TEXTS, max_size=4),
)


@given(ACTS, st.integers(1, 10**12))
def test_an_entry_comes_back_as_it_was(act: AuditAct, n: int) -> None:
    entry = chained(act, n, GENESIS)
    line = encode_line(entry)
    assert decode_line(line) == entry
    assert entry.act == replace(act, act=str(act.act))
    assert line.startswith(LINE_BEGIN)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


@given(ACTS)
def test_the_bytes_are_those_that_another_canonical_writer_makes(act: AuditAct) -> None:
    """The standard library stands for any other program that checks a trail."""
    line = encode_line(chained(act, 3, "ab" * 32))
    read = json.loads(line)
    again = json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() + b"\n" == line
    part = json.dumps(read["entry"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(part.encode()).hexdigest() == read["hash"]


@given(ACTS, st.data())
def test_no_byte_of_a_line_can_be_changed(act: AuditAct, data: st.DataObject) -> None:
    line = encode_line(chained(act, 3, GENESIS))
    at = data.draw(st.integers(0, len(line) - 1))
    changed = bytearray(line)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert decode_line(bytes(changed)) is None


@given(st.binary(max_size=200))
def test_other_bytes_are_no_entry(noise: bytes) -> None:
    assert decode_line(noise) is None
    assert claimed_number(noise) is None


def test_a_line_written_in_another_way_is_no_entry() -> None:
    line = encode_line(chained(an_act(1), 1, GENESIS))
    assert decode_line(json.dumps(json.loads(line)).encode() + b"\n") is None
    assert decode_line(line[:-1]) is None
    assert decode_line(line.replace(b'"n":1', b'"n":1,"x":2')) is None
    assert decode_line(b"[" * LONGEST_LINE_BYTES) is None
    assert decode_line(b" " * LONGEST_LINE_BYTES + line) is None


def test_time_and_place_in_the_chain_are_part_of_the_hash() -> None:
    act = an_act(1)
    entry = chained(act, 1, GENESIS)
    others = (
        chained(replace(act, at=act.at.plus(1e-9)), 1, GENESIS),
        chained(act, 2, GENESIS),
        chained(act, 1, entry.head),
        chained(replace(act, by="nurse 8"), 1, GENESIS),
        chained(replace(act, detail={**act.detail, "outcome": "refused"}), 1, GENESIS),
    )
    assert len({entry.head, *(other.head for other in others)}) == 6


def test_a_time_that_is_no_time_is_no_entry() -> None:
    line = encode_line(chained(an_act(1), 1, GENESIS))
    at = json.loads(line)["entry"]["at"]
    for wrong in ("yesterday", at[:-1] + "+", at.replace("T", " "), "", "9" * 30):
        assert decode_line(line.replace(at.encode(), wrong.encode())) is None


def test_texts_that_are_too_long_or_not_text_are_cut_and_say_so() -> None:
    act = replace(
        an_act(1), by="x" * 5000, subject="\ud800", detail={str(i): "y" for i in range(40)}
    )
    entry = chained(act, 1, GENESIS)
    assert entry.act.by == "x" * 1000 + "..."
    assert entry.act.subject == "?"
    assert entry.act.detail["..."] == "24 more"
    assert decode_line(encode_line(entry)) == entry


def test_the_number_of_a_line_that_was_changed_is_found() -> None:
    line = encode_line(chained(an_act(1), 7, GENESIS))
    assert claimed_number(line.replace(b"nurse 7", b"nurse 8")) == 7
