"""The loop with an alert manager: alerts out, reports of status back, answers of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.answers import AnswerKind, SeenAlert
from edge_agent.model.calls import Notice, Receipt, ReceiptFact
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from edge_agent.notifiers.notifier import WayEvents
from tests.notifiers.acm.loop import OWN, Loop
from tests.notifiers.case import PLACE
from tests.support.alert_manager import BEGIN, END, AlertManager, acknowledgement, status
from tests.support.notices import A_NOTICE, AT, UUID, Heard, a_notice

if TYPE_CHECKING:
    pass

NO_RECEIPT = "it must not be recorded"


def test_a_nurse_accepts_and_the_alert_is_answered_as_she_saw_it(loop: Loop) -> None:
    alert = loop.sent()
    assert loop.reply(status(alert, "Accepted", "nurse-9", head=OWN)) == "MSA|AA|S1"
    answer = loop.heard.next_answer()
    assert (answer.bed_id, answer.kind, answer.by) == ("bed-1", AnswerKind.ACKNOWLEDGE, "nurse-9")
    assert answer.seen == (SeenAlert(UUID, 3),)
    receipt = loop.heard.next()
    assert receipt == Receipt("n-1", "bed-1", "pager", ReceiptFact.ACCEPTED, AT, "nurse-9")


def test_a_nurse_rejects(loop: Loop) -> None:
    alert = loop.sent()
    assert loop.reply(status(alert, "Rejected", "nurse-9", head=OWN)) == "MSA|AA|S1"
    assert loop.heard.next_answer().kind is AnswerKind.REJECT
    assert loop.heard.next().fact is ReceiptFact.REJECTED


def test_an_acceptance_without_a_name_is_that_of_the_person_called(loop: Loop) -> None:
    loop.reply(status(loop.sent(), "Accepted", head=OWN))
    assert loop.heard.next_answer().by == "nurse-7"


@pytest.mark.parametrize(
    ("word", "fact"),
    [
        ("Delivered", ReceiptFact.DELIVERED),
        ("Read", ReceiptFact.SEEN),
        ("Undeliverable", ReceiptFact.FAILED),
    ],
)
def test_other_facts_are_recorded_and_answer_nothing(
    loop: Loop, word: str, fact: ReceiptFact
) -> None:
    assert loop.reply(status(loop.sent(), word, "nurse-7", head=OWN)) == "MSA|AA|S1"
    receipt = loop.heard.next()
    assert (receipt.fact, receipt.by) == (fact, "nurse-7")
    assert loop.heard.answers.empty()
    if fact is ReceiptFact.FAILED:
        assert receipt.detail == "the alert manager says 'Undeliverable'"


def test_received_is_a_fact_about_no_person(loop: Loop) -> None:
    assert loop.reply(status(loop.sent(), "Received", head=OWN)) == "MSA|AA|S1"
    assert loop.heard.receipts.empty(), NO_RECEIPT


def test_an_answer_that_the_ward_does_not_take_is_refused_with_its_words(loop: Loop) -> None:
    loop.heard.refusal = "nobody of that name is | on duty"
    msa = loop.reply(status(loop.sent(), "Accepted", "x", head=OWN))
    assert msa == "MSA|AE|S1|nobody of that name is \\F\\ on duty"
    assert loop.heard.receipts.empty(), NO_RECEIPT


def test_the_acceptance_of_an_all_clear_only_says_that_it_was_seen(loop: Loop) -> None:
    loop.reply(status(loop.sent(is_over=True), "Accepted", "nurse-7", head=OWN))
    assert loop.heard.next().fact is ReceiptFact.SEEN
    assert loop.heard.answers.empty()


def test_the_same_acceptance_twice_is_one_answer(loop: Loop) -> None:
    alert = loop.sent()
    for _ in range(2):
        loop.reply(status(alert, "Accepted", "nurse-9", head=OWN))
    first, second = loop.heard.next_answer(), loop.heard.next_answer()
    assert first.answer_id == second.answer_id != ""
    loop.reply(status(alert, "Accepted", "nurse-8", head=OWN))
    assert loop.heard.next_answer().answer_id != first.answer_id


def test_a_status_answers_the_message_it_names_and_not_the_newest(loop: Loop) -> None:
    first = loop.sent(1)
    loop.sent(2, seen=(SeenAlert(UUID, 9),))
    loop.reply(status(first, "Accepted", "nurse-9", head=OWN))
    assert loop.heard.next_answer().seen == (SeenAlert(UUID, 3),)


def test_a_status_without_a_number_is_of_the_person_it_names(loop: Loop) -> None:
    alert = loop.sent(1)
    loop.sent(2, person_id="nurse-8")
    loop.sent(3, person_id="charge")
    bare = BEGIN + f"{OWN}\rOBR|||{UUID}\rPRT|||Read||nurse-8\r".encode() + END
    loop.reply(bare)
    assert loop.heard.next().notice_id == "n-2"
    named = f"{OWN}\rOBR||n-1\rPRT|||Read||nurse-8\r".encode()
    loop.reply(BEGIN + named + END)
    assert loop.heard.next().notice_id == "n-1"
    answered = f"{OWN}\rMSA|AA|{alert.control_id}\rPRT|||Read\r".encode()
    loop.manager.say(BEGIN + answered + END)
    assert loop.heard.next().notice_id == "n-1"
    loop.sent(4)
    assert loop.manager.others.empty()  # an acknowledgement is not acknowledged


@pytest.mark.parametrize(
    ("message", "msa"),
    [
        (f"{OWN}\rOBR|||1^no-such-alert\rPRT|||Read\r", "AE|S1|it names no alert that was sent"),
        (f"{OWN}\rOBR|||0^{UUID}\rPRT|||Vapour\r", "AE|S1|status 'Vapour' is not known"),
        (
            f"{OWN}\rPV1||I|w3^^bed-2\rOBR|||0^{UUID}\rPRT|||Accepted\r",
            "AE|S1|it is about bed-2, and the alert about bed-1",
        ),
        (
            OWN.replace("ORA^R41^ORA_R41", "ADT^A01^ADT_A01") + "\rPV1||I|w3\r",
            "AR|S1|want a report of status, R41",
        ),
    ],
)
def test_what_fits_nothing_is_refused_in_words(loop: Loop, message: str, msa: str) -> None:
    loop.sent()
    assert loop.reply(BEGIN + message.encode() + END) == f"MSA|{msa}"
    assert loop.heard.receipts.empty(), NO_RECEIPT
    assert loop.heard.answers.empty()


def test_the_enhanced_mode_is_acknowledged_as_it_asks(loop: Loop) -> None:
    alert = loop.sent()
    quiet = status(alert, "Read", head=f"{OWN}|||NE|NE")
    loop.manager.say(quiet)
    assert loop.heard.next().fact is ReceiptFact.SEEN
    assert loop.reply(status(alert, "Read", head=f"{OWN}|||AL|NE")) == "MSA|CA|S1"


def test_a_stray_acknowledgement_is_ignored(loop: Loop) -> None:
    alert = loop.sent()
    loop.manager.say(acknowledgement(alert))
    loop.sent(2)
    assert loop.manager.others.empty()


def test_the_status_of_draegers_sample_is_the_answer_itself(loop: Loop) -> None:
    loop.manager.answer = lambda alert: status(alert, "Delivered")
    loop.sent()
    receipt = loop.heard.next()
    assert (receipt.notice_id, receipt.fact) == ("n-1", ReceiptFact.DELIVERED)


def test_an_answer_that_the_alert_cannot_be_delivered_is_a_failure(loop: Loop) -> None:
    loop.manager.answer = lambda alert: status(alert, "Undeliverable")
    with pytest.raises(DeliveryError, match="says 'Undeliverable'") as caught:
        loop.way.notify(a_notice(1))
    assert caught.value.retryable


def test_an_answer_with_an_unknown_status_is_still_an_answer(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    loop.manager.answer = lambda alert: status(alert, "Vapour")
    loop.sent()
    assert "status 'Vapour' is not known" in caplog.text


def test_a_late_status_about_an_earlier_alert_is_no_answer_to_this_one(loop: Loop) -> None:
    first = loop.sent(1)
    late = f"{OWN}\rMSA|AA|{first.control_id}\rPRT|||Read||nurse-7\r".encode()
    loop.manager.answer = lambda alert: BEGIN + late + END + acknowledgement(alert)
    loop.sent(2)
    assert loop.heard.next().notice_id == "n-1"


def test_a_notice_of_before_the_start_can_still_be_answered() -> None:
    manager, heard = AlertManager(), Heard()
    manager.start()
    old: dict[str, Notice] = {"n-0": a_notice(0)}
    events = heard.events()
    recalling = WayEvents(events.on_receipt, events.on_answer, events.now, old.get)
    config = AcmConfig("pager", "127.0.0.1", manager.port, PLACE)
    way = AcmWay(config, recalling, ScaledClock(lambda: AT, AT))
    way.beat(AT)
    manager.say(BEGIN + f"{OWN}\rOBR||n-0\rPRT|||Accepted||nurse-7\r".encode() + END)
    assert heard.next_answer().seen == A_NOTICE.seen
    way.close()
    manager.stop()


def test_the_identifier_of_a_gateway_is_local_and_its_own(loop: Loop) -> None:
    alert = loop.sent()
    eui64 = alert.field("MSH", 3).split("^")[1]
    assert int(eui64[:2], 16) & 0x03 == 0x02  # of local administration, for one station
    config = AcmConfig("x", "127.0.0.1", loop.manager.port, PLACE, eui64="00a037000000abcd")
    way = AcmWay(config, loop.heard.events(), ScaledClock(lambda: AT, AT))
    way.notify(a_notice(1))
    way.close()
    assert loop.manager.next().field("MSH", 3) == "CRSWATCH^00A037000000ABCD^EUI-64"
