"""The contract of every way out, tested with the receiver that it is made for."""

from __future__ import annotations

import inspect
import pkgutil
import threading
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from edge_agent import notifiers
from edge_agent.model.calls import ReceiptFact
from edge_agent.model.errors import DeliveryError
from tests.notifiers.way_cases import CASES
from tests.support.brokers import WAIT_S
from tests.support.notices import AT, AWKWARD, Heard, a_notice
from tests.support.running_ways import running, times

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from edge_agent.notifiers.notifier import Notifier
    from tests.notifiers.case import Case

pytestmark = pytest.mark.broker


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Case]:
    made: Case = CASES[request.param](tmp_path)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def opened(case: Case) -> Iterator[Notifier]:
    way = case.way()
    try:
        yield way
    finally:
        way.close()


def outcome(act: Callable[[], None]) -> DeliveryError | None:
    """Return the failure of an attempt, which must end in bounded time; None for a success."""
    found: list[DeliveryError] = []

    def attempt() -> None:
        try:
            act()
        except DeliveryError as error:
            found.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join(WAIT_S)
    assert not thread.is_alive(), "it never ends"
    return found[0] if found else None


def test_every_kind_of_notifier_is_among_the_cases() -> None:
    modules = [
        import_module(module.name)
        for module in pkgutil.walk_packages(notifiers.__path__, f"{notifiers.__name__}.")
    ]
    kinds = {
        one.__name__
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and {"notify", "beat", "close"} <= vars(one).keys()
    }
    assert kinds - {"Notifier"} == {"Webhook", "Syslog", "MqttWay", "AcmWay", "AppriseWay"}


def test_a_notice_arrives_with_headline_and_sentence(case: Case) -> None:
    notice = a_notice(1)
    with opened(case) as way:
        way.notify(notice)
        text = case.next_text()
        assert notice.headline in text
        assert notice.sentence in text
        way.notify(a_notice(2, sentence="second"))
        assert "second" in case.next_text()


def test_a_text_with_delimiters_and_beyond_ascii_arrives_whole(case: Case) -> None:
    with opened(case) as way:
        way.notify(a_notice(1, headline=f"HIGH {AWKWARD}", sentence=f"{AWKWARD} end"))
        text = case.next_text()
    arrived = AWKWARD
    if not case.keeps_lines:
        arrived = " ".join(AWKWARD.replace("\r\n", " ").replace("\t", " ").split(" "))
    assert text.count(arrived) == 2
    assert text.endswith("end")


def test_the_heart_of_a_way_beats(case: Case) -> None:
    with opened(case) as way:
        for second in range(3):
            way.beat(AT.plus(second))
            case.next_beat()


@pytest.mark.parametrize("case", sorted(CASES.keys() - {"syslog-udp"}), indirect=True)
def test_a_receiver_that_refuses_for_ever_is_reported_each_time(case: Case) -> None:
    with opened(case) as way:
        way.beat(AT)
        case.refuse(now=True)
        for number in range(3):
            failure = outcome(lambda number=number: way.notify(a_notice(number)))  # type: ignore[misc]
            assert failure is not None
            assert str(failure)
        assert outcome(lambda: way.beat(AT)) is not None
        case.refuse(now=False)
        assert delivered_in_the_end(way) is None


def delivered_in_the_end(way: Notifier) -> DeliveryError | None:
    """Return None once a notice is delivered; some receivers need a moment to come back."""
    failure = None
    for number in range(40):
        failure = outcome(lambda number=number: way.notify(a_notice(100 + number)))  # type: ignore[misc]
        if failure is None:
            return None
        threading.Event().wait(0.1)
    return failure


def test_a_slow_receiver_costs_one_time_limit(case: Case) -> None:
    with opened(case) as way:
        way.beat(AT)
        case.stall(now=True)
        failure = outcome(lambda: way.notify(a_notice(1)))
        case.stall(now=False)
        if case.confirms:
            assert failure is not None
            assert failure.retryable
        else:
            assert failure is None
        assert delivered_in_the_end(way) is None


def test_a_receiver_that_is_gone_and_comes_back_gets_the_notice(case: Case) -> None:
    heard = Heard()
    with running(case.way(), heard, times(beat_s=3600.0, wait_s=0.05)) as worker:
        worker.offer(a_notice(1))
        assert heard.next().fact is ReceiptFact.DELIVERED
        case.stop()
        worker.offer(a_notice(2))
        failed = heard.next()
        assert (failed.notice_id, failed.fact) == ("n-2", ReceiptFact.FAILED)
        assert failed.detail
        case.start()
        assert heard.facts(1) == [("n-2", ReceiptFact.DELIVERED)]
        while "BP 72/42" not in case.next_text():
            pass


def test_a_receiver_that_was_never_there_is_reported_in_words(case: Case) -> None:
    case.stop()
    with opened(case) as way:
        failure = outcome(lambda: way.notify(a_notice(1)))
        assert failure is not None
        assert failure.retryable
        assert str(failure)


def test_closing_ends_what_is_under_way_and_all_that_follows(case: Case) -> None:
    way = case.way()
    way.beat(AT)
    case.stall(now=True)
    ended = threading.Event()

    def attempt() -> None:
        outcome(lambda: way.notify(a_notice(1)))
        ended.set()

    thread = threading.Thread(target=attempt)
    thread.start()
    way.close()
    way.close()
    assert ended.wait(WAIT_S)
    thread.join(WAIT_S)
    case.stall(now=False)
    failure = outcome(lambda: way.notify(a_notice(2)))
    assert failure is not None


def test_closing_before_the_first_use_is_allowed(case: Case) -> None:
    way = case.way()
    way.close()
    assert outcome(lambda: way.beat(AT)) is not None
