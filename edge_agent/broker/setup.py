"""A site's broker setup in a folder: what its machine, its gateways and its other accounts need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge_agent.broker import mosquitto, nats
from edge_agent.broker.authority import Authority
from edge_agent.broker.files import PRIVATE, PUBLIC, refuse_changed, write_whole
from edge_agent.broker.guide import guide
from edge_agent.broker.site_file import SERVER, Site

_BROKER: Final = "broker"
_CLIENTS: Final = "clients"
_CLIENT_CERTIFICATE: Final = "client.pem"
_CLIENT_KEY: Final = "client.key"
_SECTION: Final = "mqtt.toml"
_MQTT: Final = """\
# The section [mqtt] of {name}'s configuration; the three files beside it.
[mqtt]
host = "{host}"
port = {port}
tls_ca = "{ca}"
tls_cert = "{certificate}"
tls_key = "{key}"
"""


def write_settings(site: Site, out: Path, *, replaces: bool) -> None:
    """Write everything that follows from the site file alone.

    Raises
    ------
    ConfigError
        If files are there with another content, unless it `replaces` them; nothing is written then.
    OSError
        If they cannot be written.
    """
    files = _settings(site, out)
    if not replaces:
        refuse_changed(files)
    for path, text in files.items():
        # mosquitto refuses an access list that everybody may read in its newer versions.
        mode = PRIVATE if path.name == mosquitto.ACCESS_LIST else PUBLIC
        write_whole(path, text, mode)


def certify_new(site: Site, authority: Authority, out: Path) -> list[str]:
    """Issue a certificate to every name without one, and to a broker with other hosts.

    Returns
    -------
    list
        The names.
    """
    known = authority.names()
    fresh = [name for name in (SERVER, *site.accounts()) if name not in known]
    if SERVER in known and not authority.has_hosts(SERVER, site.broker.hosts):
        fresh.insert(0, SERVER)
    certify(site, authority, out, fresh)
    return fresh


def ending(site: Site, authority: Authority, now: datetime, within_days: float) -> list[str]:
    """Return the names of the site whose newest certificate ends so soon, or has ended."""
    limit = now + timedelta(days=within_days)
    ends = {name: authority.end_of(name) for name in (SERVER, *site.accounts())}
    return [name for name, end in ends.items() if end is not None and end <= limit]


def certify(site: Site, authority: Authority, out: Path, names: Iterable[str]) -> None:
    """Issue a new certificate with a new key to each name; their older ones count as before.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    for name in names:
        is_server = name == SERVER
        folder = out / _BROKER if is_server else out / _CLIENTS / name
        issued = authority.issue(name, site.broker.hosts if is_server else ())
        key = mosquitto.SERVER_KEY if is_server else _CLIENT_KEY
        certificate = mosquitto.SERVER_CERTIFICATE if is_server else _CLIENT_CERTIFICATE
        write_whole(folder / key, issued.key, PRIVATE)
        write_whole(folder / certificate, issued.certificate, PUBLIC)
        write_whole(folder / mosquitto.AUTHORITY_CERTIFICATE, authority.certificate(), PUBLIC)
    write_accepted(authority, out)


def write_accepted(authority: Authority, out: Path) -> None:
    """Write which certificates the broker accepts: the list of mosquitto and that of nats-server.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    folder = out / _BROKER
    write_whole(folder / mosquitto.REVOCATIONS, authority.revocations(), PUBLIC)
    write_whole(folder / nats.PINS, nats.pins(authority.fingerprints()).encode(), PUBLIC)


def _settings(site: Site, out: Path) -> Mapping[Path, bytes]:
    broker = out / _BROKER
    texts = {
        out / "README.md": guide(site),
        broker / mosquitto.CONFIGURATION: mosquitto.configuration(site),
        broker / mosquitto.ACCESS_LIST: mosquitto.access_list(site),
        broker / mosquitto.DROP_IN: mosquitto.drop_in(site),
        broker / mosquitto.SET_ASIDE: mosquitto.set_aside_script(),
        broker / nats.CONFIGURATION: nats.configuration(site),
    }
    for ward in site.wards:
        for name in (*(gateway.name for gateway in ward.gateways), *ward.boards):
            texts[out / _CLIENTS / name / _SECTION] = _MQTT.format(
                name=name,
                host=site.broker.hosts[0],
                port=site.broker.port,
                ca=mosquitto.AUTHORITY_CERTIFICATE,
                certificate=_CLIENT_CERTIFICATE,
                key=_CLIENT_KEY,
            )
    return {path: text.encode() for path, text in texts.items()}
