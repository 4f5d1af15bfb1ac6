"""Answers of people to alerts."""

from __future__ import annotations

from edge_agent.model.answers import Answer, AnswerKind, SeenAlert


def acknowledgement(bed_id: str, alert_id: str, by: str = "nurse 7", n: int = 0) -> Answer:
    """Return the acknowledgement of one alert as it was seen at its transition `n`."""
    return Answer(bed_id, AnswerKind.ACKNOWLEDGE, by, (SeenAlert(alert_id, n),))
