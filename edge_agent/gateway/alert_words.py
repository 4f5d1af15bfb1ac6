"""Words of alerts in the language and the zone of the site."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from edge_agent.config.gateway_file import GatewaySection
from edge_agent.model.alerts import Alert
from edge_agent.wording.rule_texts import RuleTexts
from edge_agent.wording.sentence import worded


def alert_words(gateway: GatewaySection, texts: RuleTexts) -> Callable[[Alert], Alert]:
    """Return the function that puts an alert into the site's words.

    Parameters
    ----------
    texts
        Words of the rules in force.
    """
    zone = ZoneInfo(gateway.zone)
    return lambda alert: worded(alert, gateway.language, zone, texts)
