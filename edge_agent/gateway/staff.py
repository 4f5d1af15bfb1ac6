"""People of a ward as its gateway knows them: accounts, audit trail, and the way of their commands.

Every command of a person comes in here, whatever way it took: it counts under the name of somebody
who may give it, and it is recorded with what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from edge_agent.config.gateway_file import AgentConfig, accounts_path
from edge_agent.gateway.admission import Admission
from edge_agent.gateway.audited import (
    Command,
    carried_out_act,
    permission_for,
    person_of,
    refusal_words,
    refused_act,
)
from edge_agent.gateway.pipeline_thread import FEED_AXIS, Asked, PipelineThread
from edge_agent.gateway.supervisor import Part
from edge_agent.journal.entries import Lane
from edge_agent.journal.trail import AuditLog
from edge_agent.journal.writer import Journal
from edge_agent.model.audit import Act, AuditAct, Checkpoint
from edge_agent.model.clock import Clock
from edge_agent.payloads.checkpoints import GATEWAY_BED, encode_checkpoint
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.payloads.topics import trail_origin
from edge_agent.ward.beds import Outcome

CommandReply = Callable[[Sequence[Outcome]], None]
"""Receiver of what became of a command, on the pipeline's thread."""


def _nobody_waits(_outcomes: Sequence[Outcome]) -> None:
    pass


class Staff:
    """Takes people's commands, and keeps the trail of what they did; a part to supervise.

    A replay has no staff: its commands count as they are, and nothing is recorded.

    Parameters
    ----------
    pipeline_thread
        Evaluates the commands.
    """

    name: Final = "audit trail"

    def __init__(
        self,
        config: AgentConfig,
        clock: Clock,
        journal: Journal,
        identity: GatewayIdentity,
        pipeline_thread: PipelineThread,
    ) -> None:
        self.clock: Final = clock
        self._journal = journal
        self._identity = identity
        self.pipeline_thread: Final = pipeline_thread
        gateway = config.gateway
        origin = trail_origin(gateway.site, gateway.ward, gateway.id)
        self.is_recorded: Final = clock.axis != FEED_AXIS
        self.audit = AuditLog(config.journal.path, origin, clock.now, self._publish)
        """The trail of acts; further acts are added to it by what sees them."""
        self.admission = Admission(accounts_path(config), self.record)
        """Accounts of the ward, for the board, too."""
        self.parts: tuple[Part, ...] = (self,) if self.is_recorded else ()
        """Parts to supervise."""
        self.newest_checkpoint: Checkpoint | None = None
        """Newest checkpoint of the trail since the start."""
        self._has_started = False

    def command(
        self,
        command: Command,
        via: str,
        reply: CommandReply = _nobody_waits,
        share: float = 1.0,
    ) -> bool:
        """Hand a person's command to the pipeline; return False while too many wait there.

        Parameters
        ----------
        via
            Way by which it came, such as mqtt, socket, or board with the browser's address.
        reply
            Receives what became of it, on the pipeline's thread; must be quick.
        share
            Share of the queue that it may fill, in (0, 1].

        Raises
        ------
        ValueError
            If the name may not give it, with the reason for the sender.
        """
        if not self.is_recorded:
            return self.pipeline_thread.offer(Asked(command, reply), share)
        by = person_of(command)
        reason = self.admission.why_not(by, permission_for(command))
        role = self.admission.role_of(by)
        if reason:
            self.record(refused_act(command, reason, role, via, self.clock.now()))
            raise ValueError(refusal_words(command, reason))

        def note(outcomes: Sequence[Outcome]) -> None:
            self.record(carried_out_act(command, outcomes, role, via, self.clock.now()))
            reply(outcomes)

        return self.pipeline_thread.offer(Asked(command, note), share)

    def record(self, act: AuditAct) -> None:
        """Put an act into the trail; it never waits."""
        if self.is_recorded:
            self.audit.add(act)

    def trail_fault(self) -> str:
        """Return what is wrong with the trail, in words; empty while all is well."""
        health = self.audit.health()
        waiting = f"{health.waiting} acts wait in memory" if health.waiting and health.fault else ""
        lost = f"{health.lost} acts are lost" if health.lost else ""
        return "; ".join(filter(None, (health.fault, waiting, lost)))

    def start(self) -> None:
        """Begin to write the trail, with the start of the agent; continue it after a failure."""
        if not self._has_started:
            self._has_started = True
            self._note(Act.STARTED)
        self.audit.start()

    def stop(self) -> None:
        """End the trail with the stop of the agent; do nothing when stopped already."""
        if self.is_alive():
            self._note(Act.STOPPED)
        self.audit.stop()

    def is_alive(self) -> bool:
        """Return True if the trail is written."""
        return self.audit.is_alive()

    def _note(self, act: Act) -> None:
        identity = self._identity
        detail = {"version": identity.version, "boot": identity.boot_id}
        now = self.clock.now()
        self.record(
            AuditAct(act, "", now, via="gateway", subject=identity.config_hash, detail=detail)
        )

    def _publish(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint as an event, so that broker and database get it sooner or later."""
        self.newest_checkpoint = checkpoint
        body = encode_checkpoint(checkpoint)
        at_ns = checkpoint.at_utc_ns
        self._journal.append(Lane.EVENTS, GATEWAY_BED, at_ns, body, urgent=True)
