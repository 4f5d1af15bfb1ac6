"""The import rules of the house, checked on the source text."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PURE = {"vitals", "patient", "detect", "batch", "alerting", "ward"}
DECIDES = PURE | {"model", "drivers", "payloads"}
GATEWAY = PURE | {
    "model",
    "drivers",
    "payloads",
    "rulebook",
    "config",
    "journal",
    "sources",
    "lines",
    "sinks",
}
EVERYTHING = GATEWAY | {
    "gateway",
    "recorded",
    "extras",
    "replay",
    "ward_client",
    "evaluate",
    "commands",
}
MAY_IMPORT = {
    "__init__": set[str](),
    "model": set[str](),
    "drivers": {"model"},
    "vitals": {"model"},
    "patient": {"model"},
    "alerting": {"model"},
    "payloads": {"model"},
    "detect": {"model", "patient"},
    "batch": {"alerting", "detect", "patient", "vitals", "model"},
    "ward": {"alerting", "detect", "patient", "vitals", "model"},
    # a limit beyond what is plausible never holds
    "rulebook": {"alerting", "detect", "patient", "vitals", "model"},
    # an address of a port is checked by what will open it
    "config": {"drivers", "sources", "model"},
    "journal": {"payloads", "model"},
    "sources": {"model"},
    "lines": {"config", "drivers", "sources", "model"},
    "sinks": {"journal", "payloads", "model"},
    "recorded": {"batch", "patient", "vitals", "journal", "payloads", "model"},
    "gateway": GATEWAY,
    "extras": {"model"},
    # what recorded values are worth is said by the table of vital signs
    "replay": {
        "gateway",
        "lines",
        "recorded",
        "rulebook",
        "config",
        "drivers",
        "vitals",
        "extras",
        "model",
    },
    # a value on a screen is stale by the table of vital signs
    "ward_client": {"config", "payloads", "sinks", "vitals", "model"},
    "evaluate": {"batch", "detect", "patient", "vitals", "model"},
    "commands": EVERYTHING,
    "__main__": EVERYTHING,
}
MAY_IMPORT_SIMULATORS = {"commands", "evaluate", "replay", "__main__"}

LAYERS = {  # bottom to top; those of one row do not import one another
    "edge_agent/detect": (
        {"__init__", "grid", "arrays"},
        {"series"},
        {"language"},
        {"conditions"},
        {"scores"},
        {"minutes"},
        {"report"},
        {"bed_records"},
        {"bed"},
        {"engine"},
    ),
    "edge_agent/evaluate": (
        {"__init__", "estimates"},
        {"stays"},
        {"real"},
        {"cohort"},
        {"page"},
    ),
    "simulators": (
        {"__init__", "files"},
        {"patients"},
        {"monitors"},
        {"links"},
        {"scenarios"},
        {"cohorts"},
        {"wards"},
    ),
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


@cache
def imported_names(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def part_of(path: Path, folder: str = "edge_agent") -> str:
    return path.relative_to(ROOT / folder).parts[0].removesuffix(".py")


def reached_parts(path: Path, folder: str = "edge_agent") -> set[str]:
    inside = folder.replace("/", ".") + "."
    own = {
        name.removeprefix(inside).split(".")[0]
        for name in imported_names(path)
        if name.startswith(inside)
    }
    return own - {part_of(path, folder)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return named(path).removesuffix(".py").replace("/", ".")


@pytest.mark.parametrize("path", modules("edge_agent"), ids=named)
def test_parts_import_only_what_the_house_allows(path: Path) -> None:
    assert reached_parts(path) <= MAY_IMPORT[part_of(path)]


def test_every_part_of_the_table_is_there() -> None:
    assert {part_of(path) for path in modules("edge_agent")} == MAY_IMPORT.keys()


def test_the_table_has_no_circle() -> None:
    list(TopologicalSorter(MAY_IMPORT | {"commands": EVERYTHING - {"commands"}}).static_order())


@pytest.mark.parametrize(
    ("folder", "path"),
    [(folder, path) for folder in LAYERS for path in modules(folder)],
    ids=lambda value: named(value) if isinstance(value, Path) else "",
)
def test_layers_import_only_downwards(folder: str, path: Path) -> None:
    layers = LAYERS[folder]
    [own] = [n for n, layer in enumerate(layers) if part_of(path, folder) in layer]
    below = set[str]().union(*layers[:own])
    assert reached_parts(path, folder) <= below


@pytest.mark.parametrize("folder", ["edge_agent", "simulators"])
def test_no_modules_import_one_another_in_a_circle(folder: str) -> None:
    names = {dotted(path): path for path in modules(folder) if path.name != "__init__.py"}
    list(
        TopologicalSorter(
            {name: imported_names(path) & names.keys() - {name} for name, path in names.items()}
        ).static_order()
    )


@pytest.mark.parametrize(
    "path", [p for p in modules("edge_agent") if part_of(p) in DECIDES], ids=named
)
def test_what_decides_does_not_touch_the_outside_world(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported_names(path)}
    assert not tops & OUTSIDE_WORLD


@pytest.mark.parametrize("path", modules("edge_agent"), ids=named)
def test_only_commands_and_what_plays_or_scores_patients_know_the_simulators(path: Path) -> None:
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
        "edge_agent/gateway/pipeline_thread.py",
        "edge_agent/gateway/supervisor.py",
        "edge_agent/journal/worker.py",
        "edge_agent/journal/writer.py",
        "edge_agent/journal/jobs.py",
    }
