"""Facts that all values of one message share, and the numerics of such a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge_agent.model.clock import Instant
from edge_agent.model.measurements import DeviceTime, GenerationMode, Numeric, Validity

_WITH_VALUE: Final = frozenset({Validity.VALID, Validity.QUESTIONABLE})
_NO_TIME: Final = DeviceTime()


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """Facts about a message of a device whose status concerns all values in it."""

    device_id: str
    state: int
    """The device's raw status bits."""
    at: Instant
    measured_at: DeviceTime = _NO_TIME

    def numeric(
        self,
        label: str,
        code: int,
        unit: tuple[int, str],
        value: float | None,
        validity: Validity,
    ) -> Numeric:
        """Return one numeric; without its value where the validity rules one out.

        Parameters
        ----------
        label
            The device's name of the parameter.
        code
            ISO/IEEE 11073-10101 code, or a private one.
        unit
            11073-10101 unit code and UCUM unit.
        value
            The number; None where the device shows none.
        validity
            The device's verdict.
        """
        return Numeric(
            device_id=self.device_id,
            channel=label,
            code=code,
            label=label,
            value=value if validity in _WITH_VALUE else None,
            unit_code=unit[0],
            unit=unit[1],
            state=self.state,
            validity=validity,
            mode=GenerationMode.REAL,
            measured_at=self.measured_at,
            received_at=self.at,
        )
