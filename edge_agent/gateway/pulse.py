"""Progress of the threads that watch the patients, as numbers that grow while they live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.gateway.pipeline_thread import PipelineThread
from edge_agent.gateway.recall import Recall
from edge_agent.journal.worker import DeliveryWorker
from edge_agent.lines.opening import Line


@dataclass(frozen=True, slots=True)
class Pulse:
    """Progress at one moment; a number that stands between two moments is a thread that stands."""

    restored: int
    """Messages of earlier runs read back so far."""
    evaluation: int
    """Turns of the evaluation; 0 before the first."""
    lines: tuple[int, ...]
    """Turns of each line's reader, in the order of the configuration."""
    dead: tuple[str, ...]
    """Names of the readers, the evaluation and the sinks' workers whose threads have ended."""


def pulse_of(
    recall: Recall,
    evaluation: PipelineThread,
    lines: Sequence[Line],
    workers: Sequence[DeliveryWorker],
) -> Pulse:
    """Return the progress of an agent's threads.

    The journal is not among them: a disk that stalls stops no alert.
    """
    watching = (evaluation, *lines, *workers)
    return Pulse(
        recall.messages,
        evaluation.turns,
        tuple(line.turns for line in lines),
        tuple(part.name for part in watching if not part.is_alive()),
    )
