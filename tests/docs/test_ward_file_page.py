"""The page about the ward file says what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from edge_agent.config.ward_file import WardScope, parse_ward_plan
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.duty import DEFAULT_STEPS, DEFAULT_TIMES, Duty

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "ward_file.md").read_text()
ROWS: Final = {
    "the bed's nurse": Duty.NURSE,
    "the buddy": Duty.BUDDY,
    "the nurse in charge": Duty.CHARGE,
    "doctor on duty or rapid response team": Duty.RAPID_RESPONSE,
}


def cells(row: str) -> list[str]:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {row} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def after(seconds: float) -> str:
    return "at once" if seconds == 0 else f"after {seconds / 60:g} min"


def test_the_steps_of_the_page_are_those_of_the_program() -> None:
    assert {duty for steps in DEFAULT_STEPS.values() for duty in (s.duty for s in steps)} == {*Duty}
    for row, duty in ROWS.items():
        said = dict(zip(reversed(AlertPriority), cells(row), strict=True))
        for priority, steps in DEFAULT_STEPS.items():
            times = [after(step.after_s) for step in steps if step.duty is duty]
            assert said[priority] == "".join(times)


def test_the_reminders_of_the_page_are_those_of_the_program() -> None:
    high, medium, _low = cells("everybody called so far, once more")
    every = {p: f"every {times.reminder_s / 60:g} min" for p, times in DEFAULT_TIMES.items()}
    assert (high, medium) == (every[AlertPriority.HIGH], every[AlertPriority.MEDIUM])


def test_the_example_of_the_page_is_a_right_ward_file() -> None:
    examples = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    plan = parse_ward_plan(examples[0], "page", WardScope(("bed-01",), ("handset",)))
    assert [shift.nurses for shift in plan.shifts] == [{"bed-01": "N12"}]


def test_the_times_of_the_page_are_those_of_the_program() -> None:
    listed = [
        ", ".join(f"{value:g}" for value in (times.reminder_s, times.answer_s, times.silence_s))
        for _, times in sorted(DEFAULT_TIMES.items(), reverse=True)
    ]
    assert "; ".join(listed) in PAGE
