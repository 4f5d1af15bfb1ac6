"""The gate for commands: a flood of one bed slows nobody, and every refusal is said, seldom."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

import pytest

from edge_agent.model.patient import BedEntry
from edge_agent.payloads.entries import encode_entry
from edge_agent.sinks.mqtt_commands import BURST, PER_SECOND, CommandCallbacks, CommandGate
from tests.support.patient_entries import an_entry

ROOT = "crswatch/v1/site/ward"
ACK = b'{"alert_id": "a-1", "by": "nurse 7"}'


@dataclass
class Desk:
    """Takes what the gate lets through."""

    is_open: bool = True
    accepted: list[object] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def gate(self) -> CommandGate:
        """Return a gate that leads here."""
        return CommandGate(CommandCallbacks(self._answer, self._enter, self._reject))

    def _answer(self, command: object) -> bool:
        self.accepted += [command] if self.is_open else []
        return self.is_open

    def _enter(self, entry: BedEntry) -> bool:
        self.accepted += [entry] if self.is_open else []
        return self.is_open

    def _reject(self, bed_id: str, reason: str) -> bool:
        self.refused.append((bed_id, reason))
        return True


def test_a_flood_is_let_through_at_a_rate_and_refused_in_few_words() -> None:
    desk = Desk()
    gate = desk.gate()
    for number in range(3000):  # 100 a second
        gate.accept(f"{ROOT}/bed-1/ack", ACK, number / 100)
    assert len(desk.accepted) == pytest.approx(BURST + 30 * PER_SECOND, abs=2)
    assert len(desk.refused) == 3
    assert all("commands not accepted: more than 2 a second" in why for _, why in desk.refused)
    assert desk.refused[0] == ("bed-1", "1 commands not accepted: more than 2 a second")


def test_a_quiet_hour_saves_up_no_more_than_a_burst() -> None:
    desk = Desk()
    gate = desk.gate()
    gate.accept(f"{ROOT}/bed-1/ack", ACK, 0.0)
    for _ in range(BURST + 50):
        gate.accept(f"{ROOT}/bed-1/ack", ACK, 3600.0)
    assert len(desk.accepted) == 1 + BURST


def test_beds_and_kinds_do_not_share_what_they_may_send() -> None:
    desk = Desk()
    gate = desk.gate()
    entry = encode_entry(an_entry("e-1", "oxygen", "nasal cannula", amount=2, by="N12"))
    for _ in range(BURST + 5):
        gate.accept(f"{ROOT}/bed-1/context", entry, 1.0)
    gate.accept(f"{ROOT}/bed-1/ack", ACK, 1.0)
    gate.accept(f"{ROOT}/bed-2/context", entry, 1.0)
    assert len(desk.accepted) == BURST + 2
    assert [bed for bed, _ in desk.refused] == ["bed-1"]


def test_nonsense_counts_like_any_command() -> None:
    desk = Desk()
    gate = desk.gate()
    for _ in range(1000):
        gate.accept(f"{ROOT}/bed-1/ack", b"{", 1.0)
    assert len(desk.refused) == BURST + 1
    assert desk.accepted == []


def test_names_that_no_bed_can_have_are_ignored_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    gate = desk.gate()
    with caplog.at_level(logging.WARNING):
        for name in ("x" * 65_000, "x" * 65, "a b", "ä", ".bed"):
            gate.accept(f"{ROOT}/{name}/ack", ACK, 1.0)
    assert desk.accepted == desk.refused == []
    assert len(caplog.records) == 1
    assert len(caplog.text) < 300
    gate.accept(f"{ROOT}/{'x' * 64}/ack", ACK, 1.0)
    assert len(desk.accepted) == 1


def test_invented_beds_share_one_count_beyond_a_number_of_them() -> None:
    desk = Desk()
    gate = desk.gate()
    for number in range(5000):
        gate.accept(f"{ROOT}/bed-{number}/ack", ACK, 1.0)
    assert len(gate._allowances) <= 257
    assert len(desk.accepted) == 256 + BURST


def test_a_gateway_that_is_too_busy_says_so() -> None:
    desk = Desk(is_open=False)
    desk.gate().accept(f"{ROOT}/bed-1/ack", ACK, 1.0)
    assert desk.refused == [("bed-1", "the gateway is too busy; send it again")]
