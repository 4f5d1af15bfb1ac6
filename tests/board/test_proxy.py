"""The board behind nginx with its buffering on: nothing is held back, and an outage is plain."""

from __future__ import annotations

import http.client
import time
from typing import TYPE_CHECKING

from tests.support.made_alerts import ORGAN_SIGN
from tests.support.nginx import nginx_before
from tests.support.served_board import WAIT_S, Screen, serving

if TYPE_CHECKING:
    from pathlib import Path


def test_no_event_waits_in_the_buffers_of_a_proxy(tmp_path: Path) -> None:
    with serving() as board, nginx_before(board.port, tmp_path) as port, Screen(port) as screen:
        screen.until("snapshot")
        begun_s = time.monotonic()
        board.ward.raise_alert("bed-03", ORGAN_SIGN)
        problem = screen.until("bed", "bed-03").content["problem"]
        assert time.monotonic() - begun_s < 2.0
        assert problem["priority"] == "high"
        screen.until("beat")
        screen.until("beat")


def test_while_the_board_is_down_a_proxy_answers_in_its_place_and_then_no_longer(
    tmp_path: Path,
) -> None:
    """A page must not take that answer for a stream: it is HTML with another status."""
    with serving() as board, nginx_before(board.port, tmp_path) as port:
        with Screen(port) as screen:
            seq = screen.until("snapshot").seq
            board.server.stop()
            while screen.event() is not None:
                pass
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_S)
        connection.request("GET", "/api/stream")
        response = connection.getresponse()
        assert response.status == 502
        assert response.headers["Content-Type"].startswith("text/html")
        connection.close()
        board.server.start()
        with Screen(port, query=f"?after={seq}") as screen:
            assert screen.until("beat").seq >= seq
