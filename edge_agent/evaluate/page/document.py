"""Page of an evaluation: one HTML file that needs no other."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

from edge_agent.evaluate.cohort.cases import Case, worst_false_alerts, worst_misses
from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
from edge_agent.evaluate.page.pictures import draw_case
from edge_agent.evaluate.page.plots import as_svg, curves_plot, delays_plot, groups_plot
from edge_agent.evaluate.page.tables import (
    faults_table,
    figures_table,
    groups_table,
    methods_table,
    real_tables,
    rules_table,
)
from simulators.cohorts.cohort import CohortSpec

_STYLE: Final = """
body{font:15px/1.45 system-ui,sans-serif;max-width:1180px;margin:2em auto;padding:0 1em;
color:#1f2933;background:#fff}
h1{font-size:1.7em}h2{margin-top:2em;border-bottom:2px solid #d9dee3;padding-bottom:.2em}
table{border-collapse:collapse;margin:1em 0;font-size:14px}.wide{overflow-x:auto}
td,th{padding:.25em .7em;text-align:left;vertical-align:top;border-bottom:1px solid #d9dee3}
th{background:#f4f6f8;white-space:nowrap}tr.met td:nth-child(n+2){background:#eef7f1}
tr.missed td{background:#fdf0ee}tr.ours td{font-weight:600}
.note{font-size:12px;color:#52606d;max-width:46em}.range{color:#7b8794;font-size:12px;white-space:nowrap}
.notice{background:#fff8e6;border:1px solid #f0d48a;padding:.6em 1em}
svg{max-width:100%;height:auto}.cases{display:grid;grid-template-columns:1fr 1fr;gap:1.2em}
.cases img{width:100%}figure{margin:0;border:1px solid #d9dee3;padding:.6em}
figcaption{font-size:13px}@media(max-width:800px){.cases{grid-template-columns:1fr}}
"""
_NOTICE: Final = (
    "crswatch is decision support, not a medical device: it never replaces the monitor's own "
    "alarms, never diagnoses and never says that there is no infection. These are figures of "
    "simulated patients and of public recordings; nobody has shown them on a CAR-T ward."
)
_DEFINITIONS: Final = (
    (
        "Episode of CRS",
        "from the drift of the temperature away from the baseline; onset is when the true "
        "temperature reaches 38.0. CRS that returns within 7 days is one episode.",
    ),
    (
        "Found",
        "an owed alert between the drift and 12 h after the onset, or one from before that was "
        "still open at the onset (found, but without delay or lead). Owed are alerts for fever and "
        "CRS, and those for low pressure or low oxygen while that limb is truly abnormal. The "
        "pre-fever alert never counts as found; it counts in the lead that is named so, and its "
        "false alerts are its price.",
    ),
    (
        "By chance",
        "the same window in patients without CRS, three in each, placed as their product would "
        "have: an alarm that never stops finds all of these too. Fevers of infection fall into "
        "some of them.",
    ),
    (
        "Lead",
        "median over all episodes of the time by which the rules are ahead of checks every 4, 6 or "
        "8 h (20 min of jitter, 5 % missed, the same probe read). A method that does not alert "
        "counts as alerting at the end of the window.",
    ),
    (
        "Right and false",
        "fever: a true fever of any cause, or the rise of an illness to it. CRS: CRS or "
        "infection. Pressure and oxygen: that limb, whatever the cause. Scores, heart rate and "
        "breaths: any of these, a reaction, atrial fibrillation, bleeding, embolism or overload.",
    ),
    (
        "For nurses",
        "reported with medium or high priority, technical ones too; a rise in priority counts "
        "again, parts of an open problem do not.",
    ),
    (
        "Grade",
        "at every minute of every stay the true ASTCT grade must lie in the suggested interval. "
        "The suggestion holds if this is CRS; where the signs come from something else, the true "
        "grade is the one that they would have in CRS: by true fever, pressure and oxygen, and "
        "treatment. A minute without an interval counts as not covered. Inputs are complete while "
        "temperature, SpO2 and cuff are fresh.",
    ),
    (
        "Intervals",
        "95 %, by 500 resamples of whole patients from a fixed seed.",
    ),
    (
        "Faults",
        "gaps, zeros, stuck values, wrong units and odd cuff readings are in the vital signs as "
        "the cohort plants them. Doubled or reordered messages and steps of a monitor's clock do "
        "not show in a recording on the gateway's time; tests of the gateway hold for those.",
    ),
)


def page_of(spec: CohortSpec, evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    """Return the text of the page."""
    stays = evaluation.stays
    days = sum(stay.days for stay in stays)
    title = f"Evaluation of {evaluation.rule_set.name} on {spec.name}"
    intro = (
        f"{len(stays)} simulated patients, {days:.0f} patient-days, seed {spec.seed}; "
        f"{sum(len(s.episodes) for s in stays)} episodes of CRS; "
        f"{len(evaluation.rule_set.rules)} rules."
    )
    definitions = "".join(
        f"<dt><b>{html.escape(name)}</b></dt><dd>{html.escape(text)}</dd>"
        for name, text in _DEFINITIONS
    )
    sections = (
        ("Figures and targets", figures_table(evaluation, other)),
        ("Beside what is used today", methods_table(evaluation.methods)),
        (
            "Curves",
            "<p>Each point is one setting of a threshold. The star is the set of rules as it is, "
            "all its alerts counted.</p>"
            + as_svg(curves_plot(evaluation.curves, stays))
            + as_svg(delays_plot(stays)),
        ),
        (
            "By group",
            as_svg(groups_plot(evaluation.groups)) + groups_table(evaluation.groups),
        ),
        ("By rule", rules_table(stays)),
        ("Planted faults", faults_table(stays)),
        ("Real data", _real(evaluation, other)),
        ("What is counted", f"<dl>{definitions}</dl>"),
        ("The worst misses and delays", _cases(spec, evaluation, worst_misses(stays))),
        ("False alerts", _cases(spec, evaluation, worst_false_alerts(stays))),
    )
    body = "".join(f"<h2>{html.escape(name)}</h2>{text}" for name, text in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(intro)}</p>"
        f"<p class=notice>{html.escape(_NOTICE)}</p>{body}</body></html>\n"
    )


def _real(evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    text = real_tables(evaluation.real)
    if other is not None and other.real:
        text += f"<h3>The same with {html.escape(other.rule_set.name)}</h3>"
        text += real_tables(other.real)
    return text


def _cases(spec: CohortSpec, evaluation: CohortEvaluation, cases: Sequence[Case]) -> str:
    if not cases:
        return "<p>There are none.</p>"
    reported = {stay.number: stay.reported for stay in evaluation.stays}
    drawn = []
    for case in cases:
        patient = spec.patient(case.number).patient
        source = draw_case(patient, case, reported[case.number])
        caption = html.escape(f"{case.patient_id} at {case.at_s / 3600:.1f} h: {case.title}")
        drawn.append(
            f'<figure><img alt="{caption}" src="{source}">'
            f"<figcaption><b>{caption}</b><br>{html.escape(case.text)}</figcaption></figure>"
        )
    return f"<div class=cases>{''.join(drawn)}</div>"
