"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.nellcor_ascii.oximeter import Shown, golden

CONTRACT = (
    golden("n560_header")
    + golden("n560_mode")
    + golden("n560_columns")
    + golden("n560_reading").replace(b"\r\n", b"\r")
    + b"noise"
    + golden("n560_episode")
    + Shown(pa="  0", end="\r\n\r\n").line()
    + Shown().line(),
    True,
    30,
)
