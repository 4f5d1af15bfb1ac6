"""A network between a browser and the board that can be held, cut and opened again."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ_BYTES = 65_536


class StreamGate:
    """A TCP relay to the board on a port of its own."""

    def __init__(self, board_port: int) -> None:
        self._board_port = board_port
        self._loop = asyncio.new_event_loop()
        self._is_open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_up = threading.Event()
        self._is_over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self.port = 0

    @property
    def url(self) -> str:
        """Address of the board behind it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        assert self._is_up.wait(10)

    def stop(self) -> None:
        """Close every connection."""
        self._call(self._is_over.set)
        self._thread.join(10)
        self._loop.close()

    def hold(self) -> None:
        """Let nothing through any more, without a word: a cable pulled, a laptop asleep."""
        self._call(self._is_open.clear)

    def release(self) -> None:
        """Let everything through again."""
        self._call(self._is_open.set)

    def cut(self) -> None:
        """Cut every connection off; new ones get through."""
        self._call(self._abort)

    def _abort(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    def _call(self, act: object) -> None:
        done = threading.Event()

        def run() -> None:
            assert callable(act)
            act()
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(10)

    async def _run(self) -> None:
        self._is_open.set()
        server = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._is_up.set()
        await self._is_over.wait()
        self._is_open.set()
        server.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self._board_port)
            self._writers |= {writer, back}
            up = asyncio.create_task(self._pump(reader, back))
            await self._pump(there, writer)
            up.cancel()
            self._writers -= {writer, back}
            back.transport.abort()
        writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while part := await reader.read(_READ_BYTES):
                await self._is_open.wait()
                writer.write(part)
                await writer.drain()


@contextmanager
def gated(board_port: int) -> Iterator[StreamGate]:
    """Put a network in front of a board."""
    gate = StreamGate(board_port)
    gate.start()
    try:
        yield gate
    finally:
        gate.stop()
