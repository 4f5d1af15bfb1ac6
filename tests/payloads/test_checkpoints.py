"""Checkpoints as signed notes: nothing but what the trail's key signed is believed."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.payloads.checkpoints import (
    CheckpointEvent,
    encode_checkpoint,
    is_signed_by,
    parse_public_key,
    public_key,
    read_checkpoints,
    signed_checkpoint,
)
from edge_agent.payloads.events import decode_event, event_message
from tests.support.trails import KEY, ORIGIN, START

HEAD = "5b" * 32
OURS = signed_checkpoint(KEY, ORIGIN, 300, HEAD, START.utc_ns)
PUBLIC = public_key(ORIGIN, KEY)


def test_a_checkpoint_is_a_note_with_origin_count_hash_and_time() -> None:
    origin, count, head, time, empty, signature, end = OURS.text.split("\n")
    assert (origin, count, empty, end) == (ORIGIN, "300", "", "")
    assert head == "W1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1tbW1s="
    assert time == "time 2026-01-31T14:05:00.123456789Z"
    assert signature.startswith(f"\N{EM DASH} {ORIGIN} ")


def test_the_key_of_another_program_is_read() -> None:
    """The key and its hash are those of the example in Go's golang.org/x/mod/sumdb/note."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = parse_public_key(f" {text}\n")
    assert str(key) == text
    assert key.hint.hex() == "c74f20a3"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "crswatch",
        "a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy1===",
        "PeterNeumann+c74f20a3+====2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"want a public key|is damaged"):
        parse_public_key(text)


def test_the_signature_is_over_the_text_alone() -> None:
    """The rest of this module checks our own reader; here the library checks the bytes."""
    body, _, signature = OURS.text.partition(f"\n\N{EM DASH} {ORIGIN} ")
    raw = b64decode(signature)
    assert raw[:4] == PUBLIC.hint
    Ed25519PublicKey.from_public_bytes(PUBLIC.raw).verify(raw[4:], body.encode())


def test_notes_are_read_as_they_are_and_in_lines_of_json() -> None:
    other = signed_checkpoint(KEY, ORIGIN, 400, HEAD, START.utc_ns + 1)
    event = event_message(decode_event(encode_checkpoint(OURS)), "gw-01", 9)
    text = f"site/ward/audit {event.decode()}\n{other.text}\nnoise {{}}\n{OURS.text}"
    found, rest = read_checkpoints(text)
    plain = replace(OURS, key="")
    assert found == [plain, replace(other, key=""), plain]
    assert rest == "noise {}"
    assert all(is_signed_by(note, PUBLIC) for note in found)


def test_a_note_from_the_database_is_read() -> None:
    row = f'audit,300,"{OURS.text}"'.replace("\n", r"\n")
    for text in (row, OURS.text.replace("\n", r"\n"), f"{row}\n{row}"):
        found, _ = read_checkpoints(text)
        assert found[0] == found[-1] == replace(OURS, key="")


def test_a_checkpoint_leaves_with_its_key() -> None:
    event = decode_event(encode_checkpoint(OURS))
    assert isinstance(event, CheckpointEvent)
    assert (event.count, event.head, event.bed_id) == (300, HEAD, "_gateway")
    assert parse_public_key(event.key) == PUBLIC
    assert json.loads(event_message(event, "gw-01", 9))["event"] == "audit_checkpoint"


@given(st.data())
def test_no_character_of_a_note_can_be_changed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(OURS.text) - 1))
    character = data.draw(st.characters(exclude_characters=OURS.text[at]))
    found, _ = read_checkpoints(OURS.text[:at] + character + OURS.text[at + 1 :])
    assert not any(is_signed_by(note, PUBLIC) for note in found)


def test_what_another_key_or_for_another_trail_was_signed_is_not_believed() -> None:
    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    forged = signed_checkpoint(stranger, ORIGIN, 300, HEAD, START.utc_ns)
    elsewhere = signed_checkpoint(KEY, "crswatch/b/c/d", 300, HEAD, START.utc_ns)
    assert is_signed_by(OURS, PUBLIC)
    assert is_signed_by(forged, public_key(ORIGIN, stranger))
    assert not is_signed_by(forged, PUBLIC)
    assert not is_signed_by(elsewhere, PUBLIC)
    assert not is_signed_by(replace(OURS, count=301), PUBLIC)
    assert not is_signed_by(replace(OURS, head="5c" * 32), PUBLIC)
    assert not is_signed_by(replace(OURS, text=OURS.text[1:]), PUBLIC)
    hint = signed_checkpoint(stranger, ORIGIN, 300, HEAD, START.utc_ns).text
    swapped = OURS.text.splitlines(keepends=True)[:-1] + hint.splitlines(keepends=True)[-1:]
    assert not is_signed_by(replace(OURS, text="".join(swapped)), PUBLIC)


def test_a_note_with_an_impossible_time_is_left_over() -> None:
    wrong = OURS.text.replace("2026-01-31", "2026-13-31")
    assert read_checkpoints(wrong + OURS.text) == ([replace(OURS, key="")], wrong.strip())
    line = json.dumps({"signed": wrong})
    assert read_checkpoints(line) == ([], line.replace(r"\n", "\n"))
