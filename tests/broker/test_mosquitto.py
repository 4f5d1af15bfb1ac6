"""The written setup on a real mosquitto: who may do what, and who may not connect at all."""

from __future__ import annotations

import socket
import ssl
import warnings
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.broker.authority import Authority, found_authority
from tests.support.broker_setups import WARD, BrokerSetup, Member
from tests.support.brokers import WAIT_S

pytestmark = pytest.mark.broker
_CONNECT = bytes.fromhex("10 0e 00 04 4d 51 54 54 05 02 00 3c 00 00 01 61")
OWN = ("bed-07/vitals", "bed-07/alerts/crs.fever", "bed.02/status", "bed-07/calls", "bed.02/events")
GATEWAY = "_gateway/gw-01"


@pytest.fixture
def setup(tmp_path: Path) -> BrokerSetup:
    return BrokerSetup(tmp_path)


def member(setup: BrokerSetup, name: str) -> Member:
    return Member(setup.port, setup.client(name), setup.out / "broker" / "ca.pem")


def answer(setup: BrokerSetup, folder: Path | None, version: ssl.TLSVersion | None = None) -> str:
    """Return what the broker answers to a CONNECT with this certificate, or the TLS alert."""
    context = ssl.create_default_context(cafile=setup.out / "broker" / "ca.pem")
    if folder is not None:
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    if version is not None:
        context.set_ciphers("ALL:@SECLEVEL=0")  # OpenSSL itself offers no older version otherwise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection(("127.0.0.1", setup.port), WAIT_S) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as line,
        ):
            with suppress(ConnectionError):  # the alert may be there already
                line.sendall(_CONNECT)
            return "CONNACK" if line.recv(4)[:1] == b"\x20" else "closed"
    except ssl.SSLError as error:
        return error.reason or "no reason"


def refusal(setup: BrokerSetup, folder: Path | None) -> str:
    """Return why a certificate is refused; TLS 1.3 may hang up before it is said."""
    assert answer(setup, folder) != "CONNACK"
    return answer(setup, folder, ssl.TLSVersion.TLSv1_2)


def test_a_gateway_publishes_on_its_own_beds_only(setup: BrokerSetup) -> None:
    with setup.running(), member(setup, "gw-01") as gateway:
        own = [
            *(f"{WARD}/{topic}" for topic in OWN),
            f"{WARD}/{GATEWAY}",
            f"{WARD}/{GATEWAY}/audit",
        ]
        assert [gateway.is_refused(topic) for topic in own] == [False] * len(own)
        foreign = [
            *(
                f"{WARD}/bed-03/{kind}"
                for kind in ("vitals", "alerts/crs.fever", "status", "calls")
            ),
            *(f"{WARD}/bed-03/{kind}" for kind in ("events", "notices", "context", "ack")),
            f"{WARD}/bed-07/answers",
            f"{WARD}/_gateway/gw-02",
            f"{WARD}/_gateway/gw-02/audit",
            f"{WARD}/_board/board-01/screens",
            "crswatch/v1/hospital/cart-2/bed-07/vitals",
            "elsewhere",
        ]
        assert [gateway.is_refused(topic) for topic in foreign] == [True] * len(foreign)


def test_a_gateway_receives_what_is_for_its_own_beds_only(setup: BrokerSetup) -> None:
    with (
        setup.running(),
        member(setup, "gw-01") as gateway,
        member(setup, "gw-02") as other,
        member(setup, "board-01") as board,
        member(setup, "handsets") as handsets,
    ):
        assert other.publish(f"{WARD}/bed-03/alerts/x", retain=True).getName() != "Not authorized"
        gateway.subscribe("#")
        for bed in ("bed-03", "bed.02"):
            assert not board.is_refused(f"{WARD}/{bed}/ack")
            assert not board.is_refused(f"{WARD}/{bed}/context")
            assert not handsets.is_refused(f"{WARD}/{bed}/answers")
            other.publish(f"{WARD}/bed-03/alerts/x")
        assert not board.is_refused(f"{WARD}/_board/board-01/screens")
        assert gateway.topics_until(f"{WARD}/_board/board-01/screens") == [
            *(f"{WARD}/bed.02/{kind}" for kind in ("ack", "context", "answers")),
            f"{WARD}/_board/board-01/screens",
        ]


def test_boards_stores_and_handsets_write_only_what_is_theirs(setup: BrokerSetup) -> None:
    with (
        setup.running(),
        member(setup, "board-01") as board,
        member(setup, "archive") as store,
        member(setup, "handsets") as handsets,
        member(setup, "gw-01") as gateway,
    ):
        for reader in (board, store, handsets):
            reader.subscribe("#")
        assert all(board.is_refused(f"{WARD}/{topic}") for topic in OWN)
        assert board.is_refused(f"{WARD}/_board/board-02/screens")
        assert all(store.is_refused(f"{WARD}/bed-07/{k}") for k in ("ack", "vitals", "context"))
        assert all(handsets.is_refused(f"{WARD}/bed-07/{k}") for k in ("ack", "vitals", "notices"))
        for kind in ("vitals", "notices"):
            assert not gateway.is_refused(f"{WARD}/bed-07/{kind}")
        both = [f"{WARD}/bed-07/vitals", f"{WARD}/bed-07/notices"]
        assert board.topics_until(both[1]) == both
        assert store.topics_until(both[1]) == both
        assert handsets.topics_until(both[1]) == both[1:]


def test_a_store_that_is_away_for_the_stated_time_loses_nothing(setup: BrokerSetup) -> None:
    """Every bed sends two messages a second meanwhile: more than the default settings hold."""
    count = 3 * 2 * 5 * 60
    assert count > 1000
    store = Member(
        setup.port, setup.client("archive"), setup.out / "broker" / "ca.pem", session="archive"
    )
    with setup.running(), member(setup, "gw-02") as gateway:
        with store:
            store.subscribe(f"{WARD}/#")
        for _ in range(count - 1):
            gateway.publish(f"{WARD}/bed-03/vitals", bytes(700))
        gateway.publish(f"{WARD}/bed-03/status")
        with store:
            assert len(store.topics_until(f"{WARD}/bed-03/status")) == count


def test_only_certificates_of_the_sites_authority_are_let_in(setup: BrokerSetup) -> None:
    elsewhere = setup.folder / "elsewhere"
    now = datetime.now(UTC)
    foreign = found_authority(elsewhere / "authority", "hospital", now).issue("gw-01")
    (elsewhere / "client.pem").write_bytes(foreign.certificate)
    (elsewhere / "client.key").write_bytes(foreign.key)
    over = setup.folder / "over"
    over.mkdir()
    past = Authority(setup.out / "authority", now - timedelta(days=800)).issue("gw-01")
    (over / "client.pem").write_bytes(past.certificate)
    (over / "client.key").write_bytes(past.key)
    with setup.running():
        assert answer(setup, setup.client("gw-01")) == "CONNACK"
        assert answer(setup, setup.client("gw-01"), ssl.TLSVersion.TLSv1_2) == "CONNACK"
        older = answer(setup, setup.client("gw-01"), ssl.TLSVersion.TLSv1_1)
        assert older == "TLSV1_ALERT_PROTOCOL_VERSION"
        assert refusal(setup, None) == "SSLV3_ALERT_HANDSHAKE_FAILURE"
        assert refusal(setup, elsewhere) == "TLSV1_ALERT_UNKNOWN_CA"
        assert refusal(setup, over) == "SSLV3_ALERT_CERTIFICATE_EXPIRED"


def test_a_revoked_certificate_is_refused_and_the_others_are_not(setup: BrokerSetup) -> None:
    with setup.running():
        assert answer(setup, setup.client("gw-01")) == "CONNACK"
    assert setup.command("revoke", "gw-01") == 0
    with setup.running():
        assert refusal(setup, setup.client("gw-01")) == "SSLV3_ALERT_CERTIFICATE_REVOKED"
        assert answer(setup, setup.client("gw-02")) == "CONNACK"
    assert setup.command("certify", "gw-01") == 0
    with setup.running():
        assert answer(setup, setup.client("gw-01")) == "CONNACK"


def test_after_a_renewal_old_and_new_certificates_count(setup: BrokerSetup) -> None:
    old = setup.folder / "old"
    setup.client("gw-01").rename(old)
    assert setup.command("certify", "--within", "3000") == 0
    with setup.running():
        assert answer(setup, old) == "CONNACK"
        assert answer(setup, setup.client("gw-01")) == "CONNACK"
        with member(setup, "gw-01") as gateway:
            assert not gateway.is_refused(f"{WARD}/bed-07/vitals")


@pytest.mark.parametrize("damage", ["zeros", "cut", "text"])
def test_an_unreadable_persistence_file_is_set_aside_and_the_broker_starts(
    setup: BrokerSetup, damage: str
) -> None:
    with setup.running(), member(setup, "gw-01") as gateway:
        gateway.publish(f"{WARD}/bed-07/alerts/x", retain=True)
    stored = setup.state / "mosquitto.db"
    whole = stored.read_bytes()
    setup.set_aside()
    assert stored.read_bytes() == whole, "a readable file stays"
    stored.write_bytes(
        {"zeros": bytes(len(whole)), "cut": whole[:20], "text": b"no database"}[damage]
    )
    process = setup.started()
    assert process.stderr is not None
    with process:
        assert "Couldn't open database" in process.stderr.read()
    setup.set_aside()
    assert not stored.exists()
    assert [path.name[:24] for path in setup.state.iterdir()] == ["mosquitto.db.unreadable-"]
    with setup.running():
        assert answer(setup, setup.client("gw-01")) == "CONNACK"
