"""Each key of a configuration takes what it is for, and nothing that only looks like it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from edge_agent.config.gateway_file import config_hash, load_config, parse_config
from edge_agent.model.errors import ConfigError
from edge_agent.model.language import Language
from tests.config.test_gateway_file import GOOD, mistakes_of
from tests.support.config_sections import INFLUX, connecting

MQTT = '[mqtt]\nhost = "127.0.0.1"\n'
LINE = "[beds.serial]\n"


def said_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="gateway.toml")
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("text", "key", "want"),
    [
        (GOOD + 'listen_only = "off"', "beds.0.listen_only", "want true or false"),
        (GOOD + "listen_only = 0", "beds.0.listen_only", "want true or false"),
        (GOOD + LINE + 'baud = "9600"', "beds.0.serial.baud", "want a whole number"),
        (GOOD + LINE + "baud = 9600.0", "beds.0.serial.baud", "want a whole number"),
        (GOOD + LINE + "baud = true", "beds.0.serial.baud", "want a whole number"),
        (GOOD + LINE + 'rts_cts = "no"', "beds.0.serial.rts_cts", "want true or false"),
        (GOOD + LINE + "stop_bits = true", "beds.0.serial.stop_bits", "want one of 1, 2"),
        (GOOD + LINE + "stop_bits = 3", "beds.0.serial.stop_bits", "want one of 1, 2"),
        (GOOD + LINE + "byte_size = 8.0", "beds.0.serial.byte_size", "want one of 7, 8"),
        (GOOD + MQTT + "port = true", "mqtt.port", "want a whole number"),
        (GOOD + MQTT + 'port = "1883"', "mqtt.port", "want a whole number"),
        (GOOD + MQTT + "username = 7", "mqtt.username", "want a text"),
        (GOOD + INFLUX + 'timeout_s = "5"', "influx.timeout_s", "want a number"),
        (GOOD + INFLUX + "timeout_s = inf", "influx.timeout_s", "inf; want a number above 0"),
        (GOOD + 'origin = "ICU\\n"\nclock_zone = "\\u0000"', "beds.0.clock_zone", "name of a zone"),
        (GOOD + 'origin = "ICU\\u0007x"', "beds.0.origin", "cannot be printed"),
        (GOOD + 'origin = "ICU\\ufffdx"', "beds.0.origin", "U+FFFD"),
        (GOOD + 'required_signals = "spo2"', "beds.0.required_signals", "want a list"),
    ],
)
def test_nothing_is_taken_for_something_else(text: str, key: str, want: str) -> None:
    assert want in mistakes_of(text)[key]


@pytest.mark.parametrize("hours", ['"72"', "nan", "inf", "true", "0", "-1", "8785"])
def test_how_long_is_kept_is_a_number_within_bounds(hours: str) -> None:
    text = GOOD.replace('path = "crswatch.db"', f'path = "crswatch.db"\nretention_h = {hours}')
    assert list(mistakes_of(text)) == ["journal.retention_h"]


@pytest.mark.parametrize("hours", ["72", "0.5", "8784"])
def test_whole_and_broken_hours_are_taken(hours: str) -> None:
    text = GOOD.replace('path = "crswatch.db"', f'path = "crswatch.db"\nretention_h = {hours}')
    assert parse_config(text, source="x").journal.retention_h == float(hours)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (GOOD + MQTT + 'password = "hunter2"', "mqtt.password"),
        (GOOD + MQTT + 'Passwort = "hunter2"', "mqtt.Passwort"),
        (GOOD + MQTT + 'password_file = "hunter2"\nusername = "gw"', "mqtt.password_file"),
        (GOOD + MQTT + 'colour = "hunter2"', "mqtt.colour"),
        (GOOD + INFLUX + 'token = "hunter2"', "influx.token"),
        (GOOD + INFLUX + 'token_file = ["hunter2"]', "influx.token_file"),
        (GOOD + '[[mqtt]]\nhost = "x"\npassword = "hunter2"', "mqtt"),
        ('mqtt = "hunter2"\n' + GOOD, "mqtt"),
        (GOOD + INFLUX.replace("http://", "http://gw:hunter2@"), "influx.url"),
        (GOOD + '[mqtt]\nhost = "mqtt://gw:hunter2@broker"', "mqtt.host"),
    ],
)
def test_what_may_be_a_secret_is_never_repeated(text: str, key: str) -> None:
    found = mistakes_of(text)
    assert key in found
    assert "hunter2" not in str(found)


def test_a_secret_in_the_open_is_answered_with_the_key_for_its_file() -> None:
    assert (
        "want password_file: secrets are in files"
        in mistakes_of(GOOD + MQTT + 'password = "x"')["mqtt.password"]
    )
    found = mistakes_of(GOOD + INFLUX + 'token = "x"')["influx.token"]
    assert "want token_file or password_file" in found


def test_slips_are_answered_with_what_was_probably_meant() -> None:
    assert (
        "did you mean retention_h?"
        in mistakes_of(GOOD.replace("[journal]", "[journal]\nretention = 72"))["journal.retention"]
    )
    assert (
        "did you mean listen_only?" in mistakes_of(GOOD + "listenonly = true")["beds.0.listenonly"]
    )
    assert (
        "did you mean rts_cts?"
        in mistakes_of(GOOD + LINE + "rtscts = true")["beds.0.serial.rtscts"]
    )
    assert "did you mean beds?" in mistakes_of(GOOD.replace("[[beds]]", "[[bed]]"))["bed"]
    assert (
        "want a list of tables [[beds]]" in mistakes_of(GOOD.replace("[[beds]]", "[beds]"))["beds"]
    )
    device = '[[beds.devices]]\nname = "x"\nport = "/dev/y"\ndriver = "nonin"\nprofil = "df7"'
    assert "did you mean profile?" in mistakes_of(GOOD + device)["beds.0.devices.0.profil"]


def test_a_mistake_names_its_bed_and_where_that_begins() -> None:
    text = GOOD + '[[beds]]\nid = "bed-02"\nport = "/dev/x"\ndriver = "nonin"\nlisten_only = 1\n'
    assert said_of(text) == [
        "gateway.toml, line 12, bed-02: beds.1.listen_only: 1; want true or false"
    ]
    inline = 'beds = [{ id = "bed-01", port = "/dev/x", driver = "nonin", listen_only = 1 }]\n'
    assert said_of(inline + GOOD.partition("[[beds]]")[0]) == [
        "gateway.toml, bed-01: beds.0.listen_only: 1; want true or false"
    ]
    assert any("gateway.toml: beds.0" in line for line in said_of("beds = [3]"))


def test_a_login_that_http_cannot_carry_is_a_mistake() -> None:
    text = GOOD + INFLUX + 'username = "\u03a9"\n'
    assert "not ASCII" in mistakes_of(text)["influx.username"]


def test_long_values_are_cut_in_messages() -> None:
    found = mistakes_of(GOOD.replace('"hospital"', f'"{"x" * 5000}"'))["gateway.site"]
    assert len(found) < 500
    assert "never the name of a patient" in found


def test_a_name_that_is_too_long_for_a_file_is_a_mistake() -> None:
    long = "x" * 300
    assert "too long" in mistakes_of(GOOD + f'profile_file = "{long}"')["beds.0.profile_file"]
    assert "too long" in mistakes_of(GOOD.replace("crswatch.db", f"/{long}"))["journal.path"]
    assert "too long" in mistakes_of(GOOD + f'[rules]\nfolder = "{long}"')["rules.folder"]


def test_a_path_with_a_zero_byte_is_a_mistake() -> None:
    wrong = mistakes_of(GOOD.replace("crswatch.db", r"x\u0000.db"))
    assert "holds a zero byte; want the path of a file" in wrong["journal.path"]
    wrong = mistakes_of(GOOD + '[board]\naccounts = "a\\u0000"')
    assert "holds a zero byte; want the path of a file" in wrong["board.accounts"]


def test_a_folder_is_no_journal_and_no_profile(tmp_path: Path) -> None:
    assert mistakes_of(GOOD.replace("crswatch.db", str(tmp_path))) == {
        "journal.path": f"{str(tmp_path)!r}; is a folder; want a file in it"
    }
    found = mistakes_of(GOOD + f'profile_file = "{tmp_path}"')
    assert "is no file" in found["beds.0.profile_file"]


def test_keys_that_say_nothing_alone_are_mistakes(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")
    secret = f'password_file = "{tmp_path / "s"}"\n'
    assert list(mistakes_of(GOOD + MQTT + secret)) == ["mqtt.username"]
    pair = f'tls_cert = "{tmp_path / "s"}"\ntls_key = "{tmp_path / "s"}"\n'
    assert list(mistakes_of(GOOD + MQTT + pair)) == ["mqtt.tls_ca"]


def test_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "secret").write_text("x")
    shutil.copy("edge_agent/drivers/ascii_line/devices/suretemp_like.toml", tmp_path / "mine.toml")
    device = (
        '[[beds.devices]]\nname = "x"\nport = "/dev/y"\ndriver = "ascii_line"\n'
        'profile_file = "mine.toml"\n'
    )
    text = GOOD + device + MQTT + 'username = "gw"\npassword_file = "secret"\n'
    path = tmp_path / "gateway.toml"
    path.write_text(text + '[rules]\nfolder = "rules"\n')
    config = load_config(path)
    assert config.journal.path == tmp_path / "crswatch.db"
    assert config.rules.folder == tmp_path / "rules"
    assert config.mqtt is not None
    assert config.mqtt.password_file == tmp_path / "secret"
    assert config.beds[0].devices[0].profile_file == tmp_path / "mine.toml"


def test_what_is_read_and_is_not_beside_the_file_is_taken_from_the_working_directory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(GOOD + '[rules]\nfolder = "tests"\n')
    config = load_config(path)
    assert config.rules.folder == Path("tests")
    assert config.journal.path == tmp_path / "crswatch.db"
    absolute = GOOD.replace("crswatch.db", str(tmp_path / "other.db"))
    path.write_text(absolute)
    assert load_config(path).journal.path == tmp_path / "other.db"


def test_the_hash_of_alerts_follows_the_text_of_a_profile(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('title = "ward"\n')
    text = GOOD + connecting("bed-02", "mllp://127.0.0.1:2575") + f'profile_file = "{own}"\n'
    config = parse_config(text, source="x")
    before = config_hash(config, ["rule"])
    assert config_hash(config, ["rule"]) == before
    own.write_text('title = "ward two"\n')
    assert config_hash(config, ["rule"]) != before
    assert config_hash(config, ["other"]) != config_hash(config, ["rule"])
    own.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-16"):
        config_hash(config, [])


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (GOOD.replace('id = "bed-01"', ""), "beds.0.id", "missing; want 1 to 64 letters, digits"),
        (
            GOOD.replace("driver", "diver"),
            "beds.0.driver",
            "missing; want a text that is not empty",
        ),
        (GOOD.replace("[journal]", "[journals]"), "journal", "missing; want a table [journal]"),
        (GOOD.partition("[[beds]]")[0], "beds", "missing; want a list of tables [[beds]]"),
        (GOOD + "devices = 3", "beds.0.devices", "want a list of tables [[beds.devices]]"),
        (GOOD + "devices = [3]", "beds.0.devices.0", "want a table"),
        (
            GOOD + "serial = 3",
            "beds.0.serial",
            "its value is not shown; want a table [beds.serial]",
        ),
        (GOOD + MQTT + "port = 0", "mqtt.port", "0; want a whole number from 1 to 65535"),
        (GOOD + MQTT + "port = 65536", "mqtt.port", "65536; want a whole number from 1 to 65535"),
        (GOOD + LINE + 'parity = "X"', "beds.0.serial.parity", "'X'; want one of N, E, O"),
    ],
)
def test_the_words_are_those_of_every_toml_file(text: str, key: str, message: str) -> None:
    assert message in mistakes_of(text)[key]


def test_blanks_around_a_name_are_left_out() -> None:
    text = GOOD.replace('"hospital"', '" hospital "')
    assert parse_config(text, source="gateway.toml").gateway.site == "hospital"


def test_the_language_of_alerts_is_english_unless_the_file_says_german() -> None:
    assert parse_config(GOOD, source="x").gateway.language is Language.EN
    german = GOOD.replace('ward = "cart-1"', 'ward = "cart-1"\nlanguage = "de"')
    assert parse_config(german, source="x").gateway.language is Language.DE
    assert mistakes_of(german.replace('"de"', '"fr"'))["gateway.language"].endswith("en, de")
