"""Status of a running agent, read from its parts; none of them waits for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.gateway.outcomes import Outcomes
from edge_agent.gateway.pipeline_thread import PipelineThread
from edge_agent.gateway.recall import Recall
from edge_agent.gateway.staff import Staff
from edge_agent.gateway.status_file import (
    AssessedBed,
    GatewayStatus,
    RunState,
    process_key,
    sink_status,
)
from edge_agent.gateway.supervisor import Supervisor
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.journal.writer import Journal
from edge_agent.model.clock import Clock, Instant
from edge_agent.model.device_status import DeviceStatus
from edge_agent.payloads.status import GatewayIdentity


@dataclass(frozen=True, slots=True)
class Observed:
    """Parts of an agent from which its status is read."""

    identity: GatewayIdentity
    clock: Clock
    started_at: Instant
    supervisor: Supervisor
    evaluation: PipelineThread
    journal: Journal
    recall: Recall
    staff: Staff
    outcomes: Outcomes
    workers: Sequence[DeliveryWorker]


def status_of(seen: Observed, state: RunState, devices: Sequence[DeviceStatus]) -> GatewayStatus:
    """Return the status of an agent with these devices."""
    health = seen.journal.health()
    return GatewayStatus(
        gateway_id=seen.identity.gateway_id,
        version=seen.identity.version,
        started_at=seen.started_at,
        written_at=seen.clock.now(),
        restarts=seen.supervisor.restarts,
        newest_death=seen.supervisor.newest_death,
        mishaps=seen.evaluation.failures.total,
        newest_mishap=seen.evaluation.failures.newest,
        journal_fault=health.fault,
        journal_pending=health.pending,
        lost_readings=health.lost_readings,
        journal_lost_aside=health.lost_aside,
        journal_damaged_rows=health.damaged_rows,
        journal_damage=health.damage,
        journal_set_aside=tuple(path.name for path in health.set_aside),
        unrestored=seen.recall.fault,
        audit_fault=seen.staff.trail_fault(),
        devices=tuple(devices),
        beds=tuple(
            AssessedBed(bed_id, assessment)
            for bed_id, assessment in seen.outcomes.assessments.items()
        ),
        sinks=tuple(sink_status(worker.health()) for worker in seen.workers),
        state=state,
        pid=os.getpid(),
        process_key=process_key(os.getpid()),
    )
