"""Modules that need a library of an optional extra."""

from __future__ import annotations

import importlib
from types import ModuleType

from edge_agent.model.errors import ConfigError, Mistake


def study_module(name: str) -> ModuleType:
    """Return a module that needs the libraries of the study extra.

    Raises
    ------
    ConfigError
        If one of them is not installed.
    """
    return _module(name, "study")


def ways_module(name: str) -> ModuleType:
    """Return a module that needs the libraries of the extra for further ways out.

    Raises
    ------
    ConfigError
        If one of them is not installed.
    """
    return _module(name, "ways")


def _module(name: str, extra: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = f"needs {error.name}: pip install 'crswatch[{extra}]'"
        raise ConfigError((Mistake("crswatch", name.rpartition(".")[2], message),)) from error
