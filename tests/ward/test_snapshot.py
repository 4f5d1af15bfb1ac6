"""A bed continues over a restart at any moment as if there had been none."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from edge_agent.detect.engine import Engine
from edge_agent.detect.minutes.formulas import INPUTS
from edge_agent.model.clock import Instant
from edge_agent.model.measurements import VitalKind
from edge_agent.ward.snapshot import SnapshotHeader, decode_snapshot
from tests.batch.test_detector import START, random_recording, shown
from tests.batch.test_metamorphic import feed
from tests.support.detector_inputs import BED as BED_7
from tests.support.detector_inputs import START as WATCHED
from tests.support.detector_inputs import reading
from tests.support.killed_gateways import BED, ORIGIN, RULES, Disk, alerts_of, begun, kept, watched
from tests.support.patient_entries import an_entry
from tests.support.seeds import more_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edge_agent.model.alerts import Alert
    from edge_agent.model.bed_events import FromDevice


def restarted_run(
    messages: Sequence[FromDevice], cuts: Sequence[int], kept_before: Sequence[int]
) -> list[Alert]:
    """Return what is told by a gateway that is killed after some of the messages.

    Parameters
    ----------
    cuts
        Numbers of messages after which the program is killed.
    kept_before
        How many messages before the end of each part the bed is kept.
    """
    disk, pipeline = Disk(), begun(START)
    told: list[Alert] = []
    keeps = {max(0, cut - before) for cut, before in zip(cuts, kept_before, strict=True)}
    for number, message in enumerate(messages):
        outcomes = pipeline.receive(message.place, message.events, message.at)
        disk.keep(outcomes)
        told += alerts_of(outcomes)
        if number in keeps:
            disk.take(pipeline, message.at)
        if number in cuts:
            pipeline, untold = disk.restored(message.at.plus(0.5))
            disk.keep(untold)
            told += alerts_of(untold)
    return told


@pytest.mark.untraced
@pytest.mark.parametrize("seed", [0, *more_seeds(1, 7)])
def test_restarts_at_any_moment_change_no_alert(seed: int) -> None:
    messages = feed(random_recording(seed, 1.5))
    draw = np.random.default_rng(seed)
    cuts = np.sort(draw.choice(np.arange(60, len(messages)), 12, replace=False)).tolist()
    kept_before = draw.integers(0, 50, len(cuts)).tolist()
    whole = restarted_run(messages, [], [])
    assert len(whole) > 10
    assert shown(restarted_run(messages, cuts, kept_before)) == shown(whole)


def warm_engine(minutes: int = 20 * 60) -> Engine:
    """Return an engine that has watched a patient whose usual temperature is 37.4."""
    engine = Engine(RULES, WATCHED)
    for minute in range(minutes):
        engine.observe(reading(VitalKind.TEMPERATURE, minute * 60 + 5, 37.4, site="core"))
        engine._bed(BED_7).close_until(WATCHED.plus(minute * 60 + 60))
    for at_s in (600, 3600):
        engine.observe(reading(VitalKind.NIBP_SYSTOLIC, at_s, 118))
    return engine


@cache
def kept_after_hours() -> tuple[bytes, Instant]:
    """Return the bytes of a bed that was watched for 20 h, and its end."""
    ended = WATCHED.plus(20 * 3600)
    return kept(warm_engine(), ended), ended


@pytest.mark.parametrize(
    ("axis", "maker", "off_h"),
    [("boot", "changed rules", 0.01), ("boot", "maker", 1.5), ("other boot", "maker", 0.5)],
    ids=["changed rules", "long off", "reboot"],
)
@pytest.mark.parametrize("boot_s", [0.0, 33.0, -500.0])
def test_what_is_usual_for_the_patient_outlives_all(
    axis: str, maker: str, off_h: float, boot_s: float
) -> None:
    body, ended = kept_after_hours()
    began = ended.plus(off_h * 3600)
    if axis != "boot":
        began = Instant(began.monotonic_ns + round(boot_s * 1e9), began.utc_ns)
    found = decode_snapshot(body, SnapshotHeader(maker, axis), began)
    assert found.course is None
    engine = Engine(RULES, began)
    engine.restore_bed(BED_7, found.patient, None, None)
    bed = engine._bed(BED_7)
    bed.close_until(began.plus(90))
    inputs = dict(zip(INPUTS, bed.minute_inputs()[:, -1], strict=True))
    assert (inputs["base_temperature"], inputs["base_is_own"]) == (pytest.approx(37.4), 1)
    ages_s = [bed.at.seconds_since(bed.events("nibp_systolic").stamp(i).at) for i in (0, 1)]
    after_s = (20 + off_h) * 3600 + 90
    assert ages_s == pytest.approx([after_s - 600, after_s - 3600])
    minutes = bed.minutes.past.histories[VitalKind.TEMPERATURE].ordered()
    missing = int(np.isnan(minutes[-20 * 60 - round(off_h * 60) :]).sum())
    assert abs(missing - off_h * 60) <= 2  # the time off, and the minute since


def test_minutes_that_are_known_count_once_as_the_journal_is_read_back() -> None:
    ended = WATCHED.plus(600)
    found = decode_snapshot(
        kept(warm_engine(10), ended), SnapshotHeader("changed rules", "boot"), ended
    )
    engine = Engine(RULES, ended)
    engine.restore_bed(BED_7, found.patient, None, None)
    for minute in range(5, 12):
        value = 37.4 if minute < 10 else 37.0
        engine.observe(reading(VitalKind.TEMPERATURE, minute * 60 + 5, value, site="core"))
    engine._bed(BED_7).close_until(WATCHED.plus(12 * 60))
    minutes = engine._bed(BED_7).minutes.past.histories[VitalKind.TEMPERATURE].ordered()
    known = minutes[~np.isnan(minutes)].tolist()
    assert sorted(known, reverse=True) == known
    assert len(known) == 12
    assert known[9:] == pytest.approx([37.4, 37.0, 37.0]) or known[9:] == pytest.approx(
        [37.4, 37.4, 37.0]
    )


def test_a_snapshot_of_the_patient_before_is_left_out() -> None:
    disk, _, _ = watched(0, 0.2)
    ended = START.plus(720)
    after = begun(ended.plus(60))
    gone = an_entry("gone", "discharged", entered_utc_ns=ended.plus(30).utc_ns)
    after.restore_entries([gone])
    snapshot = decode_snapshot(disk.snapshot, ORIGIN, ended.plus(60))
    assert after.restore([], [], {BED: snapshot, "bed-99": snapshot}) == []
    assert after.assessments() == {}
    bed = after._evaluation.engine._bed(BED)
    assert bed.newest is None
    assert not bed._singles.tracks


def test_a_change_that_the_journal_never_got_is_told_after_the_restart() -> None:
    disk, _, untold = watched(1, 0.5)
    assert alerts_of(untold)
    bare = Disk(snapshot=disk.snapshot)
    pipeline, again = bare.restored(START.plus(1800))
    newest = {a.rule_id: (a.alert_id, a.n, a.state) for a in alerts_of(untold)}
    assert {a.rule_id: (a.alert_id, a.n, a.state) for a in alerts_of(again)} == newest
    assert pipeline.assessments() == {}, "nothing is said of a bed before it is judged"


def test_under_changed_rules_windows_are_read_back_and_the_patient_goes_on() -> None:
    disk, before, _ = watched(1, 0.5)
    pipeline, again = disk.restored(START.plus(1800), SnapshotHeader("changed rules", "boot"))
    assert alerts_of(again) == []
    found, whole = (p._evaluation.engine._bed(BED) for p in (pipeline, before))
    assert found._singles.tracks.keys() == whole._singles.tracks.keys()
    assert found.newest == whole.newest
    assert found.minutes.past.newest == whole.minutes.past.newest


@pytest.mark.parametrize("body", [b"", b"\x81", kept(warm_engine(1), WATCHED)[:-40]])
def test_what_cannot_be_read_is_an_error(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_snapshot(body, ORIGIN, START)


def test_another_format_and_strange_numbers_are_refused_in_words() -> None:
    plain = msgspec.msgpack.decode(kept(warm_engine(1), WATCHED))
    with pytest.raises(msgspec.ValidationError, match="format 7, not 1"):
        decode_snapshot(msgspec.msgpack.encode({**plain, "format": 7}), ORIGIN, START)
    plain["patient"]["past"]["histories"]["temperature"]["minutes"][0] = "O"
    with pytest.raises(msgspec.ValidationError, match="numbers of type 'O'"):
        decode_snapshot(msgspec.msgpack.encode(plain), ORIGIN, START)


def test_a_snapshot_of_a_moment_to_come_is_refused_in_words() -> None:
    body = kept(Engine(RULES, WATCHED), WATCHED.plus(3))
    assert decode_snapshot(body, ORIGIN, WATCHED.plus(3)).at == WATCHED.plus(3)
    with pytest.raises(msgspec.ValidationError, match="dated 3 s ahead"):
        decode_snapshot(body, ORIGIN, WATCHED)


def test_a_number_of_numpy_is_kept_as_a_number() -> None:
    at = Instant(np.int64(WATCHED.monotonic_ns), WATCHED.utc_ns)  # type: ignore[arg-type]
    assert decode_snapshot(kept(Engine(RULES, WATCHED), at), ORIGIN, WATCHED).at == WATCHED
