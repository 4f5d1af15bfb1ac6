"""An hour of each simulated monitor, with its faults, into the agent and out to a subscriber."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.monitor_lines import CASES
from tests.witnessed import NIBP, cuff_readings, explained, values_of, watch

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.proof, pytest.mark.pty, pytest.mark.broker]


@pytest.mark.parametrize("name", CASES)
def test_the_subscriber_has_what_the_monitor_sent(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    watched = watch(tmp_path, case.line, case.build)
    whole = watched.whole()
    print(f"{name}: {len(whole)} sent, {sum(whole)} whole, {len(watched.received)} received")  # noqa: T201 - the proof's own report
    assert explained(watched) == ""
    for key in NIBP:
        shown = [
            s.values.get(key) for s, is_whole in zip(watched.sent, whole, strict=True) if is_whole
        ]
        got = [value for m in watched.received for value in values_of(m).get(key, [])]
        assert cuff_readings(got) == pytest.approx(cuff_readings(shown), abs=0.01)
