"""Checkpoints of the audit trail as signed notes.

The note has the form of C2SP signed-note and, as to its lines, of C2SP tlog-checkpoint: origin,
number of entries, hash of the newest entry in base64, then the time on a line of its own. The hash
is the end of a chain, not the root of a Merkle tree.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge_agent.model.audit import Checkpoint
from edge_agent.payloads.common import UNREADABLE, encode_json, rfc3339, rfc3339_ns, utc_ns_of

GATEWAY_BED: Final = "_gateway"
"""Place of an entry in the journal that is about the gateway; no bed can have this name."""
_ED25519: Final = b"\x01"  # signature type; source: C2SP signed-note.md, "Signatures"
_DASH: Final = "\N{EM DASH} "
_TIME: Final = "time "
_NOTE: Final = re.compile(
    r"(?:^|(?<=[\",]))(?P<origin>[^\s+\",]+)\n(?P<count>0|[1-9][0-9]{0,18})\n(?P<head>[A-Za-z0-9+/]{43}=)\n"
    rf"{_TIME}(?P<at>[0-9TZ:.-]{{30}})\n\n"
    rf"{_DASH}(?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]{{92}})\n",
    re.MULTILINE,
)
_KEY: Final = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{44})")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Key that checkpoints are checked with."""

    origin: str
    raw: bytes
    """32 bytes; source: RFC 8032, 5.1.5."""

    def __str__(self) -> str:
        coded = b64encode(_ED25519 + self.raw).decode()
        return f"{self.origin}+{self.hint.hex()}+{coded}"

    @property
    def hint(self) -> bytes:
        """First four bytes of the key's hash, which each signature names."""
        return sha256(self.origin.encode() + b"\n" + _ED25519 + self.raw).digest()[:4]


def public_key(origin: str, key: Ed25519PrivateKey) -> PublicKey:
    """Return the public half of a key."""
    return PublicKey(origin, key.public_key().public_bytes_raw())


def parse_public_key(text: str) -> PublicKey:
    """Return the key in a text `NAME+HASH+KEY`.

    Raises
    ------
    ValueError
        If the text is not of this form, or the hash is not that of name and key.
    """
    found = _KEY.fullmatch(text.strip())
    raw = b"" if found is None else _decoded(found[3])
    if found is None or len(raw) != 33 or raw[:1] != _ED25519:
        raise ValueError("want a public key, NAME+HASH+KEY, as `crswatch audit key` prints it")
    key = PublicKey(found[1], raw[1:])
    if key.hint.hex() != found[2]:
        raise ValueError(f"the public key of {found[1]} is damaged: its hash does not match")
    return key


def signed_checkpoint(
    key: Ed25519PrivateKey, origin: str, count: int, head: str, at_utc_ns: int
) -> Checkpoint:
    """Return the signed statement that the trail has `count` entries and ends with `head`."""
    body = (
        f"{origin}\n{count}\n{b64encode(bytes.fromhex(head)).decode()}\n"
        f"{_TIME}{rfc3339_ns(at_utc_ns)}\n"
    )
    public = public_key(origin, key)
    signature = b64encode(public.hint + key.sign(body.encode())).decode()
    text = f"{body}\n{_DASH}{origin} {signature}\n"
    return Checkpoint(origin, count, head, at_utc_ns, text, str(public))


def read_checkpoints(text: str) -> tuple[list[Checkpoint], str]:
    """Return the notes in a text, unchecked, and the part of the text that is none of them.

    The text holds notes as they are, or as the database has them, with a backslash and an n for
    each line end, or lines with a JSON object that has one as `signed`, with anything before it on
    the line, such as a topic.
    """
    found: list[Checkpoint] = []
    rest: list[str] = []
    for line in text.splitlines(keepends=True):
        signed = _signed_in(line) if "{" in line else None
        note = None if signed is None else _NOTE.fullmatch(signed)
        checkpoint = None if note is None else _checkpoint(note)
        if checkpoint is None:
            rest.append(line)
        else:
            found.append(checkpoint)
    plain = "".join(rest).replace(r"\n", "\n")
    others = []
    at = 0
    for note in _NOTE.finditer(plain):
        checkpoint = _checkpoint(note)
        if checkpoint is not None:
            found.append(checkpoint)
            others.append(plain[at : note.start()])
            at = note.end()
    return found, "".join([*others, plain[at:]]).strip()


def is_signed_by(checkpoint: Checkpoint, key: PublicKey) -> bool:
    """Return True where the key's owner signed exactly this checkpoint."""
    match = _NOTE.fullmatch(checkpoint.text)
    if match is None or _checkpoint(match) != replace(checkpoint, key=""):
        return False
    signature = _decoded(match["signature"])
    if match["origin"] != key.origin or match["name"] != key.origin or signature[:4] != key.hint:
        return False
    body = checkpoint.text[: match.start("name") - len(_DASH) - 1]
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signature[4:], body.encode())
    except InvalidSignature:
        return False
    return True


def _checkpoint(note: re.Match[str]) -> Checkpoint | None:
    """Return the content of a note; None where its time is no time."""
    head = _decoded(note["head"]).hex()
    try:
        at_utc_ns = utc_ns_of(note["at"])
    except UNREADABLE:
        return None
    return Checkpoint(note["origin"], int(note["count"]), head, at_utc_ns, note[0])


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Base64Error, ValueError):
        return b""


class CheckpointEvent(msgspec.Struct, frozen=True, tag_field="event", tag="audit_checkpoint"):
    """A checkpoint of the audit trail, for the broker and the database."""

    bed_id: str
    origin: str
    count: int
    head: str
    at: str
    key: str
    signed: str


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """Return the journal's record of a checkpoint."""
    return encode_json(
        CheckpointEvent(
            bed_id=GATEWAY_BED,
            origin=checkpoint.origin,
            count=checkpoint.count,
            head=checkpoint.head,
            at=rfc3339(checkpoint.at_utc_ns),
            key=checkpoint.key,
            signed=checkpoint.text,
        )
    )


class _Signed(msgspec.Struct, frozen=True):
    signed: str


_signed_decoder: Final = msgspec.json.Decoder(_Signed)


def _signed_in(line: str) -> str | None:
    try:
        return _signed_decoder.decode(line[line.index("{") :].strip()).signed
    except (msgspec.MsgspecError, RecursionError):
        return None
