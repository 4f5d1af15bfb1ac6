"""The shipped broker configuration is one that a real mosquitto takes and obeys."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from tests.support.brokers import Watcher, mosquitto, watcher

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.broker

_CERTIFICATES = ("listener", "cafile", "certfile", "keyfile", "require_certificate", "use_identity")


def settings(folder: Path) -> list[str]:
    """Return the shipped settings without TLS, with the shipped ACL."""
    shipped = files("edge_agent") / "broker_config" / "mosquitto"
    acl = folder / "ward.acl"
    acl.write_text("topic readwrite test/#\n" + (shipped / "ward.acl").read_text())
    acl.chmod(0o644)
    lines = (shipped / "ward.conf").read_text().splitlines()
    kept = [line for line in lines if line and not line.startswith(("#", *_CERTIFICATES))]
    ours = [line.replace("/etc/mosquitto/ward.acl", str(acl)) for line in kept]
    return [line for line in ours if not line.startswith("persistence ")]


def test_mosquitto_takes_every_setting_and_delivers(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "allow_anonymous true", *settings(tmp_path)) as broker,
        watcher(broker.port, "test/#") as seen,
    ):
        for number in range(20):
            seen.publish("test/queue", str(number).encode())
        got = [int(seen.next("test/queue").payload) for _ in range(20)]
    assert got == list(range(20))


def test_a_board_reports_on_its_screens_under_its_own_name_to_gateways_alone(
    tmp_path: Path,
) -> None:
    ward = "crswatch/v1/hospital/cart-1/_board"
    with mosquitto(tmp_path, "allow_anonymous true", *settings(tmp_path)) as broker:
        gateway, handset = (
            Watcher(broker.port, f"{ward}/+/screens", user) for user in ("gw-01", "handsets")
        )
        board = Watcher(broker.port, "test/#", "board")
        assert board.is_refused(f"{ward}/board-02/screens")
        assert gateway.is_refused(f"{ward}/board-01/screens")
        assert not board.is_refused(f"{ward}/board-01/screens")
        assert gateway.next().topic == f"{ward}/board-01/screens"
        for client in (gateway, handset, board):
            client.close()
    assert handset.messages.empty()
