"""Files that make the agent a service of systemd: unit, user, kernel modules."""

from __future__ import annotations

from typing import Final

USER: Final = "crswatch"
"""User of the service, and name of its folders."""

_UNIT: Final = """\
# The agent of crswatch. Settings of your own go into a file beside this one:
# systemctl edit crswatch

[Unit]
Description=crswatch: watches the bedside monitors of a ward
# Monitoring does not wait for the network: broker and database may come later.
After=network.target systemd-modules-load.service time-sync.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart=PROGRAM run --config /etc/crswatch/gateway.toml
User=crswatch
Group=crswatch
SupplementaryGroups=dialout
Restart=always
RestartSec=2
# 2: the configuration is wrong, and stays so until somebody corrects it.
RestartPreventExitStatus=2
TimeoutStartSec=90
TimeoutStopSec=60
# The longest stall that the agent ends by itself is half a minute.
WatchdogSec=60
# An agent that is killed by the watchdog leaves in the log where each of its threads stood.
Environment=PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1
StateDirectory=crswatch
StateDirectoryMode=0700
ConfigurationDirectory=crswatch
ConfigurationDirectoryMode=0750
WorkingDirectory=/var/lib/crswatch
UMask=0077
LimitNOFILE=8192
LimitCORE=0
MemoryMax=1G
TasksMax=512
# Under a shortage of memory other programs go first.
OOMScoreAdjust=-800

# Serial ports, and no other device. A kind whose module is not loaded when the agent starts stays
# forbidden: /etc/modules-load.d/crswatch.conf loads them.
DevicePolicy=closed
DeviceAllow=char-ttyUSB rw
DeviceAllow=char-ttyACM rw
DeviceAllow=char-ttyS rw
DeviceAllow=char-ttyAMA rw

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""

SYSUSERS: Final = f"""\
# The user of the agent; a member of dialout may use serial ports.
u {USER} - "crswatch agent" /var/lib/crswatch
m {USER} dialout
"""

MODULES: Final = """\
# Serial adapters, loaded before the agent starts, so that one may be plugged in later.
usbserial
cdc_acm
"""


def unit(program: str) -> str:
    """Return the unit file.

    Parameters
    ----------
    program
        Command line of the program, its path absolute.
    """
    return _UNIT.replace("PROGRAM", program)
