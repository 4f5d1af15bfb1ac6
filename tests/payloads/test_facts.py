"""Facts behind an alert pass through JSON unchanged, and usual values take no room."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edge_agent.model.facts import (
    Fact,
    FactKind,
    Facts,
    Limit,
    LimitOf,
    Note,
    NoteKind,
    Reference,
)
from edge_agent.payloads.alerts import decode_alert, encode_alert
from tests.support.samples import AT, an_alert
from tests.support.worded_alerts import HEART, PRESSURE, SPO2, WARM

EVERYTHING = Facts(
    AT.utc_ns,
    rang=(PRESSURE, replace(HEART, value=0.0, is_lost=True), replace(SPO2, value=None)),
    others=(WARM, Fact(FactKind.OXYGEN, 2.0, "L/min", names=("nasal cannula",))),
    product="axi-cel",
    infused_utc_ns=AT.utc_ns - 1,
    day=0,
    notes=(
        Note(NoteKind.SYMPTOM, ("chills",), at_utc_ns=AT.utc_ns),
        Note(NoteKind.FLUIDS, value=0.0),
        Note(NoteKind.VASOPRESSORS),
    ),
)


@pytest.mark.parametrize("facts", [EVERYTHING, Facts(0), None])
def test_facts_are_read_as_they_were_written(facts: Facts | None) -> None:
    alert = replace(an_alert(), facts=facts)
    assert decode_alert(encode_alert(alert)) == alert


@pytest.mark.parametrize("kind", FactKind)
def test_every_kind_of_fact_is_read(kind: FactKind) -> None:
    limit = Limit(1.0, is_lower=True, of=LimitOf.MEAN, for_s=60.0, times=2)
    fact = Fact(kind, 1.0, "u", 5, 2.0, 3.0, above=0.5, reference=Reference.USUAL, limit=limit)
    facts = Facts(1, (replace(fact, is_former=True, is_by_hand=True, is_line=True),))
    alert = replace(an_alert(), facts=replace(facts, notes=tuple(map(Note, NoteKind))))
    assert decode_alert(encode_alert(alert)) == alert


def test_a_usual_value_takes_no_room() -> None:
    body = json.loads(encode_alert(replace(an_alert(), facts=Facts(7, (HEART,)))))
    assert body["facts"] == {
        "at_utc_ns": 7,
        "rang": [{"kind": "heart_rate", "value": 147.0, "unit": "/min"}],
    }


def test_an_alert_of_an_older_journal_has_no_facts() -> None:
    body = json.loads(encode_alert(an_alert()))
    del body["facts"]
    assert decode_alert(json.dumps(body).encode()).facts is None
