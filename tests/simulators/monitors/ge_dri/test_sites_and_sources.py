"""Sites, sources and labels in the simulated monitor's records."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings, PatientSpan
from simulators.patients.vitals import Cuff
from simulators.scenarios.scenario_file import load_scenario
from tests.simulators.monitors.ge_dri.test_records import NOTHING, shown, truth
from tests.support import ge_dri_host as host
from tests.support.ge_dri_host import POWERED_AT, WELL, Dialogue


@pytest.mark.parametrize(
    ("site", "label", "name"),
    [
        ("core", 15, "core"),
        ("bladder", 5, "bladder"),
        ("oesophageal", 1, "esophageal"),
        ("tympanic", 3, "tympanic"),
        ("axillary", 6, "axillary"),
        ("skin", 7, "skin"),
    ],
)
def test_each_temperature_site_has_its_label(site: str, label: int, name: str) -> None:
    vitals = replace(WELL, temperature_site=site)
    assert shown(vitals).u16(94) == label
    assert truth(vitals)[f"temperature@{name}"] == 37.1


def test_a_second_probe_in_the_room_is_labelled_so_and_is_no_patient() -> None:
    settings = GeDriSettings(room_temperature_probe=True)
    record = shown(settings=settings)
    assert (record.u32(98), record.u16(102), record.i16(104)) == (3, 9, 2070)
    assert truth(settings=settings) == truth()


def test_a_hanging_probe_is_valid_on_the_wire_and_promises_nothing() -> None:
    settings = GeDriSettings(probe_hangs=True)
    record = shown(settings=settings)
    assert (record.u32(90), record.u16(94), record.i16(96)) == (3, 5, 2070)
    assert not any(name.startswith("temperature") for name in truth(settings=settings))


def test_a_venous_saturation_stands_in_the_oximeters_place_under_its_own_label() -> None:
    settings = GeDriSettings(spo2_is_venous=True, heart_rate_from_spo2=True)
    record = shown(replace(WELL, heart_rate=None), settings)
    assert (record.u32(122), record.u16(126), record.i16(128)) == (3, 2, 7000)
    assert record.i16(130) == -32767
    assert record.i16(10) == -32767
    assert (truth(settings=settings)["spo2"], truth(settings=settings)["pulse_rate@spo2"]) == (
        None,
        None,
    )


def test_without_electrodes_the_pulse_may_stand_as_heart_rate_with_its_source() -> None:
    settings = GeDriSettings(heart_rate_from_spo2=True)
    off = replace(WELL, heart_rate=None)
    record = shown(off, settings)
    assert (record.i16(10), record.u32(4) & 0b11, record.u32(4) >> 3 & 0xF) == (81, 3, 6)
    assert record.i16(18) == -32767
    assert truth(off, settings)["heart_rate"] is None
    assert truth(off, settings)["pulse_rate@spo2"] == 81
    assert shown(settings=settings).u32(4) >> 3 & 0xF == 1
    assert shown(NOTHING, settings).u32(4) & 0b11 == 1


def test_a_noisy_ecg_has_its_bit_and_no_heart_rate_to_believe() -> None:
    settings = GeDriSettings(ecg_noise=(PatientSpan(0.0, 6.0),))
    assert shown(settings=settings).u32(4) >> 7 & 1 == 1
    assert truth(settings=settings)["heart_rate"] is None
    assert truth(settings=settings)["respiratory_rate"] is not None


@pytest.mark.parametrize(("site", "label"), [("art", 1), ("abp", 8)])
def test_the_arterial_line_follows_the_cuff_and_breathes(site: str, label: int) -> None:
    dialogue = Dialogue(settings=GeDriSettings(has_arterial_line=True, arterial_site=site))
    dialogue.wait(1.0)
    dialogue.send(host.ask_values(1, 7))
    records = dialogue.wait(140.0)
    assert {(record.u32(20), record.u16(24)) for record in records} == {(0b1011, label)}
    systolic = [record.i16(26) / 100 for record in records]
    assert 116 <= min(systolic) < 117
    assert 119 < max(systolic) <= 120
    assert {record.i16(26) - record.i16(28) for record in records} == {4500}
    assert {record.i16(30) - record.i16(28) for record in records} == {1500}
    assert {record.i16(32) for record in records} == {81}
    for record, sent in zip(records, dialogue.sent[1:], strict=True):
        for part, offset in (("systolic", 26), ("diastolic", 28), ("mean", 30)):
            assert sent.values[f"art_{part}@{site}"] == record.i16(offset) / 100


def test_a_line_that_is_zeroed_shows_zeros_which_no_one_vouches_for() -> None:
    settings = GeDriSettings(has_arterial_line=True, zeroing=(PatientSpan(0.0, 10.0),))
    record = shown(settings=settings)
    assert record.u32(20) == 0b0111
    assert [record.i16(offset) for offset in (26, 28, 30)] == [0, 0, 0]
    assert {
        value for name, value in truth(settings=settings).items() if name.startswith("art_")
    } == {None}


def test_a_central_venous_pressure_has_its_own_label_and_is_no_arterial_one() -> None:
    settings = GeDriSettings(cvp_on_p2=True)
    record = shown(settings=settings)
    assert (record.u16(38), record.i16(40), record.i16(42), record.i16(44)) == (2, 800, 400, 600)
    assert truth(settings=settings) == truth()


def test_the_auxiliary_part_dates_the_cuffs_reading_by_the_monitors_clock() -> None:
    dialogue = Dialogue(settings=GeDriSettings(wall_offset_s=90.0))
    (alone,) = dialogue.send(host.ask_values(4, -1))
    taken_s = POWERED_AT.utc_ns // 10**9 - 600 + 90
    assert (alone.parts(), len(alone.content)) == ([(40, 4)], 154)
    assert alone.u32(0) == taken_s
    assert dialogue.sent == []
    beside = shown(settings=GeDriSettings(aux_with_displayed=True))
    assert [kind for _, kind in beside.parts()] == [1, 1, 1, 1, 4]
    assert beside.u32(0, 4) == taken_s - 90
    unknown = shown(NOTHING, GeDriSettings(aux_with_displayed=True))
    assert unknown.u32(0, 4) == 0


def test_a_pressure_above_the_wires_range_is_marked_and_not_wrapped() -> None:
    vitals = replace(WELL, cuff=Cuff(330, 88, 73, -600.0))
    assert shown(vitals).i16(82) == -32763
    assert truth(vitals)["nibp_systolic"] is None


@given(
    heart_rate=st.integers(0, 300),
    spo2=st.integers(0, 100),
    perfusion=st.integers(0, 200),
    temperature=st.integers(150, 450),
    systolic=st.integers(0, 300),
)
def test_every_number_survives_the_wire(
    heart_rate: int, spo2: int, perfusion: int, temperature: int, systolic: int
) -> None:
    vitals = replace(
        WELL,
        heart_rate=heart_rate,
        spo2=spo2,
        perfusion_index=perfusion / 10,
        temperature=temperature / 10,
        cuff=Cuff(systolic, systolic // 2, systolic // 3, -600.0),
    )
    record = shown(vitals)
    assert record.i16(10) == heart_rate
    assert record.i16(128) == 100 * spo2
    assert record.i16(132) == 10 * perfusion
    assert record.i16(96) == 10 * temperature
    assert record.i16(82) == 100 * systolic
    found = truth(vitals)
    assert (found["heart_rate"], found["spo2"]) == (heart_rate, spo2)
    assert (found["temperature@bladder"], found["nibp_systolic"]) == (temperature / 10, systolic)


@pytest.mark.untraced
@pytest.mark.parametrize("scenario", ["crs_grade_2", "probe_off"])
def test_a_course_of_hours_is_told_as_it_stands_on_the_wire(scenario: str) -> None:
    course = load_scenario(scenario, seed=4).patient
    dialogue = Dialogue()
    settings = GeDriSettings(has_arterial_line=True)
    dialogue.monitor = GeDriMonitor(
        PowerOn(course.vitals_at, POWERED_AT, dialogue.sent.append), settings, 4
    )
    dialogue.send(host.ask_values(1, 60))
    for _ in range(8):
        dialogue.wait(1800.0)
    assert len(dialogue.sent) == 241
    for sent in dialogue.sent:
        (record,) = host.read(sent.wire)
        for name, status_at, offset, factor in (
            ("heart_rate", 4, 10, 1),
            ("spo2", 122, 128, 100),
            ("temperature@bladder", 90, 96, 100),
            ("nibp_systolic", 76, 82, 100),
            ("art_mean@art", 20, 30, 100),
        ):
            is_there = record.u32(status_at) & 2 and record.i16(offset) > -32001
            on_wire = record.i16(offset) / factor if is_there else None
            assert sent.values.get(name, on_wire) == on_wire
