"""`crswatch board`: the nurses' board of a whole ward, fed by the broker."""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from typing import Final

from edge_agent.board.board import Board
from edge_agent.board.feed import BoardFeed
from edge_agent.board.server import BoardServer
from edge_agent.board.ward_gate import WardGate
from edge_agent.commands.subcommand import stop_event
from edge_agent.config.gateway_file import accounts_path, load_board_config
from edge_agent.gateway.admission import Admission, refuse_unsafe_board
from edge_agent.gateway.board_settings import address_of, settings_of
from edge_agent.gateway.supervisor import Supervisor
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.model.audit import AuditAct
from edge_agent.payloads.topics import Topics
from edge_agent.ward_client.board_commands import BrokerCommands
from edge_agent.ward_client.screen_reports import ScreenReports
from edge_agent.ward_client.ward_feed import WardFeed

_LOG: Final = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Serve the nurses' board of a whole ward until SIGTERM or Ctrl-C. It shows what the "
        "ward's gateways publish, and sends people's answers and the state of its screens to them; "
        "it stores nothing. The "
        "configuration has the sections [gateway] (site, ward, zone, and an id for this board), "
        "[mqtt] and [board]. Exit status 0: stopped as requested, 2: the configuration is wrong."
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")


def run(arguments: argparse.Namespace) -> int:
    """Serve the board."""
    config = load_board_config(arguments.config)
    refuse_unsafe_board(config, str(arguments.config))
    section, gateway, mqtt = config.board, config.gateway, config.mqtt
    assert section is not None, "checked by the configuration"
    assert mqtt is not None, "checked by the configuration"
    settings = settings_of(gateway, section, lambda: read_system_clock().utc_ns // 1_000_000)
    feed = BoardFeed()
    ward = WardFeed(mqtt, settings.place, f"crswatch-board-{gateway.id}", feed)
    admission = Admission(accounts_path(config), _log_act)
    gate = WardGate(admission.access, read_system_clock, is_local=section.is_local)
    commands = BrokerCommands(ward, lambda bed_id: board.hub.beds[bed_id].gateway)
    board = Board(settings, feed, gate, commands)
    topic = Topics(gateway.site, gateway.ward, gateway.id).board_screens()
    reports = ScreenReports(board.screens, lambda payload: ward.send(topic, payload))
    supervisor = Supervisor([BoardServer(board, address_of(section)), ward])
    is_over = stop_event()
    supervisor.start()
    while not is_over.wait(1.0):
        supervisor.supervise()
        supervisor.guard("to report the screens", lambda: reports.send_due(time.monotonic()))
    supervisor.stop()
    return 0


def _log_act(act: AuditAct) -> None:
    """Log an act of access; those about beds are in the trails of the gateways."""
    _LOG.info("%s %s %s via %s", act.act, act.by, act.subject, act.via)
