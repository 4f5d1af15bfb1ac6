"""The pipeline of a configuration."""

from __future__ import annotations

from edge_agent.config.gateway_file import AgentConfig
from edge_agent.model.clock import Instant
from edge_agent.rulebook.rule_set import Rulebook
from edge_agent.ward.beds import Bed, WardIdentity
from edge_agent.ward.pipeline import Pipeline


def pipeline_of(
    config: AgentConfig, book: Rulebook, settings_hash: str, monitored_since: Instant
) -> Pipeline:
    """Return the pipeline of a gateway's beds.

    Parameters
    ----------
    settings_hash
        Hash of the settings and rules in force.
    monitored_since
        Start of monitoring.
    """
    beds = [Bed(bed.id, frozenset(bed.required_signals)) for bed in config.beds]
    ward = WardIdentity(config.gateway.site, config.gateway.ward)
    return Pipeline(beds, book.rules, ward, settings_hash, monitored_since)
