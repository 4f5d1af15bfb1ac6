"""The problem card of a bed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING

from edge_agent.board.problem_view import alarmed_vitals, problem_view
from edge_agent.board.sign_texts import Reader, SignTextBook
from edge_agent.model.alerts import AlertState, SignalReason
from edge_agent.model.calls import CallState
from edge_agent.model.facts import Fact, FactKind, Facts, Limit, LimitOf
from edge_agent.model.measurements import VitalKind
from edge_agent.model.problems import problem_of
from tests.support.board_bodies import alert, instant
from tests.support.made_alerts import (
    DRIFT,
    LOST_PROBE,
    ORGAN_SIGN,
    SUSPECTED,
    acknowledged,
    call_for,
    latched,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edge_agent.board.shapes import ShownProblem
    from edge_agent.model.alerts import Alert
    from edge_agent.model.calls import Call

NOW = 1_800_000_000_000
BED = "bed-1"
READER = Reader(NOW, UTC, None)


def card_of(
    alerts: tuple[Alert, ...],
    call: Call | None = None,
    newest: Mapping[VitalKind, float] = MappingProxyType({}),
) -> ShownProblem | None:
    """Return the card of a bed with these alerts."""
    book = SignTextBook()
    problem = problem_of(BED, alerts)
    return problem_view(problem, call, lambda alert: book.texts(alert, READER), newest)


def test_no_open_alert_no_card() -> None:
    over = replace(ORGAN_SIGN.alert(BED, NOW), state=AlertState.RESOLVED)
    pending = replace(ORGAN_SIGN.alert(BED, NOW), state=AlertState.PENDING, is_signalled=False)
    assert card_of((over, pending)) is None


def test_everything_open_on_a_bed_is_one_card_led_by_the_most_urgent() -> None:
    signs = (DRIFT.alert(BED, NOW - 9000), LOST_PROBE.alert(BED, NOW), ORGAN_SIGN.alert(BED, NOW))
    card = card_of(signs)
    assert card is not None
    assert (card.priority, card.kind, card.state) == ("high", "physiological", "open")
    assert card.title.en
    assert card.action.en
    assert card.since_ms == NOW - 9000
    rules = [sign.rule_id for sign in card.signs]
    assert rules == ["crs.organ_sign", "signal.lost.temperature", "crs.prefever"]


def test_only_signs_that_last_mark_the_vital_signs_they_rest_on() -> None:
    fever = SUSPECTED.alert(BED, NOW - 9000)
    assert alarmed_vitals(problem_of(BED, (fever,))) == {"temperature", "heart_rate"}
    assert alarmed_vitals(problem_of(BED, (latched(fever, NOW),))) == frozenset()
    assert alarmed_vitals(None) == frozenset()


def test_a_new_sign_beside_an_answered_one_opens_the_card_again() -> None:
    taken = acknowledged(ORGAN_SIGN.alert(BED, NOW - 60_000), "nurse 7", NOW - 30_000)
    card = card_of((taken,))
    assert card is not None
    assert (card.state, card.nobody_since_ms) == ("answered", None)
    assert (card.answered_by, card.answered_ms) == ("nurse 7", NOW - 30_000)
    card = card_of((taken, SUSPECTED.alert(BED, NOW)))
    assert card is not None
    assert (card.state, card.priority, card.nobody_since_ms) == ("open", "high", NOW)
    assert card.answered_by == "nurse 7"


def test_a_sign_whose_answer_has_expired_waits_since_then() -> None:
    raised = ORGAN_SIGN.alert(BED, NOW - 2_400_000)
    expired = replace(raised, unanswered_since=instant(NOW - 60_000))
    card = card_of((expired,))
    assert card is not None
    assert (card.since_ms, card.nobody_since_ms) == (NOW - 2_400_000, NOW - 60_000)


def test_an_alert_that_ended_unseen_is_latched_and_calls_nobody() -> None:
    ended = latched(SUSPECTED.alert(BED, NOW - 60_000), NOW)
    card = card_of((ended,))
    assert card is not None
    assert (card.state, card.nobody_since_ms) == ("latched", None)
    card = card_of((ended, acknowledged(DRIFT.alert(BED, NOW), "nurse 7", NOW)))
    assert card is not None
    assert card.state == "latched"


def test_the_reason_of_the_newest_signal_is_said() -> None:
    again = replace(
        ORGAN_SIGN.alert(BED, NOW),
        signal=SignalReason.REMINDER,
        signalled_at=instant(NOW + 300_000),
    )
    card = card_of((again, DRIFT.alert(BED, NOW)))
    assert card is not None
    assert (card.signalled_ms, card.signal.en) == (NOW + 300_000, "reminder: not answered")
    silent = replace(again, signal=None, signalled_at=None)
    card = card_of((silent,))
    assert card is not None
    assert (card.signalled_ms, card.signal.en) == (None, "")


def test_every_reason_of_a_signal_has_words() -> None:
    for reason in SignalReason:
        card = card_of((replace(ORGAN_SIGN.alert(BED, NOW), signal=reason),))
        assert card is not None
        assert card.signal.en
        assert card.signal.de


def test_silence_is_shown_with_its_end_and_deletes_nothing() -> None:
    quiet = replace(
        ORGAN_SIGN.alert(BED, NOW), silenced_until=instant(NOW + 90_000), silenced_by="nurse 7"
    )
    card = card_of((quiet, DRIFT.alert(BED, NOW)))
    assert card is not None
    assert (card.silenced_until_ms, card.silenced_by) == (NOW + 90_000, "nurse 7")
    assert card.state == "open"


def test_facts_beside_the_state_are_on_the_sign() -> None:
    marked = replace(
        ORGAN_SIGN.alert(BED, NOW), is_stale=True, is_inhibited=True, absorbed_by="other"
    )
    card = card_of((marked,))
    assert card is not None
    [sign] = card.signs
    assert (sign.is_stale, sign.is_inhibited, sign.is_part) == (True, True, True)
    assert card.is_test is False


def test_texts_are_made_of_the_facts_in_every_language() -> None:
    fact = Fact(
        FactKind.TEMPERATURE,
        39.2,
        "Cel",
        limit=Limit(38.0, is_lower=False, of=LimitOf.VALUE, for_s=900.0, times=0),
    )
    facts = Facts(NOW * 1_000_000, (fact,))
    fever = replace(SUSPECTED.alert(BED, NOW), rule_id="crs.fever", facts=facts)
    card = card_of((fever,))
    assert card is not None
    assert "39.2 °C" in card.sentence.en
    assert "39,2 °C" in card.sentence.de
    assert card.action.en
    assert card.action.de != card.action.en
    [evidence] = card.signs[0].evidence
    assert (evidence.at_ms, "39.2 °C" in evidence.text.en) == (NOW, True)
    assert card.course is None
    for value, course in ((39.9, "worse"), (39.3, "same"), (38.1, "better")):
        now = card_of((fever,), newest={VitalKind.TEMPERATURE: value})
        assert now is not None
        assert now.course == course


def test_an_alert_of_a_rule_without_words_says_what_it_carries() -> None:
    own = replace(SUSPECTED.alert(BED, NOW), rule_id="site.own")
    card = card_of((own,))
    assert card is not None
    assert (card.title.de, card.sentence.de) == (SUSPECTED.text, SUSPECTED.explanation)
    assert card.action.en == ""


def test_texts_are_written_once_and_again_for_a_change_and_on_a_new_day() -> None:
    book = SignTextBook()
    raised = SUSPECTED.alert(BED, NOW)
    first = book.texts(raised, READER)
    assert book.texts(raised, READER) is first
    assert book.texts(replace(raised, n=2), READER) is not first
    assert book.texts(raised, replace(READER, now_ms=NOW + 86_400_000)) is not first
    for n in range(300):
        book.texts(replace(raised, n=n), READER)
    assert len(book._kept) <= 256


def test_the_call_says_who_was_called_and_who_is_next() -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    call = call_for(raised, NOW, NOW + 200_000)
    failing = replace(call.called[1], delivered_at=None, failed_ways=("handsets",))
    call = replace(call, called=(call.called[0], failing))
    card = card_of((raised,), call)
    assert card is not None
    facts = [(one.duty.en, one.delivered, one.seen, one.failed) for one in card.called]
    assert facts == [("nurse", True, False, False), ("buddy nurse", False, False, True)]
    assert card.next is None, "the last step was taken"
    sooner = replace(call, steps_done=2, earlier_s=15.0)
    card = card_of((raised,), sooner)
    assert card is not None
    assert card.next is not None
    assert (card.next.person, card.next.at_ms) == ("charge.meyer", NOW + 105_000)


def test_a_call_that_is_over_or_answered_has_no_next_step() -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    call = call_for(raised, NOW, NOW)
    answered = replace(call, state=CallState.ANSWERED, next_at=None)
    card = card_of((raised,), answered)
    assert card is not None
    assert (card.next, len(card.called)) == (None, 1)
    card = card_of((raised,), replace(call, state=CallState.OVER))
    assert card is not None
    assert (card.next, card.called) == (None, ())


def test_alerts_of_other_beds_are_left_out() -> None:
    assert card_of((alert("bed-2", "crs.fever", NOW),)) is None


def test_a_sign_names_the_readings_that_its_chart_marks() -> None:
    card = card_of((ORGAN_SIGN.alert(BED, NOW - 9000), DRIFT.alert(BED, NOW)))
    assert card is not None
    marked = [[(mark.kind, mark.at_ms) for mark in sign.marks] for sign in card.signs]
    assert marked == [
        [("pressure", NOW - 9000), ("heart_rate", NOW - 9000), ("spo2", NOW - 9000)],
        [("temperature", NOW)],
    ]
