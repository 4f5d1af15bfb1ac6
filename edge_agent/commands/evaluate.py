"""`crswatch evaluate`: performance of a set of rules, beside the methods in use today."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from edge_agent.commands.numbers import JOBS, PATIENTS
from edge_agent.evaluate.cohort.evaluation import CohortEvaluation, RuleSet, as_json, evaluation_of
from edge_agent.evaluate.cohort.run import detector_of, evaluate_cohort
from edge_agent.evaluate.real.run import evaluate_real
from edge_agent.extras import study_module
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort import CohortSpec
from simulators.cohorts.cohort_file import load_cohort, shipped_cohorts

PAGE: Final = "evaluation.html"
FIGURES: Final = "evaluation.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Run rules over every patient of a cohort, beside checks every few hours, a "
        "monitor with fixed limits, NEWS2 and a personal baseline, and write one page and "
        f"{FIGURES} beside it. Exit status 0: written, whatever the figures say. Shipped "
        f"cohorts: {', '.join(shipped_cohorts())}."
    )
    parser.add_argument(
        "--cohort", required=True, metavar="SPEC_OR_DIR", help="a name, a spec file or a folder"
    )
    parser.add_argument(
        "--rules", type=Path, metavar="DIR", help="default: the rules shipped with the program"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the page and the file"
    )
    parser.add_argument(
        "--patients", type=PATIENTS, metavar="N", help="only the first N (default: all)"
    )
    parser.add_argument(
        "--jobs",
        type=JOBS,
        default=os.cpu_count() or 1,
        metavar="N",
        help="number of parallel processes",
    )
    parser.add_argument(
        "--compare", type=Path, metavar="DIR", help="other rules, shown side by side"
    )
    parser.add_argument(
        "--real",
        type=Path,
        metavar="DIR",
        help="folder of real data sets (CinC 2019, eICU, MIMIC, BIDMC); default: none",
    )


def run(arguments: argparse.Namespace) -> int:
    """Evaluate the rules and write the page."""
    page = study_module("edge_agent.evaluate.page.document")
    spec = _spec(arguments)
    if arguments.real is not None and not arguments.real.is_dir():
        raise ConfigError((Mistake("evaluate", "--real", f"{arguments.real} is no folder"),))
    arguments.out.mkdir(parents=True, exist_ok=True)
    evaluation = _evaluation(spec, arguments.rules, arguments)
    other = None
    if arguments.compare is not None:
        other = _evaluation(spec, arguments.compare, arguments)
    text: str = page.page_of(spec, evaluation, other)
    (arguments.out / PAGE).write_text(text, encoding="utf-8")
    (arguments.out / FIGURES).write_text(as_json(spec, evaluation, other), encoding="utf-8")
    _summarise(evaluation)
    sys.stdout.write(f"{arguments.out / PAGE}\n{arguments.out / FIGURES}\n")
    return 0


def _evaluation(
    spec: CohortSpec, folder: Path | None, arguments: argparse.Namespace
) -> CohortEvaluation:
    rules = read_rulebook(folder).rules
    name = "the shipped rules" if folder is None else str(folder)
    console = Console(stderr=True)
    scored = evaluate_cohort(spec, rules, arguments.jobs)
    stays = list(track(scored, f"patients, {name}", total=spec.patients, console=console))
    detect = detector_of(rules).run
    real = list(track(evaluate_real(arguments.real, detect), "real data", console=console))
    return evaluation_of(RuleSet.of(name, rules), stays, real)


def _summarise(evaluation: CohortEvaluation) -> None:
    real = [figure for one in evaluation.real for figure in one.figures]
    for figure in (*evaluation.figures, *real):
        if figure.verdict:
            line = f"{figure.key:<36} {figure.value:>8.3f}  {figure.target!s:<8} {figure.verdict}"
            sys.stdout.write(f"{line}\n")


def _spec(arguments: argparse.Namespace) -> CohortSpec:
    spec = load_cohort(arguments.cohort)
    if arguments.patients is None:
        return spec
    if arguments.patients > spec.patients:
        message = f"is {arguments.patients}; want 1 to {spec.patients}"
        raise ConfigError((Mistake("evaluate", "--patients", message),))
    return replace(spec, patients=arguments.patients)
