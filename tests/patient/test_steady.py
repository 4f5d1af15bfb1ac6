"""A vital that a device sets may stand still."""

from __future__ import annotations

from edge_agent.model.measurements import VitalKind
from edge_agent.patient.context import ContextLog
from edge_agent.patient.steady import SteadyKinds, steady_spans
from tests.support.patient_entries import HOUR_NS, NOW_NS, an_entry

HEART, BREATH = VitalKind.HEART_RATE, VitalKind.RESPIRATORY_RATE


def test_a_paced_heart_and_a_ventilated_breath_are_steady_while_it_is_so() -> None:
    log = ContextLog(
        [
            an_entry("1", "flag", "paced", at_h=1, until_h=3),
            an_entry("2", "flag", "culture", at_h=0),
            an_entry("3", "oxygen", "cpap", at_h=0),
            an_entry("4", "oxygen", "ventilator", at_h=2),
            an_entry("5", "oxygen", "bipap", at_h=4, until_h=5),
            an_entry("6", "oxygen", "air", at_h=6),
        ]
    )
    kinds = SteadyKinds()
    found = [kinds.at(log, NOW_NS + h * HOUR_NS) for h in range(7)]
    both = frozenset({HEART, BREATH})
    assert found == [set(), {HEART}, both, {BREATH}, {BREATH}, {BREATH}, set()]
    log.add(an_entry("7", "flag", "paced", at_h=6))
    assert kinds.at(log, NOW_NS + 7 * HOUR_NS) == {HEART}
    assert kinds.at(ContextLog(), NOW_NS) == set()


def test_of_a_patient_of_whom_nothing_was_entered_nothing_is_steady() -> None:
    assert steady_spans(None) == {}
    ventilated = ContextLog([an_entry("1", "oxygen", "ventilator")])
    assert steady_spans(ventilated) == {BREATH: [(NOW_NS, None)]}
