"""The ward of an agent as commands on the same machine see it, without broker or network."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
import pytest

from edge_agent.board.forms import ScreenForm
from edge_agent.board.shapes import ShownBed, Snapshot
from edge_agent.config.beside_journal import control_paths
from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import system_clock
from edge_agent.model.bed_events import FromDevice
from edge_agent.model.clock import Instant
from edge_agent.model.oversight import BoardReport, ScreenReport
from edge_agent.payloads.control import EntryRequest, SnapshotRequest
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.events import ContextEvent, decode_event
from edge_agent.payloads.screens import encode_screens
from edge_agent.rulebook.rule_set import read_rulebook
from edge_agent.ward_client.control_client import ask_agent
from tests.gateway.test_journal_memory import agent_at, hear
from tests.support.control_sockets import await_path
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, message

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.gateway.nearby import Nearby


def started(journal: Path, hand: list[Instant]) -> Agent:
    agent = agent_at(journal, hand)
    agent.start()
    await_path(journal)
    return agent


def seen(journal: Path) -> Snapshot:
    reply = ask_agent(journal, SnapshotRequest())
    assert reply is not None
    return msgspec.json.decode(bytes(reply.ok), type=Snapshot)


def bed_seen(journal: Path) -> ShownBed:
    (bed,) = seen(journal).beds
    return bed


def low_oxygen(agent: Agent, hand: list[Instant], seconds: range) -> None:
    for second in seconds:
        hand[0] = START.plus(second)
        event = message(second, hr=80, spo2=86.0)
        agent.pipeline_thread.put(FromDevice(PLACE, (event,), event.at))
    assert agent.pipeline_thread.wait_until_idle()


def test_a_ward_is_seen_before_anything_was_measured(tmp_path: Path) -> None:
    agent = started(tmp_path / "journal.db", [START])
    snapshot = seen(tmp_path / "journal.db")
    agent.stop()
    assert [bed.id for bed in snapshot.beds] == [BED]
    assert [(gw.state, gw.id) for gw in snapshot.ward.gateways] == [("online", "gw-01")]
    assert snapshot.beds[0].assessment.state == "not_assessing"
    assert snapshot.now_ms == START.utc_ns // 1_000_000


def test_values_assessment_and_alerts_are_seen_as_they_are_evaluated(tmp_path: Path) -> None:
    journal, hand = tmp_path / "journal.db", [START]
    agent = started(journal, hand)
    hear(agent, hand, range(1, 60))
    bed = bed_seen(journal)
    assert (bed.vitals["heart_rate"].text, bed.vitals["heart_rate"].state) == ("80", "live")
    assert bed.problem is None
    assert bed.assessment.state != "assessing"
    low_oxygen(agent, hand, range(60, 300))
    bed = bed_seen(journal)
    agent.stop()
    assert bed.vitals["spo2"].text == "86"
    assert bed.vitals["spo2"].in_alarm
    assert bed.problem is not None
    assert [sign.rule_id for sign in bed.problem.signs] == ["vital.severe_hypoxia"]


def test_an_open_alert_is_seen_at_once_after_a_restart(tmp_path: Path) -> None:
    journal, hand = tmp_path / "journal.db", [START]
    agent = started(journal, hand)
    low_oxygen(agent, hand, range(1, 300))
    agent.stop()
    agent = started(journal, hand)
    bed = bed_seen(journal)
    agent.stop()
    assert bed.problem is not None
    assert [sign.rule_id for sign in bed.problem.signs] == ["vital.severe_hypoxia"]


def test_an_entry_is_answered_with_what_was_entered_or_the_reason_why_not(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    agent = started(journal, [Instant(0, an_entry("x", "ice", amount=9.0).at_utc_ns)])
    entry = an_entry("e-1", "ice", amount=9.0, by="N12", patient_id="")
    request = EntryRequest(BED, msgspec.Raw(encode_entry(entry)))
    first, second = ask_agent(journal, request), ask_agent(journal, request)
    nameless = EntryRequest(BED, msgspec.Raw(encode_entry(an_entry("e-2", "ice", by=" "))))
    refused = ask_agent(journal, nameless)
    agent.stop()
    assert first is not None
    event = decode_event(bytes(first.ok))
    assert isinstance(event, ContextEvent)
    assert (event.entry.entry_id, event.entry.by) == ("e-1", "N12")
    assert second is not None
    assert "entry 'e-1': was already entered" in second.error
    assert refused is not None
    assert "want who enters it" in refused.error


def test_the_socket_goes_with_its_agent(tmp_path: Path) -> None:
    journal = tmp_path / "journal.db"
    agent = started(journal, [START])
    agent.stop()
    assert ask_agent(journal, SnapshotRequest()) is None
    assert not any(path.exists() for path in control_paths(journal))


OWN = "[board]\nport = 0\n"
OPTIONAL = f"{OWN}needs_screen = false\n"
WARD = '[ward]\nfile = "ward.toml"\nneeds_screen = true\n'


def nearby(folder: Path, sections: str) -> Nearby:
    """Return the parts of an agent that was not started, 31 s after nothing could sound."""
    (folder / "ward.toml").touch()
    text = """
        [gateway]
        id = "gw-1"
        site = "hospital"
        ward = "cart-1"
        [journal]
        path = "journal.db"
        [mqtt]
        host = "127.0.0.1"
        [[beds]]
        id = "bed-01"
        port = "none"
        driver = "masimo_ascii"
    """
    config = parse_config(text + sections, source="x", folder=folder)
    found = Agent(config, read_rulebook(None), system_clock(), lambda *_: [])._nearby
    if found._board is not None:
        found._board._board.screens._sounded_s -= 31.0
    if found._ward_screens is not None:
        found._ward_screens._sounded_s -= 31.0
    return found


def report(found: Nearby, *, can_sound: bool) -> None:
    """Let a screen of a board on another machine report."""
    screen = ScreenReport("far", can_sound=can_sound, is_awake=True, age_s=0.0)
    found.take_report("b-1", encode_screens(BoardReport((screen,))))


def report_own(found: Nearby, *, can_sound: bool) -> None:
    """Let a screen of the gateway's own board report."""
    assert found._board is not None
    form = ScreenForm("near", 1, can_sound=can_sound, is_awake=True, audio_time=1.0)
    found._board._board.screens.note(form, time.monotonic(), time.time_ns() // 1_000_000)


def names(found: Nearby) -> list[str] | None:
    screens = found.screens()
    return None if screens is None else [screen.name for screen in screens]


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ("", None),
        (OPTIONAL, None),
        (OWN, ["near"]),
        (WARD, ["b-1/far"]),
        (OWN + WARD, ["near", "b-1/far"]),
        (OPTIONAL + WARD, ["near", "b-1/far"]),
    ],
)
def test_the_screens_of_a_ward_are_those_of_all_its_boards(
    sections: str, expected: list[str] | None, tmp_path: Path
) -> None:
    found = nearby(tmp_path, sections)
    if "[board]" in sections:
        report_own(found, can_sound=False)
    report(found, can_sound=False)
    assert names(found) == expected


@pytest.mark.parametrize("is_own", [True, False])
def test_one_screen_with_sound_anywhere_is_enough(tmp_path: Path, *, is_own: bool) -> None:
    found = nearby(tmp_path, OWN + WARD)
    assert names(found) == []
    report_own(found, can_sound=is_own)
    report(found, can_sound=not is_own)
    assert names(found) is None
