"""The audit trail of one gateway, and the way of its checkpoints to broker and database."""

from __future__ import annotations

from edge_agent.config.gateway_file import AgentConfig
from edge_agent.journal.entries import Lane
from edge_agent.journal.trail import AuditLog
from edge_agent.journal.writer import Journal
from edge_agent.model.audit import Checkpoint
from edge_agent.model.clock import Clock
from edge_agent.payloads.checkpoints import GATEWAY_BED, encode_checkpoint
from edge_agent.payloads.topics import trail_origin


def ward_audit(config: AgentConfig, clock: Clock, journal: Journal) -> AuditLog:
    """Return the audit trail beside the journal.

    Each checkpoint is an event in the journal, so that broker and database get it sooner or later.
    """

    def publish(checkpoint: Checkpoint) -> None:
        body = encode_checkpoint(checkpoint)
        journal.append(Lane.EVENTS, GATEWAY_BED, checkpoint.at_utc_ns, body, urgent=True)

    gateway = config.gateway
    origin = trail_origin(gateway.site, gateway.ward, gateway.id)
    return AuditLog(config.journal.path, origin, clock.now, publish)
