"""Another detector's alerts from a table, scored beside ours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.commands.evaluate import FIGURES, PAGE
from edge_agent.commands.peer_file import read_peer
from edge_agent.evaluate.stays.reported_alerts import About, about_of_rule
from edge_agent.model.alerts import AlertPriority
from edge_agent.model.errors import ConfigError
from simulators.cohorts.cohort_file import format_cohort, load_cohort

if TYPE_CHECKING:
    from pathlib import Path

SPEC = replace(load_cohort("train"), days=1.5, patients=3)
HEAD = "time,patient,rule,priority,state,about,note\n"
START_NS = 1_767_571_200_000_000_000


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "theirs.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_alerts_last_from_their_raising_to_their_end(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "600,train-00001,hot,medium,raised,fever,a note",
        "900,train-00001,hot,high,raised,fever,",
        "1200,train-00001,hot,high,ended,fever,",
        "300,train-00001,crs.hypoxia,low,raised,,",
        "2026-01-05T01:00:00Z,train-00001,hot,medium,raised,fever,",
        "5,train-00002,signal.lost.spo2,low,raised,,",
        "9,train-00002,other,low,ended,pressure,",
    )
    peer = read_peer(path, SPEC)
    assert peer.method == "peer theirs"
    told = peer.reports("train-00001", START_NS, 7200.0)
    assert told.at_s.tolist() == [300.0, 600.0, 900.0, 3600.0]
    assert told.until_s.tolist() == [7200.0, 1200.0, 1200.0, 7200.0]
    assert told.about.tolist() == [About.OXYGEN, About.FEVER, About.FEVER, About.FEVER]
    assert told.priority.tolist() == [
        AlertPriority.LOW,
        AlertPriority.MEDIUM,
        AlertPriority.HIGH,
        AlertPriority.MEDIUM,
    ]
    (lost,) = peer.reports("train-00002", START_NS, 7200.0).about.tolist()
    assert lost == About.TECHNICAL
    assert peer.reports("train-00000", START_NS, 7200.0).at_s.size == 0
    assert about_of_rule("vital.unheard_of") is About.OTHER


def test_every_bad_cell_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "soon,train-00001,hot,medium,raised,fever,",
        "-5,train-00001,hot,medium,raised,fever,",
        "1,train-00003,hot,urgent,on,heat,",
        "1,train-1,hot,low,raised,,",
        "1,train-00001",
    )
    with pytest.raises(ConfigError) as refused:
        read_peer(path, SPEC)
    assert [str(mistake) for mistake in refused.value.mistakes] == [
        f"{path}, line {line}: {message}"
        for line, message in (
            (2, "time: is 'soon'; want seconds since the recording began, or ISO 8601"),
            (3, "time: is '-5'; want seconds since the recording began, or ISO 8601"),
            (4, "priority: is 'urgent'; want low, medium, high"),
            (4, "state: is 'on'; want raised, ended"),
            (
                4,
                "about: is 'heat'; want fever, crs, pressure, oxygen, watch, score, other, "
                "technical",
            ),
            (4, "patient: is 'train-00003'; want train-00000 to train-00002"),
            (
                5,
                "rule: is 'hot'; its subject is unknown; want a column about with fever, crs, "
                "pressure, oxygen, watch, score, other, technical",
            ),
            (5, "patient: is 'train-1'; want train-00000 to train-00002"),
            (6, "priority: is ''; want low, medium, high"),
            (6, "state: is ''; want raised, ended"),
            (
                6,
                "rule: is ''; its subject is unknown; want a column about with fever, crs, "
                "pressure, oxygen, watch, score, other, technical",
            ),
        )
    ]
    with pytest.raises(ConfigError, match="has no column patient, state; want time"):
        read_peer(written(tmp_path, head="time,rule,priority\n"), SPEC)


@pytest.mark.untraced
def test_a_peer_stands_beside_the_comparators(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = tmp_path / "short.toml", tmp_path / "out"
    spec.write_text(format_cohort(SPEC))
    peer = written(tmp_path, "600,train-00001,hot,medium,raised,fever,")
    arguments = ["evaluate", "--cohort", str(spec), "--jobs", "1", "--out", str(out)]
    arguments += ["--peer", str(peer)]
    assert main([*arguments, "--physiologies", "curves,setpoint"]) == 2
    assert "want one beside --peer" in capsys.readouterr().err
    assert main([*arguments, "--rules", "rules"]) == 0
    assert "<td>peer theirs</td>" in (out / PAGE).read_text(encoding="utf-8")
    assert '"peer theirs": {' in (out / FIGURES).read_text(encoding="utf-8")
