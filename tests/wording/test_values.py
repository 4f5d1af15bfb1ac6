"""One fact in words: its value with the unit, its time, and the limit that it passed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.model.facts import Fact, FactKind, LimitOf, Reference
from edge_agent.model.language import Language
from edge_agent.wording.sentence import sentence_of
from tests.support.worded_alerts import BERLIN, HEART, NOW, NS, PRESSURE, SPO2, WARM, alert, limit

EN = Language.EN


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (WARM, "T 39.2 °C, 2.4 above own baseline (38.0 or more for 10 min)"),
        (replace(WARM, reference=Reference.USUAL), "T 39.2 °C, 2.4 above usual (38.0 or more f"),
        (
            replace(
                HEART,
                above=31.0,
                reference=Reference.EXPECTED,
                limit=limit(25, of=LimitOf.ABOVE, for_s=1080),
            ),
            "HR 147/min, 31 above expected for the temperature (for 18 min)",
        ),
        (
            replace(WARM, limit=limit(0.75, of=LimitOf.ABOVE)),
            "T 39.2 °C, 2.4 above own baseline.",
        ),
        (
            replace(PRESSURE, limit=limit(90, is_lower=True, times=2)),
            "BP 72/42 mmHg at 04:26 (below 90, 2 readings)",
        ),
        (
            replace(PRESSURE, limit=limit(65, is_lower=True, of=LimitOf.MEAN, times=2)),
            "BP 72/42 mmHg at 04:26 (mean below 65, 2 readings)",
        ),
        (
            replace(PRESSURE, limit=limit(80, is_lower=True, of=LimitOf.SHARE, times=2)),
            "BP 72/42 mmHg at 04:26 (below 80 % of the usual systolic, 2 readings)",
        ),
        (
            replace(
                PRESSURE,
                measured_utc_ns=None,
                is_line=True,
                limit=limit(90, is_lower=True, for_s=100),
            ),
            "BP 72/42 mmHg (arterial line) (below 90 for 2 min)",
        ),
        (replace(PRESSURE, diastolic=None, limit=None), "BP 72 mmHg systolic at 04:26"),
        (replace(PRESSURE, value=None, limit=None), "BP 52 mmHg mean at 04:26"),
        (replace(WARM, measured_utc_ns=NOW, is_by_hand=True, limit=None), "T 39.2 °C by hand at 0"),
        (replace(SPO2, is_doubtful=True), "SpO2 88 %, doubtful."),
        (replace(SPO2, value=None), "SpO2 unknown."),
        (Fact(FactKind.VASOPRESSOR, names=("norepinephrine", "x")), "With norepinephrine, x."),
        (Fact(FactKind.NEWS2, 8.0, "{score}", limit=limit(7, for_s=120)), "NEWS2 8 points (7 or m"),
        (replace(WARM, is_lost=True, measured_utc_ns=NOW - 7200 * NS), "T 39.2 °C when last mea"),
    ],
)
def test_a_fact_is_named_with_all_that_is_known_of_it(fact: Fact, words: str) -> None:
    assert sentence_of(alert("crs.x", fact), EN, BERLIN).startswith(words)
