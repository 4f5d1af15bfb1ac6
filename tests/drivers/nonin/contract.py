"""The stream on which the contract test checks this driver."""

from __future__ import annotations

from tests.drivers.nonin import oximeter

CONTRACT = (
    oximeter.df2()
    + oximeter.df2()
    + b"noise"
    + oximeter.df2(oximeter.data_bytes(hr=511, spo2=127), flags={4: oximeter.SENSOR_ALARM})
    + oximeter.df2(oximeter.data_bytes(hr=140)),
    False,
    60,
    b"noise",
    False,
)
