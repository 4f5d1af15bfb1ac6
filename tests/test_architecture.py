"""The import rules of the house, checked on the source text."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PURE = {"drivers", "vitals", "detect", "alerting"}
PAYLOADS = {"payloads", "event_payloads", "context_payloads", "gap_payloads", "topics"}
WATCHING = {"monitor_alarms", "monitors", "bed_words", "gateway_clock", "watching"}
RESTORED = {"restored_alerts", "snapshots"}
FOLLOWS = WATCHING | RESTORED | {"occupancy", "pipeline", "vectors", "batch"}
DECIDERS = PURE | PAYLOADS | FOLLOWS | {"model"}
EDGE = PAYLOADS | {"model", "journal"}
LINES = {"bed_line", "shared_alarms", "shared_line", "shared_places", "lines"}
CONFIG_PARTS = {"config_checks", "config_fields", "config_paths", "config_ports", "config_words"}
CONFIG = CONFIG_PARTS | {"config", "config_warnings"}
WIRING = (
    CONFIG
    | LINES
    | {
        "rulebook",
        "rule_limits",
        "vectors",
        "judge",
        "kept_records",
        "memory",
        "supervisor",
        "status",
        "app",
    }
)
AGENT = (
    PURE
    | EDGE
    | WIRING
    | {"sources", "sinks", "occupancy", "restored_alerts", "snapshots", "pipeline"}
)
MAY_IMPORT = {
    "model": set[str](),
    "drivers": {"model"},
    "vitals": {"model"},
    "detect": {"model"},
    "alerting": {"model"},
    "topics": set[str](),
    "payloads": {"model"},
    "event_payloads": {"model", "payloads", "gap_payloads"},
    "gap_payloads": {"model", "payloads"},
    "context_payloads": {"model", "payloads"},
    "monitor_alarms": {"model"},
    "gateway_clock": {"model"},
    "monitors": {"model", "monitor_alarms", "vitals"},
    "bed_words": {"model", "monitor_alarms", "monitors"},
    "watching": {"model", "detect", "monitor_alarms", "monitors", "bed_words"},
    "recording": {"model"},
    "occupancy": {"model", "detect"},
    "snapshots": {"model", "detect", "vitals"},
    "restored_alerts": {"model", "alerting", "occupancy"},
    "pipeline": {"model", "monitors", "gateway_clock", "watching", "occupancy"} | RESTORED | PURE,
    "vectors": {"model", "detect", "alerting"},
    "batch": {"model"} | PURE,
    "journal": {"model"} | PAYLOADS,
    "sources": {"model"} | PAYLOADS,
    "sinks": EDGE,
    "config": {"model", "drivers"} | CONFIG_PARTS,
    "config_checks": {"model", "drivers", "config_paths", "config_ports"},
    "config_fields": set[str](),
    "config_paths": set[str](),
    "config_ports": {"model", "sources", "config_fields", "config_paths"},
    "config_warnings": {"model", "config", "config_paths", "config_ports"},
    "config_words": {"model"},
    "bed_line": {"model", "config", "drivers", "sources"},
    "shared_alarms": {"model"},
    "shared_places": {"model"},
    "shared_line": {
        "shared_alarms",
        "shared_places",
        "model",
        "config",
        "drivers",
        "sources",
        "bed_line",
    },
    "lines": {"model", "drivers", "bed_line", "shared_line"} | CONFIG,
    "kept_records": {"model"} | PAYLOADS,
    "memory": {"model", "journal", "kept_records", "snapshots"} | PAYLOADS,
    "status": {"model"},
    "judge": {"model", "bed_line", "mishaps", "pipeline"},
    "mishaps": {"model"},
    "rulebook": {"model", "detect", "rule_limits", "vectors"},
    "rule_limits": {"model", "detect", "vitals"},
    "line_feed": {"model", "bed_line", "config", "drivers", "recording"},
    "recorded": EDGE | {"bed_line", "vitals", "detect"},
    "replaying": {"model", "app", "bed_line", "config", "judge", "lines", "rulebook"},
    "evaluate": {"model", "batch"} | PURE,
    "supervisor": AGENT,
    "app": AGENT,
    "commands": AGENT
    | {"batch", "commands", "evaluate", "line_feed", "recorded", "recording", "replaying"},
    "__main__": AGENT | {"commands"},
    "__init__": set[str](),
}
OUTSIDE_WORLD = {
    "asyncio",
    "http",
    "influxdb_client",
    "iotcore",
    "logging",
    "paho",
    "queue",
    "random",
    "select",
    "serial",
    "socket",
    "sqlite3",
    "subprocess",
    "threading",
    "time",
    "urllib",
    "urllib3",
}
MAY_IMPORT_SIMULATORS = {"commands", "evaluate", "__main__"}


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(ROOT / "edge_agent").parts[0].removesuffix(".py")


def reached_parts(path: Path) -> set[str]:
    own = {name.split(".")[1] for name in imported_names(path) if name.startswith("edge_agent.")}
    return own - {part_of(path)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", modules("edge_agent"), ids=named)
def test_parts_import_only_what_the_house_allows(path: Path) -> None:
    assert reached_parts(path) <= MAY_IMPORT[part_of(path)]


@pytest.mark.parametrize(
    "path", [p for p in modules("edge_agent") if part_of(p) in DECIDERS], ids=named
)
def test_what_decides_does_not_touch_the_outside_world(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_names(path)}
    assert not tops & OUTSIDE_WORLD


@pytest.mark.parametrize("path", modules("edge_agent"), ids=named)
def test_only_commands_and_the_evaluation_know_the_simulators(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_names(path)}
    assert "simulators" not in tops or part_of(path) in MAY_IMPORT_SIMULATORS
    assert not tops & {"tests", "benchmarks"}


@pytest.mark.parametrize("path", modules("simulators"), ids=named)
def test_simulators_share_nothing_with_the_agent_but_its_values(path: Path) -> None:
    """A shared encoder would hide a shared mistake."""
    of_agent = {n for n in imported_names(path) if n.split(".")[0] == "edge_agent"}
    assert all(n == "edge_agent.model" or n.startswith("edge_agent.model.") for n in of_agent)


@pytest.mark.parametrize(
    "driver",
    sorted(
        p.name
        for p in (ROOT / "edge_agent/drivers").iterdir()
        if p.is_dir() and p.name != "__pycache__"
    ),
)
def test_drivers_do_not_import_one_another(driver: str) -> None:
    others = {
        ".".join(name.split(".")[:3])
        for path in modules(f"edge_agent/drivers/{driver}")
        for name in imported_names(path)
        if name.startswith("edge_agent.drivers.")
    }
    shared = {"base", "framing", "checksums", "linear_pattern", "link_watch", driver}
    assert {name.split(".")[2] for name in others} <= shared


@pytest.mark.parametrize("path", modules("edge_agent"), ids=named)
def test_only_what_must_outlive_every_mistake_catches_everything(path: Path) -> None:
    caught = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert not caught or named(path) in {
        "edge_agent/judge.py",
        "edge_agent/supervisor.py",
        "edge_agent/journal/worker.py",
        "edge_agent/journal/writer.py",
        "edge_agent/journal/jobs.py",
    }
