"""`crswatch context`: entering and listing facts about the patient of a bed."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from edge_agent.commands.context_entry import entry_of
from edge_agent.commands.numbers import number_within
from edge_agent.commands.subcommand import add_config_argument
from edge_agent.config.gateway_file import AgentConfig, load_config
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.journal.entries import Lane
from edge_agent.journal.reader import read_journal
from edge_agent.journal.rows import sound
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.patient import PatientEntry
from edge_agent.patient.context import ContextLog
from edge_agent.patient.entry_check import remarks
from edge_agent.patient.stays import Stays
from edge_agent.payloads.control import ControlReply, EntryRequest
from edge_agent.payloads.entries import encode_entry
from edge_agent.payloads.events import ContextEvent, EventRecord, RejectedCommandEvent, decode_event
from edge_agent.payloads.topics import Topics
from edge_agent.ward.occupancy import ENTERED_ALREADY
from edge_agent.ward_client.client import WardClient
from edge_agent.ward_client.control_client import ask_agent

_ANSWER_WAIT_S: Final = 10.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Enter a fact about the patient in a bed: admission and discharge, oxygen, "
        "drugs, ICE, manual measurements. It goes to the agent on this machine, or to one on "
        "another over the broker of the configuration, and is entered once the agent confirms it. "
        "Never give a patient's name. "
        "Exit status 0: entered, 1: refused or no answer, 2: wrong usage."
    )
    parser.add_argument("bed", metavar="BED")
    parser.add_argument("kind", metavar="KIND", nargs="?", help="such as admitted, oxygen, ice")
    parser.add_argument("name", metavar="NAME", nargs="?", help="which one, such as nasal cannula")
    parser.add_argument(
        "--amount", type=number_within(-1e9, 1e9), metavar="N", help="l/min, years, points, ..."
    )
    parser.add_argument("--unit", metavar="U", help="unit of a laboratory value or a dose (UCUM)")
    parser.add_argument("--site", metavar="S", help="where it was measured, such as axillary")
    parser.add_argument(
        "--at", metavar="T", help="since when: 14:05 or 2026-01-31T14:05 (default: now)"
    )
    parser.add_argument("--until", metavar="T", help="when it ended, or is to end (away)")
    parser.add_argument("--by", metavar="WHO", help="who enters it; required unless --list")
    parser.add_argument("--patient", metavar="P", help="pseudonym; default: the patient in the bed")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--corrects", metavar="ID", help="the entry that this one replaces")
    change.add_argument("--end", metavar="ID", help="the entry that ended (--at)")
    change.add_argument("--take-back", metavar="ID", help="the entry to withdraw as a mistake")
    change.add_argument("--list", action="store_true", help="list the entries with their ids")
    parser.add_argument("--id", metavar="ID", help="send the same entry again under its id")
    add_config_argument(parser)


def run(arguments: argparse.Namespace) -> int:
    """Enter a fact, or list the entries."""
    config = load_config(arguments.config)
    beds = [bed.id for bed in config.beds]
    if arguments.bed not in beds and not _is_left_behind(config, arguments.bed):
        message = f"is {arguments.bed!r}; want one of {', '.join(beds)}"
        raise ConfigError((Mistake(str(arguments.config), "BED", message),))
    if arguments.list:
        _list(config, arguments.bed, arguments.patient)
        return 0
    needs_journal = arguments.end is not None or arguments.take_back is not None
    known = _journalled(config) if needs_journal else []
    entry = entry_of(arguments, known, read_system_clock().utc_ns)
    for remark in remarks(entry):
        sys.stderr.write(f"{remark}\n")
    return enter(config, arguments.bed, entry)


def enter(
    config: AgentConfig, bed_id: str, entry: PatientEntry, answer_wait_s: float = _ANSWER_WAIT_S
) -> int:
    """Send the entry to the agent and wait for its answer; return the exit status."""
    body = encode_entry(entry)
    reply = ask_agent(config.journal.path, EntryRequest(bed_id, msgspec.Raw(body)))
    if reply is not None:
        return _report_reply(reply, bed_id, entry)
    if config.mqtt is None:
        message = "is missing; no agent runs here, and others are reached over a broker only"
        raise ConfigError((Mistake("configuration", "mqtt", message),))
    gateway = config.gateway
    topics = Topics(gateway.site, gateway.ward, gateway.id)
    with WardClient(config.mqtt, topics.events(bed_id)) as client:
        client.publish(topics.context(bed_id), body)
        for event in client.events(answer_wait_s):
            status = _report(event, entry)
            if status is not None:
                return status
    sys.stderr.write(
        f"no answer in {answer_wait_s:g} s, is the agent running? Check with --list; "
        f"to send it again: --id {entry.entry_id}\n"
    )
    return 1


def _report_reply(reply: ControlReply, bed_id: str, entry: PatientEntry) -> int:
    """Report the reply of the agent on this machine and return the exit status."""
    if reply.ok:
        event: EventRecord = decode_event(bytes(reply.ok))
    else:
        event = RejectedCommandEvent(bed_id, reply.error, "")
    status = _report(event, entry)
    if status is None:
        sys.stderr.write(f"{reply.error}\n")
    return 1 if status is None else status


def _report(event: EventRecord, entry: PatientEntry) -> int | None:
    """Report an event about our entry and return the exit status; None for another's."""
    match event:
        case ContextEvent() if event.entry.entry_id == entry.entry_id:
            sys.stdout.write(f"{event.bed_id} {event.entry.patient_id}: {_words(event.entry)}\n")
            sys.stdout.write(f"entered as {entry.entry_id}\n")
            return 0
        case RejectedCommandEvent() if f"entry {entry.entry_id!r}: " in event.reason:
            sys.stderr.write(f"{event.reason}\n")
            return 0 if event.reason.endswith(ENTERED_ALREADY) else 1
        case _:
            return None


def _journalled(config: AgentConfig) -> list[PatientEntry]:
    rows = read_journal(config.journal.path, Lane.EVENTS)
    events = sound(rows, decode_event, lambda words: sys.stderr.write(f"left out: {words}\n"))
    return [event.entry for event in events if isinstance(event, ContextEvent)]


def _is_left_behind(config: AgentConfig, bed_id: str) -> bool:
    """Return True where a patient is in a bed that has left the configuration."""
    return config.journal.path.exists() and Stays(_journalled(config)).is_occupied(bed_id)


def _list(config: AgentConfig, bed_id: str, patient_id: str | None) -> None:
    stays = Stays(_journalled(config))
    chosen = patient_id or stays.patient_at(bed_id)
    if chosen is None:
        sys.stdout.write(f"nobody is in {bed_id}: the last patient was discharged\n")
        return
    log = stays.log(chosen)
    table = Table("since", "what", "until", "by", "id", "", title=f"{chosen} in {bed_id}")
    for entry in sorted(log.history(), key=lambda entry: entry.at_utc_ns):
        until = "" if entry.until_utc_ns is None else _local(entry.until_utc_ns)
        row = (_local(entry.at_utc_ns), _words(entry), until, entry.by, entry.entry_id)
        table.add_row(*row, _status(entry, log))
    Console().print(table)


def _status(entry: PatientEntry, log: ContextLog) -> str:
    newer = log.corrected_by(entry.entry_id)
    if newer is not None:
        return f"{'withdrawn' if newer.is_void else 'corrected'} by {newer.entry_id}"
    return "withdraws" if entry.is_void else ""


def _words(entry: PatientEntry) -> str:
    amount = "" if entry.amount is None else f"{entry.amount:g}"
    words = (entry.kind.value, entry.name, amount, entry.unit, entry.site, entry.bed_id)
    return " ".join(filter(None, words))


def _local(utc_ns: int) -> str:
    return f"{datetime.fromtimestamp(utc_ns / 1e9).astimezone():%Y-%m-%d %H:%M}"
