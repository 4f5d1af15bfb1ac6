"""WFDB numerics, written with `wfdb` itself and read back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.model.errors import ConfigError
from edge_agent.recorded.moments import NOT_A_NUMBER, ZERO_IS_NO_VALUE
from edge_agent.recorded.wfdb_record import WfdbRecord
from tests.support.recorded_feeds import START, feed_of, said, vitals_of

if TYPE_CHECKING:
    from pathlib import Path

# wfdb 4.3 writes headers in a way that pandas 3 deprecates
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")

NAN = math.nan
BASE = datetime(2027, 1, 15, 8, 0)  # noqa: DTZ001 a record's base time has no zone


@dataclass(frozen=True)
class Signal:
    """One signal of a record."""

    name: str
    unit: str
    samples: tuple[float, ...]


def write(folder: Path, *signals: Signal, rate_hz: float = 1.0) -> Path:
    """Write a record; return its header."""
    # imported when the part under test has done so, which quietens it
    import wfdb  # type: ignore[import-untyped]  # noqa: PLC0415 see above

    wfdb.wrsamp(
        "p000001n",
        fs=rate_hz,
        units=[signal.unit for signal in signals],
        sig_name=[signal.name for signal in signals],
        p_signal=np.array([signal.samples for signal in signals]).T,
        fmt=["16"] * len(signals),
        adc_gain=[10.0] * len(signals),
        baseline=[0] * len(signals),
        base_datetime=BASE,
        write_dir=str(folder),
    )
    return folder / "p000001n.hea"


def read(path: Path, mapping: str | None = None) -> list[tuple[object, ...]]:
    return [said(vital) for vital in vitals_of(feed_of(WfdbRecord(path, mapping).moments()))]


def refusal(path: Path, mapping: str | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        WfdbRecord(path, mapping)
    return str(caught.value)


def test_usual_names_are_known_and_every_sample_is_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        Signal("HR", "bpm", (62.8, 57.8, NAN)),
        Signal("%SpO2", "%", (97.0, 0.0, 96.5)),
        Signal("NBPSys", "mmHg", (NAN, 131.0, 131.0)),
        Signal("CO", "l/min", (5.0, 5.0, 5.0)),
        rate_hz=0.5,
    )
    assert WfdbRecord(path, None).start_utc_ns == START.utc_ns
    assert read(path) == [
        (0, "heart_rate", 62.8, ""),
        (0, "spo2", 97, ""),
        (2, "heart_rate", 57.8, ""),
        (2, "spo2", None, ZERO_IS_NO_VALUE),
        (2, "nibp_systolic", 131, ""),
        (4, "heart_rate", None, NOT_A_NUMBER),
        (4, "spo2", 96.5, ""),
    ]


def test_the_units_of_the_record_count(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        Signal("Temp", "degF", (101.3,)),
        Signal("RESP", "bpm", (17.0,)),
        Signal("ABPMean", "unheard", (75.0,)),
    )
    assert read(path) == [
        (0, "respiratory_rate", 17, ""),
        (0, "art_mean", 75, ""),
        (0, "temperature", 38.5, ""),
    ]


def test_a_signal_in_the_unit_of_something_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, Signal("SpO2", "mmHg", (36.0,)))
    assert refusal(path) == f"{path}: SpO2: is in mmHg; spo2 wants %"


def test_of_two_signals_for_one_vital_sign_the_first_of_the_mapping_counts(tmp_path: Path) -> None:
    path = write(tmp_path, Signal("%SpO2", "%", (91.0,)), Signal("SpO2", "%", (97.0,)))
    assert read(path) == [(0, "spo2", 97, "")]


def test_a_mapping_of_ones_own_names_signals(tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('time = "-"\n[[column]]\nname = "Sat"\nkind = "spo2"\n')
    path = write(tmp_path, Signal("Sat", "NU", (97.0,)), Signal("HR", "bpm", (80.0,)))
    assert read(path, str(mapping)) == [(0, "spo2", 97, "")]


def test_what_is_no_record_of_vital_signs_is_refused(tmp_path: Path) -> None:
    assert "is no WFDB record" in refusal(tmp_path / "none.hea")
    path = write(tmp_path, Signal("CO", "l/min", (5.0,)))
    assert "signals: has CO; want some of HR, PULSE" in refusal(path)
    path.write_text("many/2 1 1 2\na 1\nb 1\n")
    assert "of several segments" in refusal(path)


def test_missing_samples_are_an_error_and_not_an_end(tmp_path: Path) -> None:
    path = write(tmp_path, Signal("HR", "bpm", (80.0, 81.0)))
    path.with_suffix(".dat").unlink()
    with pytest.raises(ConfigError, match="samples 0 to 2 cannot be read"):
        read(path)


def headed(folder: Path, first_line: str) -> Path:
    """Write a record of two samples with a first line of its own."""
    path = write(folder, Signal("HR", "bpm", (80.0, 81.0)))
    _, rest = path.read_text().split("\n", 1)
    path.write_text(f"{first_line}\n{rest}")
    return path


def test_a_record_without_a_length_is_read_to_its_end(tmp_path: Path) -> None:
    path = headed(tmp_path, "# a comment before\np000001n 1 0.5")
    assert read(path) == [(0, "heart_rate", 80, ""), (2, "heart_rate", 81, "")]
    assert WfdbRecord(path, None).start_utc_ns is None


@pytest.mark.parametrize(
    ("first_line", "cause"),
    [
        ("p000001n 1", "names no sampling frequency after the number of signals"),
        ("p000001n 1 0 2", "has a sampling frequency of 0 Hz; want more than 0"),
        ("p000001n 1 -1 2", "has a sampling frequency of -1 Hz; want more than 0"),
        ("p000001n 1 nan/1 2", "has a sampling frequency of nan Hz; want more than 0"),
        ("p000001n 1 1e400 2", "has a sampling frequency of 1e400 Hz; want more than 0"),
        ("p000001n 1 1,5 2", "has a sampling frequency of 1,5 Hz; want more than 0"),
        ("p000001n 1 1 0", "says that it holds 0 samples; leave the length out"),
        ("p000001n 1 1 2 25:00:00 01/03/2026", "want the time and date as HH:MM:SS DD/MM/YYYY"),
        ("p000001n 1 1 2 10:00:00 2026", "want the time and date as HH:MM:SS DD/MM/YYYY"),
        ("p000001n 1 1 2 2026-03-01 10:00:00", "want the time and date as HH:MM:SS"),
        ("p000001n 2 1 2", "signals: are 2 by the first line; 1 follow"),
        ("p000001n x", "is no WFDB record"),
    ],
)
def test_a_header_that_does_not_say_when_is_refused_with_the_cause(
    tmp_path: Path, first_line: str, cause: str
) -> None:
    assert cause in refusal(headed(tmp_path, first_line))


def test_an_empty_header_is_said_to_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "p000001n.hea"
    path.write_text("")
    assert "is no WFDB record: it is empty" in refusal(path)


def test_a_file_of_samples_that_is_too_short_is_said(tmp_path: Path) -> None:
    path = headed(tmp_path, "p000001n 1 1 5")
    with pytest.raises(ConfigError, match="the file of samples is shorter than the header says"):
        read(path)


def test_signals_that_are_not_read_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, Signal("HR", "bpm", (80.0,)), Signal("CO", "l/min", (5.0,)))
    assert WfdbRecord(path, None).left_out == ("CO",)
