"""Details of the way through apprise: who gets what, and what messages may say."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.errors import ConfigError, DeliveryError
from edge_agent.notifiers.apprise import AppriseWay, AppriseWayConfig
from tests.support.brokers import free_port
from tests.support.notices import AT, a_notice
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver() -> Iterator[WebReceiver]:
    found = WebReceiver()
    found.start()
    try:
        yield found
    finally:
        found.stop()


def way_of(folder: Path, text: str) -> AppriseWay:
    path = folder / "urls"
    path.write_text(text)
    return AppriseWay(AppriseWayConfig("phones", path, 2.0))


def test_each_person_gets_only_what_is_for_them(receiver: WebReceiver, tmp_path: Path) -> None:
    address = f"json://127.0.0.1:{receiver.port}"
    way = way_of(tmp_path, f"nurse-7,night={address}/one\nnurse-8={address}/two\n")
    way.notify(a_notice(1))
    way.notify(a_notice(2, person_id="nurse-8"))
    way.notify(a_notice(3, person_id="night"))
    paths = [receiver.next().path.rstrip("/") for _ in range(3)]
    assert paths == ["/one", "/two", "/one"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"priority": AlertPriority.HIGH}, "failure"),
        ({"priority": AlertPriority.MEDIUM}, "warning"),
        ({"priority": AlertPriority.LOW}, "info"),
        ({"is_over": True}, "info"),
    ],
)
def test_the_priority_becomes_apprises_own_kind(
    receiver: WebReceiver, tmp_path: Path, changes: dict[str, object], kind: str
) -> None:
    way_of(tmp_path, f"nurse-7=json://127.0.0.1:{receiver.port}/\n").notify(a_notice(1, **changes))
    assert receiver.next().json()["type"] == kind


def test_one_address_of_a_person_is_enough(receiver: WebReceiver, tmp_path: Path) -> None:
    nobody = f"json://127.0.0.1:{free_port()}/hunter2"
    way = way_of(tmp_path, f"nurse-7=json://127.0.0.1:{receiver.port}/\nnurse-7={nobody}\n")
    way.notify(a_notice(1))
    assert receiver.next().path


def test_a_heartbeat_must_reach_every_address_for_it(receiver: WebReceiver, tmp_path: Path) -> None:
    nobody = f"json://127.0.0.1:{free_port()}/hunter2"
    way = way_of(tmp_path, f"heartbeat=json://127.0.0.1:{receiver.port}/\nheartbeat={nobody}\n")
    with pytest.raises(DeliveryError, match="Connection error") as caught:
        way.beat(AT)
    assert "hunter2" not in str(caught.value)


def test_a_person_without_an_address_is_named_and_not_tried_again(tmp_path: Path) -> None:
    way = way_of(tmp_path, "nurse-8=json://127.0.0.1/hunter2\n")
    with pytest.raises(DeliveryError, match="urls has no address for 'nurse-7'") as caught:
        way.notify(a_notice(1))
    assert not caught.value.retryable
    assert "hunter2" not in str(caught.value)


def test_addresses_are_read_anew_each_time(receiver: WebReceiver, tmp_path: Path) -> None:
    way = way_of(tmp_path, "")
    with pytest.raises(DeliveryError):
        way.notify(a_notice(1))
    (tmp_path / "urls").write_text(f"nurse-7=json://127.0.0.1:{receiver.port}/\n")
    way.notify(a_notice(1))
    (tmp_path / "urls").unlink()
    with pytest.raises(DeliveryError, match="urls: cannot be read") as caught:
        way.notify(a_notice(2))
    assert caught.value.retryable


def test_a_service_that_does_not_answer_is_said_so(receiver: WebReceiver, tmp_path: Path) -> None:
    way = way_of(tmp_path, f"nurse-7=json://127.0.0.1:{receiver.port}/\n")
    receiver.may_answer.clear()
    with pytest.raises(DeliveryError, match="JSON: "):
        way.notify(a_notice(1))


def test_without_the_library_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError(name="apprise")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(DeliveryError, match=r"pip install 'crswatch\[ways\]'") as caught:
        way_of(tmp_path, "").notify(a_notice(1))
    assert isinstance(caught.value.__cause__, ConfigError)
