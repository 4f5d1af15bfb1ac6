"""Details of syslog: the message after RFC 5424, transports, and what can be noticed."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pytest

from edge_agent.model.alerts import AlertPriority
from edge_agent.model.errors import DeliveryError
from edge_agent.notifiers.syslog import Syslog, SyslogConfig
from edge_agent.notifiers.syslog_text import beat_line, counted, notice_line, shortened
from edge_agent.payloads.checkpoints import read_checkpoints
from edge_agent.payloads.notices import GatewayPlace
from tests.notifiers.case import PLACE
from tests.support.brokers import WAIT_S, free_port
from tests.support.certificates import made_certificates
from tests.support.notices import AT, AWKWARD, UUID, a_notice
from tests.support.syslog_receiver import SyslogReceiver, read_line
from tests.support.trails import checkpoints_at, write_trail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from edge_agent.model.audit import Checkpoint


def config(
    port: int, transport: Literal["udp", "tcp", "tls"] = "tcp", ca: Path | None = None
) -> SyslogConfig:
    return SyslogConfig("pager", "127.0.0.1", port, transport, PLACE, tls_ca=ca, timeout_s=1.0)


def failure(way: Syslog) -> str:
    with pytest.raises(DeliveryError) as caught:
        way.notify(a_notice(1))
    assert caught.value.retryable
    return str(caught.value)


def test_a_notice_is_one_message_with_its_facts_as_fields() -> None:
    line = notice_line(a_notice(0), PLACE, 16)
    assert line.startswith(
        b"<129>1 2023-11-14T22:13:20.123Z gw-1 crswatch - notice [crswatch@32473 "
    )
    found = read_line(line)
    assert (found.facility, found.severity, found.host) == (16, 1, "gw-1")
    assert found.text == (
        "HIGH: bed-1: low blood pressure. BP 72/42 at 04:26, HR 147, SpO2 88 %, T 39.2 °C"
    )
    assert found.fields == {
        "site": "st-anna",
        "ward": "w3",
        "notice": "n-0",
        "bed": "bed-1",
        "person": "nurse-7",
        "duty": "nurse",
        "reason": "first",
        "priority": "high",
        "alert": UUID,
    }


@pytest.mark.parametrize(
    ("changes", "severity", "kind"),
    [
        ({"priority": AlertPriority.HIGH}, 1, "notice"),
        ({"priority": AlertPriority.MEDIUM}, 4, "notice"),
        ({"priority": AlertPriority.LOW}, 5, "notice"),
        ({"is_over": True, "answered_by": "nurse-7"}, 6, "over"),
        ({"is_test": True}, 1, "test"),
    ],
)
def test_the_severity_follows_the_priority(
    changes: dict[str, object], severity: int, kind: str
) -> None:
    found = read_line(notice_line(a_notice(0, **changes), PLACE, 3))
    assert (found.facility, found.severity, found.kind) == (3, severity, kind)
    assert found.fields.get("answeredBy", "") == changes.get("answered_by", "")


def test_fields_and_text_stay_in_one_line_whatever_they_hold() -> None:
    place = GatewayPlace(AWKWARD, "w\x003", "gw 1 ä")
    found = read_line(notice_line(a_notice(0, person_id=AWKWARD, sentence=""), place, 16))
    plain = AWKWARD.replace("\r\n", " ").replace("\t", " ")
    assert (found.host, found.fields["site"], found.fields["ward"]) == ("gw-1--", plain, "w 3")
    assert found.fields["person"] == plain
    assert found.text == "HIGH: bed-1: low blood pressure"


def test_a_heartbeat_is_informational() -> None:
    found = read_line(beat_line("pager", PLACE, AT, 16))
    assert (found.severity, found.kind, found.text) == (6, "heartbeat", "heartbeat of pager")


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_new_checkpoint_leaves_once_and_the_receivers_file_is_good_for_the_check(
    tmp_path: Path, transport: Literal["udp", "tcp"]
) -> None:
    write_trail(tmp_path / "trail", 3)
    first, second = checkpoints_at(tmp_path / "trail", [2, 3])
    newest: list[Checkpoint] = []
    receiver = SyslogReceiver(transport)
    way = Syslog(config(receiver.port, transport), lambda: newest[-1] if newest else None)
    newest.append(first)
    with pytest.raises(DeliveryError):
        way.beat(AT)
    receiver.start()
    with closing(way):
        for checkpoint in (None, None, second):
            newest += [checkpoint] if checkpoint else []
            way.beat(AT)
        raw = [receiver.lines.get(timeout=WAIT_S).decode() for _ in range(5)]
    receiver.stop()
    lines = [read_line(line.encode()) for line in raw]
    kinds = [line.kind for line in lines]
    assert kinds == ["checkpoint", "heartbeat", "heartbeat", "checkpoint", "heartbeat"]
    assert (lines[0].severity, lines[0].fields["count"]) == (5, "2")
    found, _ = read_checkpoints("\n".join(raw))
    assert [one.text for one in found] == [first.text, second.text]


def test_a_datagram_is_cut_between_two_characters() -> None:
    line = ("a" + "ä" * 2000).encode()
    for most in (100, 101, 102):
        cut = shortened(line, most)
        assert len(cut) <= most
        assert cut.decode().endswith("ä…")
    assert shortened(b"short", 100) == b"short"


def test_the_length_in_front_counts_octets() -> None:
    assert counted("ä\n".encode()) == b"3 \xc3\xa4\n"


@pytest.fixture
def receiver() -> Iterator[SyslogReceiver]:
    found = SyslogReceiver("tcp")
    found.start()
    try:
        yield found
    finally:
        found.stop()


def test_a_receiver_that_went_away_unnoticed_loses_nothing(receiver: SyslogReceiver) -> None:
    """The first message after a restart is what careless senders lose."""
    way = Syslog(config(receiver.port))
    way.beat(AT)
    receiver.stop()
    receiver.start()
    way.notify(a_notice(1))
    while (line := receiver.next()).kind != "notice":
        pass
    assert line.fields["notice"] == "n-1"
    way.close()


def test_one_connection_carries_many_messages(receiver: SyslogReceiver) -> None:
    way = Syslog(config(receiver.port))
    for number in range(20):
        way.notify(a_notice(number))
    assert [receiver.next().fields["notice"] for _ in range(20)] == [f"n-{n}" for n in range(20)]
    assert len(receiver._connections) == 1
    way.close()


def test_a_receiver_that_hangs_up_at_once_has_nothing(receiver: SyslogReceiver) -> None:
    receiver.hangs_up = True
    way = Syslog(config(receiver.port))
    assert failure(way).endswith("the receiver closes the connection at once")


def test_a_long_notice_fits_a_datagram() -> None:
    receiver = SyslogReceiver("udp")
    receiver.start()
    Syslog(config(receiver.port, "udp")).notify(a_notice(1, sentence="ä" * 5000))
    found = receiver.next()
    assert found.text.endswith("ä…")
    receiver.stop()


def test_nobody_who_listens_for_datagrams_is_noticed() -> None:
    port = free_port()
    assert failure(Syslog(config(port, "udp"))) == f"127.0.0.1:{port}: Connection refused"


def test_a_certificate_that_the_receiver_refuses_is_noticed(tmp_path: Path) -> None:
    """With TLS 1.3 the refusal comes after the handshake, when a careless sender has gone on."""
    certificates = made_certificates(tmp_path / "ours")
    other = made_certificates(tmp_path / "other")
    receiver = SyslogReceiver("tls", certificates.server(wants_client=True))
    receiver.start()
    for cert, key in ((None, None), (other.client, other.client_key)):
        own = config(receiver.port, "tls", certificates.ca)
        way = Syslog(replace(own, tls_cert=cert, tls_key=key))
        assert "127.0.0.1" in failure(way)
        way.close()
    receiver.stop()
    assert receiver.lines.empty()


def test_a_receiver_of_another_authority_is_not_trusted(tmp_path: Path) -> None:
    ours, theirs = (made_certificates(tmp_path / name) for name in ("ours", "theirs"))
    receiver = SyslogReceiver("tls", theirs.server())
    receiver.start()
    assert "is not trusted" in failure(Syslog(config(receiver.port, "tls", ca=ours.ca)))
    assert "is not trusted" in failure(Syslog(config(receiver.port, "tls")))
    gone = config(receiver.port, "tls", ca=tmp_path / "gone")
    assert "gone: cannot be used" in failure(Syslog(gone))
    receiver.stop()


def test_a_receiver_whose_machine_takes_no_more_bytes_is_noticed() -> None:
    """Its buffers are full: the bytes of a notice leave us, and stay unconfirmed on our machine."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        way = Syslog(config(server.getsockname()[1]))
        way.beat(AT)
        assert way._stream is not None
        way._stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with pytest.raises(DeliveryError, match="does not answer in time"):
            way.notify(a_notice(1, sentence="x" * 100_000))
        way.close()
