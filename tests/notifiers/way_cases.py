"""Every way out, each with a real receiver, for the tests of what all have in common."""

from __future__ import annotations

import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from edge_agent.model.clock import ScaledClock
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from edge_agent.notifiers.mqtt import MqttWay, MqttWayConfig
from edge_agent.notifiers.syslog import Syslog, SyslogConfig
from tests.notifiers.case import PLACE, TIMEOUT_S, Case
from tests.notifiers.web_cases import AppriseCase, WebCase
from tests.support.alert_manager import AlertManager, acknowledgement
from tests.support.brokers import Mosquitto, Watcher
from tests.support.certificates import made_certificates
from tests.support.notices import AT, Heard
from tests.support.syslog_receiver import SyslogReceiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Literal

    from edge_agent.notifiers.notifier import Notifier


class SyslogCase:
    """Syslog over one of its transports."""

    keeps_lines = confirms = False

    def __init__(self, folder: Path, transport: Literal["udp", "tcp", "tls"]) -> None:
        certificates = made_certificates(folder) if transport == "tls" else None
        tls = certificates.server(wants_client=True) if certificates else None
        self._receiver = SyslogReceiver(transport, tls)
        files = certificates and (certificates.ca, certificates.client, certificates.client_key)
        ca, cert, key = files or (None, None, None)
        self._config = SyslogConfig(
            name="pager",
            host="127.0.0.1",
            port=self._receiver.port,
            transport=transport,
            place=PLACE,
            tls_ca=ca,
            tls_cert=cert,
            tls_key=key,
            timeout_s=TIMEOUT_S,
        )

    def way(self) -> Notifier:
        """Return a new notifier."""
        return Syslog(self._config)

    def next_text(self) -> str:
        """Return headline and sentence of the next notice."""
        return self._next("notice")

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""
        assert self._next("heartbeat") == "heartbeat of pager"

    def _next(self, kind: str) -> str:
        while (line := self._receiver.next()).kind != kind:
            pass
        return line.text

    def refuse(self, *, now: bool) -> None:
        """Refuse everything, or no longer."""
        self._receiver.hangs_up = now
        if now:
            self._receiver.stop()
            self._receiver.start()

    def stall(self, *, now: bool) -> None:
        """Answer nothing, or go on."""
        self._receiver.may_read.clear() if now else self._receiver.may_read.set()

    def start(self) -> None:
        """Start the receiver."""
        self._receiver.start()

    def stop(self) -> None:
        """Stop the receiver."""
        self._receiver.stop()


class MqttCase:
    """A mosquitto, and a handset that subscribes to everything."""

    confirms = keeps_lines = True

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._acl = folder / "acl"
        self._allowed = "topic readwrite #\n"
        self._acl.write_text(self._allowed)
        self._broker = Mosquitto(folder, ("allow_anonymous true", f"acl_file {self._acl}"))
        self._handset: Watcher | None = None

    def way(self) -> Notifier:
        """Return a new notifier."""
        config = MqttWayConfig(
            "pager",
            "127.0.0.1",
            self._broker.port,
            PLACE,
            "crswatch-gw-1-pager",
            timeout_s=TIMEOUT_S,
        )
        return MqttWay(config, Heard().events())

    def next_text(self) -> str:
        """Return headline and sentence of the next notice."""
        assert self._handset is not None
        found = self._handset.next_json("/bed-1/notices")
        return f"{found['headline']} {found['sentence']}"

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""
        assert self._handset is not None
        found = self._handset.next_json("/_gateway/gw-1/ways/pager")
        assert found["kind"] == "heartbeat"

    def refuse(self, *, now: bool) -> None:
        """Refuse everything, or no longer."""
        self._acl.write_text("topic read #\n" if now else self._allowed)
        self._broker.reload()
        assert self._handset is not None
        while self._handset.is_refused("probe") is not now:
            pass

    def stall(self, *, now: bool) -> None:
        """Answer nothing, or go on."""
        assert self._broker._process is not None
        self._broker._process.send_signal(signal.SIGSTOP if now else signal.SIGCONT)

    def start(self) -> None:
        """Start the receiver."""
        self._broker.start()
        self._handset = Watcher(self._broker.port)

    def stop(self) -> None:
        """Stop the receiver."""
        with suppress(AssertionError):
            self.stall(now=False)
        if self._handset is not None:
            self._handset.close()
            self._handset = None
        self._broker.stop()


class AcmCase:
    """An alert manager over MLLP, with or without TLS."""

    confirms = True
    keeps_lines = False

    def __init__(self, folder: Path, *, is_tls: bool = False) -> None:
        certificates = made_certificates(folder) if is_tls else None
        self._receiver = AlertManager(certificates.server() if certificates else None)
        self._config = AcmConfig(
            name="pager",
            host="127.0.0.1",
            port=self._receiver.port,
            place=PLACE,
            tls_ca=certificates.ca if certificates else None,
            timeout_s=TIMEOUT_S,
        )

    def way(self) -> Notifier:
        """Return a new notifier."""
        return AcmWay(self._config, Heard().events(), ScaledClock(lambda: AT, AT))

    def next_text(self) -> str:
        """Return headline and sentence of the next notice."""
        alert = self._receiver.next()
        return f"{alert.row('196616')} {alert.row('68546')}"

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""
        assert self._receiver.next(is_beat=True).row("68484") == "PN"

    def refuse(self, *, now: bool) -> None:
        """Refuse everything, or no longer."""
        self._receiver.answer = (
            (lambda alert: acknowledgement(alert, "AE")) if now else acknowledgement
        )

    def stall(self, *, now: bool) -> None:
        """Answer nothing, or go on."""
        self._receiver.answer = (lambda _alert: b"") if now else acknowledgement

    def start(self) -> None:
        """Start the receiver."""
        self._receiver.start()

    def stop(self) -> None:
        """Stop the receiver."""
        self._receiver.stop()


CASES: Final[dict[str, Callable[[Path], Case]]] = {
    "webhook": WebCase,
    "webhook-tls": lambda folder: WebCase(folder, is_tls=True),
    "syslog-udp": lambda folder: SyslogCase(folder, "udp"),
    "syslog-tcp": lambda folder: SyslogCase(folder, "tcp"),
    "syslog-tls": lambda folder: SyslogCase(folder, "tls"),
    "mqtt": MqttCase,
    "acm": AcmCase,
    "acm-tls": lambda folder: AcmCase(folder, is_tls=True),
    "apprise": AppriseCase,
}
"""Every way out, by kind and transport."""
