"""Plans for replaying vital signs: a table, WFDB numerics, a journal, an export, a patient."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge_agent.config.gateway_file import AgentConfig, BedSection, load_config
from edge_agent.extras import study_module
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.journal_file import journal_feed
from edge_agent.recorded.moments import RAW_START_UTC_NS, as_feed
from edge_agent.recorded.row_choice import chosen_rows
from edge_agent.recorded.store_export import store_feed
from edge_agent.recorded.table_file import open_table
from edge_agent.replay.line_feed import feed_instant
from edge_agent.replay.line_plan import ReplayPlan, bare_config
from edge_agent.replay.player import PlayedSpan
from edge_agent.replay.scan import Source, check_span, scan
from edge_agent.replay.simulated_patient import member_of, patient_moments

_TABLES: Final = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
_WFDB: Final = ".hea"
_JOURNAL: Final = ".db"
_EXPORTS: Final = (".lp", ".lp.gz")
_ENDINGS: Final = (*_TABLES, _WFDB, _JOURNAL, *_EXPORTS)
"""Endings of files that hold vital signs; any other file holds a line's bytes."""
_DRIVER: Final = "recorded"
_FIRST_BED: Final = "bed-01"


def holds_vitals(arguments: argparse.Namespace) -> bool:
    """Return True where the arguments name vital signs instead of a line's bytes."""
    return arguments.patient is not None or (
        arguments.file is not None and arguments.file.name.casefold().endswith(_ENDINGS)
    )


def plan_vitals(arguments: argparse.Namespace, journal: Path) -> ReplayPlan:
    """Return the plan for replaying recorded vital signs.

    Raises
    ------
    ConfigError
        With every mismatch.
    """
    source = _source(arguments)
    found = scan(source)
    sys.stderr.write("".join(f"{line}\n" for line in found.summary))
    span = _span(arguments, found.first, found.last)
    check_span(found, span)
    feed = (m for m in source.messages() if span.start <= m.at <= span.end)
    return ReplayPlan(_config(arguments, list(found.bed_ids), journal), (feed,), span)


def idle_options(arguments: argparse.Namespace) -> list[Mistake]:
    """Return the options that do not apply to the file or patient."""
    name = "" if arguments.file is None else arguments.file.name.casefold()
    is_given = {
        "--mapping": arguments.mapping is not None,
        "--where": bool(arguments.where),
        "--cohort": arguments.cohort is not None,
        "--to": arguments.to_s is not None,
    }
    goes_with = {
        "--mapping": name.endswith((*_TABLES, _WFDB)),
        "--where": name.endswith(_TABLES),
        "--cohort": arguments.patient is not None,
        "--to": holds_vitals(arguments),
    }
    return [
        Mistake(
            "replay", option, f"does not go with {arguments.patient or arguments.file or '--ward'}"
        )
        for option in is_given
        if is_given[option] and not goes_with[option]
    ]


def _span(arguments: argparse.Namespace, first: Instant, last: Instant) -> PlayedSpan:
    """Return the selected part between the first message and the last."""
    start = first.plus(arguments.from_s)
    if start > last:
        length_s = last.seconds_since(first)
        message = f"is {arguments.from_s:g} s; the recording ends after {length_s:g} s"
        raise ConfigError((Mistake("replay", "--from", message),))
    if arguments.to_s is None:
        return PlayedSpan(start, last)
    if not arguments.to_s > arguments.from_s:
        message = f"is {arguments.to_s:g} s; want more than --from, {arguments.from_s:g} s"
        raise ConfigError((Mistake("replay", "--to", message),))
    return PlayedSpan(start, min(last, first.plus(arguments.to_s)))


def _source(arguments: argparse.Namespace) -> Source:
    start = feed_instant(RAW_START_UTC_NS)
    if arguments.patient is not None:
        member = member_of("replay", "--patient", arguments.patient, arguments.cohort)
        patient = member.patient
        place = _place(arguments)
        return Source(arguments.patient, lambda: as_feed(patient_moments(patient), place, start))
    path: Path = arguments.file
    name = path.name.casefold()
    if name.endswith(_JOURNAL):
        return Source(str(path), lambda: journal_feed(path, arguments.bed))
    if name.endswith(_EXPORTS):
        return Source(str(path), lambda: store_feed(path, arguments.bed))
    place = _place(arguments)
    if name.endswith(_WFDB):
        record = study_module("edge_agent.recorded.wfdb_record").WfdbRecord(path, arguments.mapping)
        if record.start_utc_ns is not None:
            start = feed_instant(record.start_utc_ns)
        return Source(
            str(path),
            lambda: as_feed(record.moments(), place, start),
            left_out=record.left_out,
            is_dated=record.start_utc_ns is not None,
        )
    table = open_table(path, arguments.mapping, chosen_rows("replay", arguments.where))
    if table.start_utc_ns is not None:
        start = feed_instant(table.start_utc_ns)
    return Source(
        str(path),
        lambda: as_feed(table.moments(), place, start),
        left_out=table.left_out,
        notes=table.notes,
        is_dated=table.start_utc_ns is not None,
    )


def _place(arguments: argparse.Namespace) -> DevicePlace:
    bed_id = arguments.bed or _FIRST_BED
    return DevicePlace(bed_id, bed_id)


def _config(arguments: argparse.Namespace, bed_ids: list[str], journal: Path) -> AgentConfig:
    """Return the configuration for the recorded beds."""
    if arguments.config is None:
        beds = [BedSection(id=b, port=_DRIVER, driver=_DRIVER, listen_only=True) for b in bed_ids]
        return bare_config(beds, journal)
    config = load_config(arguments.config)
    known = {bed.id: bed for bed in config.beds}
    mistakes = [
        Mistake(str(arguments.config), "beds", f"has no {bed_id!r}; has {', '.join(known)}")
        for bed_id in bed_ids
        if bed_id not in known
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return replace(config, beds=tuple(known[bed_id] for bed_id in bed_ids))
