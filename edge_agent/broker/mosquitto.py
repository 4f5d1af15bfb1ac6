"""Settings of mosquitto for a site: its configuration, access list and systemd drop-in."""

from __future__ import annotations

from textwrap import fill
from typing import Final

from edge_agent.broker.rights import AccountRights, Right, rights_of
from edge_agent.broker.site_file import Site

_MESSAGES_PER_BED_S: Final = 2
"""Messages of a bed per second: its vitals once a second, and as many alerts, events and states
again, which is more than any bed sends for long; design start value."""
_MESSAGE_BYTES: Final = 1024
"""Bytes of a message: vitals of a whole monitor were measured with about 700."""
SET_ASIDE: Final = "set_aside_unreadable.sh"
CONFIGURATION: Final = "mosquitto.conf"
ACCESS_LIST: Final = "mosquitto.acl"
DROP_IN: Final = "mosquitto.service.d.conf"
AUTHORITY_CERTIFICATE: Final = "ca.pem"
SERVER_CERTIFICATE: Final = "broker.pem"
SERVER_KEY: Final = "broker.key"
REVOCATIONS: Final = "revoked.crl"
_WIDTH: Final = 100

_CONFIGURATION: Final = """\
# mosquitto (2.0 or newer) for {site}, written by `crswatch broker init`.
# Change the site file instead.
per_listener_settings false
allow_anonymous false

# Every client shows a certificate of the site's own authority; its common name is its user name.
listener {port}
tls_version tlsv1.2
cafile {folder}/{ca}
certfile {folder}/{server}
keyfile {folder}/{key}
# Revoked certificates. Restart mosquitto after `crswatch broker revoke`: a reload would read the
# file, too, but leave a session that is open. It does not start without the file.
crlfile {folder}/{crl}
require_certificate true
use_identity_as_username true
acl_file {folder}/{acl}

# Send small messages at once: an alert waits some 40 ms for the next message otherwise.
set_tcp_nodelay true
# A gateway's last will is published some seven seconds after it falls silent (it requests 5 s).
max_keepalive 60
max_packet_size 262144
max_inflight_messages 100

# Queue of one subscriber that is slow, or away with a session. mosquitto drops what exceeds either
# limit without a word: {beds} beds x {rate} messages a second x {away_s:.0f} s (60 x away_min)
# = {messages} messages; x {size} bytes = {queue_bytes} bytes, per such subscriber at most.
# Zero would be no limit, and then a store that never comes back fills the memory.
max_queued_messages {messages}
max_queued_bytes {queue_bytes}
persistent_client_expiration 1d

# A cache over restarts, saved every minute: a loss of power costs the broker the last one. The
# gateways' journals are the record, and gateways publish their states again at each connection.
persistence true
persistence_location {state}/
autosave_interval 60
log_dest stderr
"""
_DROP_IN: Final = """\
# Copy to /etc/systemd/system/mosquitto.service.d/crswatch.conf
[Service]
# mosquitto does not start on a damaged file, such as one of zeros after a loss of power.
ExecStartPre=/bin/sh {folder}/{script} {state}
ExecStart=
ExecStart=/usr/sbin/mosquitto -c {folder}/{configuration}
Restart=on-failure
RestartSec=1
"""
_SCRIPT: Final = """\
#!/bin/sh
# Set a persistence file aside that mosquitto cannot read. Usage: set_aside_unreadable.sh FOLDER
# Judged by mosquitto itself, on a copy: it must start without the file and fail with it.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
file="$1/mosquitto.db"
[ -e "$file" ] || exit 0
trial=$(mktemp -d) || exit 0
trap 'rm -rf "$trial"' EXIT

starts() {
    mosquitto -v -c "$trial/trial.conf" >"$trial/log" 2>&1 &
    pid=$!
    until grep -q ' running' "$trial/log" || ! kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    grep -q ' running' "$trial/log"
    found=$?
    # SIGKILL: a copy need not be saved.
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
    return "$found"
}

cat >"$trial/trial.conf" <<END
listener 0 $trial/socket
allow_anonymous true
user root
persistence true
persistence_location $trial/
END
cp "$file" "$trial/mosquitto.db" || exit 0
starts && exit 0
rm -f "$trial/mosquitto.db" "$trial/socket"
starts || exit 0
aside="$file.unreadable-$(date -u +%Y%m%dT%H%M%SZ)"
mv "$file" "$aside" && echo "set $file aside as $aside: mosquitto cannot read it" >&2
exit 0
"""


def configuration(site: Site) -> str:
    """Return the text of mosquitto.conf."""
    place, away_s = site.broker, 60 * site.away_min
    messages = max(1, round(site.bed_count() * _MESSAGES_PER_BED_S * away_s))
    return _CONFIGURATION.format(
        site=site.name,
        port=place.port,
        folder=place.folder,
        state=place.state_folder,
        ca=AUTHORITY_CERTIFICATE,
        server=SERVER_CERTIFICATE,
        key=SERVER_KEY,
        crl=REVOCATIONS,
        acl=ACCESS_LIST,
        beds=site.bed_count(),
        rate=_MESSAGES_PER_BED_S,
        away_s=away_s,
        messages=messages,
        size=_MESSAGE_BYTES,
        queue_bytes=messages * _MESSAGE_BYTES,
    )


def access_list(site: Site) -> str:
    """Return the text of the access list; the user name is the common name of a certificate."""
    head = f"# Access list of {site.name}, written by `crswatch broker init`; the rest is refused."
    return "\n".join([head, *(_section(account) for account in rights_of(site))])


def drop_in(site: Site) -> str:
    """Return the text of the drop-in for the unit of mosquitto."""
    place = site.broker
    return _DROP_IN.format(
        folder=place.folder,
        state=place.state_folder,
        script=SET_ASIDE,
        configuration=CONFIGURATION,
    )


def set_aside_script() -> str:
    """Return the script that sets an unreadable persistence file aside before the start."""
    return _SCRIPT


def _section(account: AccountRights) -> str:
    why = fill(account.why, _WIDTH, initial_indent="# ", subsequent_indent="# ")
    lines = [f"topic {_access(right)} {right.topic}" for right in account.rights]
    return "\n".join(["", why, f"user {account.name}", *lines, ""])


def _access(right: Right) -> str:
    if right.may_read and right.may_write:
        return "readwrite"
    return "read" if right.may_read else "write"
