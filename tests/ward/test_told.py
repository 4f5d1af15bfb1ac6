"""No open alert keeps a new sign untold at a bed whose alerts are answered at random."""

from __future__ import annotations

import numpy as np
import pytest

from edge_agent.alerting.alert_book import AlertChange
from edge_agent.batch.answers import StayAnswers
from edge_agent.batch.detector import recorded_signals, recorded_stay
from edge_agent.batch.recorded_stay import BED
from edge_agent.model.answers import Answer, AnswerKind
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline
from tests.batch.test_detector import START, START_NS, random_recording, rules
from tests.batch.test_metamorphic import feed
from tests.support.seeds import more_seeds
from tests.support.untold import ToldCourse


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [0, *more_seeds(1, 24)])
def test_no_open_alert_keeps_a_new_sign_untold(seed: int) -> None:
    hours, draw = 3.0, np.random.default_rng(seed)
    recording = random_recording(seed, hours)
    beds = [Bed(BED, recorded_signals(recording))]
    pipeline = Pipeline(beds, rules(), WardIdentity("archive", "archive"), "", START)
    answers_s = sorted(draw.uniform(0, hours * 3600, seed % 7 * 2).tolist())
    outcomes = []
    for message in feed(recording):
        while answers_s and START.plus(answers_s[0]) < message.at:
            at = START.plus(answers_s.pop(0))
            outcomes += pipeline.answer(Answer(BED, AnswerKind.ACKNOWLEDGE, "nurse A"), at)
        outcomes += pipeline.receive(message.place, message.events, message.at)
    alerts = [each.alert for each in outcomes if isinstance(each, AlertChange)]
    assert len(alerts) > 10
    stay = recorded_stay(recording, ())
    here = [rule for rule in rules() if rule.signal in recorded_signals(recording) | {""}]
    course = ToldCourse(
        {rule.rule_id: rule.policy for rule in here},
        (stay.times_ns - START_NS) / 1e9,
        StayAnswers(stay, here).presence,
        [((alert.changed_at.monotonic_ns - START_NS) / 1e9, alert) for alert in alerts],
    )
    assert list(course.untold()) == []
