"""The board's own files: only they are served, compressed, and only when they changed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request

from edge_agent.board.static_files import StaticFiles

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "<!doctype html>" + "<p>ward</p>" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "icons").mkdir(parents=True)
    (static / "index.html").write_text(PAGE)
    (static / "icons" / "a.svg").write_text("<svg/>")
    (static / "notes.txt~").write_text("secret")
    (tmp_path / "accounts.json").write_text("secret")
    return static


def request(**headers: str) -> Request:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": listed, "method": "GET", "path": "/"})


def test_a_page_is_compressed_for_who_accepts_it(folder: Path) -> None:
    files = StaticFiles(folder)
    plain = files.answer("index.html", request())
    assert (plain.status_code, bytes(plain.body).decode()) == (200, PAGE)
    small = files.answer("index.html", request(accept_encoding="br, gzip"))
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(small.body)).decode() == PAGE
    assert len(small.body) < len(plain.body) / 10
    assert small.headers["content-type"] == "text/html; charset=utf-8"


def test_a_tiny_file_is_not_compressed(folder: Path) -> None:
    answer = StaticFiles(folder).answer("icons/a.svg", request(accept_encoding="gzip"))
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "image/svg+xml"


def test_a_file_that_the_browser_has_is_not_sent_again(folder: Path) -> None:
    files = StaticFiles(folder)
    tag = files.answer("index.html", request()).headers["etag"]
    again = files.answer("index.html", request(if_none_match=tag))
    assert (again.status_code, again.body) == (304, b"")
    (folder / "index.html").write_text(PAGE + "!")
    assert StaticFiles(folder).answer("index.html", request(if_none_match=tag)).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../accounts.json",
        "icons/../../accounts.json",
        "/etc/passwd",
        "notes.txt~",
        "icons",
        "index.html/",
        "INDEX.HTML",
        "index.html\x00.js",
    ],
)
def test_nothing_else_is_served(folder: Path, name: str) -> None:
    assert StaticFiles(folder).answer(name, request()).status_code == 404


def test_files_that_are_being_written_are_read_again(folder: Path) -> None:
    files, fixed = StaticFiles(folder, is_fixed=False), StaticFiles(folder)
    (folder / "new.js").write_text("1")
    assert files.answer("new.js", request()).status_code == 200
    assert fixed.answer("new.js", request()).status_code == 404
