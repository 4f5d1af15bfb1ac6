"""`crswatch audit`: every attack on a trail is found, and a sound trail passes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.__main__ import main
from edge_agent.journal.trail import AuditLog
from edge_agent.journal.trail_file import trail_path
from edge_agent.journal.trail_key import key_path
from edge_agent.journal.trail_signer import checkpoints_path
from edge_agent.model.audit import AuditEntry, Checkpoint
from edge_agent.payloads.audit import GENESIS, chained, encode_line
from edge_agent.payloads.checkpoints import encode_checkpoint, signed_checkpoint
from edge_agent.payloads.events import decode_event, event_message
from tests.support.brokers import WAIT_S
from tests.support.gateways import write_config
from tests.support.trails import ORIGIN, START, an_act, entries_of, lines_of

if TYPE_CHECKING:
    from pathlib import Path


class Gateway:
    """A gateway that has written a trail of some 250 entries, and who received its checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.config = write_config(folder, "/dev/ttyUSB9")
        self.journal = folder / "journal.db"
        self.trail = trail_path(self.journal)
        self.outside = folder / "received.jsonl"
        received: list[Checkpoint] = []
        log = AuditLog(self.journal, ORIGIN, lambda: START, received.append)
        log.start()
        for number in range(250):
            log.add(an_act(number))
            if number % 90 == 89:
                assert log.wait_until_idle(WAIT_S)
        assert log.wait_until_idle(WAIT_S)
        log.stop()
        for number in range(3):
            log = AuditLog(self.journal, ORIGIN, lambda: START, lambda _checkpoint: None)
            log.add(an_act(number))
            log.start()
            log.stop()
        self.received = received
        lines = [
            event_message(decode_event(encode_checkpoint(c)), "gw-01", n).decode()
            for n, c in enumerate(received)
        ]
        self.outside.write_text("\n".join(lines) + "\n")

    def verify(self, *more: str) -> int:
        """Check the trail against the checkpoints that were received."""
        return main(["audit", "verify", "--config", str(self.config), *more])

    def against(self) -> int:
        """Check the trail against the checkpoints that were received."""
        return self.verify("--against", str(self.outside))


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    return Gateway(tmp_path)


Said = pytest.CaptureFixture[str]


def forged(entries: list[AuditEntry], by: str, since: int) -> bytes:
    """Return a trail written anew from some entry on, whole in itself."""
    kept, head = entries[: since - 1], entries[since - 2].head if since > 1 else GENESIS
    lines = [encode_line(entry) for entry in kept]
    for n in range(since, len(entries) + 1):
        entry = chained(an_act(n, by), n, head)
        lines.append(encode_line(entry))
        head = entry.head
    return b"".join(lines)


def test_a_sound_trail_passes_and_says_what_is_anchored(gateway: Gateway, capsys: Said) -> None:
    assert gateway.against() == 0
    said = capsys.readouterr().out
    assert f"{gateway.trail}: 254 entries" in said
    assert "entries 1 to 251: anchored, by a checkpoint of 2026-01-31T14:05:00.123Z in" in said
    assert "entries 252 to 254: not anchored" in said
    assert "WRONG" not in said


def test_without_checkpoints_from_outside_it_says_so(gateway: Gateway, capsys: Said) -> None:
    assert gateway.verify() == 0
    said = capsys.readouterr().out
    assert "entries 1 to 254: as signed here" in said
    assert "not compared with anything outside (--against)" in said
    checkpoints_path(gateway.journal).unlink()
    assert gateway.verify() == 0
    assert "entries 1 to 254: not anchored" in capsys.readouterr().out


def test_plain_notes_do_as_well(gateway: Gateway) -> None:
    gateway.outside.write_text("\n".join(c.text for c in gateway.received))
    assert gateway.against() == 0


def test_a_tail_that_was_cut_off_is_found(gateway: Gateway, capsys: Said) -> None:
    gateway.trail.write_bytes(b"".join(lines_of(gateway.trail)[:240]))
    checkpoints_path(gateway.journal).unlink()
    assert gateway.verify() == 0, "an unkeyed chain does not show it"
    assert gateway.against() == 1
    assert "WRONG: the end was cut off: the trail had 251 entries" in capsys.readouterr().out


def test_a_whole_trail_that_was_hashed_anew_is_found(gateway: Gateway, capsys: Said) -> None:
    gateway.trail.write_bytes(forged(entries_of(gateway.trail), "nobody", 1))
    checkpoints_path(gateway.journal).unlink()
    assert gateway.verify() == 0, "an unkeyed chain does not show it"
    assert gateway.against() == 1
    said = capsys.readouterr().out
    assert "checkpoints do not match: " in said
    assert "entries 1 to 254: not anchored" in said


def test_a_trail_hashed_anew_in_part_and_signed_anew_with_the_stolen_key_is_found(
    gateway: Gateway, capsys: Said
) -> None:
    gateway.trail.write_bytes(forged(entries_of(gateway.trail), "nobody", 200))
    checkpoints_path(gateway.journal).unlink()
    log = AuditLog(gateway.journal, ORIGIN, lambda: START, lambda _checkpoint: None)
    log.start()
    log.stop()
    assert gateway.verify() == 0, "who holds the key can sign another history"
    capsys.readouterr()
    assert gateway.against() == 1
    said = capsys.readouterr().out
    assert "entries 92 to 251 are not as at" in said
    assert "the trail was written anew after that" in said


def test_a_trail_that_was_deleted_is_found(gateway: Gateway, capsys: Said) -> None:
    gateway.trail.unlink()
    assert gateway.verify() == 1
    assert gateway.against() == 1
    said = capsys.readouterr().out
    assert "WRONG: there is no audit trail at" in said
    assert "WRONG: the trail is gone: it had 251 entries" in said


def test_a_trail_that_was_deleted_and_begun_anew_is_found(gateway: Gateway, capsys: Said) -> None:
    gateway.trail.unlink()
    log = AuditLog(gateway.journal, ORIGIN, lambda: START, lambda _checkpoint: None)
    for number in range(300):
        log.add(an_act(number, "nobody"))
    log.start()
    log.stop()
    assert gateway.against() == 1
    assert "not match" in capsys.readouterr().out


def test_one_entry_that_was_changed_is_found(gateway: Gateway, capsys: Said) -> None:
    lines = lines_of(gateway.trail)
    lines[99] = lines[99].replace(b"nurse 7", b"nurse 8")
    gateway.trail.write_bytes(b"".join(lines))
    assert gateway.verify() == 1
    assert "WRONG: entry 100 was changed: its hash does not match" in capsys.readouterr().out


def test_entries_in_another_order_are_found(gateway: Gateway) -> None:
    lines = lines_of(gateway.trail)
    lines[99], lines[100] = lines[100], lines[99]
    gateway.trail.write_bytes(b"".join(lines))
    assert gateway.verify() == 1


def test_two_trails_that_were_put_together_are_found(
    gateway: Gateway, tmp_path: Path, capsys: Said
) -> None:
    (tmp_path / "other").mkdir()
    other = Gateway(tmp_path / "other")
    spliced = lines_of(gateway.trail)[:150] + lines_of(other.trail)[150:]
    gateway.trail.write_bytes(b"".join(spliced))
    assert gateway.against() == 0, "two gateways in these tests write the same acts"
    mixed = forged(entries_of(other.trail), "nobody", 1).splitlines(keepends=True)
    gateway.trail.write_bytes(b"".join(lines_of(gateway.trail)[:150] + mixed[150:]))
    assert gateway.against() == 1
    assert "two trails were put together here" in capsys.readouterr().out


def test_checkpoints_that_another_key_signed_are_said(gateway: Gateway, capsys: Said) -> None:
    stranger = Ed25519PrivateKey.generate()
    forged_note = signed_checkpoint(stranger, ORIGIN, 100, "ab" * 32, START.utc_ns)
    other = signed_checkpoint(stranger, "crswatch/a/b/c", 100, "ab" * 32, START.utc_ns)
    gateway.outside.write_text(
        gateway.outside.read_text() + forged_note.text + "\n" + other.text + "hello\n"
    )
    assert gateway.against() == 1
    said = capsys.readouterr().out
    assert "WRONG: 1 of " in said
    assert "were not signed by the key of crswatch/hospital/cart-1/gw-01" in said
    assert "belong to other trails" in said
    assert "holds text that is no checkpoint: 'hello'" in said


def test_a_file_without_checkpoints_of_this_trail_anchors_nothing(
    gateway: Gateway, capsys: Said
) -> None:
    gateway.outside.write_text("nothing\n")
    assert gateway.against() == 1
    assert "holds no checkpoint of crswatch/hospital/cart-1/gw-01" in capsys.readouterr().out


def test_a_copy_is_checked_elsewhere_with_the_public_key_alone(
    gateway: Gateway, tmp_path: Path, capsys: Said
) -> None:
    assert main(["audit", "key", "--config", str(gateway.config)]) == 0
    key = tmp_path / "gw-01.pub"
    key.write_text(capsys.readouterr().out)
    words = ["audit", "verify", "--trail", str(gateway.trail), "--key", str(key)]
    assert main([*words, "--against", str(gateway.outside)]) == 0
    assert "entries 1 to 251: anchored" in capsys.readouterr().out
    gateway.trail.write_bytes(b"".join(lines_of(gateway.trail)[:240]))
    assert main([*words, "--against", str(gateway.outside)]) == 1
    pem = key_path(gateway.journal)
    assert main(["audit", "verify", "--config", str(gateway.config), "--key", str(pem)]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["verify"],
        ["key", "--trail", "x"],
        ["verify", "--trail", "x"],
        ["verify", "--trail", "x", "--key", "KEY"],
    ],
)
def test_wrong_usage_is_said(words: list[str], tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "KEY").write_text("my key")
    words = [str(tmp_path / word) if word == "KEY" else word for word in words]
    assert main(["audit", *words]) == 2
    assert "want" in capsys.readouterr().err


def test_before_the_first_start_there_is_no_key(gateway: Gateway, capsys: Said) -> None:
    key_path(gateway.journal).unlink()
    assert gateway.verify() == 1
    assert "the agent makes it at its first start" in capsys.readouterr().err


def test_the_time_of_an_act_is_read_in_a_narrow_terminal(
    gateway: Gateway, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["audit", "show", "--config", str(gateway.config), "--last", "1"]) == 0
    assert re.search(r" \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ", capsys.readouterr().out)


def test_what_cannot_be_read_is_said(gateway: Gateway, capsys: Said) -> None:
    assert gateway.verify("--against", "no/such") == 1
    key_path(gateway.journal).chmod(0o644)
    assert gateway.verify() == 1
    said = capsys.readouterr().err
    assert "No such file" in said
    assert "may be read by others than its owner" in said


def test_the_newest_entries_are_shown_and_command_no_terminal(
    gateway: Gateway, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with gateway.trail.open("ab") as file:
        last = entries_of(gateway.trail)[-1]
        file.write(encode_line(chained(an_act(9, "\x1b[2J[red]x"), last.n + 1, last.head)))
    words = ["audit", "show", "--config", str(gateway.config), "--last", "3"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert "?[2J[red]x" in said
    assert "\x1b[2J" not in said
    assert "252" not in said
    assert main([*words, "--by", "nurse 7", "--bed", "bed-01"]) == 0
    assert "?[2J" not in capsys.readouterr().out
    assert json.loads(lines_of(gateway.trail)[-1])["entry"]["n"] == 255
