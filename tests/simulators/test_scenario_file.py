"""Scenario files are read whole, and every mistake in one is named."""

from __future__ import annotations

import pytest

from edge_agent.model.errors import ConfigError
from simulators.scenario_file import load_course, parse_course, scenario_names

GOOD = """
title = "t"
truth = "no alert"
temperature_site = "core"
cuff_first_s = 60
cuff_every_s = 300
[[off]]
sensor = "ecg"
from_min = 1
to_min = 2
[[keyframe]]
at_min = 0
temperature = 37.0
heart_rate_at_37 = 80
spo2 = 97
perfusion_index = 3.0
respiratory_rate = 16
systolic = 120
diastolic = 75
"""


def mistakes(text: str) -> dict[str, str]:
    """Return key -> message of all that is wrong."""
    with pytest.raises(ConfigError) as caught:
        parse_course(text, "x.toml", 1)
    assert {mistake.source for mistake in caught.value.mistakes} == {"x.toml"}
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_the_named_scenarios_are_there_and_right() -> None:
    assert scenario_names() == ("baseline", "crs_grade_2", "fever_only", "probe_off")
    for name in scenario_names():
        assert load_course(name, 1).title


def test_a_good_text_is_read() -> None:
    course = parse_course(GOOD, "x.toml", 9)
    assert (course.seed, course.cuff_every_s, course.keyframes[0].spo2) == (9, 300.0, 97.0)
    assert course.sensors_off[0].sensor == "ecg"


def test_an_unknown_scenario_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ConfigError, match="have baseline, crs_grade_2"):
        load_course("nope", 1)


def test_text_that_is_not_toml_is_named() -> None:
    assert mistakes("title = ").keys() == {"(file)"}


def test_an_empty_text_lacks_everything() -> None:
    assert mistakes("").keys() == {
        "title",
        "truth",
        "temperature_site",
        "cuff_first_s",
        "cuff_every_s",
        "keyframe",
    }


def test_all_mistakes_are_named_at_once() -> None:
    bad = GOOD.replace("97", "197").replace('"core"', '"toe"').replace('"ecg"', '"eeg"')
    bad = bad.replace("to_min = 2", "to_min = 1").replace("= 75", "= 130") + 'pulse = "x"\n'
    bad = bad.replace("cuff_every_s = 300", "cuff_every_s = true\nextra = 1")
    assert mistakes(bad).keys() == {
        "keyframe[0].spo2",
        "temperature_site",
        "off[0].sensor",
        "off[0].to_min",
        "keyframe[0].diastolic",
        "keyframe[0].pulse",
        "cuff_every_s",
        "extra",
    }


def test_keyframes_go_forward_in_time() -> None:
    twice = GOOD + GOOD[GOOD.index("[[keyframe]]") :]
    assert mistakes(twice) == {"keyframe[1].at_min": "0.0; want later than the one before"}


@pytest.mark.parametrize("value", ["3", "[1, 2]"])
def test_keyframes_are_tables(value: str) -> None:
    head = GOOD[: GOOD.index("[[off]]")]
    assert "want an array of tables" in mistakes(f"{head}keyframe = {value}\n")["keyframe"]
