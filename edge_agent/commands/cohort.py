"""`crswatch cohort`: thousands of simulated patients from one small file."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Column, Table

from edge_agent.commands.numbers import JOBS, PATIENTS, SEED, number_within
from edge_agent.commands.pictures import add_picture_options, write_pictures
from edge_agent.extras import study_module
from edge_agent.replay.simulated_patient import member_of
from simulators.cohorts.cohort import CohortSpec
from simulators.cohorts.cohort_file import load_cohort, shipped_cohorts
from simulators.cohorts.realism import realism

_DEFAULT: Final = "train"
"""Cohort whose mix is used where options alone define a new one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "A cohort is its small spec file; every patient can be made alone. `make` "
        "writes vital signs once a second, context and truth as Parquet. Shipped cohorts: "
        f"{', '.join(shipped_cohorts())}."
    )
    actions = parser.add_subparsers(required=True, metavar="make|show|report")
    make = actions.add_parser("make", help="write a cohort into a folder")
    make.add_argument("--spec", metavar="SPEC", help="a shipped cohort's name, or a file")
    make.add_argument(
        "--patients",
        type=PATIENTS,
        metavar="N",
        help="number of patients (default: as in the spec)",
    )
    make.add_argument(
        "--days",
        type=number_within(0.25, 366),
        metavar="D",
        help="days of each patient (default: as in the spec)",
    )
    make.add_argument(
        "--seed", type=SEED, metavar="S", help="seed of the cohort (default: as in the spec)"
    )
    make.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a new or empty folder"
    )
    make.add_argument("--workers", type=JOBS, default=os.cpu_count() or 1, metavar="W")
    make.set_defaults(act=_make)
    show = actions.add_parser("show", help="draw one patient, as PNG and HTML")
    show.add_argument("patient_id", metavar="ID", help="such as test-00017")
    show.add_argument("--spec", metavar="SPEC", help="default: the cohort named in the id")
    add_picture_options(show)
    show.set_defaults(act=_show)
    report = actions.add_parser(
        "report", help="compare a cohort with published and measured figures"
    )
    report.add_argument("--spec", default=_DEFAULT, metavar="SPEC", help=f"default: {_DEFAULT}")
    report.add_argument(
        "--patients", type=PATIENTS, default=1000, metavar="N", help="number of patients (1000)"
    )
    report.set_defaults(act=_report)


def run(arguments: argparse.Namespace) -> int:
    """Make, show or report."""
    status: int = arguments.act(arguments)
    return status


def _make(arguments: argparse.Namespace) -> int:
    """Write the cohort."""
    store = study_module("simulators.cohorts.cohort_store")
    spec = _spec(arguments)
    written = store.write_cohort(spec, arguments.out, arguments.workers)
    console = Console(stderr=True)
    for _ in track(written, "making patients", total=spec.patients, console=console):
        pass
    sys.stdout.write(f"{spec.patients} patients of {spec.days:g} days in {arguments.out}\n")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """Draw one patient."""
    member = member_of("cohort show", "ID", arguments.patient_id, arguments.spec)
    person = member.patient.person
    title = (
        f"{member.patient_id}: {person.age_years:.0f} years, {person.product}, "
        f"course drawn for ASTCT grade {member.grade}"
    )
    note = f"Planted: {', '.join(member.marks) or 'nothing'}."
    for path in write_pictures(member.patient, member.patient_id, title, note, arguments.out):
        sys.stdout.write(f"{path}\n")
    return 0


def _report(arguments: argparse.Namespace) -> int:
    """Print the figures side by side; exit status 1 where one is off without an explanation."""
    figures = realism(load_cohort(arguments.spec), arguments.patients)
    table = Table(
        Column("figure", no_wrap=True), "unit", "published", "simulated", "off by", "source", "why"
    )
    for figure in figures:
        off = figure.simulated / figure.published - 1.0
        table.add_row(
            figure.name,
            figure.unit,
            f"{figure.published:.3g}",
            "too few" if isnan(figure.simulated) else f"{figure.simulated:.3g}",
            "" if isnan(off) else f"{off:+.0%}",
            figure.source,
            figure.why or ("unexplained" if figure.is_off else ""),
        )
    Console().print(table)
    return 1 if any(figure.is_off and not figure.why for figure in figures) else 0


def _spec(arguments: argparse.Namespace) -> CohortSpec:
    spec = load_cohort(arguments.spec or _DEFAULT)
    given = {
        key: value
        for key in ("patients", "days", "seed")
        if (value := getattr(arguments, key)) is not None
    }
    name = spec.name if arguments.spec or not given else "cohort"
    return replace(spec, **given, name=name)
