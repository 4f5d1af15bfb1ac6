"""The client's end of the control socket of an agent on this machine."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.config.beside_journal import control_paths, socket_address
from edge_agent.model.errors import LinkError
from edge_agent.payloads.control import (
    ControlReply,
    ControlRequest,
    decode_reply,
    encode_request,
)

_WAIT_S: Final = 10.0
"""Wall seconds without a byte of the reply; the agent itself gives up after half of it."""
_LONGEST_REPLY: Final = 16 * 1024 * 1024
"""Bytes; the snapshot of a hundred beds, all in alarm, has less than a tenth of it."""
_CHUNK: Final = 65_536
_CREDENTIALS: Final = struct.Struct("3i")  # source: unix(7), struct ucred: pid, uid, gid


def ask_agent(
    journal: Path, request: ControlRequest, wait_s: float = _WAIT_S
) -> ControlReply | None:
    """Return the reply of the agent with this journal; None if none runs on this machine.

    Raises
    ------
    LinkError
        If an agent runs here but does not answer, or this user may not ask it.
    """
    owners = {0, os.getuid()}
    with suppress(OSError):  # its disk is away, but it may answer nevertheless
        owners.add(journal.stat().st_uid)
    for path in control_paths(journal):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as agent:
            agent.settimeout(wait_s)
            try:
                with socket_address(path) as address:
                    agent.connect(address)
                _check_owner(agent, path, owners)
                return _reply(agent, request)
            except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
                continue
            except PermissionError as error:
                words = f"{path} belongs to another user: run the command as that user, or as root"
                raise LinkError(words, retryable=False) from error
            except (OSError, msgspec.MsgspecError) as error:
                words = f"the agent at {path} does not answer: {error}"
                raise LinkError(words, retryable=True) from error
    return None


def _check_owner(agent: socket.socket, path: Path, owners: set[int]) -> None:
    """Refuse an agent of another user: in a folder for everybody, anybody can listen."""
    found = agent.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(found)
    if uid not in owners:
        raise LinkError(f"{path} belongs to user {uid}, who is not trusted", retryable=False)


def _reply(agent: socket.socket, request: ControlRequest) -> ControlReply:
    agent.sendall(encode_request(request))
    received = bytearray()
    while not received.endswith(b"\n"):
        data = agent.recv(_CHUNK)
        received += data
        if not data or len(received) > _LONGEST_REPLY:
            raise ConnectionResetError(f"the reply ended after {len(received)} bytes")
    return decode_reply(bytes(received))
