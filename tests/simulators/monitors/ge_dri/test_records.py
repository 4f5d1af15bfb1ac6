"""Records of the simulated S/5 monitor, read by the offsets of the specification."""

from __future__ import annotations

from dataclasses import replace
from struct import pack, unpack_from
from typing import TYPE_CHECKING

import pytest

from simulators.monitors.device import PowerOn
from simulators.monitors.ge_dri.monitor import GeDriMonitor
from simulators.monitors.ge_dri.settings import GeDriSettings, PatientSpan
from simulators.patients.vitals import Cuff, TrueVitals
from tests.support import ge_dri_host as host
from tests.support.ge_dri_host import POWERED_AT, WELL, Dialogue, Record
from tests.support.shared_data import shared_data

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING = TrueVitals(None, None, None, None, None, None, "core", None)
EXISTS_AND_ACTIVE = 3


def shown(vitals: TrueVitals = WELL, settings: GeDriSettings | None = None) -> Record:
    return Dialogue(vitals, settings).shown()


def truth(vitals: TrueVitals = WELL, settings: GeDriSettings | None = None) -> dict[str, object]:
    dialogue = Dialogue(vitals, settings)
    dialogue.shown()
    return dict(dialogue.sent[0].values)


def test_the_header_is_that_of_a_recorded_record_but_for_its_own_numbers() -> None:
    recorded = bytes.fromhex(
        "8004 B2 0B 0000 C994A063 00 00 0000 0000 000001 160101 2C0201 420301 0000FF"
    )
    dialogue = Dialogue(settings=GeDriSettings(dri_level=11, wall_offset_s=-40.0))
    content = dialogue.shown().content
    number, level, plug_id, wall_s = unpack_from("<BBHI", content, 2)
    assert content[:2] == recorded[:2]  # 1152 bytes
    assert (number, level) == (0, 11)
    assert plug_id != 0
    assert wall_s == POWERED_AT.utc_ns // 10**9 + 5 - 40
    assert content[10:31] == recorded[10:31]
    assert content[31:40] == bytes(9)


def test_each_subrecord_has_the_time_and_the_class_word_of_a_real_one() -> None:
    record = shown()
    for part, (offset, kind) in enumerate(record.parts()):
        assert (offset, kind) == (40 + 278 * part, 1)
        assert record.u32(0, part) == record.wall_s
        assert record.content[offset + 274 : offset + 278] == pack("<BBBB", 0, 0x40, 0x81, part)


def test_the_values_of_the_patient_stand_at_their_offsets() -> None:
    record = shown()
    assert (record.i16(10), record.i16(18)) == (80, 16)
    assert [record.i16(offset) for offset in (12, 14, 16)] == [-32765] * 3
    assert [record.i16(offset) for offset in (82, 84, 86)] == [11800, 7300, 8800]
    assert record.i16(96) == 3710
    assert [record.i16(offset) for offset in (128, 130, 132, 134)] == [9700, 81, 320, -32767]
    assert record.u32(4) & 0b1111111 == 0b0001011  # exists, active, source ECG, no asystole
    assert {record.u32(offset) for offset in (76, 90, 122)} == {EXISTS_AND_ACTIVE}
    assert (record.u16(94), record.u16(126)) == (5, 0)


def test_the_witness_is_told_what_stands_on_the_wire() -> None:
    assert truth() == {
        "heart_rate": 80,
        "respiratory_rate": 16,
        "nibp_systolic": 118,
        "nibp_diastolic": 73,
        "nibp_mean": 88,
        "temperature@bladder": 37.1,
        "spo2": 97,
        "pulse_rate@spo2": 81,
    }


def test_groups_of_modules_that_are_not_there_do_not_exist_and_hold_no_value() -> None:
    record = shown()
    for offset, count in ((20, 4), (34, 4), (48, 4), (62, 4), (136, 4), (150, 2), (98, 1)):
        assert record.u32(offset) == 0
        values = [record.i16(offset + 6 + 2 * index) for index in range(count)]
        assert values == [-32767] * count


@pytest.mark.parametrize(
    ("part", "groups", "reserved"),
    [
        (1, (50, 80, 94, 108, 122, 130), range(138, 274)),
        (2, (4, 28, 100, 116, 234), (*range(144, 234), *range(250, 274))),
        (3, (4, 18, 64, 74, 120, 130, 138, 146), range(200, 274)),
    ],
)
def test_the_extensions_hold_no_groups_and_nothing_in_reserved_bytes(
    part: int, groups: tuple[int, ...], reserved: Iterable[int]
) -> None:
    record = shown()
    start = record.parts()[part][0]
    for offset in groups:
        assert (record.u32(offset, part), record.i16(offset + 6, part)) == (0, -32767)
    assert not any(record.content[start + offset] for offset in reserved)


def test_bytes_that_no_group_fills_agree_with_a_real_record() -> None:
    real = Record(shared_data("captures/ge_dri/lnhealth_s5parser-trends.bin").read_bytes())
    built = shown()
    assert len(built.content) == len(real.content)
    for part in range(4):
        assert built.u16(276, part) == real.u16(276, part)
        assert built.i16(274, part) & 0xFF00 == real.i16(274, part) & 0xFF00
    assert built.u16(8) == real.u16(8)
    assert built.u16(8, 1) == real.u16(8, 1)


def test_the_first_extension_repeats_the_heart_rate_with_arrhythmia_bits() -> None:
    assert (shown().i16(10, 1), shown().i16(14, 1), shown().u32(16, 1)) == (80, 0, 0)
    assert shown(replace(WELL, heart_rate=130)).u32(16, 1) == 1 << 28
    assert shown(replace(WELL, heart_rate=45)).u32(16, 1) == 1 << 27
    off = shown(replace(WELL, heart_rate=None))
    assert (off.i16(10, 1), off.i16(14, 1), off.u32(16, 1)) == (-32767, -32767, 0)


@pytest.mark.parametrize(
    ("vitals", "settings"),
    [
        (replace(WELL, heart_rate=0), GeDriSettings()),
        (WELL, GeDriSettings(asystole=(PatientSpan(5.0, 6.0),))),
    ],
)
def test_asystole_is_a_zero_that_the_monitor_vouches_for(
    vitals: TrueVitals, settings: GeDriSettings
) -> None:
    record = shown(vitals, settings)
    assert record.i16(10) == 0
    assert record.u32(4) & 0b111 == 0b111
    assert record.u32(16, 1) & 1
    assert truth(vitals, settings)["heart_rate"] == 0


def test_sensors_off_leave_inactive_groups_and_special_values() -> None:
    record = shown(NOTHING)
    for offset, count in ((90, 1), (122, 4)):
        assert record.u32(offset) == 1
        assert {record.i16(offset + 6 + 2 * index) for index in range(count)} == {-32767}
    assert record.u32(4) & 0b11 == 0b01
    assert record.u32(4) >> 11 & 0b111 == 0b111  # all channels off
    assert (record.i16(10), record.i16(18)) == (-32767, -32767)
    assert [record.i16(offset) for offset in (82, 84, 86, 88)] == [-32767] * 4
    assert record.u16(80) & 0x10B == 0x10B  # as a real monitor labels a cuff without a reading
    assert set(truth(NOTHING).values()) == {None}
    assert len(truth(NOTHING)) == 8


@pytest.mark.parametrize("off_value", [0, -32001, -32762, -32763, -32764, -32766])
def test_the_special_value_of_a_sensor_that_is_off_can_be_chosen(off_value: int) -> None:
    settings = GeDriSettings(off_value=off_value)
    record = shown(NOTHING, settings)
    assert {record.i16(offset) for offset in (10, 18, 96, 128, 130)} == {off_value}
    assert record.u32(122) == 1
    assert set(truth(NOTHING, settings).values()) == {None}


def test_a_group_can_stay_active_while_its_sensor_is_off() -> None:
    settings = GeDriSettings(off_value=-32764, off_is_active=True, has_arterial_line=True)
    record = shown(NOTHING, settings)
    assert {record.u32(offset) & 0b11 for offset in (4, 20, 90, 122)} == {0b11}
    assert {record.i16(offset) for offset in (10, 26, 96, 128)} == {-32764}
    assert set(truth(NOTHING, settings).values()) == {None}


def test_breaths_without_a_value_are_none_although_the_ecg_is_on() -> None:
    vitals = replace(WELL, respiratory_rate=None, pulse_rate=None, perfusion_index=None)
    record = shown(vitals, GeDriSettings(has_arterial_line=True))
    assert (record.i16(18), record.i16(130), record.i16(132)) == (-32767, -32767, -32767)
    assert (record.i16(32), record.i16(128)) == (-32767, 9700)
    found = truth(vitals)
    assert (found["respiratory_rate"], found["pulse_rate@spo2"], found["spo2"]) == (None, None, 97)


def test_the_cuff_is_measuring_for_half_a_minute_and_its_reading_is_old_after_one() -> None:
    def view(patient_s: float) -> TrueVitals:
        readings = [Cuff(100 + n, 80, 60, 100.0 + 300.0 * n) for n in range(3)]
        taken = [cuff for cuff in readings if cuff.measured_at_s <= patient_s]
        return replace(WELL, cuff=taken[-1] if taken else None)

    dialogue = Dialogue()
    dialogue.monitor = GeDriMonitor(
        PowerOn(view, POWERED_AT, dialogue.sent.append), GeDriSettings(), 1
    )
    dialogue.send(host.ask_values(1, 5))
    records = {s: record for s in range(5, 505, 5) for record in dialogue.wait(5.0)}
    labels = {second: record.u16(80) for second, record in records.items()}
    assert [s for s in labels if labels[s] & 1 << 5] == [*range(70, 100, 5), *range(370, 400, 5)]
    is_old = [*range(5, 100, 5), *range(165, 400, 5), *range(465, 505, 5)]
    assert [s for s in labels if labels[s] & 1 << 8] == is_old
    assert all(label & 1 << 3 for label in labels.values())
    assert [records[s].i16(82) for s in (95, 100, 395, 400)] == [-32767, 10000, 10000, 10100]
    told = {
        round(sent.at.seconds_since(POWERED_AT)): sent.values.get("nibp_systolic", "open")
        for sent in dialogue.sent
    }
    assert [told[s] for s in (65, 95, 100, 165, 365, 370, 400)] == [
        *(None, "open", 100, 100, 100, "open", 101),
    ]
