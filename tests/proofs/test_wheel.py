"""The wheel in an environment of its own, with a driver of another distribution."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

import pytest

from tests.support.wheels import ROOT, built, built_program
from tests.third_party.installation import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.proof, pytest.mark.pty]

WIRE: Final = "02 09 56 00 00 00 0c 00 61 48 1f 33 03"
GATEWAY: Final = """
[gateway]
id = "gw-01"
site = "hospital"
ward = "cart-1"
[journal]
path = "crswatch.db"
[[beds]]
id = "bed-01"
port = "/dev/ttyUSB0"
driver = "pulsetrak"
"""


class Environment:
    """A virtual environment with the wheel and the locked versions of what it needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bin = folder / "venv" / "bin"
        kept = {"HOME", "PATH", "LANG", "TMPDIR", "XDG_CONFIG_DIRS"}
        kept |= {name for name in os.environ if name.startswith(("PIP_", "SSL_"))}
        self._env = {name: value for name, value in os.environ.items() if name in kept}
        self._env["COLUMNS"] = "200"

    def run(self, *command: str) -> str:
        """Return what a command of the environment prints; it has to succeed."""
        done = subprocess.run(
            [str(self._bin / command[0]), *command[1:]],
            cwd=self.folder,
            env=self._env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout


def locked_versions() -> str:
    """Return the lock as constraints: the wheel itself has no hash there."""
    pins = re.findall(r"^\S+==\S+", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    return "\n".join(pins) + "\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Install the wheel as a gateway has it."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = built_program(folder)
    (folder / "constraints.txt").write_text(locked_versions())
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    made = Environment(folder)
    made.run("pip", "install", "--quiet", "--constraint", "constraints.txt", str(wheel))
    yield made
    shutil.rmtree(folder)


def test_the_program_is_that_of_the_wheel(environment: Environment) -> None:
    code = "import edge_agent, simulators; print(edge_agent.__file__, simulators.__file__)"
    places = environment.run("python", "-c", code).split()
    assert all(place.startswith(str(environment.folder)) for place in places)
    assert "matplotlib" not in environment.run("pip", "list")


def test_the_rules_agree_with_their_vectors(environment: Environment) -> None:
    assert "all vectors as expected" in environment.run("crswatch", "check-rules")


def test_the_demo_alerts(environment: Environment) -> None:
    # The limit only keeps a broken demonstration from running for ever.
    printed = environment.run("crswatch", "demo", "--until-alert", "--for", "900")
    assert "The alert came back through MQTT" in " ".join(printed.split())


def test_every_subcommand_explains_itself(environment: Environment) -> None:
    names = re.findall(r"^    ([a-z-]+) +\S", environment.run("crswatch", "--help"), re.MULTILINE)
    assert {"run", "demo", "check-rules", "evaluate"} <= set(names)
    for name in names:
        assert f"usage: crswatch {name}" in environment.run("crswatch", name, "--help")


def test_a_driver_of_another_distribution_works(environment: Environment) -> None:
    folder = environment.folder
    other = folder / "other"
    shutil.copytree(EXAMPLE, other / "source", ignore=shutil.ignore_patterns("__pycache__"))
    wheel = built(other / "source", other)
    environment.run("pip", "install", "--quiet", "--no-index", str(wheel))
    assert "PulseTrak 100 pulse oximeter" in environment.run("crswatch", "drivers")
    (folder / "line.bin").write_bytes(bytes.fromhex(WIRE))
    decoded = environment.run("crswatch", "decode", "--driver", "pulsetrak", "line.bin")
    assert [(row["label"], row["value"]) for row in csv.DictReader(io.StringIO(decoded))] == [
        ("SpO2", "97.0"),
        ("Pulse rate", "72.0"),
        ("Perfusion index", "3.1"),
    ]
    (folder / "gateway.toml").write_text(GATEWAY)
    assert "fine" in environment.run("crswatch", "check-config", "gateway.toml")
