"""Points of the InfluxDB sink, exported from the database, give the same vitals again."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Readings, Validity
from edge_agent.model.session_events import NumericsReceived
from edge_agent.recorded.store_export import MOST_MISTAKES, store_feed
from edge_agent.sinks.line_protocol import alert_line, vital_line
from edge_agent.vitals.normalise import Normaliser
from tests.support.device_readings import (
    BPM,
    CELSIUS,
    HR,
    MMHG,
    NIBP_S,
    PERCENT,
    RPM,
    RR,
    SPO2,
    TEMPERATURE,
    numeric,
)
from tests.support.recorded_feeds import START, events_of, vitals_of
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.model.measurements import Vital

DDL = """\
# INFLUXDB EXPORT: 1677-09-21T00:12:43Z - 2262-04-11T23:47:16Z
# DDL
CREATE DATABASE ward WITH NAME autogen
# DML
# CONTEXT-DATABASE:ward
# writing tsm data
"""
_FIELD = re.compile(r'(\w+=(?:"(?:[^"\\]|\\.)*"|[^," ]+))')


def told() -> list[tuple[Readings, NumericsReceived]]:
    """Return what two beds' monitors sent: good, doubtful and missing values, a shown cuff."""
    messages = []
    normalisers = {bed: Normaliser(bed) for bed in ("bed 1,west", "bed-2")}
    for second in range(0, 40, 2):
        at = START.plus(second)
        for bed, normaliser in normalisers.items():
            numerics: list[Numeric] = [
                numeric(HR, 80 + second, BPM),
                numeric(SPO2, None, PERCENT, Validity.INVALID),
                numeric(RR, 18, RPM, Validity.QUESTIONABLE),
                numeric(TEMPERATURE, 60.0, CELSIUS),
                replace(numeric(HR, 70, BPM), code=147850, mode=GenerationMode.DEMO),
                numeric(NIBP_S, 120 + second // 20, MMHG, None, DeviceTime(second // 20 * 10**9)),
            ]
            numerics = [replace(n, received_at=at, device_id=f"{bed}=m") for n in numerics]
            event = NumericsReceived(tuple(numerics), DeviceTime(second * 10**9), at)
            vitals = normaliser.normalise(event)
            messages.append((Readings(bed, f"{bed}=m", at, event.numerics, vitals), event))
    return messages


def lines_of(readings: list[Readings]) -> list[str]:
    place = {"site": "the site", "ward": "ward"}
    vitals = [vital_line(place, vital) for r in readings for vital in r.vitals]
    return [*vitals, alert_line(place, an_alert())]


def one_line_per_field(lines: list[str]) -> list[str]:
    """Return lines as the database exports them: sorted by series and field."""
    exported = []
    for line in lines:
        parts = re.fullmatch(r"((?:[^ \\]|\\.)+) (.*) (\d+)", line)
        assert parts is not None
        exported += [f"{parts[1]} {field} {parts[3]}" for field in _FIELD.findall(parts[2])]
    return sorted(exported, key=lambda line: re.sub(r"=[^=]*$", "", line))


def without_device_time(vitals: list[Vital]) -> list[Vital]:
    return [replace(vital, device_time=DeviceTime()) for vital in vitals]


@pytest.mark.parametrize("form", ["sink", "export", "gzip"])
def test_an_export_gives_the_same_vitals_again(tmp_path: Path, form: str) -> None:
    readings = [kept for kept, _ in told()]
    lines = lines_of(readings)
    path = tmp_path / "ward.lp"
    if form == "sink":
        path.write_text("\n".join(lines))
    else:
        text = DDL + "\n".join(one_line_per_field(lines)) + "\n"
        path = path.with_suffix(".lp.gz") if form == "gzip" else path
        path.write_bytes(gzip.compress(text.encode()) if form == "gzip" else text.encode())
    feed = list(store_feed(path))
    assert len(feed) == len(readings)
    for bed in ("bed 1,west", "bed-2"):
        kept = [vital for r in readings if r.bed_id == bed for vital in r.vitals]
        assert {v.validity for v in kept} == {
            Validity.VALID,
            Validity.QUESTIONABLE,
            Validity.INVALID,
        }
        again = vitals_of(feed, bed)
        assert sorted(without_device_time(again), key=attrgetter("received_at", "code")) == sorted(
            without_device_time(kept), key=attrgetter("received_at", "code")
        )


def test_one_bed_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "ward.lp"
    path.write_text("\n".join(lines_of([kept for kept, _ in told()])))
    feed = list(store_feed(path, "bed-2"))
    assert {message.place.bed_id for message in feed} == {"bed-2"}
    assert len(events_of(feed)) == 20


def test_lines_that_cannot_be_read_are_named_together(tmp_path: Path) -> None:
    path = tmp_path / "ward.lp"
    good = lines_of([told()[0][0]])[0]
    path.write_text(f"{good}\nnonsense\ncpu,host=a load=1 5\nvitals,bed=b\n")
    with pytest.raises(ConfigError) as caught:
        list(store_feed(path))
    assert [str(m).removeprefix(f"{path}, ") for m in caught.value.mistakes] == [
        "line 2: 'nonsense'; want NAME,TAGS FIELDS TIME",
        "line 4: 'vitals,bed=b'; want NAME,TAGS FIELDS TIME",
    ]


def test_a_row_of_which_a_part_is_missing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ward.lp"
    good = lines_of([told()[0][0]])[0]
    cut = re.sub(r'mode="real",', "", good)
    path.write_text("\n".join([cut, good.replace("kind=heart_rate", "kind=mood")]))
    with pytest.raises(ConfigError) as caught:
        list(store_feed(path))
    assert [str(m).removeprefix(f"{path}, ") for m in caught.value.mistakes] == [
        "line 1: cannot be read: has no mode",
        "line 2: cannot be read: 'mood' is not a valid VitalKind",
    ]


def test_a_file_that_is_all_wrong_is_given_up_soon(tmp_path: Path) -> None:
    path = tmp_path / "ward.lp"
    path.write_text("nonsense\n" * 1000)
    with pytest.raises(ConfigError) as caught:
        list(store_feed(path))
    assert len(caught.value.mistakes) == MOST_MISTAKES


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ward.lp", b"vitals,bed=b x=\xff 1\n"),
        ("ward.lp", "vitals".encode("utf-16")),
        ("ward.lp.gz", b"\x1f\x8b\x08junk"),
        ("ward.lp.gz", b"plain"),
    ],
)
def test_a_damaged_export_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"cannot be read: .*want line protocol in UTF-8"):
        list(store_feed(path))


def test_numbers_that_no_database_holds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "ward.lp"
    good = lines_of([told()[0][0]])[0]
    beyond = re.sub(r"received_ns=\d+i", f"received_ns={2**63}i", good)
    endless = re.sub(r"value=[\d.]+", "value=nan", good)
    path.write_text("\n".join([beyond, endless, good[: good.rindex(" ")] + " " + "9" * 5000]))
    with pytest.raises(ConfigError, match=r"line 3: .*want NAME,TAGS FIELDS TIME"):
        list(store_feed(path))
    path.write_text("\n".join([beyond, endless.rsplit(" ", 1)[0] + " 7"]))
    with pytest.raises(ConfigError) as caught:
        list(store_feed(path))
    assert [mistake.message for mistake in caught.value.mistakes] == [
        "cannot be read: has a time of more than 64 bits",
        "cannot be read: has the value nan",
    ]
