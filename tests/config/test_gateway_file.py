"""A wrong configuration lists every mistake at once; a right one says what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.commands.example_config import EXAMPLE
from edge_agent.config.gateway_file import load_config, parse_config
from edge_agent.model.errors import ConfigError
from edge_agent.model.measurements import REQUIRED_SIGNALS

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
    assert config.beds[0].required_signals == REQUIRED_SIGNALS
    assert not config.beds[0].listen_only
    assert config.mqtt is None
    assert config.influx is None
    assert config.rules.folder is None


def test_the_printed_example_is_a_right_configuration() -> None:
    config = parse_config(EXAMPLE, source="example")
    assert [bed.id for bed in config.beds] == ["bed-01"]


def test_the_optional_parts_of_the_example_are_right_too(tmp_path: Path) -> None:
    text = EXAMPLE.replace("/etc/crswatch", str(tmp_path))
    text = text.replace('"crswatch.db.accounts"', f'"{tmp_path}/accounts"')
    secrets = ["mqtt.password", "ca.pem", "gw-01.pem", "gw-01.key", "influx.token", "ward.toml"]
    secrets += ["paging.secret", "apprise.urls"]
    for name in (*secrets, "board.pem", "board.key", "protocol.toml", "accounts"):
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
    assert config.ward is not None
    assert config.ward.file == tmp_path / "ward.toml"
    assert [way.kind for way in config.ways] == ["webhook", "acm", "mqtt", "syslog", "apprise"]
    assert config.board is not None
    assert config.board.proxies == ("192.0.2.9",)


def test_every_mistake_is_reported_at_once_with_key_value_and_what_is_allowed() -> None:
    found = mistakes_of("""
[gateway]
id = "gw 01"
site = "hospital"
[journal]
path = "."
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
    assert "above 0" in found["journal.retention_h"]
    assert "unknown key" in found["journal.colour"]
    assert "70000" in found["mqtt.port"]
    assert "65535" in found["mqtt.port"]
    assert "'philips_inteliview'" in found["beds.0.driver"]
    assert "philips_intellivue" in found["beds.0.driver"]
    assert "'bed-01' for 2 beds" in found["beds.id"]
    assert "spo2" in found["beds.1.required_signals.0"]
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


def test_a_folder_whose_disk_is_not_mounted_stops_no_start() -> None:
    text = GOOD.replace('"crswatch.db"', '"not-mounted/yet/crswatch.db"')
    path = parse_config(text, source="gateway.toml").journal.path
    assert path == Path("not-mounted/yet/crswatch.db")


@pytest.mark.parametrize(
    ("keys", "key", "words"),
    [
        (f'tls_key = "{__file__}"', "mqtt.tls_cert", "and mqtt.tls_key go together"),
        (f'tls_cert = "{__file__}"', "mqtt.tls_cert", "and mqtt.tls_key go together"),
        (f'password_file = "{__file__}"', "mqtt.username", "the password is not used"),
        (f'username = ""\npassword_file = "{__file__}"', "mqtt.username", "is missing"),
    ],
)
def test_keys_of_the_broker_that_need_each_other(keys: str, key: str, words: str) -> None:
    assert words in mistakes_of(f'{GOOD}\n[mqtt]\nhost = "broker"\n{keys}\n')[key]


def test_files_that_are_not_there_are_mistakes() -> None:
    found = mistakes_of(
        GOOD
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
        "mqtt.port",
        "mqtt.password_file",
        "mqtt.username",
        "mqtt.tls_ca",
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


THERMOMETER = """
[[beds.devices]]
name = "thermometer"
port = "/dev/ttyUSB1"
driver = "nonin"
profile = "ascii"
"""


def test_a_bed_may_have_more_devices_each_with_a_line_of_its_own() -> None:
    (bed,) = parse_config(GOOD + THERMOMETER, source="gateway.toml").beds
    ports = {place.device_id: line.port for place, line in bed.lines().items()}
    assert ports == {"bed-01": "/dev/ttyUSB0", "bed-01.thermometer": "/dev/ttyUSB1"}
    assert {place.bed_id for place in bed.lines()} == {"bed-01"}


def test_two_devices_cannot_share_a_serial_port() -> None:
    text = GOOD + THERMOMETER.replace("ttyUSB1", "ttyUSB0")
    assert mistakes_of(text) == {"beds.port": "is '/dev/ttyUSB0' for 2 devices; each needs its own"}


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ('clock_zone = "Mars"', "beds.0.clock_zone", "the name of a zone"),
        ('profile = "df2"', "beds.0.profile", "philips_intellivue has no profiles"),
        ('profile_file = "/nowhere"', "beds.0.profile_file", "/nowhere"),
    ],
)
def test_what_a_line_cannot_be_is_said_with_its_key(line: str, key: str, message: str) -> None:
    mistakes = mistakes_of(GOOD + line)
    assert message in mistakes[key]


def test_a_profile_the_driver_does_not_know_is_answered_with_those_it_knows() -> None:
    mistakes = mistakes_of(GOOD + THERMOMETER.replace('"ascii"', '"df99"'))
    assert "df99" in mistakes["beds.0.devices.0.profile"]
    assert "df7" in mistakes["beds.0.devices.0.profile"]


def connecting(bed_id: str, origin: str, more: str = "") -> str:
    return (
        f'[[beds]]\nid = "{bed_id}"\nport = "mllp://0.0.0.0:2575"\ndriver = "hl7_oru"\n'
        f'origin = "{origin}"\n{more}\n'
    )


def test_devices_that_connect_to_one_address_are_told_apart_by_their_origin() -> None:
    text = GOOD + connecting("bed-02", "ICU^^2") + connecting("bed-03", "ICU^^3")
    assert len(parse_config(text, source="gateway.toml").beds) == 3
    twice = GOOD + connecting("bed-02", "ICU^^2") + connecting("bed-03", "ICU^^2")
    assert mistakes_of(twice) == {
        "beds.port": "is 'mllp://0.0.0.0:2575' with origin 'ICU^^2' for 2 devices; "
        "each needs its own"
    }


def test_devices_that_connect_to_one_address_are_read_alike() -> None:
    more = 'clock_zone = "Europe/Berlin"'
    text = GOOD + connecting("bed-02", "ICU^^2") + connecting("bed-03", "ICU^^3", more)
    assert mistakes_of(text) == {
        "beds.2.clock_zone": "is 'Europe/Berlin', and None for another device that connects to "
        "mllp://0.0.0.0:2575; want the same"
    }
    text = GOOD + connecting("bed-02", "ICU^^2", more) + connecting("bed-03", "ICU^^3")
    assert mistakes_of(text)["beds.2.clock_zone"].startswith("is None, and 'Europe/Berlin' for")


def test_an_origin_that_cannot_be_read_or_looks_like_another_is_refused() -> None:
    unreadable = mistakes_of(GOOD + connecting("bed-02", "ICU^^\ufffd\ufffd"))["beds.1.origin"]
    assert "U+FFFD" in unreadable
    assert mistakes_of(GOOD + connecting("bed-02", "x" * 251)) == {
        "beds.1.origin": "has 251 characters; want at most 250"
    }
    assert len(parse_config(GOOD + connecting("bed-02", "x" * 250), source="g").beds) == 2
    lost = mistakes_of(GOOD + connecting("bed-02", "ICU^^??"))["beds.1.origin"]
    assert lost.startswith("is 'ICU^^??'; question marks stand for what could not be written")
    first, second = connecting("bed-02", "ICU^^5a"), connecting("bed-03", "icu^^5A ")
    assert mistakes_of(GOOD + first + second) == {
        "beds.2.origin": "is 'icu^^5A ', and another device's 'ICU^^5a' looks the same; "
        "want another"
    }
    elsewhere = second.replace("2575", "2576")
    assert len(parse_config(GOOD + first + elsewhere, source="gateway.toml").beds) == 3


def test_an_address_needs_a_driver_that_takes_connections_and_an_origin() -> None:
    mistakes = mistakes_of(GOOD.replace("/dev/ttyUSB0", "mllp://0.0.0.0:2575"))
    assert "hl7_oru takes connections" in mistakes["beds.0.port"]
    assert "is missing" in mistakes["beds.0.origin"]


def test_a_profile_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "device.toml"
    path.write_bytes(b"\xff\xfe")
    text = GOOD + THERMOMETER.replace('profile = "ascii"', f'profile_file = "{path}"')
    assert "UTF-16" in mistakes_of(text)["beds.0.devices.0.profile"]


def test_devices_that_are_no_tables_and_drivers_that_are_no_text_are_mistakes() -> None:
    mistakes = mistakes_of(GOOD.replace('"philips_intellivue"', "7") + "devices = [7]\n")
    assert "beds.0.driver" in mistakes
    assert "beds.0.devices.0" in mistakes
