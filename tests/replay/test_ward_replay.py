"""A recorded ward gives the same journal, byte for byte, however fast it is replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.journal.entries import Lane
from edge_agent.model.alerts import AlertState
from edge_agent.payloads.alerts import decode_alert
from edge_agent.payloads.readings import decode_readings
from tests.support.gateways import opened
from tests.support.recorded_ward import BAD_CABLE, START, WARD, record_ward

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.untraced
MINUTES = 12.0
Bodies = dict[Lane, list[tuple[str, bytes]]]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ward")
    record_ward(folder, MINUTES)
    return folder


def write_gateway(folder: Path) -> Path:
    parts = [
        '[gateway]\nid = "gw-01"\nsite = "hospital"\nward = "cart-1"',
        f'[journal]\npath = "{folder / "journal.db"}"',
        *(
            f'[[beds]]\nid = "{bed.name}"\nport = "/dev/ttyUSB{i}"\n'
            f'driver = "{bed.monitor.partition(":")[0]}"\nrequired_signals = ["spo2"]'
            for i, bed in enumerate(WARD)
        ),
    ]
    path = folder / "gateway.toml"
    path.write_text("\n".join(parts) + "\n")
    return path


def replay(ward: Path, folder: Path, *more: str) -> Bodies:
    """Return what a replay left in its journal, in order."""
    folder.mkdir()
    config = write_gateway(folder)
    assert main(["replay", "--ward", str(ward), "--config", str(config), *more]) == 0
    with opened(folder / "journal.db") as journal:
        return {
            lane: [(entry.bed_id, entry.body) for entry in journal.read_since(lane, 0)]
            for lane in Lane
        }


@pytest.fixture(scope="module")
def fast(ward: Path, tmp_path_factory: pytest.TempPathFactory) -> Bodies:
    return replay(ward, tmp_path_factory.mktemp("fast") / "run", "--speed", "max")


@pytest.fixture(scope="module")
def slow(ward: Path, tmp_path_factory: pytest.TempPathFactory) -> Bodies:
    return replay(ward, tmp_path_factory.mktemp("slow") / "run", "--speed", "300")


def test_two_replays_at_different_speeds_leave_the_same_bytes(fast: Bodies, slow: Bodies) -> None:
    for lane in Lane:
        assert len(fast[lane]) == len(slow[lane])
        assert fast[lane] == slow[lane]


def test_what_was_compared_is_a_whole_ward_with_its_faults(fast: Bodies) -> None:
    readings = [decode_readings(body) for _, body in fast[Lane.READINGS]]
    for bed in WARD:
        vitals = [v for r in readings if r.bed_id == bed.name for v in r.vitals]
        usable = [v for v in vitals if v.is_usable]
        assert len(usable) > 600
        times_s = [v.received_at.utc_ns / 1e9 - START.utc_ns / 1e9 for v in usable]
        assert 0 <= min(times_s) < 20
        assert MINUTES * 60 - 20 < max(times_s) < MINUTES * 60 + 3
    sent = {bed.name: sum(r.bed_id == bed.name for r in readings) for bed in WARD}
    for good, bad in (("bed-01", "bed-02"), ("bed-03", "bed-04"), ("bed-05", "bed-06")):
        assert sent[bad] < sent[good]
    told = {(a.bed_id, a.rule_id) for a in map(decode_alert, bodies(fast, Lane.ALERTS))}
    assert {("bed-01", "crs.hypoxia"), ("bed-04", "signal.lost.spo2")} <= told
    assert {bed_id for bed_id, _ in fast[Lane.EVENTS]} == {bed.name for bed in WARD}


def test_bad_cables_leave_their_traces_in_the_summary(
    ward: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "--ward", str(ward), "--from", "420", "--speed", "max"]) == 0
    out = capsys.readouterr().out
    for bed in WARD:
        assert (f"{bed.name}: discarded" in out) or bed.cable is not BAD_CABLE


def test_a_replay_can_begin_later_and_knows_nothing_of_before(
    ward: Path, fast: Bodies, tmp_path: Path
) -> None:
    late = replay(ward, tmp_path / "late", "--from", "420", "--speed", "max")
    moments = [decode_readings(body).received_at for body in bodies(late, Lane.READINGS)]
    assert min(moments) >= START.plus(420)
    assert max(moments) == max(
        decode_readings(body).received_at for body in bodies(fast, Lane.READINGS)
    )
    alerts = [decode_alert(body) for body in bodies(late, Lane.ALERTS)]
    hypoxia = [a for a in alerts if (a.bed_id, a.rule_id) == ("bed-01", "crs.hypoxia")]
    first = next(a for a in hypoxia if a.state is AlertState.RAISED)
    assert first.changed_at > START.plus(420 + 100)  # its window fills anew


def bodies(journal: Bodies, lane: Lane) -> list[bytes]:
    return [body for _, body in journal[lane]]


def test_every_file_that_is_no_recording_or_nobodys_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ward"
    folder.mkdir()
    assert main(["replay", "--ward", str(folder)]) == 2
    assert "holds no file" in capsys.readouterr().err
    record_ward(folder, 0.1)
    (folder / "notes.txt").write_text("bed 3 moved")
    (folder / "bed-01.bak").write_bytes((folder / "bed-01.rec").read_bytes())
    (folder / "bed-02.rec").write_bytes((folder / "bed-02.rec").read_bytes()[:400] + b"{\n{\n")
    (folder / ".hidden").write_text("is left alone")
    assert main(["replay", "--ward", str(folder)]) == 2
    err = capsys.readouterr().err
    assert "notes.txt, which holds raw bytes" in err
    assert "bed-01.rec: stands for the same bed as bed-01.bak" in err
    assert "bed-02.rec: recording, line" in err
    assert len(err.splitlines()) == 3


def test_a_ward_that_does_not_fit_the_configuration_is_refused_in_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ward"
    folder.mkdir()
    record_ward(folder, 0.1)
    (folder / "bed-06.rec").rename(folder / "bed-96.rec")
    (folder / "bed-01.rec").rename(folder / "moved")
    (folder / "bed-03.rec").rename(folder / "bed-01.rec")
    (folder / "moved").rename(folder / "bed-03.rec")
    config = write_gateway(tmp_path)
    assert main(["replay", "--ward", str(folder), "--config", str(config)]) == 2
    err = capsys.readouterr().err
    assert "has no 'bed-96'; has bed-01" in err
    assert f"bed-01.rec: driver: is 'masimo_ascii'; {config} has 'philips_intellivue'" in err
    assert len(err.splitlines()) == 3
