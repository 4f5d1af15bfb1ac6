"""The stream on which the contract test checks this driver; its lines are written by us."""

from __future__ import annotations

CONTRACT = (
    b"ST690 SN=0012345 ORAL   T= 38.4 C OK\r\n"
    b"ST690 SN=0012345 AXILLA T=---.- C ERR07\r\n"
    b"noise\r"
    b"ST690 SN=0012346 RECTAL T=101.3 F LOWBAT\r",
    False,
    20,
    b"\nnoise\r",
    False,
)
