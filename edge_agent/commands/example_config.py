"""`crswatch example-config`: a commented gateway.toml to start from."""

from __future__ import annotations

import argparse
import sys
from typing import Final

from edge_agent.commands.example_ward import EXAMPLE_WARD

EXAMPLE: Final = """\
# gateway.toml - one gateway, the beds whose monitors it reads, and where the data go.
# Check it with `crswatch check-config gateway.toml`, then `crswatch run --config gateway.toml`.
# No patient names anywhere: beds and devices only. A relative path starts at the folder of this
# file.

[gateway]
id = "gw-01"            # letters, digits, dot, dash, underscore; part of MQTT topics
site = "hospital"
ward = "cart-1"
zone = "UTC"            # zone of the ward, for times of day in alerts, such as Europe/Berlin
language = "en"         # language of the texts in alerts: en or de

[journal]
path = "crswatch.db"    # every reading and alert; survives power loss. Put it on a local disk.
retention_h = 72        # hours, while the machine runs, to store what every sink has accepted

[[beds]]
id = "bed-01"
port = "/dev/ttyUSB0"   # better a name that does not change: `crswatch probe` lists them; for a
                        # terminal server socket://host:port or rfc2217://host:port
driver = "philips_intellivue"    # see `crswatch drivers`; `crswatch probe PORT` identifies it
listen_only = false     # true: never transmit, only listen to a line that another system polls
clock_zone = "UTC"      # zone of the monitor's clock where it sends none, such as Europe/Berlin
required_signals = ["heart_rate", "spo2", "temperature", "blood_pressure"]
                        # losing one of these is an alert
# [beds.serial]         # only where the line differs from the driver's own settings
# baud = 19200

# A bed may have more devices, such as a thermometer beside an oximeter.
# [[beds.devices]]
# name = "thermometer"
# port = "/dev/ttyUSB1"
# driver = "ascii_line"
# profile = "suretemp_like"        # a dialect the driver knows; or profile_file = "mine.toml"

# Monitors, or a central station, that connect to this gateway over the network.
# [[beds]]
# id = "bed-02"
# port = "mllp://192.0.2.5:2575"   # this gateway's own address in the monitors' network, not
                                   # 0.0.0.0; the same for every bed behind it
# origin = "ICU^^5"                # the monitor's name for its place (PV1-3), else its own (MSH-3)
# driver = "hl7_oru"
# profile = "generic"

# Without this section alerts stay on the gateway.
# [mqtt]
# host = "broker.ward.example"
# port = 8883
# username = "gw-01"
# password_file = "/etc/crswatch/mqtt.password"     # secrets live in files, never here
# tls_ca = "/etc/crswatch/ca.pem"
# tls_cert = "/etc/crswatch/gw-01.pem"
# tls_key = "/etc/crswatch/gw-01.key"

# Without this section the journal is the only store.
# [influx]
# url = "http://127.0.0.1:8086"
# api = "v2"            # v2: /api/v2/write (InfluxDB 1.8 and newer), v1: /write (older)
# org = "hospital"      # v2
# bucket = "crswatch"   # v2
# token_file = "/etc/crswatch/influx.token"         # v2
# database = "crswatch" # v1; with username and password_file where the server asks for them

# People who are called. Without this section alerts stay on the board, and nobody is called.
# [ward]
# file = "/etc/crswatch/ward.toml"                  # `crswatch example-config --ward` prints one
# needs_screen = true   # where nurses watch a board on another machine (`crswatch board`): an alert
#                       # if no screen of any board of the ward can sound; needs [mqtt]

# The nurses' board. Without this section there is none on this gateway.
# [board]
# address = "127.0.0.1" # this machine alone. Another address needs tls_cert, tls_key and accounts:
#                       # make them with `crswatch accounts`
# port = 8080
# names = ["board.ward.example"]          # further names under which browsers ask for it
# tls_cert = "/etc/crswatch/board.pem"
# tls_key = "/etc/crswatch/board.key"
# accounts = "crswatch.db.accounts"       # default: beside the journal
# language = "en"       # en or de, for a screen whose browser asks for neither
# station = true        # screens may be shared: name and PIN, or a badge, at each act
# needs_screen = true   # an alert if no screen of the board can sound
# protocol_file = "/etc/crswatch/protocol.toml"     # your own text on what to do at each grade
# proxies = ["192.0.2.9"]                 # proxies that are believed about a browser's address

# Ways out: people are called over them. See docs/ways_out.md for what each sends, and what it means
# that a notice is delivered. Each has a heartbeat; its loss is an alert on the others.
# [[ways]]
# name = "pager"        # people in the ward file name their ways by it
# kind = "webhook"      # JSON by POST
# url = "https://paging.ward.example/crswatch"
# secret_file = "/etc/crswatch/paging.secret"       # its first line is the value of secret_header
# secret_header = "Authorization"
# tls_ca = "/etc/crswatch/ca.pem"                   # default: what this machine trusts
# [[ways]]
# name = "handsets"
# kind = "acm"          # IHE PCD ACM: HL7 ORU^R40 over MLLP to the ward's alert manager
# host = "alerts.ward.example"
# port = 2575
# recipient = "obr28"   # field that names the person: obr28, prt (HL7 2.7) or none
# listen = "mllp://192.0.2.5:2576"                  # where reports of status (R41) arrive, if they
#                                                   # do not come over the same connection
# [[ways]]
# name = "apps"
# kind = "mqtt"         # without host: the broker of [mqtt]
# [[ways]]
# name = "log"
# kind = "syslog"       # transport udp, tcp or tls
# host = "log.ward.example"
# transport = "tls"
# watchdog = true       # its heartbeat is the auditor's: sent while every alert reaches people
# [[ways]]
# name = "phones"
# kind = "apprise"      # ntfy, Gotify, SMS gateways and more; needs pip install 'crswatch[ways]'
# urls_file = "/etc/crswatch/apprise.urls"          # PERSON=SERVICE://... on each line

# [rules]
# folder = "/etc/crswatch/rules"    # default: the rules shipped with the program
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the subcommand and its arguments."""
    parser.description = (
        "Print a commented configuration to standard output; edit it, then check it "
        "with `crswatch check-config`."
    )
    parser.add_argument(
        "--ward", action="store_true", help="print a ward file: who is called, when, and how"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the example."""
    sys.stdout.write(EXAMPLE_WARD if arguments.ward else EXAMPLE)
    return 0
