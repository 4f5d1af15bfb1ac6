"""Courses of one alert as text: findings, answers and time in, states and signals out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.alerting.settings import AlertSettings
from edge_agent.model.alerts import Alert, AlertPriority, AlertState, SignalReason
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.model.duty import DEFAULT_TIMES
from edge_agent.model.findings import Branch, Evidence
from edge_agent.payloads.alerts import decode_alert, encode_alert
from tests.support.findings import BED, at, finding, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge_agent.model.alerts import AlertPolicy

STATE: Final = {
    AlertState.PENDING: "p",
    AlertState.RAISED: "R",
    AlertState.ACKNOWLEDGED: "a",
    AlertState.LATCHED: "L",
    AlertState.RESOLVED: "c",
}
SIGNAL: Final = {
    SignalReason.FIRST: "f",
    SignalReason.NEW_SIGN: "n",
    SignalReason.WORSE: "w",
    SignalReason.BACK: "b",
    SignalReason.REMINDER: "r",
    SignalReason.ANSWER_EXPIRED: "e",
    SignalReason.SILENCE_ENDED: "s",
    SignalReason.REJECTED: "x",
}
ANSWERS: Final = {
    "A": (AnswerKind.ACKNOWLEDGE, "nurse A"),
    "B": (AnswerKind.ACKNOWLEDGE, "nurse B"),
    "X": (AnswerKind.REJECT, "nurse A"),
    "Y": (AnswerKind.REJECT, "nurse B"),
    "S": (AnswerKind.SILENCE, "nurse A"),
    "T": (AnswerKind.SILENCE, "nurse B"),
}
"""Answers of two people; they take no time."""
_OTHER: Final = Evidence("heart_rate", "for_60_s", 160.0, "/min", 60.0, 1.0, 150.0, at(0))
_FIRST: Final = Evidence("spo2", "for_60_s", 80.0, "%", 60.0, 1.0, 90.0, at(0))
_GROUNDS: Final = {"P": (_FIRST,), "N": (_OTHER,)}
"""P holds on the sign it was raised with, N on another one."""
RULE: Final = "crs.fever"


@dataclass
class Script:
    """One alert, played step by step, with a restart where one is asked for."""

    priority: AlertPriority
    step_s: float = 60.0
    latch_s: float | None = None
    settings: AlertSettings = field(default_factory=AlertSettings)
    restart_at: int | None = None
    """Step before which the program is started again; None: never."""
    with_snapshot: bool = True
    """True if the running times are stored, too."""

    def alerts(self, script: str) -> Iterator[Alert | None]:
        """Yield the newest alert after each step of a script.

        The letters are findings, N for another sign, a space for no evaluation at all, and answers.
        """
        book = self._book()
        seconds = 0.0
        for step, mark in enumerate(script):
            if step == self.restart_at:
                book = self._restarted(book, seconds)
            if mark in ANSWERS:
                kind, by = ANSWERS[mark]
                book.answer(Answer(BED, kind, by), at(seconds - self.step_s))
            elif mark == " ":
                book.pass_time(BED, at(seconds))
                seconds += self.step_s
            else:
                said = finding("P" if mark == "N" else mark, seconds, RULE)
                grounds = _GROUNDS.get(mark, ())
                branches = (Branch(grounds, grounds),) if grounds else ()
                book.apply([replace(said, evidence=grounds, branches=branches)])
                seconds += self.step_s
            yield book.current(BED, RULE)

    def states(self, script: str) -> str:
        """Return the letter of the state after each step; n before there is any alert."""
        return "".join(STATE[a.state] if a else "n" for a in self.alerts(script))

    def signals(self, script: str) -> str:
        """Return the letter of the signal of each step, a point where there is none."""
        letters, before = "", ("", 0)
        for alert in self.alerts(script):
            newest = (alert.alert_id, alert.signal_n) if alert is not None else ("", 0)
            is_new = newest != before
            letters += SIGNAL[alert.signal] if is_new and alert and alert.signal else "."
            before = newest
        return letters

    def policy(self) -> AlertPolicy:
        """Return the policy of the rule: raised at once, cleared after two steps."""
        plain = policy(RULE, for_s=0, latch_s=self.latch_s)
        return replace(plain, priority=self.priority, clear_for_s=2 * self.step_s)

    def _book(self) -> AlertBook:
        labels = AlertLabels("site", "ward", "hash", observed_within_s=self.step_s)
        return AlertBook([self.policy()], labels, self.settings)

    def _restarted(self, book: AlertBook, seconds: float) -> AlertBook:
        journalled = [decode_alert(encode_alert(alert)) for alert in book.alerts(BED)]
        after = self._book()
        after.restore(journalled, at(seconds))
        if self.with_snapshot:
            assert after.restore_snapshot(journalled) == []
        return after


def steps_of(priority: AlertPriority, step_s: float) -> tuple[int, int, int]:
    """Return after how many steps a reminder is due, an answer expires and a silence ends."""
    times = DEFAULT_TIMES[priority]
    counts = [-(-each // step_s) for each in (times.reminder_s, times.answer_s, times.silence_s)]
    return int(counts[0]), int(counts[1]), int(counts[2])
