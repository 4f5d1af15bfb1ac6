"""Evaluation of every real data set that a folder holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from edge_agent.evaluate.estimates.bootstrap import NOTHING
from edge_agent.evaluate.estimates.figure import Figure
from edge_agent.evaluate.real import real_set
from edge_agent.evaluate.real.bedside_numerics import evaluate_rates, evaluate_zeros
from edge_agent.evaluate.real.cinc_sepsis import evaluate_cinc
from edge_agent.evaluate.real.eicu_cuffs import evaluate_pressures
from edge_agent.evaluate.real.mimic_charts import evaluate_charts
from edge_agent.evaluate.real.real_set import RealSet
from edge_agent.evaluate.stays.stay import Detect

_SETS: Final[tuple[tuple[str, Callable[[Path, Detect], RealSet]], ...]] = (
    (real_set.CINC, evaluate_cinc),
    (real_set.NIBP, evaluate_pressures),
    (real_set.NUMERICS, evaluate_zeros),
    (real_set.BIDMC, evaluate_rates),
    (real_set.MIMIC, evaluate_charts),
)
REQUIRED: Final = (
    ("cinc_auroc", real_set.CINC),
    ("cinc_episodes_per_patient_day", real_set.CINC),
    ("nibp_alert_reduction", real_set.NIBP),
    ("s00001_hypoxia_alerts", real_set.NUMERICS),
)
"""Figures that the file of an evaluation always names, and the set each comes from."""


def evaluate_real(folder: Path | None, detect: Detect) -> Iterator[RealSet]:
    """Yield each set as it is evaluated, and one that names all missing sets."""
    missing = []
    for name, evaluate in _SETS:
        if folder is not None and (folder / name).exists():
            yield evaluate(folder / name, detect)
        else:
            missing.append(name)
    if missing:
        reason = "no folder of real data was given" if folder is None else f"not in {folder}"
        yield RealSet("Not evaluated", f"{', '.join(missing)}: {reason}.", tuple(_absent(missing)))


def _absent(missing: list[str]) -> Iterator[Figure]:
    for key, name in REQUIRED:
        if name in missing:
            yield Figure(key, key, NOTHING, why=f"{name} was not given")
