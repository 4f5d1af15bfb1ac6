"""Random rules, courses and answers, played into the alerts of one bed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from hypothesis import strategies as st

from edge_agent.alerting.alert_book import AlertBook
from edge_agent.alerting.lifecycle import AlertLabels
from edge_agent.model.alerts import AlertKind, AlertPriority
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from tests.support.findings import BED, at, finding, policy
from tests.support.untold import ToldCourse

if TYPE_CHECKING:
    from edge_agent.alerting.alert_book import AlertChange
    from edge_agent.model.alerts import Alert, AlertPolicy

STEP_S: Final = 150
_HOUR: Final = 3600 // STEP_S
_ANSWER: Final = {"P": 1, "-": -1, "~": -1, "_": 0}
_MINUTES: Final = (2.5, 5, 7.5, 10, 12.5, 15, 20, 30, 45, 60, 110, 120, 150, 300, 600)


@dataclass(frozen=True)
class DrawnCourse:
    """Rules, one letter for each step and rule, and the answers of people."""

    policies: tuple[AlertPolicy, ...]
    marks: tuple[str, ...]
    answers: tuple[tuple[int, AnswerKind, int], ...]
    """Step, kind, and the number of the open alert that is answered; -1 for all that is open."""

    def told(self) -> ToldCourse:
        """Return what people are told of it."""
        labels = AlertLabels("site", "ward", "hash", observed_within_s=STEP_S)
        book = AlertBook(self.policies, labels)
        steps = min(map(len, self.marks))
        changes: list[tuple[float, Alert]] = []
        for step in range(steps):
            seconds = step * STEP_S
            said = [
                finding(marks[step], seconds, p.rule_id)
                for p, marks in zip(self.policies, self.marks, strict=True)
            ]
            changes += _at(seconds, book.apply(said))
            for answered, kind, number in self.answers:
                if answered == step:
                    changes += _at(seconds, _answered(book, kind, number, seconds))
        presence = {
            p.rule_id: np.array([_ANSWER[mark] for mark in marks[:steps]], np.int8)
            for p, marks in zip(self.policies, self.marks, strict=True)
        }
        times_s = np.arange(steps, dtype=np.float64) * STEP_S
        return ToldCourse({p.rule_id: p for p in self.policies}, times_s, presence, changes)


def _at(seconds: float, changes: list[AlertChange]) -> list[tuple[float, Alert]]:
    return [(seconds, change.alert) for change in changes]


def _answered(book: AlertBook, kind: AnswerKind, number: int, seconds: float) -> list[AlertChange]:
    found = [a for a in book.alerts(BED) if a.is_open and a.is_signalled]
    if not found:
        return []
    chosen = found if number < 0 else [found[number % len(found)]]
    seen = tuple(SeenAlert(a.alert_id, a.n) for a in chosen)
    return book.answer(Answer(BED, kind, "nurse A", seen), at(seconds)).changes


@st.composite
def drawn_courses(draw: st.DrawFn, hours: int = 36) -> DrawnCourse:
    """Return a random course of random rules, with answers at random times or never."""
    names = [f"crs.sign_{letter}" for letter in "abcde"[: draw(st.integers(2, 5))]]
    policies, marks = [], []
    for index, name in enumerate(names):
        plain = policy(name, for_s=draw(st.sampled_from((0, 0, 300))))
        parts = st.lists(st.sampled_from(names[index + 1 :] or [""]), max_size=4, unique=True)
        absorbs, covers = (tuple(filter(None, draw(parts))) for _ in range(2))
        kind = draw(st.sampled_from((*[AlertKind.PHYSIOLOGICAL] * 5, AlertKind.TECHNICAL)))
        priority = draw(st.sampled_from((*[AlertPriority.MEDIUM] * 3, *AlertPriority)))
        policies.append(
            replace(
                plain,
                kind=kind,
                priority=priority,
                clear_for_s=draw(st.sampled_from((0.0, 600.0, 7200.0, 82800.0))),
                latch_s=draw(st.sampled_from((0.0, 21600.0, None))),
                absorbs=absorbs,
                covers=covers,
            )
        )
        spells = st.tuples(st.sampled_from("PPP--~~_"), st.sampled_from(_MINUTES))
        listed = draw(st.lists(spells, min_size=2, max_size=12))
        text = "".join(mark * int(minutes * 60 / STEP_S) for mark, minutes in listed)
        marks.append(text.ljust(hours * _HOUR, draw(st.sampled_from("P-~_")))[: hours * _HOUR])
    answer = st.tuples(
        st.integers(0, hours * _HOUR), st.sampled_from(AnswerKind), st.integers(-1, 3)
    )
    answers = draw(st.lists(answer, max_size=8))
    return DrawnCourse(tuple(policies), tuple(marks), tuple(answers))
