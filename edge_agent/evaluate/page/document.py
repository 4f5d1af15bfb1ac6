"""Page of an evaluation: one HTML file that needs no other."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

from edge_agent.evaluate.cohort.cases import Case, worst_false_alerts, worst_misses
from edge_agent.evaluate.cohort.evaluation import CohortEvaluation
from edge_agent.evaluate.cohort.reading import readings, summary
from edge_agent.evaluate.cohort.study import Answered, Answers, Study
from edge_agent.evaluate.estimates.clocks import clock
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
from edge_agent.evaluate.page.wards import (
    habits_table,
    places_table,
    rates_table,
    reading_list,
    targets_table,
)
from edge_agent.evaluate.real.ward_rates import RateRow
from edge_agent.model.durations import MINUTE_S

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
svg{max-width:100%;height:auto}.cases{display:grid;gap:1.2em}
.cases img{width:100%}figure{margin:0;border:1px solid #d9dee3;padding:.6em}
figcaption{font-size:13px}
.narrow th{white-space:normal;min-width:7.5em;font-weight:500;font-size:12px}
tr.too_few td:nth-child(n+2),span.too_few{background:#fff8e6}span.met{background:#eef7f1}
span.missed{background:#fbdedb}
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
        "temperature reaches 38.0. CRS that returns within 7 days is one episode. One whose window "
        "of 12 h the end of the recording cuts off is not counted.",
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
        "95 %, by 500 resamples of whole patients from a fixed seed; where all or none were found, "
        "the exact one on the number of patients.",
    ),
    (
        "Faults",
        "gaps, zeros, stuck values, wrong units and odd cuff readings are in the vital signs as "
        "the cohort plants them. Doubled or reordered messages and steps of a monitor's clock do "
        "not show in a recording on the gateway's time; tests of the gateway hold for those.",
    ),
)


def page_of(
    study: Study,
    evaluation: CohortEvaluation,
    other: CohortEvaluation | None,
    rates: Sequence[RateRow] = (),
) -> str:
    """Return the text of the page.

    Parameters
    ----------
    rates
        Rates of the study's wards beside those of real recordings; none without wards.
    """
    stays = evaluation.stays
    title = f"Evaluation of {evaluation.rule_set.name} on {study.spec.name}"
    definitions = "".join(
        f"<dt><b>{html.escape(name)}</b></dt><dd>{html.escape(text)}</dd>"
        for name, text in _DEFINITIONS
    )
    sections = (
        *_over_wards(evaluation, other),
        ("Figures and targets", figures_table(evaluation, other)),
        ("Beside what is used today", methods_table(evaluation.methods) + _readings(evaluation)),
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
        *_wards(study, rates),
        ("Real data", _real(evaluation, other)),
        ("What is counted", f"<dl>{definitions}</dl>"),
        ("The worst misses and delays", _cases(study, worst_misses(stays))),
        ("False alerts", _cases(study, worst_false_alerts(stays))),
    )
    body = "".join(f"<h2>{html.escape(name)}</h2>{text}" for name, text in sections)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(_intro(study, evaluation))}</p>"
        f"<p class=notice>{html.escape(_NOTICE)}</p>{body}</body></html>\n"
    )


def _intro(study: Study, evaluation: CohortEvaluation) -> str:
    stays, places = evaluation.stays, evaluation.places
    return (
        f"{len(stays)} simulated patients, {sum(stay.days for stay in stays):.0f} patient-days on "
        f"{len(places)} {'ward' if len(places) == 1 else 'wards and physiologies'}, seed "
        f"{study.spec.seed}; {sum(len(s.episodes) for s in stays)} episodes of CRS; "
        f"{len(evaluation.rule_set.rules)} rules. {_answered(study.answered)}"
    )


def _answered(answered: Answered) -> str:
    if answered is Answers.NEVER:
        return "Nobody answers an alert."
    if answered is Answers.WARD:
        return "Alerts are answered as the nurses of each ward do: after their time, or never."
    return f"Every alert is answered after {answered / MINUTE_S:g} min."


def _over_wards(
    evaluation: CohortEvaluation, other: CohortEvaluation | None
) -> tuple[tuple[str, str], ...]:
    """Return the sections of a study in several places; none for one place alone."""
    if len(evaluation.places) == 1:
        return ()
    return (
        ("Targets on the worst ward", targets_table(evaluation, other)),
        ("Ward by ward", places_table(evaluation, other)),
    )


def _readings(evaluation: CohortEvaluation) -> str:
    """Return the table of comparators in sentences, for each physiology."""
    text = ""
    physiologies = dict.fromkeys(stay.place.physiology for stay in evaluation.stays)
    for physiology in physiologies:
        found = readings([s for s in evaluation.stays if s.place.physiology is physiology])
        head = f"<h3>Patients of the physiology {physiology}</h3>" if len(physiologies) > 1 else ""
        text += head + reading_list(summary(found), [one.text for one in found])
    return text


def _wards(study: Study, rates: Sequence[RateRow]) -> tuple[tuple[str, str], ...]:
    """Return the section on the wards' rates; none for a study without wards."""
    wards = {ward.name: ward for part in study.parts if (ward := part.spec.ward) is not None}
    if not wards:
        return ()
    text = habits_table(list(wards.values()))
    if rates:
        text += "<h3>Measured the same way on these wards and on real recordings</h3>"
        text += rates_table(rates)
    return (("The wards, and the real figures they were fitted to", text),)


def _real(evaluation: CohortEvaluation, other: CohortEvaluation | None) -> str:
    text = real_tables(evaluation.real)
    if other is not None and other.real:
        text += f"<h3>The same with {html.escape(other.rule_set.name)}</h3>"
        text += real_tables(other.real)
    return text


def _cases(study: Study, cases: Sequence[Case]) -> str:
    if not cases:
        return "<p>There are none.</p>"
    drawn = []
    for case in cases:
        stay = case.stay
        member = study.member(stay.place, stay.number)
        source = draw_case(member, case)
        at = clock(case.at_s, member.patient.person.clock_at_start_h)
        caption = html.escape(f"{stay.patient_id}, {at}: {case.title}")
        drawn.append(
            f'<figure><img alt="{caption}" src="{source}">'
            f"<figcaption><b>{caption}</b><br>{html.escape(case.text)}</figcaption></figure>"
        )
    return f"<div class=cases>{''.join(drawn)}</div>"
