"""A profile says what is particular about a sender, and every mistake in one is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edge_agent.drivers.hl7_oru import SPEC
from edge_agent.drivers.hl7_oru.profile_files import profile_of
from edge_agent.model.errors import ConfigError
from tests.drivers.hl7_oru import sender

ALL_WRONG = """
titel = "x"
based_on = "tricorder"
missing_values = [1, "2", true]
x_is_invalid = 1
occasional_codes = [7]
acknowledge = "loudly"
accepted_unread = "ADT"
lost_after_s = 0
zone = "CET"
poll_every_s = 0.5
manufacturer = 7
poll_timeout_s = true
[alarm_text_priorities]
a = "loud"
[codes]
EHC = { 1 = 2 }
LN = 5
[units]
bpm = 147842
[[remap]]
code = 150344
[[remap]]
code = 1
to = 2
sub_id = "("
[[remap]]
code = 150344
to = 150344
site = "axilla"
[[remap]]
code = 150344
to = 150344
unit = 5
"""


def mistakes(name: str, text: str = "") -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        profile_of(name, text)
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_the_driver_lists_its_profiles_the_default_first() -> None:
    assert list(SPEC.profiles) == [
        "generic",
        "comen_nc5",
        "edan_ehc",
        "efficia",
        "efficia_lan",
        "ge_carescape_gateway",
        "intellibridge",
        "mindray_egateway",
        "northern_aquaris",
    ]
    assert all(SPEC.profiles.values())
    assert len(set(SPEC.profiles.values())) == len(SPEC.profiles)


def test_an_unknown_profile_is_answered_with_those_that_exist() -> None:
    found = mistakes("tricorder")
    assert found["profile"].startswith("'tricorder'; want one of generic, comen_nc5, ")


def test_every_mistake_is_told_with_its_key() -> None:
    found = mistakes("", ALL_WRONG)
    assert set(found) == {
        "titel",
        "based_on",
        "missing_values[1]",
        "missing_values[2]",
        "x_is_invalid",
        "occasional_codes[0]",
        "acknowledge",
        "accepted_unread",
        "lost_after_s",
        "zone",
        "poll_every_s",
        "manufacturer",
        "poll_timeout_s",
        "alarm_text_priorities.a",
        "codes.EHC.1",
        "codes.LN",
        "units.bpm",
        "remap[0].to",
        "remap[1].code",
        "remap[1].to",
        "remap[1].sub_id",
        "remap[2].site",
        "remap[3].unit",
    }
    assert found["acknowledge"] == "'loudly'; want one of as_asked, always, never"
    assert found["titel"].startswith("unknown key; known here: accepted_unread, acknowledge, ")
    assert found["zone"] == "'CET'; want +HHMM, -HHMM or an empty text"


def test_a_wrong_pattern_and_a_wrong_list_are_told() -> None:
    text = '[[remap]]\ncode = 150344\nto = 150344\nsub_id = "("\n'
    assert "regular expression" in mistakes("", text)["remap[0].sub_id"]
    assert mistakes("", "remap = 1") == {"remap": "1; want a list of tables [[remap]]"}


def test_what_is_no_toml_is_told() -> None:
    assert mistakes("ward", "title =")["-"].startswith("is not TOML: ")


def test_ones_own_profile_builds_on_a_shipped_one() -> None:
    text = """
        based_on = "northern_aquaris"
        zone = "+0800"
        x_is_invalid = false
        [codes.EHC]
        9 = 150344
        [units]
        grad = 268192
        [[remap]]
        code = 150031
        to = 150021
    """
    own, base = profile_of("ward", text), profile_of("northern_aquaris")
    assert own.zone is not None
    assert own.zone.utcoffset(None) == timedelta(hours=8)
    assert own.missing_values == base.missing_values >= {-100, 8388607, 32767}
    assert own.codes["EHC"] == {**base.codes["EHC"], "9": 150344}
    assert own.units == {**base.units, "grad": 268192}
    assert own.remap == (own.remap[0], *base.remap)
    assert own.remap[0].to == 150021


def test_an_empty_zone_and_charset_are_those_of_the_message() -> None:
    own = profile_of("ward", 'based_on = "northern_aquaris"\nzone = ""\ncharset = ""')
    assert (own.zone, own.charset) == (None, "")
    assert profile_of("ward", "poll_every_s = 0").poll_every_s == 0
    assert list(mistakes("", "poll_every_s = false\ncharset = 0")) == ["charset", "poll_every_s"]


def test_ones_own_profile_reads_with_its_own_rules() -> None:
    row = sender.obx("7^TEMPERATUR^WARD", "37,5", "grad")
    text = "[codes.WARD]\n7 = 150344\n[units]\ngrad = 268192\n"
    assert sender.one(row, "ward", text).value is None
    read = sender.one(row.replace(",", "."), "ward", text)
    assert (read.code, read.value, read.unit) == (150344, 37.5, "Cel")


def test_the_driver_refuses_a_wrong_profile_when_it_is_opened() -> None:
    with pytest.raises(ConfigError):
        sender.session("tricorder")
    with pytest.raises(ConfigError):
        sender.session("ward", "zone = 1")
