"""Ways out of a configuration, and the mistakes in the secrets that they need."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from edge_agent.clients.tls import tls_context
from edge_agent.config.gateway_file import AgentConfig
from edge_agent.config.ways import (
    AcmSection,
    AppriseSection,
    MqttWaySection,
    SyslogSection,
    WaySection,
    WebhookSection,
)
from edge_agent.model.audit import Checkpoint
from edge_agent.model.clock import Clock
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.oversight import WayHealth
from edge_agent.model.texts import read_secret
from edge_agent.notifiers.acm.way import AcmConfig, AcmWay
from edge_agent.notifiers.apprise import AppriseWay, AppriseWayConfig, address_mistakes
from edge_agent.notifiers.mqtt import MqttWay, MqttWayConfig
from edge_agent.notifiers.notifier import Notifier, WayEvents
from edge_agent.notifiers.syslog import Syslog, SyslogConfig
from edge_agent.notifiers.ways import Ways
from edge_agent.notifiers.webhook import Webhook, WebhookConfig
from edge_agent.notifiers.worker import WayWorker
from edge_agent.payloads.notices import GatewayPlace


def ways_of(
    config: AgentConfig,
    events: WayEvents,
    on_health: Callable[[WayHealth], None],
    clock: Clock,
    newest: Callable[[], Checkpoint | None],
) -> Ways:
    """Return all ways out of a configuration, not started.

    A secret that cannot be read, or a missing library, stops no gateway: the way is failing.

    Parameters
    ----------
    newest
        Returns the newest checkpoint of the audit trail; None before the first.
    """
    workers = [
        WayWorker(
            _notifier(section, config, events, clock, newest),
            events,
            confirms=_confirms(section),
            has_beat=_has_beat(section),
        )
        for section in config.ways
    ]
    watchdogs = [section.name for section in config.ways if section.watchdog]
    return Ways(workers, watchdogs, events, on_health)


def _confirms(section: WaySection) -> bool:
    return not (isinstance(section, SyslogSection) and section.transport == "udp")


def _has_beat(section: WaySection) -> bool:
    can_beat = not isinstance(section, AppriseSection) or section.has_heartbeat
    return can_beat and not section.watchdog


def _notifier(
    section: WaySection,
    config: AgentConfig,
    events: WayEvents,
    clock: Clock,
    newest: Callable[[], Checkpoint | None],
) -> Notifier:
    gateway = config.gateway
    place = GatewayPlace(gateway.site, gateway.ward, gateway.id)
    match section:
        case WebhookSection():
            return Webhook(_webhook(section, place))
        case SyslogSection():
            return Syslog(_syslog(section, place), newest)
        case MqttWaySection():
            return MqttWay(_mqtt(section, config, place), events)
        case AcmSection():
            return AcmWay(_acm(section, place), events, clock)
        case AppriseSection():
            return AppriseWay(AppriseWayConfig(section.name, section.urls_file, section.timeout_s))


def _webhook(section: WebhookSection, place: GatewayPlace) -> WebhookConfig:
    return WebhookConfig(
        name=section.name,
        url=section.url,
        place=place,
        secret_file=section.secret_file,
        secret_header=section.secret_header,
        tls_ca=section.tls_ca,
        tls_cert=section.tls_cert,
        tls_key=section.tls_key,
        timeout_s=section.timeout_s,
    )


def _syslog(section: SyslogSection, place: GatewayPlace) -> SyslogConfig:
    return SyslogConfig(
        name=section.name,
        host=section.host,
        port=section.used_port,
        transport=section.transport,
        place=place,
        facility=section.facility,
        tls_ca=section.tls_ca,
        tls_cert=section.tls_cert,
        tls_key=section.tls_key,
        timeout_s=section.timeout_s,
    )


def _mqtt(section: MqttWaySection, config: AgentConfig, place: GatewayPlace) -> MqttWayConfig:
    broker = config.mqtt if section.host is None and config.mqtt is not None else section
    return MqttWayConfig(
        name=section.name,
        host=broker.host or "",
        port=broker.port,
        place=place,
        client_id=f"crswatch-{place.gateway_id}-{section.name}",
        username=broker.username,
        password_file=broker.password_file,
        tls_ca=broker.tls_ca,
        tls_cert=broker.tls_cert,
        tls_key=broker.tls_key,
        timeout_s=section.timeout_s,
    )


def _acm(section: AcmSection, place: GatewayPlace) -> AcmConfig:
    return AcmConfig(
        name=section.name,
        host=section.host,
        port=section.port,
        place=place,
        eui64=section.eui64,
        receiving_application=section.receiving_application,
        receiving_facility=section.receiving_facility,
        recipient=section.recipient,
        listen=section.listen,
        status_trigger=section.status_trigger,
        status_structure=section.status_structure,
        tls_ca=section.tls_ca,
        tls_cert=section.tls_cert,
        tls_key=section.tls_key,
        timeout_s=section.timeout_s,
    )


def way_mistakes(config: AgentConfig) -> list[Mistake]:
    """Return the mistakes in secrets, certificates and addresses that a way could not use."""
    checks: list[Callable[[], object]] = []
    mistakes: list[Mistake] = []
    for section in config.ways:
        if isinstance(section, AppriseSection):
            mistakes += _addresses(section)
            continue
        checks.append(partial(tls_context, section))
        if isinstance(section, WebhookSection) and section.secret_file is not None:
            checks.append(partial(read_secret, section.secret_file, is_ascii=True))
        if isinstance(section, MqttWaySection) and section.password_file is not None:
            checks.append(partial(read_secret, section.password_file))
    for check in checks:
        try:
            check()
        except ConfigError as error:
            mistakes += error.mistakes
    return mistakes


def _addresses(section: AppriseSection) -> list[Mistake]:
    try:
        return address_mistakes(
            section.urls_file, wants_beat=section.has_heartbeat and not section.watchdog
        )
    except ConfigError as error:
        return list(error.mistakes)
