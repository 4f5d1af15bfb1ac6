"""Answers of one rule over a recorded stay, and the steps at which they change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.gains import gains
from edge_agent.batch.recorded_stay import BED
from edge_agent.batch.view import StayView
from edge_agent.detect.arrays import IntArray
from edge_agent.detect.conditions.grounds import ground_parts
from edge_agent.detect.conditions.kleene import PRESENT, Answers
from edge_agent.detect.engine import finding, with_facts
from edge_agent.detect.language.rule import Rule
from edge_agent.model.alerts import Alert, AlertState
from edge_agent.model.findings import Evidence, Finding

NO_STEP: Final = np.iinfo(np.int64).max
"""A step after every stay."""


class RuleCourse:
    """Answers of one rule step by step, and the steps at which they can change its alert."""

    def __init__(self, answers: StayAnswers, rule: Rule) -> None:
        self.rule_id = rule.rule_id
        self._answers = answers
        self._rule = rule
        self._presence = answers.presence[rule.rule_id]
        holds = self._presence == PRESENT
        self._begins = np.flatnonzero(holds & ~np.append(np.False_, holds[:-1]))
        self._recovery: Answers | None = None
        self._gains = np.zeros(0, np.bool_)
        """Mask of the steps at which a ground begins to hold; empty until first needed."""
        self._open_changes: IntArray = self._begins
        """Steps at which an open alert can change; those of the begins until first needed."""
        self._is_open = False
        self._changes: IntArray = self._begins
        self._next = -1

    @property
    def ever_begins(self) -> bool:
        """True if the rule holds at any step; without one it never has an alert."""
        return self._begins.size > 0

    def note(self, alert: Alert) -> None:
        """Note the newest alert of the rule after each of its transitions."""
        is_open = alert.state is not AlertState.RESOLVED
        if is_open is not self._is_open:
            self._is_open = is_open
            if is_open:
                self._evaluate_recovery()
            self._changes = self._open_changes if is_open else self._begins
            self._next = -1

    def next_step(self, step: int) -> int:
        """Return the next step that can change the newest alert of the rule.

        Call it with increasing steps.
        """
        if self._next <= step:
            index = int(self._changes.searchsorted(step, side="right"))
            self._next = int(self._changes[index]) if index < self._changes.size else NO_STEP
        return self._next

    def is_followed_at(self, step: int) -> bool:
        """Return True if the rule has a finding at a step: it holds, or its alert is open."""
        return self._is_open or bool(self._presence[step] == PRESENT)

    def finding(self, view: StayView, reported: Sequence[Evidence] | None) -> Finding:
        """Return the finding at the step of a view.

        Parameters
        ----------
        reported
            Evidence already reported: without a new ground the finding has no evidence. None for
            the whole finding.
        """
        step = view.step
        answer = int(self._presence[step])
        recovered = None if self._recovery is None else int(self._recovery[step])
        if answer != PRESENT or not (reported is None or self._gains[step]):
            return finding(BED, self._rule, (answer, recovered), [], view)
        parts = ground_parts(self._rule.when, view)
        found = finding(BED, self._rule, (answer, recovered), parts, view)
        return with_facts(found, self._rule, view, reported)

    def completed(self, found: Finding) -> Finding:
        """Return a finding of the rule with its evidence."""
        step = int(self._answers.stay.times_ns.searchsorted(found.at.monotonic_ns))
        return self.finding(StayView(self._answers, step), None)

    def _evaluate_recovery(self) -> None:
        if self._recovery is None:
            self._recovery = self._answers.recovery(self.rule_id)
            self._gains = gains(self._answers, self._rule)
            is_new = (np.diff(self._presence) != 0) | (np.diff(self._recovery) != 0)
            self._open_changes = np.flatnonzero(is_new | self._gains[1:]) + 1
