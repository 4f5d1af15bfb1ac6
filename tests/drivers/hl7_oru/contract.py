"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.hl7_oru import sender
from tests.drivers.hl7_oru.sender import BPM, DEGC, HR, MMHG, NIBP_SYS, PERCENT, SPO2, TEMP

_RESULTS = sender.results(
    sender.obx(SPO2, "", PERCENT, "X", sub_id="1.3.1.150456"),
    sender.obx(HR, "0", BPM, sub_id="1.7.4.147842", limits="50-120"),
    sender.obx(TEMP, "38.5", DEGC, sub_id="1.2.1.150344"),
    sender.obx(NIBP_SYS, "118", MMHG, sub_id="1.1.9.150021", time="20260912115500+0000"),
)
_ALERT = sender.frame(sender.header("ORU^R40^ORU_R40"), *sender.golden("mindray_alert_rows"))

CONTRACT = (
    _RESULTS
    + b"noise"
    + _ALERT
    + sender.results(*sender.golden("northern_rows"))
    + sender.frame(sender.header("ORF^R04"), *sender.golden("efficia_rows")),
    True,
    60,
)
