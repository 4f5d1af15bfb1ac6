"""The pages for the ward engineer, checked against the program."""

from __future__ import annotations

import argparse
import re
import tomllib
from pathlib import Path

import pytest

from edge_agent.__main__ import COMMANDS, command_module
from edge_agent.config.gateway_file import parse_config
from edge_agent.drivers.base import DriverSpec, SessionOptions
from edge_agent.drivers.hl7_oru import SPEC as HL7
from edge_agent.drivers.hl7_oru.frames import MAX_FRAME
from edge_agent.drivers.registry import BUILT_IN
from edge_agent.sources import mllp_source, port_names
from tests.support.pages import PAGES, ROOT, block, code, page, rows

built_in = pytest.mark.parametrize("spec", BUILT_IN, ids=lambda spec: spec.name)
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)

GATEWAY = """
[gateway]
id = "gw-01"
site = "hospital"
ward = "cart-1"
[journal]
path = "crswatch.db"
"""


def line_of(spec: DriverSpec) -> str:
    line = spec.serial
    flow = " RTS/CTS" if line.rts_cts else ""
    return f"{line.baud} {line.byte_size}{line.parity}{line.stop_bits}{flow}"


def rule(name: str) -> dict[str, object]:
    table = tomllib.loads((ROOT / "rules" / f"{name.replace('.', '/')}.toml").read_text())
    found = table["rule"] | table["when"]
    assert isinstance(found, dict)
    return found


@built_in
def test_the_table_of_drivers_has_every_driver_and_every_cell(spec: DriverSpec) -> None:
    table = {key: cells for key, cells in rows("drivers.md").items() if len(cells) == 8}
    cells = rows("drivers.md")[spec.name]
    assert all(cells)
    assert table.keys() == {s.name for s in BUILT_IN}


@built_in
def test_wiring_has_every_driver_with_the_line_it_uses(spec: DriverSpec) -> None:
    line, cable, at_the_monitor = rows("wiring.md")[spec.name]
    assert line == line_of(spec)
    assert cable
    assert at_the_monitor


@built_in
def test_every_profile_is_on_some_page(spec: DriverSpec) -> None:
    text = "".join(path.read_text() for path in PAGES)
    text += (ROOT / "edge_agent" / "drivers" / spec.name / "PROTOCOL.md").read_text()
    assert all(f"`{profile}`" in text for profile in spec.profiles)


def test_the_page_about_networks_has_every_profile() -> None:
    assert rows("monitors_on_the_network.md").keys() >= HL7.profiles.keys()


@each_page
def test_every_command_and_option_exists(path: Path) -> None:
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers()
    for name in COMMANDS:
        command_module(name).add_arguments(subparsers.add_parser(name))
    for text in code(path.name):
        if found := re.match(r"(?:\$ )?crswatch ([a-z-]+)([^#]*)", text):
            assert found[1] in subparsers.choices, text
            known = subparsers.choices[found[1]].format_help()
            assert all(option in known for option in re.findall(r" (--?[a-z-]+)", found[2])), text


@each_page
def test_every_link_leads_somewhere(path: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", path.read_text()):
        found = path.parent / target if target else path
        assert found.exists(), target
        headings = re.findall(r"^#+ (.*)$", found.read_text(), re.MULTILINE) if anchor else []
        anchors = {re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings}
        assert not anchor or anchor in anchors, anchor


@each_page
def test_every_file_named_on_a_page_exists(path: Path) -> None:
    named = re.findall(r"`((?:edge_agent|simulators|tests|rules)/[\w/.]+)`", path.read_text())
    missing = [name for name in named if "pulsetrak" not in name and not (ROOT / name).exists()]
    assert not missing


@each_page
def test_every_rule_named_on_a_page_exists(path: Path) -> None:
    for name in re.findall(r"`((?:system|signal|crs|vital)\.\w+)`", path.read_text()):
        assert rule(name)["id"] == name


def test_times_of_the_alerts_are_those_of_the_rules() -> None:
    assert rule("system.link")["for_s"] == 10
    assert rule("system.link")["clear_for_s"] == 120
    assert rule("system.feed")["all"] == [
        {"vital": "any", "statistic": "age", "op": ">", "value": 30, "unit": "s"}
    ]
    changed = rule("system.monitor_changed")
    assert (changed["escalate_after_s"], changed["escalate_priority"]) == (300, "high")


def test_limits_of_the_network_are_those_of_the_program() -> None:
    text = page("monitors_on_the_network.md")
    assert f"**More than {mllp_source.MAX_CONNECTIONS} connections**" in text
    assert f"says nothing for {mllp_source._IDLE_S / 60:g} minutes" in text
    assert f"then {HL7.silence_s:g} s of silence" in text
    assert f"longer than {MAX_FRAME} bytes" in text


def test_the_example_of_the_network_page_is_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example = block("monitors_on_the_network.md", "gateway")
    config = parse_config(GATEWAY + example, source="page")
    assert [bed.origin for bed in config.beds] == ["ICU^^5", "ICU^^6"]


def test_the_profile_of_the_network_page_is_a_profile() -> None:
    text = block("monitors_on_the_network.md", "profile")
    HL7.open_session(SessionOptions("check", profile_text=text))


def test_every_form_of_port_on_the_wiring_page_is_one() -> None:
    forms = re.findall(r'^\| `"([^"]+)"` \|', page("wiring.md"), re.MULTILINE)
    assert len(forms) == 6
    for form in forms:
        port_names.check_address(form)


def test_every_word_of_the_status_is_one_of_the_program() -> None:
    program = "".join(path.read_text() for path in (ROOT / "edge_agent").rglob("*.py"))
    status = page("wiring.md").partition("## 4.")[2].partition("## 5.")[0]
    lines = [line for line in status.splitlines() if line.startswith("| `")]
    assert len(lines) > 12
    for words in re.findall(r"`([^`]+)`", "".join(lines)):
        pieces = [piece.strip(" '") for piece in words.split("...")]
        assert all(piece in program for piece in pieces), words
