"""Facts about a driver."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.config.gateway_file import SerialSection
from edge_agent.drivers.base import SerialSettings


def test_settings_are_overridden_by_all_that_is_given_also_by_no_handshake() -> None:
    theirs = SerialSettings(19200, 8, "E", 1, rts_cts=True)
    assert theirs.overridden_by(SerialSection()) == theirs
    ours = SerialSection(byte_size=7, rts_cts=False)
    assert theirs.overridden_by(ours) == replace(theirs, byte_size=7, rts_cts=False)
