"""An hour of each simulated monitor, with its faults, into the agent and out to a subscriber."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.test_agreement import check
from tests.support.monitor_lines import CASES
from tests.support.witnessed import watch

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.proof, pytest.mark.pty, pytest.mark.broker]


@pytest.mark.parametrize("name", CASES)
def test_the_subscriber_has_what_the_monitor_sent(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    watched = watch(tmp_path, case.line, case.build)
    counts = len(watched.sent), sum(watched.whole), len(watched.received)
    print("{}: {} sent, {} whole, {} received".format(name, *counts))  # noqa: T201 - its report
    check(watched)
