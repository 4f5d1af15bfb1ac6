"""A board with a moving ward for whoever works on its pages: `python -m tests.support.board_ward`.

Eight beds of one gateway in every state, and one bed of a gateway that was lost. Answers, pauses
and test alerts take effect as they would on a ward, but nothing is detected: alerts are made up.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from edge_agent.board.board import Board, BoardSettings
from edge_agent.board.feed import BoardFeed, BodyKind
from edge_agent.board.gatekeeper import OpenGate
from edge_agent.board.server import Address, BoardServer
from edge_agent.board.static_files import StaticFiles
from edge_agent.board.ward_state import WardPlace
from edge_agent.model.alerts import Alert, AlertPriority, AlertState
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.assessment import (
    Assessment,
    AssessmentState,
    PatientAtBed,
    PauseOfBed,
    PointRange,
    ShownGrade,
)
from edge_agent.model.calls import Call, CallState
from edge_agent.model.oversight import AuditorPulse, WayHealth
from edge_agent.vitals.canonical import max_age_s
from tests.support import made_alerts
from tests.support.board_bodies import (
    alert_body,
    call_body,
    gateway_body,
    instant,
    model_body,
    pulse_body,
    report,
    status_body,
    vitals_body,
)
from tests.support.made_alerts import (
    DRIFT,
    LOST_PROBE,
    LOW_PRESSURE,
    ORGAN_SIGN,
    SUSPECTED,
    TEST,
    Made,
)
from tests.support.moving_vitals import USUAL_BANDS, moving_vitals
from tests.support.ward_past import Past

if TYPE_CHECKING:
    from edge_agent.board.commands import Reply, Signature
    from edge_agent.board.gatekeeper import Gatekeeper
    from edge_agent.model.patient import BedEntry

BEDS: Final = tuple(f"bed-{i:02}" for i in range(1, 9))
LOST_BED: Final = "bed-09"
_DAY_MS: Final = 86_400_000
_MINUTE_MS: Final = 60_000
ILL: Final = {"all": BEDS, "night": ("bed-02", "bed-06"), "quiet": ()}
"""Beds with a course of their own, by scene."""
_PRODUCTS: Final = ("axi-cel", "liso-cel", "teclistamab", "cilta-cel")


def now_ms() -> int:
    """Return the time in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class BoardWard:
    """A ward that moves; its methods are what happens on it, and what people command.

    Parameters
    ----------
    scene
        all: every state; night: one problem open, one answered, else quiet; quiet: all is well.
    """

    def __init__(self, scene: str = "all") -> None:
        self.feed = BoardFeed()
        self.answers: list[Answer] = []
        """Answers that were received."""
        self.refusal = ""
        """Reason with which every command is refused; empty for none."""
        self._scene, self._ill = scene, ILL[scene]
        self._began_ms = now_ms()
        self._alerts: dict[str, Alert] = {}
        self._calls: dict[str, Call] = {}
        self._away: dict[str, PauseOfBed] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.feed.put(gateway_body("online", BEDS))
        if scene != "quiet":
            self._begin_night(self._began_ms)
        if scene == "all":
            self._begin_all(self._began_ms)
        self.move(0)

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._is_over.set()

    def _run(self) -> None:
        second = 0
        while not self._is_over.wait(1.0):
            second += 1
            self.move(second)
            if self._scene == "all" and second == 2:
                self.feed.put(gateway_body("lost", (), "gw-2"))

    def move(self, second: int) -> None:
        """Send one second of vital signs, and a report every five seconds."""
        at_ms = now_ms()
        for i, bed_id in enumerate(BEDS):
            if bed_id in self._away:
                continue
            values = moving_vitals(second, i, bed_id if bed_id in self._ill else "")
            self.feed.put(vitals_body(bed_id, values, at_ms))
        if second % 5 == 0:
            self._report(at_ms)

    def _report(self, at_ms: int) -> None:
        for i, bed_id in enumerate(BEDS):
            if (pause := self._away.get(bed_id)) and pause.until_utc_ns <= at_ms * 1_000_000:
                del self._away[bed_id]
            self._report_bed(bed_id, i, at_ms)
        at = instant(at_ms)
        self.feed.put(pulse_body(AuditorPulse(at, at)))

    def _report_bed(self, bed_id: str, i: int, at_ms: int) -> None:
        patient = PatientAtBed(
            f"p-{i}",
            is_present=True,
            since_utc_ns=(self._began_ms - 9 * _DAY_MS) * 1_000_000,
            product=_PRODUCTS[i % 4],
            infused_utc_ns=(self._began_ms - (i + 2) * _DAY_MS) * 1_000_000,
            away=self._away.get(bed_id),
        )
        is_degraded = bed_id == "bed-05" and self._scene == "all"
        is_ill = bed_id in ILL["night"] and bed_id in self._ill
        state = AssessmentState.DEGRADED if is_degraded else AssessmentState.ASSESSING
        missing = ("temperature",) if is_degraded else ()
        own = report(
            bed_id,
            at_ms,
            assessment=Assessment(state, "", missing, instant(self._began_ms)),
            crs_score=PointRange(5, 7) if is_ill else PointRange(1, 2),
            grade=ShownGrade(
                "astct", 2 if is_ill else 0, 3 if is_ill else 1, "", ("oxygen flow",) * is_ill, ""
            ),
            patient=patient,
            usual=USUAL_BANDS,
            temperature_slope_per_h=0.4 if is_ill else 0.0,
        )
        self.feed.put(status_body(own))

    def _begin_night(self, at_ms: int) -> None:
        self.raise_alert("bed-02", ORGAN_SIGN, at_ms - 2 * _MINUTE_MS)
        taken = self.raise_alert("bed-06", LOW_PRESSURE, at_ms - 21 * _MINUTE_MS)
        self._put(made_alerts.acknowledged(taken, "nurse.okafor", at_ms - 19 * _MINUTE_MS))

    def _begin_all(self, at_ms: int) -> None:
        self.raise_alert("bed-03", SUSPECTED, at_ms - 11 * _MINUTE_MS)
        self.raise_alert("bed-04", DRIFT, at_ms - 42 * _MINUTE_MS)
        self.raise_alert("bed-05", LOST_PROBE, at_ms - 16 * _MINUTE_MS)
        ended = self.raise_alert("bed-07", SUSPECTED, at_ms - 33 * _MINUTE_MS)
        self._put(made_alerts.latched(ended, at_ms - 25 * _MINUTE_MS))
        until_ns = (at_ms + 25 * _MINUTE_MS) * 1_000_000
        self._away["bed-08"] = PauseOfBed("ct", until_ns, "nurse.lang")
        self.feed.put(gateway_body("online", (LOST_BED,), "gw-2"))
        self.feed.put(vitals_body(LOST_BED, moving_vitals(0, 0, ""), at_ms, "gw-2"))
        self.feed.put(status_body(report(LOST_BED, at_ms), gateway_id="gw-2"))
        began = instant(at_ms - 7 * _MINUTE_MS)
        for health in (
            WayHealth("pager", is_working=False, since=began, words="timed out"),
            WayHealth("handsets", is_working=True, since=began),
        ):
            self.feed.put(model_body(BodyKind.WAYS, health, subject=health.name))

    def raise_alert(self, bed_id: str, made: Made, at_ms: int | None = None) -> Alert:
        """Raise an alert and call for it; return the alert."""
        raised = made.alert(bed_id, at_ms or now_ms())
        self._put(raised)
        if made.priority is not AlertPriority.LOW:
            self._put_call(made_alerts.call_for(raised, at_ms or now_ms(), now_ms()))
        return raised

    def end_alert(self, raised: Alert) -> None:
        """End the condition of an alert, answered or not."""
        newest = self._alerts[raised.alert_id]
        if newest.state is AlertState.ACKNOWLEDGED:
            at = instant(now_ms())
            over = replace(newest, n=newest.n + 1, state=AlertState.RESOLVED, resolved_at=at)
            self._put(over)
        else:
            self._put(made_alerts.latched(newest, now_ms()))

    def _put(self, changed: Alert) -> None:
        self._alerts[changed.alert_id] = changed
        self.feed.put(alert_body(changed))
        call = self._calls.get(changed.bed_id)
        if call and changed.state is AlertState.ACKNOWLEDGED:
            self._put_call(replace(call, n=call.n + 1, state=CallState.ANSWERED, next_at=None))

    def _put_call(self, call: Call) -> None:
        self._calls[call.bed_id] = call
        self.feed.put(call_body(call))

    def answer(self, answer: Answer, _signature: Signature, reply: Reply) -> bool:
        """Take an answer."""
        self.answers.append(answer)
        seen = {one.alert_id for one in answer.seen}
        for one in tuple(self._alerts.values()):
            is_meant = one.bed_id == answer.bed_id and (not seen or one.alert_id in seen)
            is_taken = one.state is AlertState.ACKNOWLEDGED
            if one.is_open and is_meant and not (is_taken and answer.kind is not AnswerKind.REJECT):
                self._put(made_alerts.answered(one, answer, now_ms()))
        reply(self.refusal)
        return True

    def enter(self, entry: BedEntry, _signature: Signature, reply: Reply) -> bool:
        """Take an entry; only a pause has an effect."""
        fact = entry.entry
        if fact.kind == "away" and fact.until_utc_ns is not None:
            self._away[entry.bed_id] = PauseOfBed(fact.name, fact.until_utc_ns, fact.by)
            self._report(now_ms())
        reply(self.refusal)
        return True

    def test_alert(self, bed_id: str, signature: Signature, reply: Reply) -> bool:
        """Begin a test."""
        self.raise_alert(bed_id, replace(TEST, text=f"TEST by {signature.by}."))
        reply(self.refusal)
        return True

    def note_pause(self, _for_s: float, _signature: Signature) -> None:
        """Take that a person paused the sound."""

    def note_seen(self, _bed_id: str, _by: str) -> None:
        """Take that a person opened a problem."""

    def note_shown(self, _bed_id: str, _screen: str) -> None:
        """Take that a screen shows a problem."""


def board_of(
    ward: BoardWard, gate: Gatekeeper | None = None, language: str = "en", past: Past | None = None
) -> Board:
    """Return a ward's board; its files are read anew for each request."""
    past = past or Past()
    place = WardPlace("hospital", "Ward 7", "Europe/Berlin")
    files = StaticFiles(is_fixed=False)
    settings = BoardSettings(place, max_age_s, now_ms, language=language, files=files)
    settings = replace(settings, past=past.journal, audit=lambda: past.acts)
    return Board(settings, ward.feed, gate or OpenGate(), ward)


def served(ward: BoardWard, address: Address, *, language: str = "en") -> BoardServer:
    """Return the server of a ward's board, not started yet."""
    return BoardServer(board_of(ward, language=language), address)


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8642)
    parser.add_argument("--language", default="en", choices=("en", "de"))
    parser.add_argument("--scene", default="all", choices=tuple(ILL))
    arguments = parser.parse_args()
    ward = BoardWard(arguments.scene)
    server = served(ward, Address(port=arguments.port), language=arguments.language)
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: is_over.set())
    server.start()
    ward.start()
    sys.stdout.write(f"board at {server.url}\n")
    sys.stdout.flush()
    is_over.wait()
    begun_s = time.monotonic()
    ward.stop()
    server.stop()
    sys.stdout.write(f"stopped in {time.monotonic() - begun_s:.3f} s\n")


if __name__ == "__main__":
    main()
