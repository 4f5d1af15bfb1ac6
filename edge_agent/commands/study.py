"""Shared parts of the commands for engineers: the study extra, and the folder of pictures."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from edge_agent.model.errors import ConfigError, Mistake

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

    from simulators.patient import Patient


def study_module(name: str) -> ModuleType:
    """Return a module that needs the libraries of the study extra.

    Raises
    ------
    ConfigError
        If one of them is not installed.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = f"needs {error.name}: pip install 'crswatch[study]'"
        raise ConfigError((Mistake("crswatch", name.rpartition(".")[2], message),)) from error


def add_picture_options(parser: argparse.ArgumentParser) -> None:
    """Add the option for the folder of a patient's pictures."""
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="folder of the pictures (default: here)",
    )


def write_pictures(patient: Patient, name: str, title: str, note: str, folder: Path) -> list[Path]:
    """Write a patient's page as PNG and as HTML; return both paths."""
    picture = study_module("simulators.picture")
    folder.mkdir(parents=True, exist_ok=True)
    png, page = folder / f"{name}.png", folder / f"{name}.html"
    png.write_bytes(picture.draw_png(patient, title))
    page.write_text(picture.draw_html(patient, title, note), encoding="utf-8")
    return [png, page]
