"""Acknowledgements that are missing, half, wrong or a refusal: each is a failure in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from tests.notifiers.case import PLACE
from tests.support.alert_manager import BEGIN, END, Alert, AlertManager, acknowledgement
from tests.support.certificates import made_certificates
from tests.support.notices import AT, Heard, a_notice, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def manager() -> Iterator[AlertManager]:
    found = AlertManager()
    found.start()
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def way(manager: AlertManager) -> Iterator[AcmWay]:
    found = opened(manager)
    try:
        yield found
    finally:
        found.close()


def opened(manager: AlertManager, ca: Path | None = None, timeout_s: float = 10.0) -> AcmWay:
    config = AcmConfig("pager", "127.0.0.1", manager.port, PLACE, tls_ca=ca, timeout_s=timeout_s)
    return AcmWay(config, Heard().events(), ScaledClock(lambda: AT, AT))


def failure(way: AcmWay) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        way.notify(a_notice(1))
    return caught.value


def half(alert: Alert) -> bytes:
    return acknowledgement(alert)[:40]


@pytest.mark.parametrize(
    ("answer", "words", "retryable"),
    [
        (lambda a: acknowledgement(a, "AE", words="no such bed"), "(AE): no such bed", False),
        (lambda a: acknowledgement(a, "CE"), "it refused the message (CE)", False),
        (lambda a: acknowledgement(a, "AR", words="busy"), "(AR): busy", True),
        (lambda a: acknowledgement(a, "CR"), "it refused the message (CR)", True),
        (lambda a: acknowledgement(a, "XX"), "says 'XX'; want AA or CA", True),
        (lambda a: acknowledgement(a, of="other"), "acknowledged message 'other', not", True),
        (lambda _a: None, "closed the connection before it answered", True),
        (lambda _a: b"HTTP/1.1 400 Bad Request\r\n\r\n" + END, "it sent no HL7 message", True),
        (lambda _a: BEGIN + b"MSHx\r" + END, "it sent no HL7 message", True),
    ],
)
def test_what_is_no_acceptance_is_a_failure_in_words(
    manager: AlertManager,
    way: AcmWay,
    answer: Callable[[Alert], bytes | None],
    words: str,
    retryable: bool,  # noqa: FBT001
) -> None:
    manager.answer = answer
    error = failure(way)
    assert words in str(error)
    assert str(error).startswith(f"127.0.0.1:{manager.port}")
    assert error.retryable is retryable
    manager.answer = acknowledgement
    way.notify(a_notice(2))  # the next one is not mistaken for what came too late


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _a: b"", "no acknowledgement in 1 s"),
        (half, "only 40 bytes of a message without its end"),
    ],
)
def test_no_whole_answer_in_time_is_a_failure_in_words(
    manager: AlertManager, answer: Callable[[Alert], bytes], words: str
) -> None:
    manager.answer = answer
    way = opened(manager, timeout_s=1.0)
    error = failure(way)
    assert words in str(error)
    assert error.retryable
    way.close()


def test_a_reason_in_err_is_told(manager: AlertManager, way: AcmWay) -> None:
    def refuse(alert: Alert) -> bytes:
        plain = acknowledgement(alert, "AE").removesuffix(END)
        return plain + b"ERR||PV1^1^3|204^Unknown key|E||||bed \\T\\ ward unknown\r" + END

    manager.answer = refuse
    assert str(failure(way)).endswith("(AE): bed & ward unknown")


def test_accept_codes_of_both_modes_count(manager: AlertManager, way: AcmWay) -> None:
    manager.answer = lambda alert: acknowledgement(alert, "CA")
    way.notify(a_notice(1))


def test_an_answer_in_pieces_and_two_in_one_are_read(manager: AlertManager, way: AcmWay) -> None:
    manager.answer = lambda alert: b"\r\n" + acknowledgement(alert) + BEGIN
    way.notify(a_notice(1))
    manager.answer = lambda alert: acknowledgement(alert)[1:]
    way.notify(a_notice(2))


def test_a_connection_that_the_peer_closed_meanwhile_is_made_again(
    manager: AlertManager, way: AcmWay
) -> None:
    way.notify(a_notice(1))
    manager.stop()
    manager.start()
    wait_for(lambda: way._peer._connection is None)
    way.notify(a_notice(2))


def test_nobody_there_is_said_with_the_address(manager: AlertManager, way: AcmWay) -> None:
    manager.stop()
    assert str(failure(way)) == f"127.0.0.1:{manager.port}: Connection refused"


def test_a_peer_that_speaks_no_tls_or_has_the_wrong_authority_is_said(tmp_path: Path) -> None:
    ours, theirs = (made_certificates(tmp_path / name) for name in ("ours", "theirs"))
    for tls, words in ((None, "does not answer in time"), (theirs.server(), "is not trusted")):
        manager = AlertManager(tls)
        manager.start()
        way = opened(manager, ours.ca, timeout_s=1.0)
        assert words in str(failure(way))
        way.close()
        manager.stop()


def test_a_certificate_that_cannot_be_read_is_named(manager: AlertManager, tmp_path: Path) -> None:
    way = opened(manager, tmp_path / "gone.pem")
    error = failure(way)
    way.close()
    assert "gone.pem: cannot be used: No such file" in str(error)
    assert error.retryable


def test_a_goodbye_says_that_the_silence_is_meant(manager: AlertManager) -> None:
    way = opened(manager)
    way.beat(AT)
    way.beat(AT.plus(10))
    first, second = manager.next(is_beat=True), manager.next(is_beat=True)
    assert (first.row("68481"), second.row("68481")) == ("start", "continue")
    assert second.field("OBR", 29)
    way.close()
    last = manager.next(is_beat=True)
    assert (last.row("68481"), last.row("68482")) == ("end", "inactive")


def test_a_way_that_never_beat_says_no_goodbye(manager: AlertManager) -> None:
    way = opened(manager)
    way.notify(a_notice(1))
    way.close()
    manager.next()
    manager.stop()
    assert manager.alerts.empty()
