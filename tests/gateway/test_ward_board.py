"""The board of a gateway, in a real agent: answers, entries, tests, screens, the trail."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from edge_agent.config.gateway_file import parse_config
from edge_agent.gateway.agent import Agent
from edge_agent.gateway.system_clock import system_clock
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.served_board import WAIT_S, Answered, Screen, requested

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
[gateway]
id = "gw-1"
site = "hospital"
ward = "cart-1"
zone = "Europe/Berlin"
[journal]
path = "{folder}/journal.db"
[board]
port = 0
{board}
[[beds]]
id = "bed-01"
port = "{folder}/no-such-port"
driver = "masimo_ascii"
"""
BED = "/api/beds/bed-01"


class Board:
    """The board of a running agent."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.port = int(agent.board_url.rstrip("/").rpartition(":")[2])

    def get(self, path: str) -> Answered:
        """Return the answer to a GET."""
        return requested(self.port, "GET", path)

    def post(self, path: str, **fields: object) -> Answered:
        """Return the answer to a form."""
        headers = {"X-CSRF-Token": self.get("/api/me").content["csrf"]}
        return requested(self.port, "POST", path, json.dumps(fields).encode(), headers)

    def screen(self) -> Screen:
        """Return a client of the stream."""
        return Screen(self.port)


@contextmanager
def running(folder: Path, board: str = "") -> Iterator[Board]:
    """Run an agent whose one port is not there."""
    config = parse_config(CONFIG.format(folder=folder, board=board), source="x", folder=folder)
    agent = Agent(config, read_rulebook(None), system_clock())
    agent.start()
    try:
        yield Board(agent)
    finally:
        agent.stop()


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with running(tmp_path) as found:
        yield found


def test_the_beds_of_a_gateway_are_on_its_board_without_broker_or_database(board: Board) -> None:
    with board.screen() as screen:
        first = screen.until("snapshot").content
    assert [bed["id"] for bed in first["beds"]] == ["bed-01"]
    assert first["ward"]["name"] == "cart-1"
    assert [gateway["state"] for gateway in first["ward"]["gateways"]] == ["online"]
    assert first["ward"]["pace"] == 1.0


def test_a_test_alert_goes_through_the_whole_chain_and_its_answer_passes_it(board: Board) -> None:
    with board.screen() as screen:
        screen.until("snapshot")
        assert board.post(f"{BED}/test-alert", by="nurse 7").status == 202
        bed = screen.bed("bed-01", lambda bed: bed["problem"] and bed["problem"]["is_test"])
        problem = bed["problem"]
        seen = [{"alert_id": sign["alert_id"], "n": sign["n"]} for sign in problem["signs"]]
        answer = board.post(
            f"{BED}/answer", kind="acknowledge", answer_id="a-1", by="nurse 7", seen=seen
        )
        assert answer.status == 202
        test = screen.until("ward").content["test"]
        while test is None or not test["passed"]:
            test = screen.until("ward").content["test"]
    assert (test["bed"], test["by"]) == ("bed-01", "nurse 7")


def test_a_command_that_is_not_carried_out_says_why_at_once(board: Board) -> None:
    wrong = [{"alert_id": "no-such-alert", "n": 1}]
    answer = board.post(
        f"{BED}/answer", kind="acknowledge", answer_id="a-1", by="nurse 7", seen=wrong
    )
    assert answer.status == 409
    assert "not carried out: " in answer.content["error"]["en"]
    entry = board.post(
        f"{BED}/entries", kind="oxygen", name="hose", entry_id="e-1", at_ms=1, by="nurse 7"
    )
    assert entry.status == 409


def test_an_entry_is_on_the_board_and_in_the_history(board: Board) -> None:
    at_ms = time.time_ns() // 1_000_000
    admitted = board.post(
        f"{BED}/entries",
        kind="admitted",
        patient_id="P-17",
        entry_id="e-1",
        at_ms=at_ms - 60_000,
        by="nurse 7",
    )
    assert admitted.status == 202
    with board.screen() as screen:
        screen.until("snapshot")
        infused = board.post(
            f"{BED}/entries",
            kind="infusion",
            name="axi-cel",
            entry_id="e-2",
            at_ms=at_ms - 30_000,
            by="nurse 7",
        )
        assert infused.status == 202
        bed = screen.bed("bed-01", lambda bed: bed["product"] == "axi-cel")
    assert bed["day"] == 0
    history = board.get(f"{BED}/history").content
    assert [entry["entry_id"] for entry in history["entries"]] == ["e-1", "e-2"]
    again = board.post(
        f"{BED}/entries", kind="age", amount=61, entry_id="e-2", at_ms=at_ms, by="nurse 7"
    )
    assert again.status == 409, "an id counts once"


def test_a_patient_who_is_away_is_shown_as_such_and_back_again(board: Board) -> None:
    at_ms = time.time_ns() // 1_000_000
    away = {"reason": "ct", "at_ms": at_ms, "until_ms": at_ms + 600_000, "by": "nurse 7"}
    with board.screen() as screen:
        assert board.post(f"{BED}/away", entry_id="e-1", **away).status == 202
        bed = screen.bed("bed-01", lambda bed: bed["away"])
        assert (bed["away"]["until_ms"], bed["away"]["by"]) == (at_ms + 600_000, "nurse 7")
        assert bed["assessment"]["state"] == "not_assessing"
        assert bed["assessment"]["words"]["en"].startswith("away: CT until ")
        back = away | {"until_ms": time.time_ns() // 1_000_000}
        assert board.post(f"{BED}/away", entry_id="e-2", corrects="e-1", **back).status == 202
        screen.bed("bed-01", lambda bed: not bed["away"])


def test_every_act_at_the_board_is_in_the_audit_trail_with_its_name(
    board: Board, tmp_path: Path
) -> None:
    board.post("/api/ward/audio-pause", by="nurse 7", for_s=30)
    board.post(f"{BED}/test-alert", by="nurse 8")
    assert board.agent.staff.audit.wait_until_idle(WAIT_S)
    lines = (tmp_path / "journal.db.audit.jsonl").read_text().splitlines()
    entries = [json.loads(line)["entry"] for line in lines]
    acts = {(entry["act"], entry["by"], entry["via"]) for entry in entries}
    assert ("audio_pause", "nurse 7", "board 127.0.0.1") in acts
    assert ("test_alert", "nurse 8", "board 127.0.0.1") in acts


def test_open_alerts_of_before_a_restart_are_on_the_board_again(tmp_path: Path) -> None:
    with running(tmp_path) as board:
        board.post(f"{BED}/test-alert", by="nurse 7")
        board.agent.drain(WAIT_S)
    with running(tmp_path) as board, board.screen() as screen:
        bed = screen.bed("bed-01", lambda bed: bed["problem"])
    assert bed["problem"]["signs"]


def test_the_auditor_asks_for_a_screen_that_can_sound_only_after_a_while(board: Board) -> None:
    ward_board = board.agent._nearby._board
    assert ward_board is not None
    assert ward_board.screens() is None
    ward_board._board.screens._sounded_s -= 31.0
    report = {"name": "wall", "seq": 1, "can_sound": False, "is_awake": True}
    assert board.post("/api/screen", **report).status == 202
    screens = ward_board.screens()
    assert screens is not None
    assert [(screen.name, screen.can_sound) for screen in screens] == [("wall", False)]
    assert (
        board.post("/api/screen", **(report | {"can_sound": True, "audio_time": 2.0})).status == 202
    )
    assert ward_board.screens() is None
