"""`crswatch evaluate`: performance of a set of rules, beside the methods in use today."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track

from edge_agent.commands.evaluate_study import add_study_arguments, rates_of, study_of
from edge_agent.commands.numbers import JOBS
from edge_agent.evaluate.cohort.evaluation import CohortEvaluation, RuleSet, evaluation_of
from edge_agent.evaluate.cohort.figures_file import as_json
from edge_agent.evaluate.cohort.run import detector_of, evaluate_study
from edge_agent.evaluate.cohort.study import Study
from edge_agent.evaluate.real.run import evaluate_real
from edge_agent.extras import study_module
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort_file import shipped_cohorts

PAGE: Final = "evaluation.html"
FIGURES: Final = "evaluation.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Run rules over every patient of a cohort, beside checks every few hours, a "
        "monitor with fixed limits, plain persistent rules, NEWS2 and a personal baseline, and "
        f"write one page and {FIGURES} beside it. With --wards the page begins with the targets on "
        "the worst ward of each physiology. Exit status 0: written, whatever the figures say. "
        f"Shipped cohorts: {', '.join(shipped_cohorts())}."
    )
    add_study_arguments(parser)
    parser.add_argument(
        "--rules", type=Path, metavar="DIR", help="default: the rules shipped with the program"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the page and the file"
    )
    parser.add_argument(
        "--jobs",
        type=JOBS,
        default=os.cpu_count() or 1,
        metavar="N",
        help="number of parallel processes",
    )
    parser.add_argument(
        "--compare", type=Path, metavar="DIR", help="other rules, in the same run, side by side"
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
    study = study_of(arguments)
    if arguments.real is not None and not arguments.real.is_dir():
        raise ConfigError((Mistake("evaluate", "--real", f"{arguments.real} is no folder"),))
    arguments.out.mkdir(parents=True, exist_ok=True)
    evaluation = _evaluation(study, arguments.rules, arguments)
    other = None
    if arguments.compare is not None:
        other = _evaluation(study, arguments.compare, arguments)
    rates = rates_of(study, arguments.real)
    text: str = page.page_of(study, evaluation, other, rates)
    (arguments.out / PAGE).write_text(text, encoding="utf-8")
    (arguments.out / FIGURES).write_text(as_json(study, evaluation, other), encoding="utf-8")
    _summarise(evaluation)
    sys.stdout.write(f"{arguments.out / PAGE}\n{arguments.out / FIGURES}\n")
    return 0


def _evaluation(
    study: Study, folder: Path | None, arguments: argparse.Namespace
) -> CohortEvaluation:
    rules = read_rulebook(folder).rules
    name = "the shipped rules" if folder is None else str(folder)
    console = Console(stderr=True)
    scored = evaluate_study(study, rules, arguments.jobs)
    stays = list(track(scored, f"patients, {name}", total=study.patients, console=console))
    detect = detector_of(rules, study.answered).run
    real = list(track(evaluate_real(arguments.real, detect), "real data", console=console))
    return evaluation_of(RuleSet.of(name, rules), stays, real)


def _summarise(evaluation: CohortEvaluation) -> None:
    real = [figure for one in evaluation.real for figure in one.figures]
    for figure in (*evaluation.figures, *real):
        if figure.verdict:
            line = f"{figure.key:<36} {figure.value:>8.3f}  {figure.target!s:<8} {figure.verdict}"
            sys.stdout.write(f"{line}\n")
    if len(evaluation.places) == 1:
        return
    sys.stdout.write("\non the worst ward\n")
    for row in evaluation.targets:
        for spread in row.spreads:
            if spread.worst is not None:
                value, ward = spread.worst.figure(row.key).value, spread.worst.place.ward
                line = f"{row.key:<36} {value:>8.3f}  {row.figure.target!s:<8} {spread.verdict}"
                sys.stdout.write(f"{line} ({spread.physiology}, {ward})\n")
