"""`crswatch answer` and `test-alert`: a person answers, and is told what came of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.command_desk import CommandDesk
from tests.support.gateways import BED, write_config
from tests.support.troubled_wards import troubled_ward

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> CommandDesk:
    return CommandDesk(write_config(tmp_path, "/dev/null"), capsys)


def open_ids(desk: CommandDesk) -> list[str]:
    """Return the ids of the signs that are open."""
    beds = json.loads(desk.run("alerts", "--json")[1])["beds"]
    return [sign["alert_id"] for bed in beds for sign in bed["problem"]["signs"]]


def test_an_answer_takes_a_bed_over_by_name_until_it_expires(desk: CommandDesk) -> None:
    with troubled_ward(desk.config):
        status, text = desk.run("answer", "7", "--by", "N12")
        assert status == 0, text
        assert text.startswith("answered: ")
        assert " on BED 7 by N12, until " in text
        assert desk.run("alerts")[1].rstrip().endswith("[N12 since 08:05]")


def test_the_second_person_is_told_who_was_first_and_when(desk: CommandDesk) -> None:
    with troubled_ward(desk.config):
        assert desk.run("answer", BED, "--by", "N07")[0] == 0
        status, text = desk.run("answer", BED, "--by", "N12")
        assert (status, "already answered by N07 at 08:05" in text) == (1, True), text
        status, text = desk.run("answer", BED, "--by", "N07")
        assert (status, text) == (0, "nothing changed: N07 had answered BED 7 before\n")
        assert "[N07 since" in desk.run("alerts")[1]


def test_one_alert_is_answered_by_its_id(desk: CommandDesk) -> None:
    with troubled_ward(desk.config):
        (alert_id,) = open_ids(desk)
        status, text = desk.run("answer", alert_id[:8], "--by", "N12")
    assert (status, text.startswith("answered: ")) == (0, True), text


def test_a_person_who_cannot_come_passes_it_on(desk: CommandDesk) -> None:
    with troubled_ward(desk.config):
        status, text = desk.run("answer", BED, "--by", "N12", "--reject", "--reason", "in room 3")
        assert (status, text.startswith("passed on: ")) == (0, True), text
        assert text.endswith("on BED 7; N12 cannot come\n")
        assert "nobody yet" in desk.run("alerts")[1]


def test_a_pause_of_the_sound_needs_a_reason_and_has_an_end(desk: CommandDesk) -> None:
    with troubled_ward(desk.config):
        status, text = desk.run("answer", BED, "--by", "N12", "--silence", "2")
        assert (status, "--reason: is missing" in text) == (2, True), text
        why = ("--reason", "she sleeps")
        status, text = desk.run("answer", BED, "--by", "N12", "--silence", "30", *why)
        assert (status, "at most 2 min at priority HIGH" in text) == (1, True), text
        status, text = desk.run("answer", BED, "--by", "N12", "--silence", "2", *why)
        assert (status, text.startswith("no sound until 08:07: ")) == (0, True), text
        assert "nobody has taken it over" in text
        assert "nobody yet; no sound until 08:07: N12" in desk.run("alerts")[1]


def test_a_new_sign_after_the_look_stays_open_and_is_told(desk: CommandDesk) -> None:
    with troubled_ward(desk.config) as ward:
        assert desk.run("answer", BED, "--by", "N12")[0] == 0
        ward.pass_seconds(120, heart_rate=190.0)
        status, text = desk.run("alerts")
        assert (status, "nobody yet" in text) == (1, True), text
        status, text = desk.run("answer", BED, "--by", "N12")
        assert status == 0, text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("answer", "bed-9", "--by", "N12"), "BED|ID: is 'bed-9'; want one of bed-07"),
        (("answer", "0123456789", "--by", "N12"), "BED|ID: is '0123456789'; want one of bed-07"),
        (("answer", BED, "--by", "\x1b"), "--by: is '\\x1b'; want 1 to 80 characters"),
        (("test-alert", "--bed", "9", "--by", "N12"), "--bed: is '9'; want one of bed-07"),
    ],
)
def test_a_mistake_is_named(desk: CommandDesk, words: tuple[str, ...], told: str) -> None:
    with troubled_ward(desk.config, until_s=0):
        status, text = desk.run(*words)
    assert (status, told in text) == (2, True), text


def test_a_bed_where_nothing_is_open_needs_no_answer(desk: CommandDesk) -> None:
    with troubled_ward(desk.config, until_s=0):
        assert desk.run("answer", "7", "--by", "N12") == (1, "nothing is open on BED 7\n")


def test_a_test_goes_the_whole_way_and_ends_with_its_answer(desk: CommandDesk) -> None:
    with troubled_ward(desk.config, until_s=0) as ward:
        ward.pass_seconds(60, spo2=97.0)
        status, text = desk.run("test-alert", "--bed", "7", "--by", "N12")
        assert (status, text.startswith("TEST alert raised on BED 7 by N12")) == (0, True), text
        status, text = desk.run("test-alert", "--bed", "7", "--by", "N12")
        assert (status, "a test runs at this bed already" in text) == (1, True), text
        status, text = desk.run("alerts")
        assert (status, text.startswith("BED 7  TEST HIGH  ")) == (1, True), text
        status, text = desk.run("answer", "7", "--by", "N07")
        assert (status, "seen: " in text) == (0, True), text
        assert desk.run("alerts")[0] == 0


def test_a_test_begins_at_its_gateway_only(desk: CommandDesk) -> None:
    status, text = desk.run("test-alert", "--bed", "7", "--by", "N12")
    assert (status, "a test begins at its gateway" in text) == (2, True), text
