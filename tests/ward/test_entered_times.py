"""Entries about patients and the clocks they are dated by, the whole way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edge_agent.model.clock import LATEST_UTC_NS, Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Readings, Validity
from edge_agent.model.patient import PatientEntry
from edge_agent.model.session_events import NumericsReceived
from edge_agent.patient.context import ContextLog
from edge_agent.patient.stays import MOST_ENTRIES, MOST_MOVES, MOST_WHO_LEFT, Stays
from tests.support.patient_entries import an_entry
from tests.support.pipelines import BED, PLACE, START, message
from tests.ward.test_occupancy import admit, entered, given, hear, rejections, two_beds

BACK_S = 420.0


def set_back(seconds: float, by_s: float = BACK_S) -> Instant:
    """Return a moment whose wall clock was set back."""
    at = START.plus(seconds)
    return Instant(at.monotonic_ns, at.utc_ns - round(by_s * 1e9))


def oxygen(entry_id: str, utc_ns: int) -> PatientEntry:
    entry = an_entry(entry_id, "oxygen", "face mask", amount=6.0, by="N12")
    return replace(entry, at_utc_ns=utc_ns)


def has_oxygen(log: ContextLog, at: Instant) -> bool:
    return log.at(at.utc_ns).oxygen_device == "face mask"


@pytest.mark.parametrize("by_s", [BACK_S, 3600.0, -3600.0])
def test_what_was_entered_before_the_clock_was_set_counts(by_s: float) -> None:
    line = two_beds()
    admit(line, 1)
    line.enter(oxygen("o", START.plus(2).utc_ns), BED, START.plus(2))
    now = set_back(10, by_s)
    line.receive(PLACE, [message(10, hr=80)], now)
    line.tick(set_back(13, by_s))
    assert has_oxygen(line._evaluation.context_log(BED), now)


def test_an_entry_by_the_clock_of_before_is_accepted_and_counts_at_once() -> None:
    line = two_beds()
    admit(line, 1)
    now = set_back(10)
    late = line.enter(oxygen("o", START.plus(10).utc_ns), BED, now)
    assert (rejections(late), len(entered(late))) == ([], 1)
    assert has_oxygen(line._evaluation.context_log(BED), now)
    far = line.enter(oxygen("p", START.plus(10 + 301).utc_ns), BED, now)
    assert rejections(far) == [
        "entry 'p': its time is 721 s in the future; want when it came true",
    ]


def test_a_clock_that_was_far_ahead_does_not_open_the_future() -> None:
    line = two_beds()
    far = Instant(START.monotonic_ns, LATEST_UTC_NS)
    line.tick(far)
    admit(line, 1)
    late = line.enter(oxygen("o", START.plus(4000).utc_ns), BED, START.plus(5))
    assert "in the future" in rejections(late)[0]
    assert not rejections(line.enter(oxygen("o", START.plus(3800).utc_ns), BED, START.plus(5)))


def test_a_restart_knows_what_a_clock_that_was_ahead_dated() -> None:
    line = two_beds()
    outcomes = admit(line, 1) + line.enter(oxygen("o", START.plus(2).utc_ns), BED, START.plus(2))
    again, now = two_beds(), set_back(10)
    again.restore_entries(entered(outcomes), now)
    again.receive(PLACE, [message(10, hr=80)], set_back(21))
    assert has_oxygen(again._evaluation.context_log(BED), set_back(21))
    assert not rejections(again.enter(oxygen("p", START.plus(22).utc_ns), BED, set_back(22)))


@pytest.mark.parametrize("until_ns", [2**63 - 1, 2**63, 2**64, 10**40])
def test_an_end_that_no_number_holds_is_refused_and_stops_nothing(until_ns: int) -> None:
    line = two_beds()
    admit(line, 1)
    pain = replace(given("procedure", 2, "pain"), until_utc_ns=until_ns)
    (refused,) = rejections(line.enter(pain, BED, START.plus(3)))
    assert f"until_utc_ns {until_ns}; want nanoseconds since 1970" in refused
    poisoned = two_beds()
    poisoned.restore_entries([an_entry("a", "admitted", bed_id=BED), pain])
    assert hear(poisoned, range(50, 130), 97)


@pytest.mark.parametrize("at_ns", [0, 1_764_500_000_000_000])
@pytest.mark.parametrize(("kind", "name"), [("infusion", "axi-cel"), ("discharged", "")])
def test_an_entry_of_1970_is_refused_and_one_kept_from_before_may_be_taken_back(
    kind: str, name: str, at_ns: int
) -> None:
    line = two_beds()
    admit(line, 1)
    old = replace(given(kind, 2, name), at_utc_ns=at_ns)
    (refused,) = rejections(line.enter(old, BED, START.plus(3)))
    assert f"at_utc_ns {at_ns} is 1970-01-" in refused
    assert "want nanoseconds since 1970, UTC, from " in refused
    restored = two_beds()
    restored.restore_entries([an_entry("a", "admitted", bed_id=BED), old], START)
    void = replace(old, entry_id="void", corrects=old.entry_id, is_void=True)
    assert not rejections(restored.enter(void, BED, START.plus(3)))


def test_a_pacemaker_of_1998_is_accepted_and_an_infusion_of_then_is_not() -> None:
    line = two_beds()
    admit(line, 1)
    since_1998_ns = 900_000_000 * 10**9
    paced = replace(given("flag", 2, "paced"), at_utc_ns=since_1998_ns)
    assert not rejections(line.enter(paced, BED, START.plus(3)))
    given_then = replace(given("infusion", 2, "axi-cel"), at_utc_ns=since_1998_ns)
    assert rejections(line.enter(given_then, BED, START.plus(3)))


@pytest.mark.untraced
@pytest.mark.parametrize("is_paced", [True, False])
def test_a_constant_heart_rate_is_believed_of_a_paced_heart(*, is_paced: bool) -> None:
    line = two_beds()
    admit(line, 1)
    if is_paced:
        assert not rejections(line.enter(given("flag", 2, "paced"), BED, START.plus(3)))
    outcomes = []
    for second in range(5, 1900, 3):
        outcomes += line.receive(PLACE, [message(second, hr=80)], START.plus(second))
    taken = [outcome for outcome in outcomes if isinstance(outcome, Readings)][-1]
    assert [vital.is_usable for vital in taken.vitals] == [is_paced]


def test_a_pressure_that_only_an_infant_has_is_taken_of_one() -> None:
    line = two_beds()
    admit(line, 1)
    low = given("spot", 2, "nibp_systolic", amount=45.0)
    (refused,) = rejections(line.enter(low, BED, START.plus(3)))
    assert "amount 45; want 50 to 250, or the age of a child entered" in refused
    grown = given("age", 2, amount=18.0)
    assert not rejections(line.enter(grown, BED, START.plus(3)))
    assert rejections(line.enter(low, BED, START.plus(4)))
    child = replace(grown, entry_id="child", corrects=grown.entry_id, amount=17.0)
    assert not rejections(line.enter(child, BED, START.plus(4)))
    assert not rejections(line.enter(low, BED, START.plus(4)))


@pytest.mark.parametrize("wall_ns", [2**63, -(2**63) - 1, 10**25])
def test_a_stamp_that_no_number_holds_stops_nothing(wall_ns: int) -> None:
    line = two_beds()
    for second in (1, 2, 61, 62):
        at, stamp = START.plus(second), DeviceTime(wall_ns=wall_ns)
        cuff = Numeric(
            BED, "cuff", 150021, "", 118.0, 266016, "mm[Hg]", 0,
            Validity.VALID, GenerationMode.REAL, stamp, at, is_sent_once=True,
        )  # fmt: skip
        assert line.receive(PLACE, [NumericsReceived((cuff,), stamp, at)], at)
    events = line._evaluation.engine._bed(BED).events("nibp_systolic")
    assert events.values.tolist() == [118]


def test_messages_in_any_order_stop_nothing() -> None:
    draw = np.random.default_rng(1)
    line = two_beds()
    for second in draw.uniform(0, 600, 400).tolist():
        at = START.plus(round(second))
        outcomes = line.receive(PLACE, [message(round(second), hr=80, spo2=97, temp=37.0)], at)
        assert outcomes


def test_a_patient_holds_so_many_entries_and_may_always_leave() -> None:
    stays_of = Stays([an_entry("a", "admitted", bed_id=BED)])
    for number in range(MOST_ENTRIES):
        stays_of.apply(an_entry(f"i{number}", "ice", amount=9))
    one_more = an_entry("more", "ice", amount=9)
    assert stays_of.objections(one_more, BED, one_more.at_utc_ns) == [
        f"P1 has {MOST_ENTRIES} entries; want at most {MOST_ENTRIES} of one patient"
    ]
    leaves = an_entry("d", "discharged", at_h=1)
    assert stays_of.objections(leaves, BED, leaves.at_utc_ns) == []
    for number in range(MOST_MOVES):
        stays_of.apply(an_entry(f"t{number}", "transferred", bed_id=BED, at_h=2))
    assert (
        "admissions, transfers and discharges"
        in stays_of.objections(leaves, BED, leaves.at_utc_ns)[0]
    )


def test_who_left_longest_ago_is_forgotten() -> None:
    found = Stays()
    for number in range(MOST_WHO_LEFT + 2):
        patient_id, hour = f"P{number}", float(number)
        found.apply(
            an_entry(f"a{number}", "admitted", bed_id=BED, patient_id=patient_id, at_h=hour)
        )
        found.apply(an_entry(f"o{number}", "age", amount=50, patient_id=patient_id, at_h=hour))
        if patient_id != "P1":
            found.apply(
                an_entry(f"d{number}", "discharged", patient_id=patient_id, at_h=hour + 0.5)
            )
        else:
            found.apply(an_entry("v1", "admitted", patient_id="P1", corrects="a1", is_void=True))
            found.apply(an_entry("b1", "admitted", bed_id="other", patient_id="P1", at_h=1.1))
    assert found.log("P0").history() == ()
    assert not found.has(an_entry("a0", "admitted", bed_id=BED, patient_id="P0"))
    assert found.bed_of("P1") == "other"
    assert len(found.log("P1").history()) == 4
    assert len(found.log("P2").history()) == 3
    assert found.is_vacated(BED)
