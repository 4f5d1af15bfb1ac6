"""Options of `crswatch evaluate` for its patients: cohort, wards, physiologies and answers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge_agent.commands.numbers import ANSWER_MIN, PATIENTS
from edge_agent.commands.peer_file import read_peer
from edge_agent.evaluate.cohort.study import (
    TEN_MINUTES_S,
    Answered,
    Answers,
    Study,
    on_wards,
    whole_cohort,
)
from edge_agent.evaluate.real.ward_rates import RateRow, rows_of_rates
from edge_agent.evaluate.real.ward_recordings import simulated
from edge_agent.model.durations import MINUTE_S
from edge_agent.model.errors import ConfigError, Mistake
from simulators.cohorts.cohort import CohortSpec, PhysiologyName
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import GROUPS, shipped_wards, ward_named
from simulators.habits.ward_habits import WardHabits

_MEASURED: Final = 4
"""Patients of each ward whose recordings the rates of the ward are measured on, at most."""


def add_study_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for the patients and for the answers to their alerts."""
    parser.add_argument(
        "--cohort", required=True, metavar="SPEC_OR_DIR", help="a name, a spec file or a folder"
    )
    parser.add_argument(
        "--wards",
        metavar="WARDS",
        help=f"a group ({', '.join(GROUPS)}) or names with commas; other patients lie on each",
    )
    parser.add_argument(
        "--physiologies",
        metavar="NAMES",
        help=f"some of {', '.join(PhysiologyName)}, with commas (default: the cohort's)",
    )
    parser.add_argument(
        "--patients",
        type=PATIENTS,
        metavar="N",
        help="only the first N; with --wards N on each ward (default: all, shared out)",
    )
    parser.add_argument(
        "--peer",
        type=Path,
        metavar="FILE",
        help="alerts of another detector on these patients, CSV: time, patient, rule, priority, "
        "state, and perhaps about",
    )
    parser.add_argument(
        "--answered",
        type=_answered,
        metavar="WHEN",
        help="answers to alerts: never, after so many minutes, or ward: as the nurses of the ward "
        "do (default: 10; with --wards: ward)",
    )


def _with_peer(study: Study, path: Path | None, spec: CohortSpec) -> Study:
    """Return the study with another detector's alerts."""
    if path is None:
        return study
    physiologies = {part.spec.physiology for part in study.parts}
    if len(physiologies) > 1:
        names = ", ".join(sorted(physiologies))
        raise _mistake("--physiologies", f"are {names}; want one beside --peer")
    return replace(study, peer=read_peer(path, spec))


def study_of(arguments: argparse.Namespace) -> Study:
    """Return the patients that the options name.

    Raises
    ------
    ConfigError
        If a name is unknown, or the cohort has not so many patients.
    """
    spec = load_cohort(arguments.cohort)
    wards: Sequence[WardHabits | None] = (spec.ward,)
    if arguments.wards is not None:
        wards = _wards(arguments.wards)
    default = TEN_MINUTES_S if arguments.wards is None else Answers.WARD
    answered = default if arguments.answered is None else arguments.answered
    if answered is Answers.WARD and None in wards:
        raise _mistake("--answered", "is ward; want --wards, or a cohort that lies on one")
    most = spec.patients // len(wards)
    if not most:
        raise _mistake("--wards", f"are {len(wards)}; the cohort has {spec.patients} patients")
    each = most if arguments.patients is None else arguments.patients
    if not 1 <= each <= most:
        raise _mistake("--patients", f"is {each}; want 1 to {most}")
    if arguments.wards is None and arguments.physiologies is None:
        study = whole_cohort(replace(spec, patients=each), answered)
    else:
        physiologies = _physiologies(arguments.physiologies, spec)
        study = on_wards(spec, wards, physiologies, each, answered)
    return _with_peer(study, arguments.peer, spec)


def rates_of(study: Study, folder: Path | None) -> list[RateRow]:
    """Return the rates of the study's wards beside those of real sets; none without wards."""
    first = study.spec.physiology
    measured = [
        simulated(map(part.spec.patient, part.numbers[:_MEASURED]))
        for part in study.parts
        if part.spec.ward is not None and part.spec.physiology is first
    ]
    return rows_of_rates(folder, measured) if measured else []


def _wards(text: str) -> tuple[WardHabits, ...]:
    if text in GROUPS:
        return shipped_wards(text)
    names = list(dict.fromkeys(text.split(",")))
    found = {name: ward_named(name) for name in names}
    unknown = [name for name, ward in found.items() if ward is None]
    if unknown:
        message = f"has {unknown[0]!r}; want {' or '.join(GROUPS)}, or names as tune-01 and seed-7"
        raise _mistake("--wards", message)
    return tuple(ward for ward in found.values() if ward is not None)


def _physiologies(text: str | None, spec: CohortSpec) -> tuple[PhysiologyName, ...]:
    if text is None:
        return (spec.physiology,)
    names = list(dict.fromkeys(text.split(",")))
    unknown = [name for name in names if name not in list(PhysiologyName)]
    if unknown:
        message = f"has {unknown[0]!r}; want some of {', '.join(PhysiologyName)}"
        raise _mistake("--physiologies", message)
    return tuple(PhysiologyName(name) for name in names)


def _answered(text: str) -> Answered:
    """Return the answers that a text names."""
    if text in {each.value for each in Answers}:
        return Answers(text)
    try:
        return ANSWER_MIN(text) * MINUTE_S
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, never or ward") from error


def _mistake(option: str, message: str) -> ConfigError:
    return ConfigError((Mistake("evaluate", option, message),))
