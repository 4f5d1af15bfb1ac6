"""An installation writes what a service needs, once, and overwrites nobody's work."""

from __future__ import annotations

import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from edge_agent.__main__ import main
from edge_agent.commands.example_config import EXAMPLE
from edge_agent.config.gateway_file import load_config
from edge_agent.model.errors import CrswatchError
from edge_agent.ops import installation
from edge_agent.ops.installation import Fate, install, program
from edge_agent.ops.service_files import MODULES, SYSUSERS, unit

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = "/opt/crswatch/bin/crswatch"
UNIT = "etc/systemd/system/crswatch.service"
FILES = (
    "etc/crswatch/gateway.toml",
    UNIT,
    "etc/sysusers.d/crswatch.conf",
    "etc/modules-load.d/crswatch.conf",
)
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def fates(root: Path) -> dict[str, Fate]:
    steps = install(root, COMMAND, EXAMPLE)
    return {str(step.path.relative_to(root)): step.fate for step in steps}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_installation_makes_every_file_and_folder(tmp_path: Path) -> None:
    assert fates(tmp_path) == dict.fromkeys(("etc/crswatch", "var/lib/crswatch", *FILES), Fate.MADE)
    assert mode(tmp_path / "etc/crswatch") == 0o750
    assert mode(tmp_path / "var/lib/crswatch") == 0o700
    assert mode(tmp_path / FILES[0]) == 0o640
    assert list(tmp_path.rglob(".*")) == []


def test_the_configuration_stores_its_journal_where_the_service_may_write(tmp_path: Path) -> None:
    install(tmp_path, COMMAND, EXAMPLE)
    config = load_config(tmp_path / FILES[0])
    assert str(config.journal.path) == "/var/lib/crswatch/crswatch.db"


def test_a_second_installation_changes_nothing(tmp_path: Path) -> None:
    fates(tmp_path)
    (tmp_path / FILES[0]).write_text("# mine")
    assert set(fates(tmp_path).values()) == {Fate.AS_IT_WAS}
    assert (tmp_path / FILES[0]).read_text() == "# mine"


def test_a_file_of_an_earlier_version_is_replaced(tmp_path: Path) -> None:
    install(tmp_path, "/opt/older/bin/crswatch", EXAMPLE)
    assert fates(tmp_path)[UNIT] is Fate.REPLACED
    assert f"ExecStart={COMMAND} run" in (tmp_path / UNIT).read_text()


def test_a_file_that_an_engineer_edited_stays(tmp_path: Path) -> None:
    install(tmp_path, "/opt/older/bin/crswatch", EXAMPLE)
    path = tmp_path / UNIT
    edited = path.read_text().replace("MemoryMax=1G", "MemoryMax=2G")
    path.write_text(edited)
    assert fates(tmp_path)[UNIT] is Fate.EDITED
    assert path.read_text() == edited
    assert f"ExecStart={COMMAND} run" in path.with_name("crswatch.service.new").read_text()


def test_a_foreign_file_in_its_place_stays(tmp_path: Path) -> None:
    path = tmp_path / UNIT
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff mine")
    assert fates(tmp_path)[UNIT] is Fate.EDITED
    assert path.read_bytes() == b"\xff mine"


def test_a_program_that_the_service_cannot_see_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_HOMES", ("/",))
    with pytest.raises(CrswatchError, match="a service sees nothing in /; install it in"):
        program()


def test_the_command_says_what_it_wrote_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_HOMES", ())
    assert main(["install", "--root", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert f"{tmp_path / UNIT}: made" in said
    assert len(said.partition("next:\n")[2].splitlines()) == 3
    (tmp_path / UNIT).write_text("mine")
    assert main(["install", "--root", str(tmp_path)]) == 1
    assert "was edited and stays" in capsys.readouterr().out


def test_a_root_that_is_no_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["install", "--root", str(tmp_path / "none")]) == 2
    assert "want an existing folder" in capsys.readouterr().err


def image(root: Path) -> Path:
    """Return an image with the service and the targets that its unit names."""
    install(root, "/bin/program", EXAMPLE)
    (root / "bin").mkdir()
    (root / "bin/program").write_text("#!/bin/sh\n")
    (root / "bin/program").chmod(0o755)
    return root / UNIT


@needs_systemd
def test_systemd_finds_no_mistake_in_the_unit(tmp_path: Path) -> None:
    assert ANALYZE is not None
    unit_file = image(tmp_path)
    text = unit_file.read_text().replace("/bin/program", str(tmp_path / "bin/program"))
    alone = tmp_path / "crswatch.service"
    alone.write_text(text)
    done = subprocess.run(
        [ANALYZE, "verify", "--man=no", str(alone)], capture_output=True, text=True, check=False
    )
    assert "crswatch" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


@needs_systemd
def test_systemd_finds_the_service_well_confined(tmp_path: Path) -> None:
    assert ANALYZE is not None
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--threshold=20", str(image(tmp_path))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_user_and_the_modules_are_in_the_form_of_systemd() -> None:
    lines = [line.split()[0] for line in SYSUSERS.splitlines() if not line.startswith("#")]
    assert lines == ["u", "m"]
    assert MODULES.splitlines()[1:] == ["usbserial", "cdc_acm"]
    assert "PROGRAM" not in unit(COMMAND)
