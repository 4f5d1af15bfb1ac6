"""Settings of nats-server for a site: its MQTT listener, JetStream and permissions by subject."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from edge_agent.broker.mosquitto import AUTHORITY_CERTIFICATE, SERVER_CERTIFICATE, SERVER_KEY
from edge_agent.broker.rights import AccountRights, rights_of
from edge_agent.broker.site_file import Site

CONFIGURATION: Final = "nats.conf"
PINS: Final = "nats_pins.conf"
_MQTT_DELIVERY: Final = "$MQTT.sub.>"
"""Subjects on which nats-server delivers QoS 1 messages to an MQTT client."""
_NO_KEY: Final = "0" * 64
"""Fingerprint of no key; an empty list would let every certificate of the authority in."""
_WILDCARDS: Final = {"+": "*", "#": ">"}
_TEMPLATE: Final = """\
# nats-server (2.14.3 or newer: before it, what may not be read is sent when it is retained) for
# {site}, written by `crswatch broker init`: change the site file instead.
server_name: crswatch-{site}
# NATS' own protocol, which the MQTT listener does not need: for this machine only.
listen: "127.0.0.1:4222"

jetstream {{
  store_dir: "{state}"
  # A message is on the disk before its sender has the acknowledgement, which costs a disk write for
  # each. By default nats-server writes every two minutes, and a loss of power costs what it has
  # acknowledged since.
  sync_interval: always
}}

mqtt {{
  listen: "0.0.0.0:{port}"
  tls {{
    cert_file: "{folder}/{server}"
    key_file: "{folder}/{key}"
    ca_file: "{folder}/{ca}"
    min_version: "1.2"
    # The subject of a client's certificate is its user.
    verify_and_map: true
    # nats-server reads no revocation list: only certificates whose keys are listed here count.
    # `crswatch broker certify` and `revoke` write the list; restart nats-server after them.
    include "./{pins}"
  }}
}}

authorization {{
  users: [
{users}
  ]
}}
"""


def configuration(site: Site) -> str:
    """Return the text of nats.conf."""
    place = site.broker
    return _TEMPLATE.format(
        site=site.name,
        state=place.state_folder / "nats",
        port=place.port,
        folder=place.folder,
        server=SERVER_CERTIFICATE,
        key=SERVER_KEY,
        ca=AUTHORITY_CERTIFICATE,
        pins=PINS,
        users="\n".join(_user(account) for account in rights_of(site)),
    )


def pins(fingerprints: Iterable[str]) -> str:
    """Return the text of the list of keys that count, by the SHA-256 of each public key in DER."""
    return f"pinned_certs: {json.dumps([_NO_KEY, *sorted(fingerprints)], indent=2)}\n"


def subjects_of(topic: str) -> tuple[str, ...]:
    """Return the NATS subjects of a topic or filter: '/' becomes '.', and '.' becomes '//'.

    A filter that ends in '#' also matches the level above it (MQTT 5 section 4.7.1.2).
    """
    levels = [_WILDCARDS.get(level, level.replace(".", "//")) for level in topic.split("/")]
    subject = ".".join(levels)
    return (".".join(levels[:-1]), subject) if levels[-1] == ">" else (subject,)


def _user(account: AccountRights) -> str:
    writes = [s for right in account.rights if right.may_write for s in subjects_of(right.topic)]
    reads = [s for right in account.rights if right.may_read for s in subjects_of(right.topic)]
    return "\n".join(
        [
            f"    # {account.why}",
            f'    {{ user: "CN={account.name}", permissions: {{',
            f"      publish: {_allowed(writes)}",
            f"      subscribe: {_allowed([*reads, _MQTT_DELIVERY])}",
            "    } }",
        ]
    )


def _allowed(subjects: list[str]) -> str:
    return f"{{ allow: {json.dumps(subjects)} }}" if subjects else '{ deny: ">" }'
