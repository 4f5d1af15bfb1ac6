"""Debian's nginx in front of a board, as a hospital has it."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STOP_S: Final = 10
_CONFIG: Final = """
daemon off;
error_log stderr warn;
pid {folder}/nginx.pid;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{board_port};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host:$server_port;
      proxy_buffering {buffering};
    }}
  }}
}}
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def proxied(board_port: int, folder: Path, *, buffers: bool = True) -> Iterator[str]:
    """Put nginx in front of a board; yield the address, and end it."""
    binary = system_binary("nginx", "nginx-light")
    port = _free_port()
    buffering = "on" if buffers else "off"
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(folder=folder, port=port, board_port=board_port, buffering=buffering)
    )
    process = subprocess.Popen(
        [binary, "-p", str(folder), "-c", str(config), "-e", "stderr"], stderr=subprocess.PIPE
    )
    try:
        _until_open(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=_STOP_S)


def _until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            continue
        return
    raise AssertionError(f"nginx ended: {process.communicate()[1]!r}")
