"""The board's own files, read once into memory: a request can only name one of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
"""Types of files that are served; a file of another type is not."""
_FOLDER: Final = Path(__file__).parent / "static"
START: Final = "index.html"


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    compressed: bytes
    """Empty where compression does not pay."""
    tag: str
    media_type: str


def _read(path: Path) -> _File:
    content = path.read_bytes()
    compressed = gzip.compress(content, mtime=0)
    is_smaller = len(compressed) < 0.9 * len(content)
    tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    return _File(content, compressed if is_smaller else b"", tag, _TYPES[path.suffix])


class StaticFiles:
    """Files of a folder by their path in it.

    Parameters
    ----------
    folder
        Folder to serve.
    is_fixed
        False to read the folder again for each request, while its files are being written.
    """

    def __init__(self, folder: Path = _FOLDER, *, is_fixed: bool = True) -> None:
        self._folder = folder
        self._is_fixed = is_fixed
        self._files = self._read_all()

    def _read_all(self) -> Mapping[str, _File]:
        paths = (path for path in sorted(self._folder.rglob("*")) if path.suffix in _TYPES)
        return {path.relative_to(self._folder).as_posix(): _read(path) for path in paths}

    def answer(self, name: str, request: Request) -> Response:
        """Return the file of that name, or that there is none."""
        if not self._is_fixed:
            self._files = self._read_all()
        file = self._files.get(name)
        if file is None:
            return Response("not found\n", 404, media_type="text/plain")
        headers = {"ETag": file.tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        if file.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(file.compressed, headers=headers, media_type=file.media_type)
        return Response(file.content, headers=headers, media_type=file.media_type)
