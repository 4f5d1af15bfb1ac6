"""The definitions that come with the driver read the lines they describe."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from edge_agent.drivers.ascii_line import SPEC
from edge_agent.model.measurements import DeviceTime
from tests.drivers.ascii_line.line import decoded, messages, numerics, printed, reasons, serials

GOLDEN = Path(__file__).parent / "golden"


def test_every_golden_file_has_a_provenance() -> None:
    entries = tomllib.loads((GOLDEN / "PROVENANCE.toml").read_text())
    listed = [name for entry in entries.values() for name in entry["files"]]
    assert sorted(listed) == sorted(p.name for p in GOLDEN.iterdir() if p.suffix != ".toml")


def test_each_shipped_definition_has_a_line_about_itself() -> None:
    assert sorted(SPEC.profiles) == ["suntech_like", "suretemp_like"]
    assert all(SPEC.profiles.values())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("ST690 SN=0012345 ORAL   T= 38.4 C OK", "temperature@oral 38.4 Cel valid"),
        ("ST690 SN=0012345 AXILLA T= 36.0 C LOWBAT", "temperature@axillary 36 Cel valid"),
        ("ST690 SN=0012345 RECTAL T=101.3 F OK", "temperature@rectal 101.3 [degF] valid"),
        ("ST690 SN=0012345 ORAL   T= 98.6 F OK", "temperature@oral 98.6 [degF] valid"),
        ("ST690 SN=0012345 ORAL   T=---.- C ERR07", "temperature@oral - Cel not_available"),
        ("ST690 SN=0012345 ORAL   T= 38.4 C ERR07", "temperature@oral - Cel not_available"),
        ("ST690 SN=0012345 ORAL   T=---.- F OK", "temperature@oral - [degF] not_available"),
    ],
)
def test_a_thermometer_line_gives_its_reading(line: str, expected: str) -> None:
    for wire in (f"{line}\r\n", f"{line}\n", f"\r\n{line}  \r"):
        (numeric,) = numerics(decoded(wire.encode()))
        assert printed(numeric) == expected
        assert numeric.is_sent_once
        assert numeric.measured_at == DeviceTime()


@pytest.mark.parametrize(
    "line",
    [
        "ST690 SN=0012345 ORAL T= 38.4 C OK",
        "ST690 SN=0012345 ORAL   T=38.4 C OK",
        "ST690 SN=0012345 ORAL   T=  38.4 C OK",
        "ST690 SN=0012345 ORAL   T=3 8.4 C OK",
        "ST690 SN=0012345 ORAL   T= 38.45 C OK",
        "ST690 SN=0012345 ORAL   T= 38,4 C OK",
        "ST690 SN=0012345 ORAL   T=   .4 C OK",
        "ST690 SN=0012345 ORAL   T= 38.4 K OK",
        "ST690 SN=0012345 ORAL   T= 38.4 C",
        "ST690 SN=0012345 ORAL   T= 38.4 C ERR08",
        "ST690 SN=0012345 EAR    T= 38.4 C OK",
        "ST690 SN=012345 ORAL   T= 38.4 C OK",
        "ST690 SN=001\u00e9345 ORAL   T= 38.4 C OK",
        "xST690 SN=0012345 ORAL   T= 38.4 C OK",
    ],
)
def test_a_line_that_differs_in_anything_gives_nothing(line: str) -> None:
    events = decoded(f"{line}\r\n".encode("latin-1"))
    assert numerics(events) == []
    (reason,) = reasons(events)
    assert reason.startswith("the line does not match the definition")


def test_a_cuff_line_gives_four_values_that_the_time_of_day_does_not_date() -> None:
    wire = b"BP SN=0004711 08:15:00 SYS=118 DIA=076 MAP=090 HR=072 OK\r\n"
    events = decoded(wire, profile="suntech_like")
    assert [printed(n) for n in numerics(events)] == [
        "nibp_systolic 118 mm[Hg] valid",
        "nibp_diastolic 76 mm[Hg] valid",
        "nibp_mean 90 mm[Hg] valid",
        "pulse_rate@nibp 72 /min valid",
    ]
    assert [n.code for n in numerics(events)] == [150021, 150022, 150023, 149546]
    assert all(n.is_sent_once and n.measured_at == DeviceTime() for n in numerics(events))
    assert [e.device_now for e in messages(events)] == [DeviceTime()]
    assert serials(events) == ["0004711"]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("SYS=118 DIA=076 MAP=090 HR=072 WEAK", [(118, "questionable")]),
        ("SYS=--- DIA=--- MAP=--- HR=--- E03", [(None, "not_available")]),
        ("SYS=--- DIA=--- MAP=--- HR=--- WEAK", [(None, "not_available")]),
        ("SYS=118 DIA=076 MAP=090 HR=072 E03", [(None, "not_available")]),
    ],
)
def test_the_status_of_a_cuff_line_judges_all_of_it(
    rest: str, expected: list[tuple[float | None, str]]
) -> None:
    wire = f"BP SN=0004711 08:15:00 {rest}\r\n".encode()
    found = numerics(decoded(wire, profile="suntech_like"))
    assert [(n.value, n.validity.value) for n in found[:1]] == expected
    assert len({n.validity for n in found}) == 1


@pytest.mark.parametrize("time", ["24:00:00", "08:60:00", "8:15:00", "08:15"])
def test_a_time_that_is_none_rejects_the_line(time: str) -> None:
    wire = f"BP SN=0004711 {time} SYS=118 DIA=076 MAP=090 HR=072 OK\r\n".encode()
    assert reasons(decoded(wire, profile="suntech_like")) == [
        "the line does not match the definition"
    ]
