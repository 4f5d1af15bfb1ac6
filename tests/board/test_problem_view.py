"""The problem card of a bed."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.board.problem_view import problem_view
from edge_agent.model.alerts import AlertState, SignalReason
from edge_agent.model.calls import CallState
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

NOW = 1_800_000_000_000
BED = "bed-1"


def test_no_open_alert_no_card() -> None:
    over = replace(ORGAN_SIGN.alert(BED, NOW), state=AlertState.RESOLVED)
    pending = replace(ORGAN_SIGN.alert(BED, NOW), state=AlertState.PENDING, is_signalled=False)
    assert problem_view(BED, (over, pending), None) is None


def test_everything_open_on_a_bed_is_one_card_led_by_the_most_urgent() -> None:
    signs = (DRIFT.alert(BED, NOW - 9000), LOST_PROBE.alert(BED, NOW), ORGAN_SIGN.alert(BED, NOW))
    card = problem_view(BED, signs, None)
    assert card is not None
    assert (card.priority, card.kind, card.state) == ("high", "physiological", "open")
    assert card.title.en == ORGAN_SIGN.text
    assert card.since_ms == NOW - 9000
    rules = [sign.rule_id for sign in card.signs]
    assert rules == ["crs.organ_sign", "signal.lost_temperature", "crs.drift"]


def test_a_new_sign_beside_an_answered_one_opens_the_card_again() -> None:
    taken = acknowledged(ORGAN_SIGN.alert(BED, NOW - 60_000), "nurse 7", NOW - 30_000)
    card = problem_view(BED, (taken,), None)
    assert card is not None
    assert (card.state, card.nobody_since_ms) == ("answered", None)
    assert (card.answered_by, card.answered_ms) == ("nurse 7", NOW - 30_000)
    card = problem_view(BED, (taken, SUSPECTED.alert(BED, NOW)), None)
    assert card is not None
    assert (card.state, card.priority, card.nobody_since_ms) == ("open", "high", NOW)
    assert card.answered_by == "nurse 7"


def test_an_alert_that_ended_unseen_is_latched_and_calls_nobody() -> None:
    ended = latched(SUSPECTED.alert(BED, NOW - 60_000), NOW)
    card = problem_view(BED, (ended,), None)
    assert card is not None
    assert (card.state, card.nobody_since_ms) == ("latched", None)
    card = problem_view(BED, (ended, acknowledged(DRIFT.alert(BED, NOW), "nurse 7", NOW)), None)
    assert card is not None
    assert card.state == "latched"


def test_the_reason_of_the_newest_signal_is_said() -> None:
    again = replace(
        ORGAN_SIGN.alert(BED, NOW),
        signal=SignalReason.REMINDER,
        signalled_at=instant(NOW + 300_000),
    )
    card = problem_view(BED, (again, DRIFT.alert(BED, NOW)), None)
    assert card is not None
    assert (card.signalled_ms, card.signal.en) == (NOW + 300_000, "reminder: nobody has answered")
    silent = replace(again, signal=None, signalled_at=None)
    card = problem_view(BED, (silent,), None)
    assert card is not None
    assert (card.signalled_ms, card.signal.en) == (None, "")


def test_every_reason_of_a_signal_has_words() -> None:
    for reason in SignalReason:
        card = problem_view(BED, (replace(ORGAN_SIGN.alert(BED, NOW), signal=reason),), None)
        assert card is not None
        assert card.signal.en
        assert card.signal.de


def test_silence_is_shown_with_its_end_and_deletes_nothing() -> None:
    quiet = replace(
        ORGAN_SIGN.alert(BED, NOW), silenced_until=instant(NOW + 90_000), silenced_by="nurse 7"
    )
    card = problem_view(BED, (quiet, DRIFT.alert(BED, NOW)), None)
    assert card is not None
    assert (card.silenced_until_ms, card.silenced_by) == (NOW + 90_000, "nurse 7")
    assert card.state == "open"


def test_facts_beside_the_state_are_on_the_sign() -> None:
    marked = replace(
        ORGAN_SIGN.alert(BED, NOW), is_stale=True, is_inhibited=True, absorbed_by="other"
    )
    card = problem_view(BED, (marked,), None)
    assert card is not None
    [sign] = card.signs
    assert (sign.is_stale, sign.is_inhibited, sign.is_part) == (True, True, True)
    assert card.is_test is False


def test_evidence_has_values_with_units_and_no_names_of_signals() -> None:
    card = problem_view(BED, (ORGAN_SIGN.alert(BED, NOW),), None)
    assert card is not None
    texts = [evidence.text.en for evidence in card.signs[0].evidence]
    assert texts == ["nibp systolic 72 mmHg", "heart rate 147 /min", "spo2 88 %"]


def test_the_call_says_who_was_called_and_who_is_next() -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    call = call_for(raised, NOW, NOW + 200_000)
    failing = replace(call.called[1], delivered_at=None, failed_ways=("handsets",))
    call = replace(call, called=(call.called[0], failing))
    card = problem_view(BED, (raised,), call)
    assert card is not None
    facts = [(one.duty.en, one.delivered, one.seen, one.failed) for one in card.called]
    assert facts == [("nurse", True, False, False), ("buddy", False, False, True)]
    assert card.next is None, "the last step was taken"
    sooner = replace(call, steps_done=2, earlier_s=15.0)
    card = problem_view(BED, (raised,), sooner)
    assert card is not None
    assert card.next is not None
    assert (card.next.person, card.next.at_ms) == ("charge.meyer", NOW + 105_000)


def test_a_call_that_is_over_or_answered_has_no_next_step() -> None:
    raised = ORGAN_SIGN.alert(BED, NOW)
    call = call_for(raised, NOW, NOW)
    answered = replace(call, state=CallState.ANSWERED, next_at=None)
    card = problem_view(BED, (raised,), answered)
    assert card is not None
    assert (card.next, len(card.called)) == (None, 1)
    card = problem_view(BED, (raised,), replace(call, state=CallState.OVER))
    assert card is not None
    assert (card.next, card.called) == (None, ())


def test_alerts_of_other_beds_are_left_out() -> None:
    assert problem_view(BED, (alert("bed-2", "crs.fever", NOW),), None) is None
