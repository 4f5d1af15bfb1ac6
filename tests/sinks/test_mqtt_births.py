"""The states of a connection: one that the broker stumbles over is found out and left out."""

from __future__ import annotations

from edge_agent.sinks.mqtt_births import FIRST_MUTE_S, LONGEST_MUTE_S, Births
from edge_agent.sinks.mqtt_publication import Publication

TOPICS = ("online", "alert", "bed-1", "bed-2")
ALL = [Publication(topic, b"{}") for topic in TOPICS]


def connect(births: Births, now_s: float, poison: str = "", window: int = 2) -> list[str]:
    """Publish all until the broker hangs up at one; return what it was given, in order."""
    births.begin(ALL, now_s)
    given: list[str] = []
    mid = 0
    answered = 0
    while True:
        while (message := births.next_one(window)) is not None:
            mid += 1
            births.note_sent(mid, message)
            given.append(message.topic)
        if answered == mid:
            return given
        answered += 1
        if given[answered - 1] == poison:
            births.break_off(now_s)
            return given
        births.pop_answer(answered)


def goes_slowly(births: Births) -> bool:
    return births.go_slowly


def test_all_are_published_in_a_window_and_then_it_is_over() -> None:
    births = Births()
    births.begin(ALL, 0.0)
    for mid in range(2):
        assert births.next_one(2) == ALL[mid]
        births.note_sent(mid, ALL[mid])
    assert births.next_one(2) is None
    assert connect(births, 0.0) == list(TOPICS)
    assert births.are_over
    assert births.break_off(1.0) == []


def test_what_had_no_answer_is_sent_last_and_alone_and_then_left_out() -> None:
    births = Births()
    assert connect(births, 0.0, "alert") == ["online", "alert", "bed-1"]
    assert not goes_slowly(births)
    # alert and bed-1 had no answer: after the others, one by one
    assert connect(births, 1.0, "alert") == ["online", "bed-2", "alert"]
    assert goes_slowly(births)
    births.begin(ALL, 2.0)
    slow: list[str] = []
    while (message := births.next_slow()) is not None:
        slow.append(message.topic)
        assert births.next_slow() is None  # one at a time
        if message.topic == "alert":
            assert births.break_off(2.0) == ["alert"]
        else:
            births.note_held(message)
    assert slow == ["online", "bed-2", "bed-1", "alert"]
    assert goes_slowly(births)
    births.begin(ALL, 3.0)
    while (message := births.next_slow()) is not None:
        assert message.topic != "alert"
        births.note_held(message)
    assert births.are_over
    assert not goes_slowly(births)  # the next connection is as any other
    assert connect(births, 2.0 + FIRST_MUTE_S - 1, "alert") == ["online", "bed-1", "bed-2"]
    assert connect(births, 2.0 + FIRST_MUTE_S, "alert")[-1] == "alert"


def test_what_breaks_again_is_left_out_for_longer_and_forgiven_once_it_is_held() -> None:
    births = Births()
    now_s, waits = 0.0, list[float]()
    while "alert" in connect(births, now_s, "alert"):
        assert len(waits) == 0
    for _ in range(6):
        since_s = now_s
        while "alert" not in connect(births, now_s, "alert"):
            now_s += 10.0
        waits.append(now_s - since_s)
    assert waits == [60.0, 120.0, 240.0, 480.0, 600.0, 600.0]
    now_s += LONGEST_MUTE_S
    assert "alert" in connect(births, now_s)
    assert connect(births, now_s) == list(TOPICS)
