"""A site's own table of the score is used wherever its rules are, and the shipped one otherwise."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from edge_agent.__main__ import main
from edge_agent.batch.detector import BatchDetector
from edge_agent.batch.recorded_stay import RecordedStay, RecordedVital
from edge_agent.config.gateway_file import config_hash, load_config
from edge_agent.detect.engine import Engine
from edge_agent.detect.language.scored_rules import score_of, shipped_score, shipped_text
from edge_agent.model.errors import RuleError
from edge_agent.model.measurements import VitalKind
from edge_agent.rulebook.rule_set import prove, read_rulebook
from tests.support.detector_inputs import BED, START, at, reading
from tests.support.gateways import write_config
from tests.support.rule_words import write_words

if TYPE_CHECKING:
    from pathlib import Path

RULE: Final = """
[rule]
id = "ward.score"
version = 1
kind = "physiological"
priority = "high"
source = "test"
status = "unvalidated"
latch_s = 0
[when]
all = [{ signal = "crs_score_low", op = ">=", value = 9, unit = "{score}" }]
for_s = 0
clear_for_s = 0
"""
VECTORS: Final = """
rule = "ward.score"
step_s = 60
series.temperature = "38.5*20"
expect = [{ at_s = 0, state = "none" }, { at_s = 900, state = "raised" }]
"""
OWN: Final = shipped_text().replace("points = 3", "points = 9")


def write_rules(folder: Path, score: str | None) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "own.toml").write_text(RULE)
    write_words(folder, "ward.score")
    (folder / "own.vectors.toml").write_text(VECTORS)
    if score is not None:
        (folder / "ours.toml").write_text(score)


@pytest.mark.parametrize(("score", "points"), [(OWN, 9), (None, 3)])
def test_live_and_recorded_score_and_the_vectors_follow_the_table(
    tmp_path: Path, score: str | None, points: int
) -> None:
    write_rules(tmp_path, score)
    book = read_rulebook(tmp_path)
    engine = Engine(book.rules, START)
    for second in range(10, 1201, 10):
        engine.observe(reading(VitalKind.TEMPERATURE, second, 38.5))
        engine.evaluate(BED, at(second))
    report = engine.report(BED)
    assert report is not None
    assert report.crs_score is not None
    (fever,) = [term for term in report.terms if term.name == "fever"]
    assert (report.crs_score.low, fever.low) == (points, points)
    times_s = np.arange(10.0, 1201.0, 10.0)
    column = RecordedVital(times_s, np.full(times_s.size, 38.5))
    recording = RecordedStay(0, {(VitalKind.TEMPERATURE, ""): column})
    found = BatchDetector(book.rules).run(recording)
    assert found.minute_signals["crs_score_low"][-1] == report.crs_score.low
    assert [mistake.key for mistake in prove(book)] == ([] if score else ["expect[1].state"])


def test_the_hash_of_the_settings_changes_with_the_score(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path, "/dev/ttyUSB9"))
    hashes = set()
    for name, score in (("none", None), ("shipped", shipped_text()), ("own", OWN)):
        write_rules(tmp_path / name, score)
        hashes.add(config_hash(config, read_rulebook(tmp_path / name).texts))
    assert len(hashes) >= 2
    assert shipped_text() in read_rulebook(tmp_path / "none").texts
    assert OWN in read_rulebook(tmp_path / "own").texts


def test_rules_take_their_score_to_another_process(tmp_path: Path) -> None:
    write_rules(tmp_path, OWN)
    rules = read_rulebook(tmp_path).rules
    there = pickle.loads(pickle.dumps(rules))
    assert there == rules
    assert [t.points for t in score_of(there).terms] == [t.points for t in rules.score.terms]
    assert rules.score.terms[3].points == 9
    assert score_of(list(rules)) is shipped_score()


def test_a_folder_with_two_scores_or_an_unreachable_limit_is_refused(tmp_path: Path) -> None:
    write_rules(tmp_path, OWN)
    (tmp_path / "second.toml").write_text(OWN.replace("value = 39.0", "value = 101"))
    with pytest.raises(RuleError) as caught:
        read_rulebook(tmp_path)
    assert [str(mistake) for mistake in caught.value.mistakes] == [
        "crs.suspicion: temperature: limit 101; want 33 to 42.5 Cel: no reading beyond it is used",
        "second.toml: score: want one score; ours.toml has one",
    ]


def test_a_folder_with_a_score_alone_has_no_rule(tmp_path: Path) -> None:
    (tmp_path / "score.toml").write_text(OWN)
    with pytest.raises(RuleError, match="holds no rule file"):
        read_rulebook(tmp_path)


def test_check_rules_lists_the_score_with_its_version_and_its_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_rules(tmp_path, OWN.replace("version = 1", "version = 7"))
    assert main(["check-rules", str(tmp_path)]) == 0
    assert "crs.suspicion              v7 score of 16 terms" in capsys.readouterr().out
    write_rules(tmp_path, OWN.replace('unit = "h"', 'unit = "s"', 1).replace("points = 2", ""))
    assert main(["check-rules", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "ours.toml: term[1].all[0].unit: 's'; want h" in err
    assert err.count("points: missing; want a whole number") == 3
