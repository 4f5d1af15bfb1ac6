"""A server that streams a scripted ward to the board's pages and does what a test tells it."""

from __future__ import annotations

import asyncio
import copy
import json
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.responses import StreamingResponse
from starlette.routing import Route

from tests.support.page_ward import Shown, answered, ward

STATIC: Final = Path(__file__).resolve().parents[2] / "edge_agent" / "board" / "static"
_POLICY: Final = "default-src 'self'; base-uri 'none'; object-src 'none'"
_CALM: Final = {
    "heart_rate": 78.0,
    "spo2": 97.0,
    "temperature": 36.9,
    "pressure": 124.0,
    "respiratory_rate": 15.0,
}
_BAND: Final = {
    "heart_rate": [70, 86],
    "spo2": [95, 99],
    "temperature": [36.5, 37.3],
    "pressure": [112, 134],
    "respiratory_rate": [12, 18],
}


class PageServer:
    """The scripted ward on a port of its own."""

    def __init__(self, beds: list[Shown], **ward_changes: object) -> None:
        self.beds = {one["id"]: copy.deepcopy(one) for one in beds}
        self.ward_changes = ward_changes
        self.me: Shown | None = {
            "person": "N12",
            "role": "nurse",
            "csrf": "token",
            "language": "en",
            "zone": "Europe/Berlin",
            "station": False,
        }
        self.posts: list[tuple[str, Shown]] = []
        self.is_stalled = False
        self.is_refusing = False
        self.answers_itself = True
        self.refusal: Shown | None = None
        self.history: Shown = {"entries": [], "alerts": []}
        self.streams = 0
        self.most_streams = 0
        self.opened = 0
        self._seq = 100
        self._queues: set[asyncio.Queue[bytes]] = set()
        self._loop = asyncio.new_event_loop()
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(), host="127.0.0.1", port=0, log_level="warning", lifespan="off"
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        beat = self._loop.create_task(self._beat())
        self._loop.run_until_complete(self._server.serve())
        beat.cancel()
        self._loop.run_until_complete(asyncio.gather(beat, return_exceptions=True))
        self._loop.close()

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        """End every stream and close the port."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)

    @property
    def url(self) -> str:
        """Address of the page."""
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def now_ms(self) -> int:
        """Return the ward's time."""
        return time.time_ns() // 1_000_000

    def show(self, bed: Shown) -> None:
        """Change one bed and stream it."""
        self.beds[bed["id"]] = copy.deepcopy(bed)
        self._call(lambda: self._send("bed", copy.deepcopy(bed)))
        self._call(lambda: self._send("ward", self._ward()))

    def change_ward(self, **changes: object) -> None:
        """Change the ward and stream it."""
        self.ward_changes |= changes
        self._call(lambda: self._send("ward", self._ward()))

    def break_streams(self) -> None:
        """Cut every stream off."""
        self._call(self._cut)

    def _cut(self) -> None:
        for queue in self._queues:
            queue.put_nowait(b"")

    def _call(self, act: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(act)

    def _ward(self) -> Shown:
        return ward(list(self.beds.values()), self.now_ms()) | self.ward_changes

    def _frame(self, name: str, body: Shown) -> bytes:
        return f"id: {self._seq}\nevent: {name}\ndata: {json.dumps(body)}\n\n".encode()

    def _send(self, name: str, body: Shown) -> None:
        if self.is_stalled:
            return
        if name != "beat":
            self._seq += 1
        for queue in self._queues:
            queue.put_nowait(self._frame(name, body))

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.9)
            now_ms = self.now_ms()
            self._send("beat", {"seq": self._seq, "now_ms": now_ms})

    def _snapshot(self) -> bytes:
        body = {
            "seq": self._seq,
            "now_ms": self.now_ms(),
            "ward": self._ward(),
            "beds": list(self.beds.values()),
        }
        return self._frame("snapshot", body)

    async def _events(self) -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._queues.add(queue)
        self.streams += 1
        self.opened += 1
        self.most_streams = max(self.most_streams, self.streams)
        try:
            if not self.is_stalled:
                yield self._snapshot()
            while part := await queue.get():
                yield part
        finally:
            self._queues.discard(queue)
            self.streams -= 1

    def _app(self) -> Starlette:
        routes = [
            Route("/", self._file),
            
            Route("/api/me", self._me),
            Route("/api/stream", self._stream),
            Route("/api/beds/{bed}/trend", self._trend),
            Route("/api/beds/{bed}/history", self._get_history),
            Route("/api/handover", self._handover),
            Route("/api/audit", self._audit),
            Route("/api/protocol", self._protocol),
            Route("/api/{path:path}", self._post, methods=["POST"]),
            Route("/{name}", self._file),
        ]
        return Starlette(routes=routes)

    async def _file(self, request: Request) -> Response:
        if self.is_refusing:
            return HTMLResponse("<h1>502 Bad Gateway</h1>", 502)
        name = request.path_params.get("name", "index.html")
        return FileResponse(STATIC / name, headers={"Content-Security-Policy": _POLICY})

    async def _me(self, _request: Request) -> Response:
        if self.is_refusing:
            return HTMLResponse("<h1>502 Bad Gateway</h1>", 502)
        return JSONResponse(self.me, 200 if self.me else 401)

    async def _stream(self, _request: Request) -> Response:
        if self.is_refusing:
            return HTMLResponse("<h1>502 Bad Gateway</h1>", 502)
        return StreamingResponse(self._events(), media_type="text/event-stream")

    async def _trend(self, request: Request) -> Response:
        shown = self.beds[request.path_params["bed"]]
        return JSONResponse(trend(shown, self.now_ms(), float(request.query_params["hours"])))

    async def _get_history(self, _request: Request) -> Response:
        return JSONResponse(self.history)

    async def _handover(self, _request: Request) -> Response:
        return JSONResponse({"beds": [{"id": one, **self.history} for one in self.beds]})

    async def _audit(self, _request: Request) -> Response:
        acts = [{"at_ms": self.now_ms(), "by": "N12", "act": "answer", "bed_id": "bed-03"}]
        return JSONResponse({"acts": acts})

    async def _protocol(self, _request: Request) -> Response:
        text = {"en": "Call the physician.\nBlood cultures.", "de": "Ärztin rufen.\nBlutkulturen."}
        return JSONResponse({"text": text, "version": "2026-10"})

    async def _post(self, request: Request) -> Response:
        path, body = request.path_params["path"], await request.json()
        if path != "screen":
            self.posts.append((path, body))
        if self.is_refusing:
            return HTMLResponse("<h1>502 Bad Gateway</h1>", 502)
        if request.headers.get("X-CSRF-Token") != "token" and path != "login":
            return JSONResponse({"error": {"en": "Sign in again.", "de": "Neu anmelden."}}, 403)
        if self.refusal is not None and path != "screen":
            return JSONResponse({"error": self.refusal}, 409)
        if self.answers_itself:
            self._follow(path, body)
        return JSONResponse({"ok": True}, 202)

    def _follow(self, path: str, body: dict[str, Any]) -> None:
        part = path.split("/")
        if path.endswith("/answer"):
            shown = self.beds[part[1]]
            by = body.get("by") or body.get("badge") or "N12"
            if body["kind"] == "acknowledge":
                self.show(answered(shown, by, self.now_ms()))
            elif body["kind"] == "silence":
                shown = copy.deepcopy(shown)
                until_ms = self.now_ms() + 120_000
                shown["problem"] |= {"silenced_until_ms": until_ms, "silenced_by": by}
                self.show(shown)
        elif path.endswith("/entries"):
            entry = body | {"entered_ms": self.now_ms(), "by": body.get("by", "N12")}
            self.history["entries"].append(entry)
        elif path == "ward/audio-pause":
            self.change_ward(audio_paused_until_ms=self.now_ms() + 120_000)


def trend(shown: Shown, now_ms: int, hours: float) -> Shown:
    """Return a bed's course, from calm to its present values, with one gap."""
    kinds = {}
    count = 240
    step_ms = hours * 3_600_000 / count
    for k, (kind, calm) in enumerate(_CALM.items()):
        value = shown["vitals"][kind]["value"]
        end = calm if value is None else value
        t = [round(now_ms - (count - 1 - i) * step_ms) for i in range(count)]
        v: list[float | None] = []
        for i in range(count):
            rise = max(0.0, (i / count - 0.55) / 0.45) ** 1.5
            noise = (0.012 if kind == "temperature" else 1.0) * math.sin(i * 0.9 + k * 2)
            wobble = 0.05 * (end - calm) * math.sin(i * 0.21 + k)
            is_gap = 90 <= i < 108 or (value is None and i > 225)
            # a reading that has one digit more than its sensor would be a lie
            digits = 1 if kind == "temperature" else 0
            v.append(None if is_gap else round(calm + (end - calm) * rise + noise + wobble, digits))
        kinds[kind] = {"t": t, "v": v}
    return {"kinds": kinds, "baseline": _BAND}
