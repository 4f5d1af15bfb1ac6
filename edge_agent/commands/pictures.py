"""Pictures of a simulated patient, and the option for their folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_agent.extras import study_module
from simulators.patients.patient import Patient


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
    picture = study_module("simulators.patients.picture")
    folder.mkdir(parents=True, exist_ok=True)
    png, page = folder / f"{name}.png", folder / f"{name}.html"
    png.write_bytes(picture.draw_png(patient, title))
    page.write_text(picture.draw_html(patient, title, note), encoding="utf-8")
    return [png, page]
