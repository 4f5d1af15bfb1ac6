"""Ways out over HTTP, each with a real web server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.notifiers.apprise import AppriseWay, AppriseWayConfig
from edge_agent.notifiers.webhook import Webhook, WebhookConfig
from tests.notifiers.case import PLACE, TIMEOUT_S
from tests.support.certificates import made_certificates
from tests.support.web_receiver import WebReceiver

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.notifiers.notifier import Notifier


class WebCase:
    """A webhook, with or without TLS."""

    confirms = keeps_lines = True

    def __init__(self, folder: Path, *, is_tls: bool = False) -> None:
        certificates = made_certificates(folder) if is_tls else None
        self._receiver = WebReceiver(certificates.server() if certificates else None)
        self._ca = certificates.ca if certificates else None

    def way(self) -> Notifier:
        """Return a new notifier."""
        scheme = "https" if self._ca else "http"
        url = f"{scheme}://127.0.0.1:{self._receiver.port}/notices"
        return Webhook(WebhookConfig("pager", url, PLACE, tls_ca=self._ca, timeout_s=TIMEOUT_S))

    def next_text(self) -> str:
        """Return headline and sentence of the next notice."""
        found = self._next("notice")
        return f"{found['headline']} {found['sentence']}"

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""
        assert self._next("heartbeat")["way"] == "pager"

    def _next(self, kind: str) -> dict[str, str]:
        while (found := self._receiver.next().json())["kind"] != kind:
            pass
        return found

    def refuse(self, *, now: bool) -> None:
        """Refuse everything, or no longer."""
        self._receiver.status = 422 if now else 204

    def stall(self, *, now: bool) -> None:
        """Answer nothing, or go on."""
        self._receiver.may_answer.clear() if now else self._receiver.may_answer.set()

    def start(self) -> None:
        """Start the receiver."""
        self._receiver.start()

    def stop(self) -> None:
        """Stop the receiver."""
        self._receiver.stop()


class AppriseCase(WebCase):
    """Apprise, with its own JSON service as the receiver."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        address = f"json://127.0.0.1:{self._receiver.port}/"
        self._file = folder / "urls"
        self._file.write_text(f"nurse-7={address}notice\nheartbeat={address}beat\n")

    def way(self) -> Notifier:
        """Return a new notifier."""
        return AppriseWay(AppriseWayConfig("pager", self._file, TIMEOUT_S))

    def next_text(self) -> str:
        """Return headline and sentence of the next notice."""
        found = self._next_at("/notice")
        return f"{found['title']} {found['message']}"

    def next_beat(self) -> None:
        """Wait for the next heartbeat."""
        assert self._next_at("/beat")["message"] == "heartbeat of pager"

    def _next_at(self, path: str) -> dict[str, str]:
        while (post := self._receiver.next()).path.rstrip("/") != path:
            pass
        return post.json()
