"""Real data sets: those that a folder holds, and one line for those it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from edge_agent.evaluate.cohort.run import detector_of
from edge_agent.evaluate.real.real_set import BIDMC, MIMIC, NUMERICS
from edge_agent.evaluate.real.run import REQUIRED, evaluate_real
from edge_agent.rulebook.rule_set import read_rulebook
from tests.support.detector_stand_in import detect

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_folder_every_figure_that_is_owed_is_named() -> None:
    (missing,) = evaluate_real(None, detect)
    assert "no folder of real data was given" in missing.about
    assert [(figure.key, figure.value) for figure in missing.figures] == [
        (key, None) for key, _ in REQUIRED
    ]
    assert all(figure.why.endswith("was not given") for figure in missing.figures)


def test_a_probe_that_is_off_is_lost_and_no_low_oxygen(tmp_path: Path) -> None:
    rows = ["minute,HR,SpO2"]
    rows += [
        f"{minute},{80 + minute % 3},{0 if 60 <= minute < 90 else 97 - minute % 2}"
        for minute in range(180)
    ]
    (tmp_path / NUMERICS).write_text("\n".join([*rows, ""]))
    zeros, missing = evaluate_real(tmp_path, detector_of(read_rulebook(None).rules).run)
    found = {figure.key: figure.value for figure in zeros.figures}
    assert found["s00001_hypoxia_alerts"] == 0.0
    assert found["s00001_signal_lost"] == 1.0
    assert found["s00001_zero_share"] == 30 / 180
    assert NUMERICS not in missing.about
    assert BIDMC in missing.about
    assert MIMIC in missing.about
    assert "s00001_hypoxia_alerts" not in {figure.key for figure in missing.figures}
