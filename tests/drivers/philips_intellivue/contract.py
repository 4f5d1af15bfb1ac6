"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.philips_intellivue import monitor

CONTRACT = (
    monitor.mds_create()
    + monitor.golden("numerics_spo2_low")
    + b"noise"
    + monitor.golden("alarms_spo2_low")
    + monitor.poll_reply(monitor.heart_rate(bits=0x007FFFFF, state=0x2000))
    + monitor.poll_reply(monitor.heart_rate(bits=0, state=0x0002))
    + monitor.golden("closing_linked_result"),
    True,
    40,
)
