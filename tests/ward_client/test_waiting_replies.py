"""Replies to people at a ward's board: their own refusal, and nobody else's."""

from __future__ import annotations

import json

from edge_agent.ward_client.waiting_replies import Waiting, WaitingReplies

EVENTS = "crswatch/v1/site/ward/bed-1/events"


class Desk:
    """Commands of one bed that wait, and what became of them."""

    def __init__(self) -> None:
        self.replies = WaitingReplies()
        self.told: list[tuple[str, str]] = []

    def wait(self, command_id: str = "a-1", bed_id: str = "bed-1") -> None:
        """Send a command."""

        def reply(reason: str) -> None:
            self.told.append((command_id, reason))

        self.replies.add(Waiting(bed_id, "gw-1", command_id, reply))

    def hear(self, topic: str = EVENTS, gateway_id: str = "gw-1", **fields: object) -> None:
        """Let a message of the ward arrive."""
        self.replies.note(topic, json.dumps({"gateway_id": gateway_id} | fields).encode())

    def refuse(self, reason: str = "why not", **fields: object) -> None:
        """Let the gateway refuse."""
        self.hear(EVENTS, "gw-1", event="command_rejected", reason=reason, **fields)


def test_a_refusal_reaches_the_person_whose_command_it_is() -> None:
    desk = Desk()
    for name in ("a-1", "a-2"):
        desk.wait(name)
    desk.refuse(answer_id="a-2")
    assert desk.told == [("a-2", "why not")]


def test_a_refusal_without_an_id_is_for_everybody_who_waits_at_the_bed() -> None:
    desk = Desk()
    desk.wait("a-1")
    desk.wait("e-1", "bed-2")
    desk.refuse("x" * 1000)
    assert desk.told == [("a-1", "x" * 300)]


def test_other_gateways_which_have_no_such_bed_refuse_nothing() -> None:
    desk = Desk()
    desk.wait()
    desk.hear(gateway_id="gw-2", event="command_rejected", reason="no bed 'bed-1'")
    desk.hear(EVENTS.replace("bed-1", "bed-2"), event="command_rejected", reason="other bed")
    desk.hear(EVENTS.replace("events", "status"), event="command_rejected", reason="no event")
    desk.replies.note("x", b"{}")
    for nonsense in (b"", b"\xff", b"[" * 100_000, b'{"event": 1}'):
        desk.replies.note(EVENTS, nonsense)
    assert desk.told == []


def test_an_effect_ends_the_wait() -> None:
    desk = Desk()
    for name in ("a-1", "e-1", ""):
        desk.wait(name)
    desk.hear(event="alert", answer_id="")
    assert desk.told == []
    desk.hear(event="alert", answer_id="a-1")
    desk.hear(event="context_entered", entry={"entry_id": "e-1", "kind": "ice"})
    desk.hear(event="alert", is_test=True)
    assert desk.told == [("a-1", ""), ("e-1", ""), ("", "")]


def test_commands_that_wait_are_bounded() -> None:
    desk = Desk()
    for number in range(100):
        desk.wait(str(number))
    desk.refuse()
    assert [name for name, _ in desk.told] == [str(number) for number in range(36, 100)]
