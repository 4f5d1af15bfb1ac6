"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.ge_dri import monitor

CONTRACT = (
    monitor.displayed(
        monitor.heart(),
        (monitor.SPO2, monitor.ON, 0, (9712, 71, 12)),
        monitor.cuff(),
        (monitor.T1, monitor.ON, 15, (3690,)),
    )
    + monitor.alarm_status((b"SpO2 low", 2), (b"~ }", 1))
    + b"noise"
    + monitor.displayed(
        monitor.heart(monitor.INVALID),
        (monitor.SPO2, monitor.ON, 0, (monitor.INVALID, monitor.INVALID, 0)),
    )
    + monitor.displayed(monitor.heart(0, monitor.ON | monitor.SOURCE_ECG | 1 << 2)),
    True,
    200,
)
