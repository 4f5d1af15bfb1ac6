"""Sinks of a configuration, each with the pace of its deliveries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from edge_agent.config.gateway_file import AgentConfig
from edge_agent.journal.entries import Sink
from edge_agent.journal.lane_delivery import DeliveryPolicy
from edge_agent.payloads.status import GatewayIdentity
from edge_agent.sinks.influx_sink import InfluxConfig, InfluxSink
from edge_agent.sinks.mqtt_link import MqttConfig
from edge_agent.sinks.mqtt_sink import MqttCallbacks, MqttSink

_INFLUX_BATCH: Final = 500
"""Entries per write: some 5,000 lines, where a write costs least per line."""


def mqtt_sink(
    config: AgentConfig, identity: GatewayIdentity, callbacks: MqttCallbacks, *, clears_alerts: bool
) -> MqttSink | None:
    """Return the sink of the ward's broker; None without a broker."""
    if config.mqtt is None:
        return None
    gateway = config.gateway
    settings = MqttConfig(
        **asdict(config.mqtt),
        site=gateway.site,
        ward=gateway.ward,
        gateway_id=gateway.id,
        client_id=f"crswatch-{gateway.id}",
        bed_ids=frozenset(bed.id for bed in config.beds),
        clears_alerts=clears_alerts,
        hears_screens=config.ward is not None and config.ward.needs_screen,
    )
    return MqttSink(settings, identity, callbacks)


def sinks_of(config: AgentConfig, mqtt: MqttSink | None) -> dict[Sink, DeliveryPolicy]:
    """Return all sinks, that of the broker first."""
    sinks: dict[Sink, DeliveryPolicy] = {}
    if mqtt is not None:
        sinks[mqtt] = DeliveryPolicy()
    if config.influx is not None:
        gateway = config.gateway
        influx = InfluxConfig(**asdict(config.influx), site=gateway.site, ward=gateway.ward)
        sinks[InfluxSink(influx)] = DeliveryPolicy(batch_size=_INFLUX_BATCH)
    return sinks
