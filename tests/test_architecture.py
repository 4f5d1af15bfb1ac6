"""The import rules of the program, checked on the source text."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.untraced
ROOT = Path(__file__).resolve().parents[1]

PAGE = (ROOT / "docs" / "architecture.md").read_text()
DECIDES = {
    "model",
    "drivers",
    "payloads",
    "vitals",
    "patient",
    "detect",
    "batch",
    "alerting",
    "ward",
    "wording",
}


def section(begin: str, end: str) -> str:
    """Return the part of the page between two texts."""
    return PAGE.split(begin, 1)[1].split(end, 1)[0]


def quoted(text: str) -> list[str]:
    return [name.rstrip("/") for name in re.findall(r"`([\w/]+)`", text)]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, their heads left out."""
    cells = [line.strip("|").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in cells]


IMPORTS = {quoted(row[0])[0]: row[1] for row in rows(section("## Who may import", "\n## "))}
EVERYTHING = IMPORTS.keys() - {"__main__"}
MAY_IMPORT = {
    part: EVERYTHING if text.startswith("everything") else set(quoted(text))
    for part, text in IMPORTS.items()
}
MAY_IMPORT_SIMULATORS = {part for part, text in IMPORTS.items() if "simulators" in text}
LAYERS = {  # bottom to top; those of one line do not import one another
    "edge_agent/detect": [
        quoted(row[0]) for row in rows(section("Inside `edge_agent/detect", "##"))
    ],
    "edge_agent/evaluate": [[name] for name in quoted(section("the order is", ";"))],
    "simulators": [[name] for name in quoted(section("inside `simulators/` it is", "."))],
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
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imported_names(path: Path) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


@cache
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


def broken(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the modules with a name that they must not import, with these names."""
    assert len(found) > 20, "modules"
    return {module: names for module, names in found.items() if names}


def dotted(path: Path) -> str:
    return named(path).removesuffix(".py").replace("/", ".")


def test_parts_import_only_what_the_page_allows() -> None:
    found = {
        named(path): reached_parts(path) - MAY_IMPORT.get(part_of(path), set())
        for path in modules("edge_agent")
    }
    assert any(reached_parts(path) for path in modules("edge_agent"))
    assert broken(found) == {}


def test_every_part_of_the_table_is_there() -> None:
    assert {part_of(path) for path in modules("edge_agent")} == MAY_IMPORT.keys() | {"__init__"}


def test_the_page_describes_each_folder_as_the_folder_does() -> None:
    said = {quoted(row[0])[0]: row[1] for row in rows(section("## The tree", "## Who"))}
    found = {
        named(path.parent): (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()[0]
        for folder in ("edge_agent", "simulators")
        for path in modules(folder)
        if path.name == "__init__.py" and not re.search("(drivers|monitors)/", named(path.parent))
    }
    detect = "edge_agent/detect/"
    for name, sentence in found.items():
        assert said.get(name, said.get(name.removeprefix(detect))) == sentence.rstrip("."), name
    for name in said:
        path = ROOT / name
        assert path.is_dir() or list((ROOT / detect).glob(f"{name}*")), name


def test_the_files_that_the_page_names_exist() -> None:
    names = re.findall(r"`((?:edge_agent|simulators|tests|rules|tools)/[\w/.]+)`", PAGE)
    missing = [name for name in names if not (ROOT / name).exists()]
    assert len(names) > 40
    assert missing == []


def test_the_table_has_no_circle() -> None:
    list(TopologicalSorter(MAY_IMPORT | {"commands": EVERYTHING - {"commands"}}).static_order())


@pytest.mark.parametrize("folder", LAYERS)
def test_layers_import_only_downwards(folder: str) -> None:
    found: dict[str, set[str]] = {}
    layers = LAYERS[folder]
    for path in modules(folder):
        if part_of(path, folder) != "__init__":
            [own] = [n for n, layer in enumerate(layers) if part_of(path, folder) in layer]
            found[named(path)] = reached_parts(path, folder).difference(*layers[:own])
    assert broken(found) == {}


@pytest.mark.parametrize("folder", ["edge_agent", "simulators"])
def test_no_modules_import_one_another_in_a_circle(folder: str) -> None:
    names = {dotted(path): path for path in modules(folder) if path.name != "__init__.py"}
    list(
        TopologicalSorter(
            {name: imported_names(path) & names.keys() - {name} for name, path in names.items()}
        ).static_order()
    )


def packages(path: Path) -> set[str]:
    """Return the names of the packages that a module imports from."""
    return {name.split(".")[0] for name in imported_names(path)}


def test_what_decides_does_not_touch_the_outside_world() -> None:
    deciding = [path for path in modules("edge_agent") if part_of(path) in DECIDES]
    assert broken({named(path): packages(path) & OUTSIDE_WORLD for path in deciding}) == {}


def test_only_commands_and_what_plays_or_scores_patients_know_the_simulators() -> None:
    always = {"tests", "benchmarks"}
    found = {
        named(path): packages(path)
        & (always if part_of(path) in MAY_IMPORT_SIMULATORS else always | {"simulators"})
        for path in modules("edge_agent")
    }
    assert broken(found) == {}


def test_simulators_share_nothing_with_the_agent_but_its_values() -> None:
    """A shared encoder would hide a shared mistake."""
    found = {
        named(path): {
            name
            for name in imported_names(path)
            if name.split(".")[0] == "edge_agent" and not re.match(r"edge_agent\.model(\.|$)", name)
        }
        for path in modules("simulators")
    }
    assert broken(found) == {}


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
    shared = {
        "base",
        "checksums",
        "device_session",
        "framing",
        "linear_pattern",
        "link_watch",
        "message_facts",
    }
    assert {name.split(".")[2] for name in others} <= shared | {driver}


def catches_everything(path: Path) -> bool:
    """Return whether a module has a bare `except`, or one for every exception."""
    types = [node.type for node in ast.walk(tree_of(path)) if isinstance(node, ast.ExceptHandler)]
    every = {"Exception", "BaseException"}
    return any(t is None or (isinstance(t, ast.Name) and t.id in every) for t in types)


def test_only_what_must_outlive_every_mistake_catches_everything() -> None:
    found = {named(path) for path in modules("edge_agent") if catches_everything(path)}
    assert found == {
        "edge_agent/board/hub.py",
        "edge_agent/gateway/escalator.py",
        "edge_agent/gateway/pipeline_thread.py",
        "edge_agent/gateway/supervisor.py",
        "edge_agent/journal/guarded_sink.py",
        "edge_agent/journal/worker.py",
        "edge_agent/journal/writer.py",
        "edge_agent/journal/jobs.py",
        "edge_agent/notifiers/worker.py",
    }
