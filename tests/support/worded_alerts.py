"""Alerts with facts, for tests of their words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from edge_agent.model.alerts import AlertKind
from edge_agent.model.clock import Instant
from edge_agent.model.facts import Fact, FactKind, Facts, Limit, LimitOf, Reference
from tests.support.samples import an_alert

if TYPE_CHECKING:
    from edge_agent.model.alerts import Alert

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = 1_795_836_360 * 10**9  # 28 Nov 2026, 04:26 in Berlin
NS: Final = 10**9


def limit(
    value: float,
    *,
    is_lower: bool = False,
    of: LimitOf = LimitOf.VALUE,
    for_s: float = 0,
    times: int = 1,
) -> Limit:
    return Limit(value, is_lower, of, for_s, times)


PRESSURE: Final = Fact(
    FactKind.PRESSURE,
    72.0,
    "mm[Hg]",
    NOW,
    diastolic=42.0,
    mean=52.0,
    limit=limit(75, is_lower=True),
)
HEART: Final = Fact(FactKind.HEART_RATE, 147.0, "/min")
SPO2: Final = Fact(FactKind.SPO2, 88.0, "%")
WARM: Final = Fact(
    FactKind.TEMPERATURE,
    39.2,
    "Cel",
    above=2.4,
    reference=Reference.OWN,
    limit=limit(38, for_s=600),
)


def alert(rule_id: str, *rang: Fact, others: tuple[Fact, ...] = (), **more: object) -> Alert:
    facts = replace(Facts(NOW, rang, others), **more)  # type: ignore[arg-type]  # fields by name
    at = Instant(0, NOW)
    return replace(an_alert(), rule_id=rule_id, raised_at=at, changed_at=at, facts=facts)


def technical(rule_id: str, *rang: Fact, **more: object) -> Alert:
    return replace(alert(rule_id, *rang, **more), kind=AlertKind.TECHNICAL)  # type: ignore[arg-type]  # fields by name
