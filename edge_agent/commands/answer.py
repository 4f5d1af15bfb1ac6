"""`crswatch answer`: a person's answer to the problem of a bed."""

from __future__ import annotations

import argparse
import sys
import uuid
from typing import Final

from edge_agent.board.shapes import ShownBed, ShownSign, Snapshot
from edge_agent.commands.numbers import number_within
from edge_agent.commands.subcommand import add_config_argument
from edge_agent.commands.ward_access import (
    add_language_argument,
    bed_meant,
    checked_name,
    labels_of,
    opened_ward,
    reader_of,
)
from edge_agent.config.gateway_file import load_config
from edge_agent.model.answers import Answer, AnswerKind, SeenAlert
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.ward_client.answer_words import AnsweredBed, answer_words
from edge_agent.ward_client.bed_names import beds_meant

_SHORTEST_ID: Final = 6
"""Characters of an id that tell a ward's open alerts apart."""
_MOST_MINUTES: Final = 60.0
"""Longest silence of any priority, minutes; source: the ward's response times (model.duty)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Answer everything open on a bed as it stands: you take responsibility (the default), "
        "pass it on, or pause its sound for a while. A sign that signals later is not answered. "
        "`crswatch alerts` lists the beds. Exit status 0: answered, 1: not or not all of it, "
        "with the reason, 2: wrong usage, or nobody was reached."
    )
    parser.add_argument("target", metavar="BED|ID", help="bed, its number, or the id of one alert")
    parser.add_argument("--by", required=True, metavar="NAME", help="your name or staff id")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--reject", action="store_true", help="you cannot come: the next one is called at once"
    )
    how.add_argument(
        "--silence",
        type=number_within(0, _MOST_MINUTES, is_open=True),
        metavar="MINUTES",
        help="pause the sound; nobody has taken it over (HIGH: at most 2 min; needs --reason)",
    )
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, in a few words")
    add_config_argument(parser)
    add_language_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer, and say what came of it."""
    by = checked_name(arguments.by)
    if arguments.silence is not None and not arguments.reason.strip():
        message = "is missing; a pause of the sound needs a reason"
        raise ConfigError((Mistake("command line", "--reason", message),))
    with opened_ward(load_config(arguments.config)) as ward:
        snapshot = ward.snapshot()
        bed, signs = _meant(arguments.target, snapshot)
        reader = reader_of(snapshot, arguments.language)
        seen = AnsweredBed(bed, labels_of(snapshot, reader)[bed.id])
        if not signs:
            sys.stderr.write(f"{reader.say('none_open_on', bed=seen.label)}\n")
            return 1
        answer = Answer(
            bed_id=bed.id,
            kind=_kind(arguments),
            by=by,
            seen=tuple(SeenAlert(sign.alert_id, sign.n) for sign in signs),
            reason=arguments.reason.strip(),
            for_s=None if arguments.silence is None else arguments.silence * 60,
            answer_id=uuid.uuid4().hex,
        )
        effect = ward.answer(answer)
    for line in answer_words(answer, effect, seen, reader):
        sys.stdout.write(f"{line}\n")
    return 1 if effect.refused else 0


def _kind(arguments: argparse.Namespace) -> AnswerKind:
    if arguments.reject:
        return AnswerKind.REJECT
    return AnswerKind.ACKNOWLEDGE if arguments.silence is None else AnswerKind.SILENCE


def _meant(target: str, snapshot: Snapshot) -> tuple[ShownBed, tuple[ShownSign, ...]]:
    """Return the bed that a person answers, and its signs that are meant."""
    wanted = target.strip()
    is_bed = beds_meant(target, [bed.id for bed in snapshot.beds])
    if not is_bed and len(wanted) >= _SHORTEST_ID:
        for bed in snapshot.beds:
            signs = bed.problem.signs if bed.problem is not None else ()
            named = tuple(sign for sign in signs if sign.alert_id.startswith(wanted))
            if len(named) == 1:
                return bed, named
    bed = bed_meant(target, snapshot.beds, "BED|ID")
    return bed, () if bed.problem is None else bed.problem.signs
