"""The limits that a broker sets when it answers a connection."""

from __future__ import annotations

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge_agent.sinks.mqtt_link import link_of
from edge_agent.sinks.mqtt_publication import Publication

OVERHEAD = 64


def limits(**values: int) -> Properties:
    found = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]  # paho has no types here
    for name, value in values.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize(("most", "window"), [(5, 5), (20, 20), (65_535, 20)])
def test_no_more_messages_wait_than_both_sides_allow(most: int, window: int) -> None:
    assert link_of(limits(ReceiveMaximum=most), 20).window == window


def test_a_broker_that_states_no_limit_has_those_of_the_protocol() -> None:
    for properties in (None, limits()):
        link = link_of(properties, 20)
        assert (link.window, link.qos, link.may_retain) == (20, 1, True)
        assert link.max_packet_bytes == 2**28 - 1
    poor = link_of(limits(MaximumQoS=0, RetainAvailable=0, MaximumPacketSize=99), 20)
    assert (poor.qos, poor.may_retain, poor.max_packet_bytes) == (0, False, 99)


def test_a_message_is_shortened_only_where_it_must_be() -> None:
    message = Publication("t" * 10, b"x" * 100, is_retained=True, brief=b"y" * 50)
    whole = link_of(limits(MaximumPacketSize=110 + OVERHEAD), 20)
    assert whole.fitting(message) == message
    small = link_of(limits(MaximumPacketSize=109 + OVERHEAD, RetainAvailable=0), 20)
    assert (small.fitting(message).payload, small.fitting(message).is_retained) == (
        b"y" * 50,
        False,
    )
    smaller = link_of(limits(MaximumPacketSize=59 + OVERHEAD), 20)
    with pytest.raises(ValueError, match="124 bytes; the broker takes 123"):
        smaller.fitting(message)


def test_a_topic_is_no_longer_than_its_length_field_counts() -> None:
    link = link_of(None, 20)
    link.check_size(Publication("ä" * 32_767, b""))
    with pytest.raises(ValueError, match="65600 bytes"):
        link.check_size(Publication("ä" * 32_768, b""))
