"""nginx in front of the board, as hospitals run it, with its buffering left on."""

from __future__ import annotations

import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from simulators.links.embedded_broker import free_port
from tests.support.system_binaries import system_binary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CONFIG: Final = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
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
            proxy_pass http://127.0.0.1:{board};
            proxy_buffering on;
            proxy_http_version 1.1;
        }}
    }}
}}
"""


@contextmanager
def nginx_before(board_port: int, folder: Path) -> Iterator[int]:
    """Run nginx in front of a board; yield its port."""
    nginx = system_binary("nginx", "nginx-light")
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port, board=board_port))
    with subprocess.Popen([nginx, "-p", str(folder), "-c", str(config)]) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the port is open."""
    while process.poll() is None:
        with socket.socket() as peer:
            if peer.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("nginx ended")
