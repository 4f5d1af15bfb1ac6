"""The registry finds drivers and names them when asked for another.

That it finds installed ones is shown in `tests/third_party`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_agent.__main__ import main
from edge_agent.config.cross_checks import bed_mistakes
from edge_agent.config.gateway_file import load_config
from edge_agent.drivers.registry import all_drivers, driver, faults
from edge_agent.gateway.system_clock import read_system_clock
from edge_agent.lines.opening import lines_of
from edge_agent.model.clock import ScaledClock
from edge_agent.model.errors import ConfigError

PACKAGE = """
from dataclasses import replace
from edge_agent.drivers.nonin import SPEC as NONIN
SPEC = replace(NONIN, name={name!r}, title="from another distribution")
"""


@dataclass(frozen=True)
class Installed:
    """A folder of installed distributions, each with one driver."""

    folder: Path

    def distribution(self, name: str, entry: str, module: str | None) -> None:
        """Install one; its module is called `crswatch_NAME` and may be missing."""
        info = self.folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        point = f"{entry} = crswatch_{name}:SPEC"
        (info / "entry_points.txt").write_text(f"[crswatch.drivers]\n{point}\n")
        if module is not None:
            (self.folder / f"crswatch_{name}.py").write_text(module)

    def configuration(self) -> Path:
        """Return the configuration of a gateway with one bed."""
        config = self.folder / "gateway.toml"
        config.write_text(
            '[gateway]\nid = "gw-01"\nsite = "hospital"\nward = "haem-2"\n'
            f'[journal]\npath = "{self.folder}/j.db"\n'
            '[[beds]]\nid = "bed-01"\nport = "/dev/ttyUSB0"\ndriver = "nonin"\n'
        )
        return config


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    monkeypatch.syspath_prepend(tmp_path)
    return Installed(tmp_path)


def reasons() -> dict[str, str]:
    return {fault.name: fault.reason for fault in faults()}


def test_a_built_in_driver_is_found_by_its_name() -> None:
    assert driver("philips_intellivue") is all_drivers()["philips_intellivue"]


def test_an_unknown_name_is_answered_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"tricorder: no such driver; there are: .*intellivue"):
        driver("tricorder")


def test_every_driver_is_listed_under_its_own_name() -> None:
    assert all(name == spec.name for name, spec in all_drivers().items())


def test_no_distribution_replaces_a_built_in_driver_and_one_that_tries_is_named(
    installed: Installed,
) -> None:
    installed.distribution("namesake", "nonin", PACKAGE.format(name="nonin"))
    assert driver("nonin").title != "from another distribution"
    assert all_drivers()["nonin"] is driver("nonin")
    assert reasons()["nonin"] == "namesake 1.0: the built-in driver of this name is used"


@pytest.mark.parametrize(
    ("module", "told"),
    [
        (None, "ModuleNotFoundError: No module named"),
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("SPEC = 1 / 0", "ZeroDivisionError: division by zero"),
        ("def broken(:", "SyntaxError: invalid syntax"),
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("TITLE = 'no spec'", "AttributeError: module"),
        ("SPEC = 'nonin'", "crswatch_bad:SPEC is a str; want a DriverSpec"),
    ],
)
def test_a_distribution_that_cannot_be_loaded_costs_its_own_driver_alone(
    installed: Installed, module: str | None, told: str
) -> None:
    installed.distribution("bad", "broken_one", module)
    installed.distribution("good", "sound_one", PACKAGE.format(name="sound_one"))
    assert driver("ge_dri").name == "ge_dri"
    assert "crswatch_bad" not in sys.modules  # a built-in driver needs no other's code
    assert driver("sound_one").title == "from another distribution"
    assert "broken_one" not in all_drivers()
    assert told in reasons()["broken_one"]
    with pytest.raises(ConfigError) as refused:
        driver("broken_one")
    assert "cannot be used: bad 1.0: " in str(refused.value)
    assert told in str(refused.value)
    sys.modules.pop("crswatch_bad", None)


def test_of_two_distributions_with_one_name_neither_is_used_and_both_are_named(
    installed: Installed,
) -> None:
    for name in ("one", "two"):
        installed.distribution(name, "twice", PACKAGE.format(name="twice"))
    assert "twice" not in all_drivers()
    with pytest.raises(ConfigError, match=r"one 1\.0 and two 1\.0 each provide it; keep only one"):
        driver("twice")


def test_a_configuration_that_names_a_driver_which_cannot_be_used_is_told_why(
    installed: Installed,
) -> None:
    installed.distribution("bad", "broken_one", "import no_such_package")
    beds = [{"id": "bed-01", "port": "/dev/ttyUSB0", "driver": "broken_one"}]
    (mistake,) = bed_mistakes("gateway.toml", {"beds": beds})
    assert mistake.key == "beds.0.driver"
    assert "is 'broken_one': cannot be used: bad 1.0: " in mistake.message
    assert "No module named 'no_such_package'; there are: ascii_line, " in mistake.message


def test_the_gateway_logs_one_line_for_a_driver_that_cannot_be_used_and_opens_the_others(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    installed.distribution("bad", "broken_one", "import no_such_package")
    for name in ("one", "two"):
        installed.distribution(name, "twice", PACKAGE.format(name="twice"))
    clock = ScaledClock(read_system_clock, read_system_clock(), 1.0)
    (line,) = lines_of(load_config(installed.configuration()), clock, lambda _said: None)
    assert line.name == "line of bed-01"
    first, second = (record.getMessage() for record in caplog.records)
    assert first.startswith("driver broken_one cannot be used: bad 1.0: ")
    assert second.startswith("driver twice cannot be used: one 1.0 and two 1.0 each provide it")


def test_the_commands_name_what_cannot_be_used_in_one_line(
    installed: Installed, capsys: pytest.CaptureFixture[str]
) -> None:
    installed.distribution("bad", "broken_one", "import no_such_package")
    config = installed.configuration()
    told = "cannot be used: bad 1.0: crswatch_bad:SPEC: ModuleNotFoundError: No module named"
    assert main(["check-config", str(config)]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "broken_one" in line]
    assert line.startswith(f"note: driver 'broken_one' {told}")
    assert main(["drivers"]) == 0
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "broken_one" in line]
    assert f"broken_one {told}" in line
