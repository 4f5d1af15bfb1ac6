"""Protection of files that a command has not written itself."""

from __future__ import annotations

from pathlib import Path

from edge_agent.model.errors import ConfigError, Mistake


def refuse_other(path: Path, begin: bytes, option: str) -> None:
    """Refuse to overwrite a file that this command has not written.

    Parameters
    ----------
    begin
        The first bytes of every file that this command writes.
    option
        Name of the file in the error.

    Raises
    ------
    ConfigError
        If the file begins otherwise.
    """
    if not path.exists():
        return
    message = f"is {path}, which simulate has not written; want a path where there is no file"
    if not path.is_file():
        raise ConfigError((Mistake("simulate", option, message),))
    with path.open("rb") as file:
        head = file.read(len(begin))
    if head not in {b"", begin}:
        raise ConfigError((Mistake("simulate", option, message),))
