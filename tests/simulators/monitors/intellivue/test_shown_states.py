"""States that the simulated monitor shows: values in alarm, sensors off, alarms, a restart."""

from __future__ import annotations

from dataclasses import replace
from struct import unpack_from

from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.patients.vitals import Cuff, TrueVitals
from simulators.scenarios.scenario_file import load_scenario
from tests.simulators.monitors.intellivue.test_monitor import OBSERVED, associated
from tests.support import scripted_host as host
from tests.support.scripted_host import Dialogue, poll, read_reply

NAN = bytes.fromhex("007FFFFF")


def test_a_cuff_that_has_not_measured_is_unavailable_with_an_old_stamp() -> None:
    dialogue = associated(replace(host.NORMAL, cuff=None))
    (reply,) = dialogue.replies(poll(6, OBSERVED))
    for physio in (0x4A05, 0x4A06, 0x4A07):
        assert reply.values()[physio] == (0x2000, 0x0F20, NAN)
    stamps = [a[0x0990].hex() for a in reply.objects.values() if 0x0990 in a]
    assert stamps == ["2025061415064000"]


def test_a_cuff_reading_carries_the_time_of_the_monitors_own_clock() -> None:
    dialogue = associated(settings=IntellivueSettings(wall_offset_s=3600.0))
    (reply,) = dialogue.replies(poll(6, OBSERVED))
    stamps = [a[0x0990].hex() for a in reply.objects.values() if 0x0990 in a]
    assert stamps == ["2025061516074000"]  # 60 s after power-on, an hour ahead


def test_asystole_is_a_valid_zero_in_alarm() -> None:
    values = associated(replace(host.NORMAL, heart_rate=0)).values()
    assert values[0x4182] == (0x0002, 0x0AA0, bytes(4))


def test_values_outside_their_limits_are_in_alarm() -> None:
    sick = TrueVitals(130, 130, 86, 1.0, 34, 39.4, "axillary", Cuff(84, 56, 42, 60.0))
    values = associated(sick).values()
    states = {physio: state for physio, (state, _, _) in values.items()}
    assert states == {
        0x4A05: 2,
        0x4A06: 0,
        0x4A07: 0,
        0x4182: 2,
        0x4261: 0,
        0x500A: 2,
        0xF10C: 2,
        0x4BB8: 2,
        0x4822: 1,
        0x4BB0: 0,
    }


def test_sensors_that_are_off_give_no_value() -> None:
    bare = TrueVitals(None, None, None, None, None, None, "core", None)
    values = associated(bare).values()
    assert {raw for _, _, raw in values.values()} == {NAN}
    states = {physio: state for physio, (state, _, _) in values.items()}
    assert states[0x4182] == states[0x4BB8] == states[0x4B60] == 0x8000
    assert states[0x4822] == 0x8001


def test_a_monitor_in_demo_mode_marks_every_value() -> None:
    values = associated(settings=IntellivueSettings(is_demo=True)).values()
    assert all(state & 0x0400 for state, _, _ in values.values())


def test_a_reattached_sensor_is_unavailable_then_invalid_then_valid() -> None:
    course = load_scenario("probe_off", 3).patient
    monitor = IntellivueMonitor(PowerOn(course.vitals_at, host.POWERED_AT), IntellivueSettings(), 1)
    dialogue = Dialogue()
    dialogue.monitor = monitor
    dialogue.wait(11 * 60 + 55)
    dialogue.open()
    states = []
    for _ in range(18):
        states.append(dialogue.values()[0x4BB8][0])
        dialogue.wait(1.024)
    runs = [state for n, state in enumerate(states) if n == 0 or states[n - 1] != state]
    assert runs == [0x8000, 0x2000, 0x8000, 0x0000]


def alarms(dialogue: Dialogue) -> dict[int, list[tuple[int, ...]]]:
    """Return per list: source, code, type, state, class, context, handle, priority, flags."""
    (reply,) = dialogue.replies(poll(0x36, 0x0801))
    (attributes,) = reply.objects.values()
    assert attributes.keys() == {0x0921, 0x092F, 0x0916, 0x0902, 0x0904}
    assert len(attributes[0x0916]) == 10
    found: dict[int, list[tuple[int, ...]]] = {}
    for name in (0x0902, 0x0904):
        data = attributes[name]
        count, length = unpack_from(">HH", data)
        assert length == len(data) - 4
        at, entries = 4, []
        for _ in range(count):
            head = unpack_from(">HHHHHHHHH", data, at)
            instance, text_id, priority, flags, size = unpack_from(">HIHHH", data, at + 18)
            assert (head[7], instance, text_id) == (0x0204, 0, 0x00030000 | head[1])
            assert head[8] == 12 + size
            entries.append((*head[:7], priority, flags))
            texts[head[1]] = data[at + 30 : at + 30 + size].decode("utf-16-be")
            at += 18 + head[8]
        assert at == len(data)
        found[name] = entries
    return found


texts: dict[int, str] = {}


def test_a_calm_patient_has_no_alarms() -> None:
    assert alarms(associated()) == {0x0902: [], 0x0904: []}


def test_an_alarm_is_new_for_one_cycle() -> None:
    dialogue = associated(replace(host.NORMAL, spo2=86))
    (reply,) = dialogue.replies(poll(6, OBSERVED))
    handle = next(h for h, a in reply.objects.items() if a.get(0x0950, b"")[:2] == b"\x4b\xb8")
    ((first,), ()) = alarms(dialogue).values()
    assert first == (0x4BB8, 62, 0x0200, 0x0008, 6, 1, handle, 1, 0x7800)
    assert texts[62] == "\ue40d\ue40d SpO₂   LOW     \0"
    assert alarms(dialogue)[0x0902][0][3] == 0x0008
    dialogue.wait(1.024)
    assert alarms(dialogue)[0x0902][0][3] == 0
    dialogue.send(host.KEEP_ALIVE_ALERTS)
    dialogue.vitals = host.NORMAL
    dialogue.wait(1.024)
    assert alarms(dialogue)[0x0902] == []


def test_red_yellow_and_technical_alarms_stand_in_their_lists() -> None:
    vitals = replace(host.NORMAL, heart_rate=0, spo2=None, pulse_rate=None, temperature=39.5)
    listed = alarms(associated(vitals))
    assert [entry[:3] for entry in listed[0x0902]] == [
        (0x4182, 0x0C04, 0x0400),
        (0x4B48, 40, 0x0200),
    ]
    assert texts[0x0C04].startswith("\ue40d\ue40d\ue40d ASYSTOLE")
    assert [entry[:3] for entry in listed[0x0904]] == [(0x4BB8, 308, 0x0002)]


def test_leads_off_is_a_technical_alarm() -> None:
    listed = alarms(associated(replace(host.NORMAL, heart_rate=None)))
    assert [entry[:2] for entry in listed[0x0904]] == [(0x4182, 274)]


def test_a_code_is_odd_where_its_source_is_an_object() -> None:
    settings = IntellivueSettings(alarm_box_fault=True, is_demo=True)
    ((entry,)) = alarms(associated(settings=settings))[0x0904]
    assert entry[:6] == (0xF222, 0x47, 0x0002, 0x0108, 2, 0)
    assert texts[0x47] == "Rem.AlarmDev.Malf.\0"


def test_extended_alarm_polls_run_beside_those_of_numerics() -> None:
    dialogue = associated()
    dialogue.send(host.EXTENDED_ALERTS)
    dialogue.send(host.EXTENDED_NUMERICS_30_S)
    replies = [read_reply(payload) for payload in dialogue.wait(1.03)]
    assert [reply.poll_class for reply in replies] == [0x36, 6, 6, 6]
    assert {(reply.ticks, reply.sequence) for reply in replies} == {(replies[0].ticks, 0)}


def test_a_restart_begins_the_counter_anew_and_forgets_the_host() -> None:
    dialogue = associated()
    before = dialogue.replies(poll(6, OBSERVED))[0]
    dialogue.monitor.reboot(dialogue.now)
    assert not dialogue.monitor.is_associated
    assert dialogue.send(host.SINGLE_NUMERICS) == []
    dialogue.open()
    after = dialogue.replies(poll(6, OBSERVED))[0]
    assert after.ticks != before.ticks
    assert after.objects.keys() != before.objects.keys()


def test_the_same_seed_gives_the_same_monitor() -> None:
    def bytes_of(seed: int) -> list[bytes]:
        dialogue = associated(seed=seed)
        return dialogue.send(host.SINGLE_NUMERICS)

    assert bytes_of(5) == bytes_of(5)
    assert bytes_of(5) != bytes_of(6)


def test_a_monitor_looked_at_late_says_the_same_as_one_looked_at_often() -> None:
    once, often = associated(), associated()
    for dialogue in (once, often):
        dialogue.send(host.EXTENDED_NUMERICS_30_S)
    pieces = [payload for _ in range(80) for payload in often.wait(0.1)]
    assert once.wait(8.0) == pieces
