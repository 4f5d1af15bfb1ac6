"""Reports of a bed's assessment: at once after a change, otherwise every 10 s."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.gateway.status_file import AssessedBed, GatewayStatus, encode_status, status_path
from edge_agent.model.assessment import (
    Assessment,
    AssessmentState,
    BedReport,
    InputAge,
    PointRange,
    RiskMarker,
    ShownGrade,
    ShownScore,
    TermPoints,
)
from edge_agent.model.session_events import LinkState
from edge_agent.payloads.events import AssessmentEvent, LinkEvent, decode_event, encode_report
from edge_agent.payloads.status import decode_status_message, status_message
from tests.support.gateways import write_config
from tests.support.pipelines import BED, PLACE, START, message, pipeline, play

if TYPE_CHECKING:
    from pathlib import Path

    from edge_agent.ward.pipeline import Pipeline

MISSING = ("temperature", "SpO2")
REPORT = BedReport(
    bed_id=BED,
    at=START.plus(60),
    assessment=Assessment(AssessmentState.DEGRADED, "", MISSING, START),
    inputs=(InputAge("temperature", None, is_fresh=False), InputAge("SpO2", 31.0, is_fresh=False)),
    crs_score=PointRange(1, 9),
    terms=(TermPoints("rising", "temperature rises", 0, 1, None, ""),),
    news2=None,
    scores=(ShownScore("bedside_pews", PointRange(2, 12)),),
    risk_markers=(RiskMarker("easix", 2.5, 7200.0),),
    shock_index=0.7,
    mean_pressure_mmhg=None,
    grade=ShownGrade("ASTCT 2019", 0, 4, "not known", ("fever",), "CRS not excluded."),
    other_grades=(ShownGrade("ASTCT 2019 ICANS", 1, 1, "ICE", (), "ICANS grade 1."),),
)


def told(line: Pipeline, seconds: range) -> list[tuple[int, AssessmentState, tuple[str, ...]]]:
    """Return when people were told of the bed, and what; readings come every second."""
    found = []
    for second in seconds:
        event = message(second, hr=80, spo2=97, temp=36.8)
        line.receive(PLACE, [event], event.at)
        for report in line.due_reports(event.at):
            found.append((second, report.assessment.state, report.assessment.missing))  # noqa: PERF401
    return found


def test_a_bed_is_told_of_every_10_s_and_at_once_where_something_changes() -> None:
    line = pipeline()
    no_pressure = ("respiratory rate", "blood pressure")
    assert told(line, range(32)) == [
        (second, AssessmentState.DEGRADED, no_pressure) for second in (11, 21, 31)
    ]
    line.receive(PLACE, [message(32, cuff=120)], START.plus(32))
    assert told(line, range(33, 52))[0] == (41, AssessmentState.DEGRADED, no_pressure[:1])
    assert list(line.assessments()) == [BED]
    outcomes = line.tick(START.plus(100))
    assert outcomes
    (report,) = line.due_reports(START.plus(100))
    assert report.assessment.state is AssessmentState.NOT_ASSESSING
    assert report.assessment.reason == "no data from the bed"
    assert not list(line.due_reports(START.plus(101)))


def test_a_bed_that_was_never_judged_is_not_told_of() -> None:
    line = pipeline()
    assert line.assessments() == {}
    assert not list(line.due_reports(START))


def test_the_report_on_the_wire_says_everything() -> None:
    event = decode_event(encode_report(REPORT))
    assert isinstance(event, AssessmentEvent)
    assert (event.bed_id, event.inputs, event.terms, event.grade) == (
        BED,
        REPORT.inputs,
        REPORT.terms,
        REPORT.grade,
    )
    link = LinkEvent(BED, "monitor", LinkState.CONNECTED, "", "t")
    wire = json.loads(status_message(BED, [link], event))
    said = wire["assessment"]
    assert (said["state"], said["reason"], said["missing"]) == ("degraded", "", [*MISSING])
    assert said["since"] == "2027-01-15T08:00:00.000Z"
    assert said["at"] == "2027-01-15T08:01:00.000Z"
    assert said["crs_score"] == {"low": 1, "high": 9}
    assert said["terms"][0]["text"] == "temperature rises"
    assert said["news2"] is None
    assert said["scores"] == [{"name": "bedside_pews", "points": {"low": 2, "high": 12}}]
    assert said["risk_markers"] == [{"name": "easix", "value": 2.5, "oldest_s": 7200.0}]
    assert said["inputs"][1] == {"name": "SpO2", "age_s": 31.0, "is_fresh": False}
    assert said["grade"]["text"] == "CRS not excluded."
    assert [grade["scale"] for grade in said["other_grades"]] == ["ASTCT 2019 ICANS"]
    assert wire["links"][0]["device_id"] == "monitor"
    assert wire["schema"] == 1
    assert decode_status_message(status_message(BED, [link], event)).assessment == event
    assert decode_status_message(status_message(BED, [link])).assessment is None


def test_the_status_command_says_whether_beds_are_assessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    config = write_config(tmp_path, "/dev/null")
    lost = Assessment(AssessmentState.NOT_ASSESSING, "no data from the bed", (), START.plus(40))
    beds = (AssessedBed(BED, REPORT.assessment), AssessedBed("bed-02", lost))
    said = GatewayStatus("gw", "0.1.0", START, START.plus(60), 0, "", 0, 0, (), beds)
    status_path(tmp_path / "journal.db").write_bytes(encode_status(said))
    assert main(["status", "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "bed-01: degraded for 60 s; missing: temperature, SpO2" in out
    assert "bed-02: not assessing for 20 s; no data from the bed" in out


def test_low_oxygen_is_judged_whatever_is_told_of_the_bed() -> None:
    quiet, asked = pipeline(), pipeline()
    found = play(quiet, range(240), 86.0)
    outcomes = []
    for second in range(240):
        event = message(second, hr=80, spo2=86.0)
        outcomes += asked.receive(PLACE, [event], event.at)
        list(asked.due_reports(event.at))
    assert outcomes == found
