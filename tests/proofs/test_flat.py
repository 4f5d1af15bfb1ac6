"""Three days of a patient on a ward with many faults, at speed: nothing of the agent grows.

Memory, descriptors and threads of this process, and the journal's files, are looked at every few
seconds; once the retention is reached, none may go on rising.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from edge_agent.config.gateway_file import BedSection, InfluxSection, JournalSection, MqttSection
from edge_agent.replay.line_plan import bare_config
from edge_agent.rulebook.rule_set import read_rulebook
from simulators.cohorts.cohort_file import load_cohort
from simulators.habits.drawn_wards import ward_named
from tests.support.brokers import mosquitto
from tests.support.influxd import running_influxd
from tests.support.played_patients import BED, patient_feed
from tests.support.replays import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.proof, pytest.mark.broker]

HOURS = float(os.environ.get("CRSWATCH_FLAT_HOURS", "72"))
SPEED = 300.0
WARD, NUMBER = "tune-04", 19
RETENTION_H = 0.02
"""Wall time after which the journal deletes: many times within the proof."""
LOOK_EVERY_S = 2.0
BEGIN = 0.4
"""Share of the run before caches, baselines and retention are full."""
MOST_RISE = {"memory MB": 15.0, "descriptors": 3.0, "threads": 1.0, "journal MB": 8.0}
"""Rise allowed from there to the end, on a straight line through what was seen."""


@dataclass
class Looks:
    """Figures of the process and its files over a run."""

    folder: Path
    rows: list[list[float]] = field(default_factory=list)

    def look(self) -> None:
        """Look at the process and the files once."""
        resident = int(Path("/proc/self/statm").read_text().split()[1])
        size = sum(path.stat().st_size for path in self.folder.glob("journal.db*"))
        self.rows.append(
            [
                resident * os.sysconf("SC_PAGE_SIZE") / 1e6,
                float(sum(1 for _ in Path("/proc/self/fd").iterdir())),
                float(threading.active_count()),
                size / 1e6,
            ]
        )

    def rises(self) -> dict[str, float]:
        """Return the rise of each figure over the later part of the run, by a fitted line."""
        rows = np.array(self.rows[round(BEGIN * len(self.rows)) :])
        x = np.linspace(0.0, 1.0, len(rows))
        slopes = np.polyfit(x, rows, 1)[0]
        return dict(zip(MOST_RISE, slopes.tolist(), strict=True))


@contextmanager
def looking(looks: Looks) -> Iterator[None]:
    is_over = threading.Event()

    def look_until_over() -> None:
        while not is_over.wait(LOOK_EVERY_S):
            looks.look()

    watch = threading.Thread(target=look_until_over)
    watch.start()
    try:
        yield
    finally:
        is_over.set()
        watch.join()


def test_nothing_grows_in_three_days_with_faults(tmp_path: Path) -> None:
    spec = replace(load_cohort("tune"), ward=ward_named(WARD))
    patient = spec.patient(NUMBER).patient
    looks = Looks(tmp_path)
    began_s = time.monotonic()
    with (
        running_influxd(tmp_path / "influx") as server,
        mosquitto(tmp_path) as broker,
        looking(looks),
    ):
        server.query("CREATE DATABASE ward")
        bed = BedSection(id=BED, port="recorded", driver="recorded", listen_only=True)
        config = replace(
            bare_config([bed], tmp_path / "journal.db"),
            journal=JournalSection(path=tmp_path / "journal.db", retention_h=RETENTION_H),
            mqtt=MqttSection(host="127.0.0.1", port=broker.port),
            influx=InfluxSection(url=server.url, api="v1", database="ward"),
        )
        feed = patient_feed(patient, 0, round(HOURS * 3600))
        replayed = replay(config, read_rulebook(None), [feed], SPEED)
    rises = looks.rises()
    first, last = looks.rows[round(BEGIN * len(looks.rows))], looks.rows[-1]
    sys.stdout.write(
        f"\n{HOURS:g} h of {WARD} in {time.monotonic() - began_s:.0f} s, {len(replayed.alerts)} "
        f"changes of alerts, {len(looks.rows)} looks\n"
        + "".join(
            f"{name:12} {a:8.1f} -> {b:8.1f}, rise on a line {rises[name]:+.2f}\n"
            for name, a, b in zip(MOST_RISE, first, last, strict=True)
        )
    )
    assert replayed.is_whole
    assert replayed.is_delivered
    assert {name: rise for name, rise in rises.items() if rise > MOST_RISE[name]} == {}
