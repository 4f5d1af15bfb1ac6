"""Messages are told apart, built as public clients build them, and damage is noticed."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.drivers.philips_intellivue import association, frames, messages, polls
from edge_agent.drivers.philips_intellivue.association import AssociationAccepted, Control
from edge_agent.drivers.philips_intellivue.reader import MalformedMessageError
from tests.drivers.philips_intellivue import monitor
from tests.drivers.philips_intellivue.monitor import golden

KINDS = {
    "accept": monitor.accept(),
    "refuse": monitor.REFUSE,
    "released": monitor.RELEASED,
    "abort": monitor.ABORT,
    "mds create": monitor.mds_create(),
    "error": monitor.error(5),
    "numerics": golden("numerics_spo2_low"),
    "alarms": golden("alarms_spo2_low"),
    "closing": golden("closing_linked_result"),
    "linked": monitor.poll_reply(monitor.heart_rate(), ro_type=5),
    "single": monitor.poll_reply(monitor.heart_rate(), action=0x0C16),
    "request": golden("single_poll_numerics"),
    "get": golden("get_priority_list"),
    "result": golden("mds_create_result"),
}


def parse(wire: bytes) -> messages.Message:
    user_data = frames.parse(wire)
    assert isinstance(user_data, bytes)
    return messages.parse(user_data)


def poll(invoke_id: int, number: int, object_class: int, group: int, *period: int) -> bytes:
    return frames.build(
        polls.build(polls.PollRequest(invoke_id, number, object_class, group, *period))
    )


def test_requests_are_built_byte_for_byte_as_public_clients_send_them() -> None:
    assert frames.build(association.build_request()) == golden("association_request")
    assert frames.build(association.RELEASE_REQUEST) == golden("release_request")
    assert frames.build(messages.build_mds_create_result(1, 0x000ABD00)) == golden(
        "mds_create_result"
    )
    assert poll(0, 1, polls.NUMERICS, 0) == golden("single_poll_numerics")
    assert poll(1, 1, polls.NUMERICS, 0, 240_000) == golden("extended_poll_numerics_30s")
    assert poll(5, 4, polls.ALARMS, polls.ALARM_LISTS, 0x00493E00) == golden("extended_poll_alarms")
    assert poll(4, 3, 9, 0, 0x00493E00) == golden("extended_poll_waves")
    assert poll(1, 1, 0x21, 0x080C) == golden("keep_alive_mds")
    assert poll(8, 7, polls.ALARMS, polls.VMO_STATIC) == golden("keep_alive_alarms")


def test_association_control_is_told_apart() -> None:
    assert parse(monitor.accept(4000)) == AssociationAccepted(0.5)
    assert parse(monitor.REFUSE) is Control.REFUSED
    assert parse(monitor.RELEASED) is Control.RELEASED
    assert parse(monitor.RELEASE_REQUESTED) is Control.RELEASE_REQUESTED
    assert parse(monitor.ABORT) is Control.ABORTED
    assert parse(golden("association_request")) is Control.REQUESTED


def test_an_acceptance_as_long_as_a_real_one_is_read() -> None:
    user_data = frames.parse(monitor.accept())
    assert isinstance(user_data, bytes)
    assert len(user_data) == 208


def test_an_acceptance_that_says_no_poll_period_is_still_one() -> None:
    assert parse(monitor.accept(None)) == AssociationAccepted(0.0)
    assert parse(monitor.accept(has_user_information=False)) == AssociationAccepted(0.0)


def test_an_acceptance_of_which_nothing_can_be_read_is_still_one() -> None:
    user_data = frames.parse(monitor.accept())
    assert isinstance(user_data, bytes)
    for length in range(1, len(user_data)):
        cut = messages.parse(user_data[:length])
        assert isinstance(cut, AssociationAccepted)
        assert (cut.min_poll_period_s, bool(cut.unread)) == (0.0, True)
    longer = messages.parse(user_data + b"x")
    assert longer == AssociationAccepted(0.0, "1 bytes too many")


def test_long_lengths_are_read_in_session_and_presentation() -> None:
    user_data = frames.parse(monitor.accept())
    assert isinstance(user_data, bytes)
    body = user_data[2:]
    presentation = body[16:]
    at = presentation.index(b"\x02\x01\x02\x81") + 4
    longer = presentation[:at] + b"\x82\x00" + presentation[at:]
    body = body[:14] + b"\xc1\xff" + struct.pack(">H", len(longer)) + longer
    assert messages.parse(b"\x0e\xff" + struct.pack(">H", len(body)) + body) == AssociationAccepted(
        0.5
    )


def test_the_monitor_presents_itself() -> None:
    created = parse(monitor.mds_create(8000))
    assert isinstance(created, messages.MdsCreated)
    assert (created.manufacturer, created.model) == ("Philips", "M8000")
    assert (created.invoke_id, created.event_ticks, created.ticks) == (7, 8000, 8000)
    assert created.system_id == "0009fb09c9da"
    assert created.absolute_ns == 1441630621 * 10**9


def test_an_error_names_its_request() -> None:
    assert parse(monitor.error(5)) == messages.OperationFailed(5, 2)


def test_the_message_that_closes_a_linked_answer_holds_no_objects() -> None:
    reply = parse(golden("closing_linked_result"))
    assert isinstance(reply, polls.PollReply)
    assert reply.objects == ()
    assert reply.ticks == 0x00331400


def test_linked_and_single_results_are_poll_replies() -> None:
    for name in ("linked", "single"):
        reply = parse(KINDS[name])
        assert isinstance(reply, polls.PollReply)
        assert len(reply.objects) == 1


def test_objects_of_waves_are_passed_over() -> None:
    reply = parse(monitor.poll_reply(monitor.heart_rate(), object_class=9))
    assert isinstance(reply, polls.PollReply)
    assert reply.objects == ()


@pytest.mark.parametrize("name", ["request", "get", "result"])
def test_what_other_hosts_say_is_no_damage(name: str) -> None:
    assert parse(KINDS[name]) == messages.OtherOperation()


def test_other_events_and_actions_are_no_damage() -> None:
    assert parse(monitor.mds_create(event=0x0D07)) == messages.OtherOperation()
    assert parse(monitor.poll_reply(action=0x0C17)) == messages.OtherOperation()


@pytest.mark.parametrize(
    "user_data",
    [b"", b"\x42", bytes.fromhex("E100000200040000"), bytes.fromhex("E10000020002000000")],
)
def test_unknown_and_overlong_messages_are_malformed(user_data: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        messages.parse(user_data)


@pytest.mark.parametrize("name", sorted(KINDS.keys() - {"accept"}))
def test_a_message_cut_anywhere_is_malformed(name: str) -> None:
    user_data = frames.parse(KINDS[name])
    assert isinstance(user_data, bytes)
    for length in range(len(user_data)):
        with pytest.raises(MalformedMessageError):
            messages.parse(user_data[:length])


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_changed_byte_raises_nothing_but_malformed(name: str, data: st.DataObject) -> None:
    user_data = frames.parse(KINDS[name])
    assert isinstance(user_data, bytes)
    at = data.draw(st.integers(0, len(user_data) - 1))
    changed = user_data[:at] + bytes([data.draw(st.integers(0, 255))]) + user_data[at + 1 :]
    with suppress(MalformedMessageError):
        messages.parse(changed)
