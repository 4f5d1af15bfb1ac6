"""A driver that another distribution brings is a driver like those built in."""

from __future__ import annotations

import csv
import io
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.third_party.installation import EXAMPLE, Site

if TYPE_CHECKING:
    from pathlib import Path

GATEWAY = """
[gateway]
id = "gw-01"
site = "hospital"
ward = "cart-1"
[journal]
path = "crswatch.db"
[[beds]]
id = "bed-01"
port = "/dev/ttyUSB0"
driver = "pulsetrak"
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("installed"))
    source: Path = made.folder / "source"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    made.run(f"pip install --quiet --no-deps --no-build-isolation {source}")
    return made


def test_it_is_listed(site: Site) -> None:
    assert "PulseTrak 100 pulse oximeter, host interface" in site.run("crswatch drivers")


def test_it_decodes(site: Site) -> None:
    wire = bytes.fromhex("02 09 56 00 00 00 0c 00 61 48 1f 33 03 02 07 54 00 00 00 0e 01 80 ea 03")
    (site.folder / "line.bin").write_bytes(wire)
    rows = csv.DictReader(io.StringIO(site.run("crswatch decode --driver pulsetrak line.bin")))
    assert [(row["label"], row["value"]) for row in rows] == [
        ("SpO2", "97.0"),
        ("Pulse rate", "72.0"),
        ("Perfusion index", "3.1"),
        ("Oral temperature", "38.4"),
    ]


def test_a_bed_may_have_it(site: Site) -> None:
    (site.folder / "gateway.toml").write_text(GATEWAY)
    assert "fine" in site.run("crswatch check-config gateway.toml")
    (site.folder / "wrong.toml").write_text(GATEWAY + 'profile = "other"\n')
    assert "pulsetrak has no profiles" in site.run("crswatch check-config wrong.toml", status=2)
