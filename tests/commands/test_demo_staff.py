"""The staff of the demonstration enter as a nurse does, and nothing of it is refused."""

from __future__ import annotations

import queue
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.commands.demo_staff import DemoStaff
from edge_agent.commands.demo_ward import DemoWard, demo_plan, switched_on
from edge_agent.config.gateway_file import MqttSection, load_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import LinkError
from edge_agent.payloads.control import encode_refusal
from edge_agent.payloads.events import ContextEvent, decode_event
from edge_agent.replay.run import no_lines
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.wards.ward_plan import WardPlan
from tests.support.control_sockets import WAIT_S, EchoDesk, await_path, opened_socket
from tests.support.pipelines import START

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.gateway.control_socket import Reply

PLAN = demo_plan(1)
BROKER = MqttSection(host="127.0.0.1", port=1)
BEDS = tuple(f"bed-{i:02}" for i in range(1, 9))


def test_the_ward_has_eight_beds_and_follows_its_seed() -> None:
    assert tuple(bed.bed_id for bed in PLAN.beds) == BEDS
    assert demo_plan(1) == PLAN
    assert [bed.seed for bed in demo_plan(2).beds] != [bed.seed for bed in PLAN.beds]


def test_commands_in_another_terminal_read_the_stored_configuration(tmp_path: Path) -> None:
    ward = DemoWard(PLAN, {bed: f"/dev/pts/{i}" for i, bed in enumerate(BEDS)}, START)
    config = ward.config(tmp_path, BROKER)
    stored = load_config(ward.store_config(config))
    assert (stored.gateway, stored.journal.path) == (config.gateway, config.journal.path)
    assert [(bed.id, bed.port, bed.driver) for bed in stored.beds] == [
        (bed.id, bed.port, bed.driver) for bed in config.beds
    ]


def test_everybody_is_admitted_and_each_treatment_is_entered_at_its_time(tmp_path: Path) -> None:
    ward = DemoWard(PLAN, dict.fromkeys(BEDS, "none"), START)
    config = ward.config(tmp_path, BROKER)
    hand = [START]
    clock = ScaledClock(lambda: hand[0], START)
    agent = Agent(config, read_rulebook(None), clock, no_lines)
    staff = DemoStaff(PLAN, config.journal.path, clock, START)
    staff.enter_due(START)  # nobody listens yet
    agent.start()
    await_path(config.journal.path)
    staff.enter_due(START)
    hand[0] = START.plus(22 * 60)
    staff.enter_due(hand[0])
    hand[0] = START.plus(24 * 60)
    staff.enter_due(hand[0])
    agent.stop()
    assert staff.refusals == []
    entered = [
        event
        for event in map(
            decode_event, (row.body for row in read_journal(config.journal.path, Lane.EVENTS))
        )
        if isinstance(event, ContextEvent)
    ]
    kinds = [(event.bed_id, event.entry.kind.value, event.entry.name) for event in entered]
    assert {bed for bed, kind, _ in kinds if kind == "admitted"} == set(BEDS)
    assert {bed for bed, kind, _ in kinds if kind == "infusion"} == set(BEDS) - {"bed-03"}
    given = kinds.index(("bed-05", "tocilizumab", "tocilizumab"))
    assert entered[given].entry.entered_utc_ns == START.plus(24 * 60).utc_ns
    assert {event.entry.by for event in entered} == {"N12"}


def test_an_entry_that_is_refused_is_told_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    ward = DemoWard(PLAN, dict.fromkeys(BEDS, "none"), START)
    config = ward.config(tmp_path, BROKER)
    clock = ScaledClock(lambda: START, START)
    agent = Agent(config, read_rulebook(None), clock, no_lines)
    agent.start()
    await_path(config.journal.path)
    moved = [replace(bed, bed_id=BEDS[1]) for bed in PLAN.beds[:1]]
    refusals = []
    for beds in (PLAN.beds[:1], PLAN.beds[:1], tuple(moved)):
        staff = DemoStaff(WardPlan(beds), config.journal.path, clock, START)
        staff.enter_due(START)
        staff.enter_due(START)
        refusals.append(list(staff.refusals))
    agent.stop()
    assert refusals[-1]
    assert not any("already entered" in refusal for refusal in refusals[-1])


def test_an_entry_whose_effect_is_late_is_tried_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    desk = LateDesk()
    clock = ScaledClock(lambda: START, START)
    with (
        opened_socket(journal, desk),
        DemoStaff(WardPlan(PLAN.beds[:1]), journal, clock, START) as staff,
    ):
        first = desk.entries.get(timeout=WAIT_S)
        assert desk.entries.get(timeout=WAIT_S) == first
    assert staff.refusals == []


class LateDesk(EchoDesk):
    """Says of every entry that its effect is late."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def serve(self, line: bytes, reply: Reply) -> None:
        """Keep the entry."""
        self.entries.put(line)
        reply(encode_refusal("late", is_late=True))


@pytest.mark.pty
def test_the_monitors_are_switched_on_and_off_again(tmp_path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), 20.0)
    with switched_on(PLAN, 1, clock, tmp_path) as ward:
        assert ward.ports.keys() == set(BEDS)
        assert len(set(ward.ports.values())) == 8


@pytest.mark.pty
def test_monitors_that_cannot_be_switched_on_are_said(tmp_path: Path) -> None:
    clock = ScaledClock(read_system_clock, read_system_clock(), 20.0)
    other = WardPlan(PLAN.beds[:3])
    with (
        pytest.raises(LinkError, match="cannot be switched on"),
        switched_on(other, 1, clock, tmp_path),
    ):
        pass
