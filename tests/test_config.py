"""A wrong configuration lists every mistake at once; a right one says what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.commands.example_config import EXAMPLE
from edge_agent.config import ALL_SIGNALS, load_config, parse_config
from edge_agent.model.errors import ConfigError

GOOD = """
[gateway]
id = "gw-01"
site = "hospital"
ward = "cart-1"
[journal]
path = "crswatch.db"
[[beds]]
id = "bed-01"
port = "/dev/ttyUSB0"
driver = "philips_intellivue"
"""


def mistakes_of(text: str) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="gateway.toml")
    return {mistake.key: mistake.message for mistake in caught.value.mistakes}


def test_a_small_configuration_has_safe_defaults() -> None:
    config = parse_config(GOOD, source="gateway.toml")
    assert config.beds[0].required_signals == ALL_SIGNALS
    assert not config.beds[0].listen_only
    assert config.mqtt is None
    assert config.influx is None
    assert config.rules.folder is None


def test_the_printed_example_is_a_right_configuration() -> None:
    config = parse_config(EXAMPLE, source="example")
    assert [bed.id for bed in config.beds] == ["bed-01"]


def test_the_optional_parts_of_the_example_are_right_too(tmp_path: Path) -> None:
    text = EXAMPLE.replace("/etc/crswatch", str(tmp_path))
    secrets = ("mqtt.password", "ca.pem", "gw-01.pem", "gw-01.key", "influx.token")
    for name in secrets:
        (tmp_path / name).write_text("x")
    (tmp_path / "rules").mkdir()
    lines = [
        line.removeprefix("# ")
        if line.startswith(("# [", "# ")) and ("=" in line or "[" in line)
        else line
        for line in text.splitlines()
        if not line.startswith("# gateway.toml")
    ]
    config = parse_config("\n".join(lines), source="example")
    assert len(config.beds) == 2
    assert config.beds[0].serial.baud == 19200
    assert config.mqtt is not None
    assert config.mqtt.port == 8883
    assert config.influx is not None
    assert config.influx.api == "v2"
    assert config.rules.folder == tmp_path / "rules"


def test_every_mistake_is_reported_at_once_with_key_value_and_what_is_allowed() -> None:
    found = mistakes_of("""
[gateway]
id = "gw 01"
site = "hospital"
[journal]
path = "nowhere/at/all/crswatch.db"
retention_h = -1
colour = "blue"
[mqtt]
host = "broker"
port = 70000
[[beds]]
id = "bed-01"
port = "/dev/ttyUSB0"
driver = "philips_inteliview"
[[beds]]
id = "bed-01"
port = "/dev/ttyUSB1"
driver = "philips_intellivue"
required_signals = ["pulse"]
""")
    assert "'gw 01'" in found["gateway.id"]
    assert "missing" in found["gateway.ward"]
    assert "-1" in found["journal.retention_h"]
    assert "greater than 0" in found["journal.retention_h"]
    assert "not a known key" in found["journal.colour"]
    assert "70000" in found["mqtt.port"]
    assert "65535" in found["mqtt.port"]
    assert "'philips_inteliview'" in found["beds.0.driver"]
    assert "philips_intellivue" in found["beds.0.driver"]
    assert "'bed-01' for 2 beds" in found["beds.id"]
    assert "'spo2'" in found["beds.1.required_signals.0"]
    assert set(found) == {
        "gateway.id",
        "gateway.ward",
        "journal.path",
        "journal.retention_h",
        "journal.colour",
        "mqtt.port",
        "beds.0.driver",
        "beds.id",
        "beds.1.required_signals.0",
    }


def test_a_ward_without_beds_is_a_mistake() -> None:
    text = "beds = []\n" + GOOD[: GOOD.index("[[beds]]")]
    assert list(mistakes_of(text)) == ["beds"]


def test_files_that_are_not_there_are_mistakes() -> None:
    found = mistakes_of(
        GOOD.replace('"crswatch.db"', '"no-such-folder/crswatch.db"')
        + """
[mqtt]
host = "broker"
port = 0
password_file = "no-such-file"
tls_cert = "no-such-cert"
[influx]
url = "http://127.0.0.1:8086"
api = "v2"
[rules]
folder = "no-such-rules"
"""
    )
    assert set(found) == {
        "journal.path",
        "mqtt.port",
        "mqtt.password_file",
        "influx.org",
        "influx.bucket",
        "rules.folder",
        "mqtt.tls_cert",
    }


def test_the_older_database_interface_needs_a_database_name() -> None:
    found = mistakes_of(GOOD + '[influx]\nurl = "http://127.0.0.1:8086"\napi = "v1"\n')
    assert list(found) == ["influx.database"]


@pytest.mark.parametrize("text", ["[gateway", "beds = 3", "beds = [1]"])
def test_what_is_no_configuration_at_all_is_said_so(text: str) -> None:
    assert mistakes_of(text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.toml"):
        load_config(tmp_path / "nothing.toml")


def test_a_file_is_read_with_its_name_in_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(GOOD)
    assert load_config(path).gateway.ward == "cart-1"
