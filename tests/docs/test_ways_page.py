"""The page about ways out, checked against what the program sends and reads."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

from edge_agent.config import ways
from edge_agent.drivers.hl7_oru import er7
from edge_agent.model.clock import ScaledClock
from edge_agent.notifiers.acm.status_report import StatusKind, read_status
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from edge_agent.notifiers.apprise import address_mistakes
from edge_agent.notifiers.syslog_text import notice_line
from edge_agent.notifiers.worker import LOST_S, WayTimes
from edge_agent.payloads.notices import GatewayPlace, notice_message
from edge_agent.payloads.topics import Topics
from tests.support.alert_manager import AlertManager
from tests.support.notices import A_NOTICE, AT, UUID, Heard, a_notice
from tests.support.pages import block, page, rows

PAGE = "ways_out.md"
PLACE = GatewayPlace("st-anna", "w3", "gw-1")


def test_the_notice_shown_is_the_notice_sent() -> None:
    assert json.loads(block(PAGE, "notice")) == json.loads(notice_message(A_NOTICE, PLACE))


def test_the_syslog_message_shown_is_the_one_sent_but_for_its_mark() -> None:
    sent = notice_line(A_NOTICE, PLACE, 16).decode().replace("\ufeff", "")
    assert block(PAGE, "syslog").rstrip("\n") == sent


def test_the_alert_shown_is_the_second_one_sent() -> None:
    manager = AlertManager()
    manager.start()
    config = AcmConfig("p", "127.0.0.1", manager.port, PLACE, eui64="02A1B2C3D4E5F607")
    way = AcmWay(config, Heard().events(), ScaledClock(lambda: AT, AT))
    way.notify(a_notice(0, notice_id="n-0"))
    manager.next()
    way.notify(A_NOTICE)
    sent = manager.next()
    way.close()
    manager.stop()
    shown = [line.split("|") for line in block(PAGE, "alert").splitlines()]
    assert shown == sent.segments


def test_the_status_shown_is_understood() -> None:
    message = er7.parse(block(PAGE, "status").replace("\n", "\r").encode())
    assert StatusKind().is_in(message)
    found = read_status(message)
    assert (found.alert_id, found.n) == (UUID, 1)
    assert [(s.word, s.person) for s in found.statuses] == [("Accepted", "nurse-9")]


def test_the_addresses_shown_are_right(tmp_path: Path) -> None:
    path = tmp_path / "urls"
    path.write_text(block(PAGE, "urls"))
    assert address_mistakes(path, wants_beat=True) == []


def test_every_key_of_every_kind_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*", page(PAGE), re.M))))
    for section in ways._SECTIONS.values():
        keys = {field.name for field in fields(section)} - {"kind"}
        assert keys <= explained, section


def test_the_topics_are_those_of_the_program() -> None:
    topics = Topics("<site>", "<ward>", "<id>")
    named = rows(PAGE).keys()
    assert {topics.notices("<bed>"), topics.replies("<bed>"), topics.way("<name>")} <= named


def test_the_times_are_those_of_the_program() -> None:
    times = WayTimes()
    assert (times.beat_s, times.lost_s, times.current_s, LOST_S) == (10.0, 30.0, 3600.0, 30.0)
    assert (times.retry.first_s, times.retry.longest_s) == (1.0, 15.0)
