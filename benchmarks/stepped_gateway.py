"""A gateway over monitors whose heart rate steps, and the rule that alerts to each step."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.stepped_monitors import SteppedMonitor
from simulators.links.pty_link import PtyLink
from simulators.links.system_clock import read_system_clock
from simulators.monitors.device import PowerOn
from simulators.monitors.intellivue.monitor import IntellivueMonitor, IntellivueSettings
from simulators.scenarios.scenario_file import load_scenario

_CYCLE_S: Final = 1.024
"""Seconds between two measurements of an IntelliVue monitor."""
RULE_ID: Final = "bench.step"
_CONDITION: Final = (
    'vital = "heart_rate", op = ">", value = 120, unit = "/min", at_least_s = 10, window_s = 10'
)
_WORDS: Final = f"""
["{RULE_ID}"]
headline = "Heart rate stepped up"
action = "Do nothing."
"""
RULE: Final = f"""
[rule]
id = "{RULE_ID}"
version = 1
kind = "physiological"
priority = "high"
source = "benchmark"
status = "unvalidated"
latch_s = 0
[when]
all = [
  {{ {_CONDITION} }},
]
for_s = 0
clear_for_s = 0
"""


def gateway_file(folder: Path, beds: Sequence[SteppedMonitor], section: str) -> Path:
    """Return a gateway.toml for these monitors, with every shipped rule and that of the step.

    Parameters
    ----------
    section
        One more section, such as that of the broker or of the board.
    """
    rules = folder / "rules"
    shutil.copytree(str(files("edge_agent") / "rules"), rules)
    (rules / "step.toml").write_text(RULE, encoding="utf-8")
    for texts in (rules / "texts").glob("*.toml"):
        with texts.open("a", encoding="utf-8") as words:
            words.write(_WORDS)
    lines = [
        '[gateway]\nid = "gw-bench"\nsite = "bench"\nward = "ward"',
        f'[journal]\npath = "{folder / "journal.db"}"',
        section,
        f'[rules]\nfolder = "{rules}"',
        *(
            f'[[beds]]\nid = "{bed.name}"\nport = "{bed.link.path}"\ndriver = "philips_intellivue"'
            for bed in beds
        ),
    ]
    path = folder / "gateway.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def stepped_beds(stack: ExitStack, count: int) -> list[SteppedMonitor]:
    """Return monitors on pseudo-terminals that the stack closes."""
    phases = Random(2)  # monitors that were switched on at different moments
    beds = []
    for i in range(count):
        course = load_scenario("baseline", seed=i).patient
        bed = SteppedMonitor(f"bed-{i + 1:02}", course, stack.enter_context(PtyLink()))
        settings = IntellivueSettings(bed_label=bed.name)
        powered_at = read_system_clock().plus(-phases.uniform(0.0, _CYCLE_S))
        bed.monitor = IntellivueMonitor(PowerOn(bed.view, powered_at), settings, i)
        beds.append(bed)
    return beds
