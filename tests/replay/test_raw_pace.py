"""Raw bytes are played by the time in them, so that what lasted minutes is judged as minutes."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.replay.line_plan import plan_line, read_line_file
from edge_agent.replay.raw_pace import pace
from edge_agent.rulebook.rule_set import read_rulebook
from tests.drivers.ge_dri import monitor as ge
from tests.drivers.hl7_oru import sender
from tests.drivers.nonin.oximeter import df2
from tests.support.replays import replay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from edge_agent.replay.raw_pace import Paced

BED = "bed-07"
BEGIN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MINUTES_4 = 240

THERMOMETER = """
manufacturer = "Acme"
model = "Oximeter 1"
title = "an oximeter that prints a time of day"
[[line]]
pattern = "{clock} SPO2={spo2}"
[fields.clock]
role = "time"
format = "hh:mm:ss"
[fields.spo2]
role = "value"
kind = "spo2"
unit = "%"
digits = "###"
"""


def masimo(at: datetime, spo2: int) -> bytes:
    return (
        f"{at:%m/%d/%y %H:%M:%S} SN=0000011111 SPO2={spo2:03d}% BPM=097 PI=03.60% "
        f"ALARM=0000 EXC=000000\r\n"
    ).encode()


def nellcor(at: datetime, spo2: int) -> bytes:
    return f"{at:%d-%b-%y %H:%M:%S}   {spo2:3d}      97      36 \r\n".encode()


def nonin(at: datetime, spo2: int) -> bytes:
    return f"{at:%H:%M:%S} SPO2={spo2:03d} HR=097\r\n".encode()


def ge_dri(at: datetime, spo2: int) -> bytes:
    group = (ge.SPO2, ge.ON, 0, (100 * spo2, 97, 360))
    return ge.displayed(group, now_s=int(at.timestamp()))


def hl7(at: datetime, spo2: int) -> bytes:
    row = sender.obx(sender.SPO2, str(spo2), sender.PERCENT)
    return sender.results(row, time=f"{at:%Y%m%d%H%M%S}+0000")


def described(at: datetime, spo2: int) -> bytes:
    return f"{at:%H:%M:%S} SPO2={spo2:3d}\r\n".encode()


MAKERS = {
    "masimo_ascii": masimo,
    "nellcor_ascii": nellcor,
    "nonin": nonin,
    "ge_dri": ge_dri,
    "hl7_oru": hl7,
    "ascii_line": described,
}


def options(name: str) -> SessionOptions:
    profile = "ascii" if name == "nonin" else ""
    text = THERMOMETER if name == "ascii_line" else ""
    return SessionOptions(BED, listen_only=True, profile=profile, profile_text=text)


def written(name: str, spo2: int = 82, every_s: int = 5, from_s: int = 0) -> bytes:
    """Return four minutes of one saturation as a device of this kind sends it."""
    moments = range(from_s, from_s + MINUTES_4 + 1, every_s)
    return b"".join(MAKERS[name](BEGIN + timedelta(seconds=s), spo2) for s in moments)


def timed(name: str, data: bytes) -> Paced:
    return pace(driver(name), options(name), data)


def config_for(folder: Path, name: str) -> Path:
    """Return a gateway.toml whose bed has a device of this kind."""
    definition = folder / "device.toml"
    definition.write_text(THERMOMETER)
    more = {"nonin": 'profile = "ascii"', "ascii_line": f'profile_file = "{definition}"'}
    path = folder / "gateway.toml"
    path.write_text(
        '[gateway]\nid = "gw-01"\nsite = "hospital"\nward = "haem-2"\n'
        f'[journal]\npath = "{folder}/journal.db"\n'
        f'[[beds]]\nid = "{BED}"\nport = "/dev/null"\ndriver = "{name}"\n{more.get(name, "")}\n'
    )
    return path


@pytest.mark.untraced
@pytest.mark.parametrize("name", MAKERS)
def test_four_minutes_of_low_saturation_are_alerted_however_fast_they_are_played(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "line.txt"
    file.write_bytes(written(name))
    config = config_for(tmp_path, name)
    plan = plan_line(read_line_file(file, name), BED, config, tmp_path / "j.db", 0)
    replayed = replay(plan.config, read_rulebook(None), plan.feeds, math.inf, plan.span)
    assert "vital.severe_hypoxia" in {alert.rule_id for alert in replayed.alerts}
    assert f"{file}: raw bytes, played by the time in the data\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", MAKERS)
def test_each_message_is_a_piece_of_its_own_at_its_own_time(name: str) -> None:
    data = written(name)
    paced = timed(name, data)
    assert b"".join(piece.data for piece in paced.pieces) == data
    offsets = sorted({piece.offset_s for piece in paced.pieces})
    assert offsets == [float(s) for s in range(0, MINUTES_4 + 1, 5)]
    assert [p.offset_s for p in paced.pieces] == sorted(p.offset_s for p in paced.pieces)


@pytest.mark.parametrize(
    "data",
    [df2() * 30, b"noise without an end " * 20],
)
def test_data_without_a_time_go_at_the_speed_of_the_line_and_this_is_said(data: bytes) -> None:
    paced = pace(driver("nonin"), SessionOptions(BED), data)
    assert paced.words == "at the speed of the line (9600 baud): the data hold no time"
    assert b"".join(piece.data for piece in paced.pieces) == data
    last = paced.pieces[-1]
    assert last.offset_s == pytest.approx((len(data) - len(last.data)) / 960)


def test_noise_goes_along_with_the_message_that_it_precedes() -> None:
    first, second = masimo(BEGIN, 97), masimo(BEGIN + timedelta(seconds=60), 97)
    paced = timed("masimo_ascii", first + b"~half a line " + second + b"rest")
    assert [piece.offset_s for piece in paced.pieces][-2:] == [60.0, 60.0]
    assert paced.pieces[-1].data.endswith(b"rest")


def line_at(seconds: float, make: Callable[[datetime, int], bytes] = masimo) -> bytes:
    return make(BEGIN + timedelta(seconds=seconds), 97)


@pytest.mark.parametrize(
    ("moments_s", "offsets_s", "words"),
    [
        ((0, 1, 1, 3), [0, 1, 1, 3], ""),
        ((0, 60, 55, 61), [0, 60, 60, 61], ""),  # one came late
        ((0, 60, 0, 1), [0, 60, 60, 60], ""),  # within the bound of a late message
        ((0, 100, 10, 15), [0, 100, 100, 105], "; where it jumps (1 times), no time passes"),
        ((0, 86_400, 86_401), [0, 86_400, 86_401], ""),  # a day without a line
        ((0, 86_401, 86_402), [0, 0, 1], "; where it jumps (1 times), no time passes"),
        ((0, 9e8, 5, 6), [0, 0, 0, 1], "; where it jumps (2 times), no time passes"),
    ],
)
def test_a_clock_that_is_set_lets_no_time_pass(
    moments_s: tuple[float, ...], offsets_s: list[float], words: str
) -> None:
    paced = timed("masimo_ascii", b"".join(line_at(s) for s in moments_s))
    assert [piece.offset_s for piece in paced.pieces if piece.data.strip()] == offsets_s
    assert paced.words == "by the time in the data" + words


def test_a_time_of_day_goes_on_over_midnight() -> None:
    evening = 15 * 3600 + 59 * 60 + 50  # after BEGIN: 23:59:50
    data = b"".join(line_at(evening + s, nonin) for s in (0, 9, 11, 20))
    offsets = [piece.offset_s for piece in timed("nonin", data).pieces if piece.data.strip()]
    assert offsets == [0, 9, 11, 20]


def test_numbers_that_look_like_a_time_are_none_where_the_line_gives_no_reading() -> None:
    data = b"10:00:00 not a line\r\n11:00:00 nor this one\r\n" + line_at(0, nonin)
    paced = timed("nonin", data + line_at(2, nonin))
    assert paced.pieces[-2].offset_s == 2.0
