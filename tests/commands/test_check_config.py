"""`crswatch check-config`: mistakes end it, warnings do not, and no secret is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import trustme

from edge_agent.__main__ import main
from edge_agent.commands.example_config import EXAMPLE
from edge_agent.commands.example_ward import EXAMPLE_WARD
from tests.support.gateways import write_config
from tests.support.ward_accesses import opened

LINE = '[[beds]]\nid = "bed-01"\nport = "/dev/ttyUSB0"\ndriver = "nonin"\n'
HEAD = '[gateway]\nid = "gw-01"\nsite = "hospital"\nward = "cart-1"\n[journal]\npath = "j.db"\n'
MQTT = '[mqtt]\nhost = "127.0.0.1"\n'
LOGIN = 'username = "gw"\npassword_file = "secret"\n'
INFLUX = '[influx]\nurl = "http://127.0.0.1:8086"\napi = "v2"\norg = "o"\nbucket = "b"\n'
TOKEN = 'token_file = "secret"\n'


class Check:
    """Runs the command on a text, beside a file `secret`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capsys = capsys

    def __call__(self, text: str, secret: bytes = b"s3cret\n") -> tuple[int, list[str]]:
        """Return the exit status and what is said, without the file's name."""
        (self._folder / "secret").write_bytes(secret)
        path = self._folder / "gateway.toml"
        path.write_text(text)
        status = main(["check-config", str(path)])
        shown = self._capsys.readouterr()
        said = (shown.out + shown.err).splitlines()
        assert not any("s3cret" in line for line in said)
        return status, [line.removeprefix(f"{path}: ") for line in said]

    def warnings(self, text: str, secret: bytes = b"s3cret\n") -> list[str]:
        """Return the warnings about a text that is right."""
        status, said = self(text, secret)
        assert status == 0
        assert said[-1].startswith("fine")
        return [line.removeprefix("warning: ") for line in said[:-1]]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    return Check(tmp_path, capsys)


def test_the_example_is_fine_but_for_the_broker_it_lacks(check: Check) -> None:
    status, said = check(EXAMPLE)
    assert status == 0
    assert said[0] == "warning: no [mqtt]: no alert leaves this machine"
    assert said[1].startswith("fine, 1 warning. Ward hospital/cart-1, 1 beds")


def test_a_journal_in_a_folder_that_is_not_here_is_a_mistake_to_a_check(check: Check) -> None:
    status, said = check(HEAD.replace("j.db", "gone/j.db") + LINE)
    assert (status, len(said)) == (2, 1)
    assert re.search(r"^journal\.path: .* points to .*gone is no folder", said[0])


def test_a_configuration_that_leaves_nothing_to_ask_has_no_warning(check: Check) -> None:
    text = HEAD + MQTT + LOGIN + INFLUX + TOKEN + LINE
    assert check.warnings(text, b"\xef\xbb\xbfs3cret\r\n") == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        (MQTT + "port = 8883\n", "mqtt.tls_ca: missing, and port 8883 is usually for TLS"),
        (
            MQTT.replace("127.0.0.1", "broker"),
            "mqtt.tls_ca: missing, so everything goes over the network in plain text",
        ),
        (MQTT + 'username = "gw"\n', "mqtt.password_file: missing, so the broker gets no password"),
        (
            MQTT + INFLUX.replace("127.0.0.1", "influx"),
            "influx.url: http, so everything goes over the network in plain text",
        ),
        (MQTT + INFLUX + 'database = "d"\n', "influx.database: not used with api 'v2'"),
        (
            MQTT + INFLUX.replace('"v2"', '"v1"') + 'database = "d"\n',
            "influx.org: not used with api 'v1'",
        ),
    ],
)
def test_what_is_probably_not_meant_so_is_said(check: Check, text: str, warning: str) -> None:
    assert check.warnings(HEAD + text + LINE) == [warning]


@pytest.mark.parametrize(
    ("line", "warning"),
    [
        ("required_signals = []\n", "bed-01: required_signals is empty, so no signal that is lost"),
        (LINE.replace("bed-01", "BED-01").replace("USB0", "USB1"), "beds.id: 'bed-01' and another"),
    ],
)
def test_beds_are_looked_at_too(check: Check, line: str, warning: str) -> None:
    assert check.warnings(HEAD + MQTT + LINE + line)[0].startswith(warning)


def test_a_port_in_the_working_directory_and_one_open_to_all_are_said(check: Check) -> None:
    assert check.warnings(HEAD + MQTT + LINE.replace("/dev/ttyUSB0", "adapter")) == [
        "bed-01: port 'adapter' is not here; want a path such as /dev/..."
    ]
    open_to_all = LINE.replace("/dev/ttyUSB0", "mllp://0.0.0.0:2575").replace("nonin", "hl7_oru")
    (warning,) = check.warnings(HEAD + MQTT + open_to_all + 'origin = "ICU"\n')
    assert warning.startswith("beds.port: 'mllp://0.0.0.0:2575' listens on every network")


@pytest.mark.parametrize("sink", [MQTT + LOGIN, MQTT + INFLUX + TOKEN])
def test_a_secret_with_a_second_line_is_used_and_named(check: Check, sink: str) -> None:
    (warning,) = check.warnings(HEAD + sink + LINE, b"s3cret\n# made for gw-01\n")
    assert "secret has more than one line; only the first is the secret" in warning


@pytest.mark.parametrize("sink", [MQTT + LOGIN, INFLUX + TOKEN])
@pytest.mark.parametrize(
    ("secret", "cause"),
    [
        (b"", "first line is empty"),
        ("s3cret".encode("utf-16"), "is saved as UTF-16"),
        (b"s3\x01cret", "cannot be printed"),
    ],
)
def test_a_secret_that_no_sink_could_use_is_a_mistake(
    check: Check, sink: str, secret: bytes, cause: str
) -> None:
    status, (said,) = check(HEAD + sink + LINE, secret)
    assert status == 2
    assert cause in said


def test_certificates_are_loaded_and_all_that_is_wrong_is_said_together(check: Check) -> None:
    status, said = check(HEAD + MQTT + LOGIN + 'tls_ca = "secret"\n' + INFLUX + TOKEN + LINE, b"")
    assert status == 2
    assert len(said) == 3
    assert "cannot be used" in said[0]
    assert "want a certificate authority in PEM" in said[0]
    assert "first line is empty" in said[1]


def test_the_secret_of_the_other_interface_is_not_asked_for(check: Check) -> None:
    v1 = INFLUX.replace('"v2"', '"v1"') + 'database = "d"\n' + TOKEN
    assert "influx.token_file: not used with api 'v1'" in check.warnings(HEAD + v1 + LINE, b"")


WARD = """
[ward]
file = "ward.toml"
[[ways]]
name = "handset"
kind = "syslog"
host = "127.0.0.1"
transport = "tcp"
"""


def test_the_ward_file_is_checked_with_the_gateway(check: Check, tmp_path: Path) -> None:
    (tmp_path / "ward.toml").write_text(EXAMPLE_WARD)
    status, said = check(HEAD + LINE + MQTT + WARD)
    assert status == 0
    assert said[0] == (f"warning: {tmp_path / 'ward.toml'}: shift night: nobody stands in for N15")
    assert said[-1].endswith("sinks: mqtt, people: 4, ways out: handset")


def test_the_mistakes_of_the_ward_file_are_reported_with_all_others(
    check: Check, tmp_path: Path
) -> None:
    (tmp_path / "ward.toml").write_text(EXAMPLE_WARD.replace('"handset"', '"pigeon"', 1))
    status, said = check(HEAD + LINE + MQTT + LOGIN + WARD, secret=b"\n")
    assert status == 2
    assert any("want a way out in gateway.toml: handset" in line for line in said)
    assert any("its first line is empty" in line for line in said)


def test_the_example_of_a_ward_file_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["example-config", "--ward"]) == 0
    assert capsys.readouterr().out == EXAMPLE_WARD
    assert main(["example-config"]) == 0
    assert capsys.readouterr().out == EXAMPLE


@pytest.mark.parametrize("command", [["check-config"], ["run", "--config"]])
def test_a_board_for_others_without_tls_and_accounts_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    path = write_config(tmp_path, "/dev/ttyUSB9")
    path.write_text(path.read_text() + '[board]\naddress = "0.0.0.0"\n')
    assert main([*command, str(path)]) == 2
    said = capsys.readouterr().err
    assert "board.tls_cert: is missing; the board at '0.0.0.0'" in said
    assert "board.accounts: " in said
    authority = trustme.CA()
    certificate = authority.issue_cert("board.example")
    certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "board.pem")
    tls = 'tls_cert = "board.pem"\ntls_key = "board.pem"\n'
    path.write_text(path.read_text() + tls)
    with opened(tmp_path / "journal.db.accounts") as ward:
        assert main([*command, str(path)]) == 2
        assert "has no enabled account of a nurse" in capsys.readouterr().err
        ward.person("nurse 7")
        assert main(["check-config", str(path)]) == 0
