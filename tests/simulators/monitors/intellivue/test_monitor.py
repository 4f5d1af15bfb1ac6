"""The simulated monitor answers any host that keeps to the protocol, as real monitors do."""

from __future__ import annotations

from itertools import pairwise
from struct import unpack_from

import pytest

from simulators.monitors.intellivue.monitor import IntellivueSettings
from simulators.patients.vitals import TrueVitals
from tests.support import scripted_host as host
from tests.support.scripted_host import Dialogue, poll, read_reply, request, wrap

OBSERVED = 0x0803


def associated(
    vitals: TrueVitals | None = None, settings: IntellivueSettings | None = None, seed: int = 1
) -> Dialogue:
    dialogue = Dialogue(vitals, settings, seed)
    dialogue.wait(30.0)
    dialogue.open()
    return dialogue


def test_an_association_is_accepted_with_the_terms_a_real_monitor_grants() -> None:
    dialogue = Dialogue()
    accepted, _ = dialogue.send(host.ASSOCIATE)
    assert len(accepted) == 208  # as a recorded M8000 answers
    info = accepted[accepted.index(b"\x81\x48") + 2 :][:72]
    assert unpack_from(">IIIII", info) == (
        0x80000000,
        0x40000000,
        0,
        0x00800000,
        0x80000000,
    )
    assert info[24:32] == bytes.fromhex("0001 002C 0001 0028")
    assert unpack_from(">IIIIII", info, 32) == (
        0x80000000,
        4000,
        996,
        996,
        0xFFFFFFFF,
        0x60000000,
    )
    assert info[56:64] == bytes.fromhex("0001 000C F001 0008")
    assert info[64:68] == bytes.fromhex("8E000000")


def test_a_slower_host_and_a_smaller_frame_are_granted() -> None:
    payload = host.unwrap(host.ASSOCIATE)[0]
    at = payload.index(bytes.fromhex("000003E8 000009C4"))
    slow = payload[:at] + bytes.fromhex("00009C40 00000200") + payload[at + 8 :]
    accepted = Dialogue().send(wrap(slow))[0]
    assert bytes.fromhex("80000000 00009C40 00000200 00000200") in accepted


def test_the_create_event_says_who_the_monitor_is_and_what_its_clocks_show() -> None:
    settings = IntellivueSettings(bed_label="BED 7", wall_offset_s=-40.0)
    dialogue = Dialogue(settings=settings)
    dialogue.wait(2.0)
    _, event = dialogue.send(host.ASSOCIATE)
    ticks, event_type, length = unpack_from(">IHH", event, 20)
    body = event[28:]
    assert (event[14:20].hex(), event_type, length) == ("002100000000", 0x0D06, len(body))
    assert body[:6].hex() == "002100000000"
    count, size = unpack_from(">HH", body, 6)
    assert size == len(body) - 10
    attributes = host.attribute_list(body[10:], count)
    assert attributes[0x0928] == b"\x00\x08Philips\x00\x00\x06M8000\x00"
    assert attributes[0x0984][:2] == b"\x00\x06"
    assert len(attributes[0x0984]) == 8
    assert attributes[0x091E][2:].decode("utf-16-be").rstrip("\0") == "BED 7"
    assert attributes[0x0987].hex() == "2025061515060200"  # 2 s in, 40 s slow
    assert int.from_bytes(attributes[0x098F], "big") == ticks


def test_nothing_but_association_is_answered_before_one() -> None:
    dialogue = Dialogue()
    for frame in (host.SINGLE_NUMERICS, host.RELEASE, host.CREATE_RESULT, wrap(b"")):
        assert dialogue.send(frame) == []


def test_polls_wait_for_the_create_result() -> None:
    dialogue = Dialogue()
    dialogue.send(host.ASSOCIATE)
    assert dialogue.send(host.SINGLE_NUMERICS) == []
    wrong_invoke = host.unwrap(host.CREATE_RESULT)[0].replace(
        bytes.fromhex("0014 0001"), bytes.fromhex("0014 0002")
    )
    assert dialogue.send(wrap(wrong_invoke)) == []
    assert dialogue.send(host.SINGLE_NUMERICS) == []
    assert dialogue.send(host.CREATE_RESULT) == []
    assert dialogue.send(host.SINGLE_NUMERICS) != []


def test_a_second_association_is_refused_and_the_first_goes_on() -> None:
    dialogue = associated()
    assert dialogue.send(host.ASSOCIATE) == [bytes.fromhex("0C 03 32 01 00")]
    assert len(dialogue.values()) == 10


def test_a_busy_monitor_refuses_for_a_while() -> None:
    dialogue = Dialogue(settings=IntellivueSettings(refuse_for_s=15.0))
    dialogue.wait(14.0)
    assert dialogue.send(host.ASSOCIATE)[0][0] == 0x0C
    dialogue.wait(1.0)
    assert dialogue.send(host.ASSOCIATE)[0][0] == 0x0E


@pytest.mark.parametrize("cut", [0, 60, 190])
def test_an_association_request_without_a_poll_profile_is_refused(cut: int) -> None:
    payload = host.unwrap(host.ASSOCIATE)[0]
    assert Dialogue().send(wrap(payload[: max(cut, 1)]))[0][0] == 0x0C


def test_a_host_frame_with_a_wrong_check_sequence_is_dropped() -> None:
    dialogue = associated()
    bad = host.SINGLE_NUMERICS[:-3] + b"\x8f\x95\xc1"
    assert dialogue.send(bad) == []
    assert dialogue.send(host.SINGLE_NUMERICS) != []


def test_a_single_poll_is_answered_at_once_with_the_values_of_the_cycle() -> None:
    dialogue = associated()
    dialogue.replies(host.SINGLE_NUMERICS)
    reply = dialogue.merged(host.SINGLE_NUMERICS)
    assert (reply.invoke, reply.action, reply.number) == (0, 0x0C16, 1)
    assert (reply.poll_class, reply.group, reply.sequence) == (6, 0, None)
    assert reply.values() == {
        0x4A05: (0, 0x0F20, bytes.fromhex("00000078")),
        0x4A06: (0, 0x0F20, bytes.fromhex("0000004B")),
        0x4A07: (0, 0x0F20, bytes.fromhex("0000005A")),
        0x4182: (0, 0x0AA0, bytes.fromhex("00000050")),
        0x4261: (0, 0x0AA0, bytes.fromhex("00000000")),
        0x500A: (0, 0x0AE0, bytes.fromhex("00000010")),
        0xF0C4: (0, 0x17A0, bytes.fromhex("FF000172")),
        0x4BB8: (0, 0x0220, bytes.fromhex("FF0003CA")),
        0x4822: (1, 0x0AA0, bytes.fromhex("00000050")),
        0x4BB0: (0, 0x0200, bytes.fromhex("FF00001E")),
    }


def test_the_observed_group_holds_values_only() -> None:
    (reply,) = associated().replies(poll(6, OBSERVED))
    ids = {name for attributes in reply.objects.values() for name in attributes}
    assert ids == {0x0950, 0x094B, 0x0990, 0xF237}
    assert reply.contexts == [0, 1]
    assert len(reply.objects) == 14


def test_the_first_reply_to_group_0_holds_labels_and_no_value() -> None:
    dialogue = associated()
    first = dialogue.merged(host.SINGLE_NUMERICS)
    assert first.values() == {}
    labels = {
        attributes[0x0927][2:].decode("utf-16-be").rstrip("\0"): attributes[0x0924].hex()
        for attributes in first.objects.values()
    }
    assert labels["SpO₂"] == "00024bb8"
    assert labels["HR"] == "00024182"
    for handle, attributes in first.objects.items():
        assert attributes.keys() == {0x0921, 0x092F, 0x0924, 0x0927, 0x0911, 0x093F, 0x0917}
        assert int.from_bytes(attributes[0x0921], "big") == handle
        assert len(attributes[0x093F]) == 12
    second = dialogue.merged(host.SINGLE_NUMERICS)
    assert len(second.values()) == 10


def test_the_static_group_never_holds_values() -> None:
    dialogue = associated()
    for _ in range(2):
        reply = dialogue.merged(poll(6, 0x0811))
        assert reply.values() == {}
        assert any(0x0924 in attributes for attributes in reply.objects.values())


def test_large_replies_are_linked_and_closed_by_an_empty_result() -> None:
    dialogue = associated(settings=IntellivueSettings(mtu=500))
    payloads = dialogue.send(poll(6, 0x0811))
    assert all(len(payload) <= 500 for payload in payloads)
    replies = [read_reply(payload) for payload in payloads]
    assert [(reply.kind, reply.place) for reply in replies] == [(5, 1), (5, 2), (5, 3), (2, 0)]
    assert [payload[9] for payload in payloads[:3]] == [1, 2, 3]
    assert {(reply.invoke, reply.ticks) for reply in replies} == {(9, replies[0].ticks)}
    assert replies[-1].objects == {}
    handles = [handle for reply in replies for handle in reply.objects]
    assert len(handles) == len(set(handles)) == 14


def test_labels_and_values_together_need_more_than_one_frame_of_996_bytes() -> None:
    dialogue = associated()
    dialogue.replies(host.SINGLE_NUMERICS)
    assert dialogue.replies(poll(6, 0, extended_ticks=20_000)) == []
    replies = [read_reply(payload) for payload in dialogue.wait(1.1)]
    assert [(reply.kind, reply.place) for reply in replies] == [(5, 1), (5, 3), (2, 0)]
    assert {reply.sequence for reply in replies} == {0}
    assert sum(len(reply.values()) for reply in replies) == 10


def test_an_extended_poll_is_answered_every_cycle_until_it_expires() -> None:
    dialogue = associated()
    assert dialogue.send(poll(6, OBSERVED, extended_ticks=40_000)) == []  # 5 s
    replies = [read_reply(payload) for payload in dialogue.wait(9.0)]
    assert len(replies) == 5
    assert [reply.sequence for reply in replies] == [0, 1, 2, 3, 4]
    steps = {b.ticks - a.ticks for a, b in pairwise(replies)}
    assert steps == {8192}
    assert dialogue.wait(0.5) == []


def test_the_golden_extended_poll_runs_thirty_seconds_when_kept_alive() -> None:
    dialogue = associated()
    dialogue.send(host.EXTENDED_NUMERICS_30_S)
    count = 0
    for _ in range(9):
        count += sum(read_reply(payload).kind == 2 for payload in dialogue.wait(5.0))
        dialogue.send(host.KEEP_ALIVE_ALERTS)
    assert count == 29


def test_a_renewed_poll_begins_its_sequence_anew() -> None:
    dialogue = associated()
    dialogue.send(poll(6, OBSERVED, extended_ticks=400_000))
    before = [read_reply(payload) for payload in dialogue.wait(3.0)]
    dialogue.send(poll(6, OBSERVED, extended_ticks=400_000, number=2))
    after = [read_reply(payload) for payload in dialogue.wait(2.1)]
    assert [reply.sequence for reply in before] == [0, 1, 2]
    assert [(reply.number, reply.sequence) for reply in after] == [(2, 0), (2, 1)]
    assert after[0].ticks - before[-1].ticks == 8192


def test_an_extended_poll_without_a_period_is_answered_once() -> None:
    dialogue = associated()
    what = bytes.fromhex("0001 0001 0006 0803")
    dialogue.send(request(7, bytes.fromhex("F13B 0008") + what))
    assert len(dialogue.wait(5.0)) == 1


def test_a_poll_attribute_the_monitor_does_not_know_is_skipped() -> None:
    dialogue = associated()
    what = bytes.fromhex("0001 0001 0006 0803 0002 0010 F111 0004 00000001 F13E 0004 00006000")
    dialogue.send(request(7, bytes.fromhex("F13B 001C") + what))
    assert len(dialogue.wait(5.0)) == 3  # 3.07 s


def test_waves_patient_and_system_polls_are_answered_with_empty_lists() -> None:
    dialogue = associated()
    for wire in (host.KEEP_ALIVE_MDS, poll(0x2A, 0x0807), poll(6, 0x0810), poll(0x36, 0x0810)):
        (reply,) = dialogue.replies(wire)
        assert reply.objects == {}
    dialogue.send(host.EXTENDED_WAVES)
    assert read_reply(dialogue.wait(1.1)[0]).poll_class == 9


def test_the_keep_alive_of_the_alert_monitor_is_nearly_empty() -> None:
    (reply,) = associated().replies(host.KEEP_ALIVE_ALERTS)
    (attributes,) = reply.objects.values()
    assert attributes.keys() == {0x0921, 0x092F}
    assert (reply.number, reply.invoke, reply.group) == (7, 8, 0x0811)
