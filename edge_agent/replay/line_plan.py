"""Plans for replaying recorded lines: a file for one bed, or a folder for a ward."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from edge_agent.config.gateway_file import (
    AgentConfig,
    BedSection,
    GatewaySection,
    JournalSection,
    load_config,
)
from edge_agent.drivers.base import SessionOptions
from edge_agent.drivers.registry import driver
from edge_agent.lines.settings import session_options
from edge_agent.model.bed_events import DevicePlace
from edge_agent.model.clock import Instant
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.recorded.line_file import (
    LineHeader,
    RecordedPiece,
    RecordingError,
    is_recording,
    read_recording,
)
from edge_agent.recorded.moments import RAW_START_UTC_NS
from edge_agent.replay.line_feed import LineFeed, feed_instant
from edge_agent.replay.player import Feed, PlayedSpan
from edge_agent.replay.raw_pace import pace

_LONGEST_RETENTION_H: Final = 24.0 * 366
_PLACE: Final = GatewaySection(id="gw-replay", site="replay", ward="replay")
_PORT: Final = "recorded"


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """Feeds to replay, and the configuration of the agent."""

    config: AgentConfig
    feeds: tuple[Feed, ...]
    span: PlayedSpan


@dataclass(frozen=True, slots=True)
class LineFile:
    """Recording of one device's line, from a file."""

    path: Path
    driver: str
    profile: str
    """Profile as recorded; empty: the driver's default."""
    start: Instant
    pieces: tuple[RecordedPiece, ...]
    """Bytes from the device; empty where they are raw and not timed yet."""
    raw: bytes = b""
    """Bytes without a time of their own; empty for a recording."""


def read_line_file(path: Path, driver_name: str | None) -> LineFile:
    """Return the recording, or the raw bytes, in a file.

    Parameters
    ----------
    driver_name
        None: the driver that the recording was made with.

    Raises
    ------
    ConfigError
        If raw bytes come without a driver.
    RecordingError
        If a recording is damaged before its end.
    """
    data = path.read_bytes()
    if is_recording(data):
        return _recorded(path, data, driver_name)
    if driver_name is None:
        message = f"is needed for {path}, which holds raw bytes and does not say what sent them"
        raise ConfigError((Mistake("replay", "--driver", message),))
    start = feed_instant(RAW_START_UTC_NS)
    return LineFile(path, driver(driver_name).name, "", start, (), raw=data)


def paced(file: LineFile, options: SessionOptions) -> LineFile:
    """Return a file with its raw bytes cut and timed, and print how; a recording unchanged."""
    if not file.raw:
        return file
    found = pace(driver(file.driver), replace(options, listen_only=True), file.raw)
    sys.stderr.write(f"{file.path}: raw bytes, played {found.words}\n")
    return replace(file, pieces=found.pieces, raw=b"")


def plan_line(
    file: LineFile, bed_id: str, config_path: Path | None, journal: Path, from_s: float
) -> ReplayPlan:
    """Return the plan for replaying one line as a bed's monitor.

    Parameters
    ----------
    bed_id
        The bed it stands for.
    config_path
        A gateway.toml that has the bed; None: the shipped rules, no sinks.
    journal
        Path of the journal where there is no configuration.
    from_s
        Seconds into the recording to begin at.
    """
    if config_path is None:
        bed = _bed(bed_id, file)
        config = bare_config((bed,), journal)
    else:
        config = load_config(config_path)
        found = [bed for bed in config.beds if bed.id == bed_id]
        if not found:
            raise ConfigError((_unknown(config_path, config, bed_id),))
        is_own = found[0].driver == file.driver
        bed = replace(found[0], driver=file.driver, listen_only=True, devices=())
        bed = bed if is_own else replace(bed, profile=file.profile, profile_file=None)
        config = replace(config, beds=(bed,))
    return _plan(config, {DevicePlace(bed_id, bed_id): file}, from_s)


def plan_ward(folder: Path, config_path: Path | None, journal: Path, from_s: float) -> ReplayPlan:
    """Return the plan for replaying every recording in a folder, side by side.

    A file is named after its bed, or the device of a bed: `bed-07.rec`.

    Raises
    ------
    ConfigError
        With every file that is no recording or stands for no bed.
    """
    files = _read_folder(folder)
    if config_path is None:
        config = bare_config([_bed(name, file) for name, file in files.items()], journal)
        return _plan(config, {DevicePlace(n, n): f for n, f in files.items()}, from_s)
    config = load_config(config_path)
    lines = {place: line for bed in config.beds for place, line in bed.lines().items()}
    by_device = {place.device_id: place for place in lines}
    mistakes = [_unknown(config_path, config, name) for name in files if name not in by_device]
    mistakes += [
        Mistake(
            str(files[p.device_id].path), "driver", f"is {theirs!r}; {config_path} has {ours!r}"
        )
        for p, line in lines.items()
        if p.device_id in files and (theirs := files[p.device_id].driver) != (ours := line.driver)
    ]
    if mistakes:
        raise ConfigError(tuple(mistakes))
    config = replace(config, beds=tuple(_recorded_beds(config, files)))
    return _plan(config, {by_device[n]: f for n, f in files.items()}, from_s)


def bare_config(beds: Sequence[BedSection], journal: Path) -> AgentConfig:
    """Return a configuration with the shipped rules and no sinks; its journal stores everything."""
    section = JournalSection(path=journal, retention_h=_LONGEST_RETENTION_H)
    return AgentConfig(gateway=_PLACE, journal=section, beds=tuple(beds))


def _recorded(path: Path, data: bytes, driver_name: str | None) -> LineFile:
    recording = read_recording(data)
    if recording.cut_bytes:
        cut = f"the last line is cut; left out {recording.cut_bytes} bytes"
        sys.stderr.write(f"{path}: {cut}\n")
    header: LineHeader = recording.header
    name = driver_name or header.driver
    start = feed_instant(header.started_utc_ns)
    return LineFile(path, name, header.profile_for(name), start, recording.received())


def _read_folder(folder: Path) -> dict[str, LineFile]:
    """Return the recordings in a folder by the name of their bed or device."""
    files: dict[str, LineFile] = {}
    mistakes = []
    paths = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    for path in paths:
        try:
            file = read_line_file(path, None)
            driver(file.driver)
        except (RecordingError, OSError) as error:
            mistakes.append(Mistake(str(path), "-", str(error)))
        except ConfigError as error:
            mistakes += error.mistakes
        else:
            if path.stem in files:
                other = files[path.stem].path.name
                mistakes.append(Mistake(str(path), "-", f"stands for the same bed as {other}"))
            files[path.stem] = file
    if not paths:
        mistakes.append(Mistake(str(folder), "-", "holds no file; want a recording for each bed"))
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return files


def _bed(bed_id: str, file: LineFile) -> BedSection:
    return BedSection(
        id=bed_id, port=_PORT, driver=file.driver, profile=file.profile, listen_only=True
    )


def _recorded_beds(config: AgentConfig, files: Mapping[str, LineFile]) -> Iterator[BedSection]:
    """Yield the recorded beds, each with its recorded devices."""
    for bed in config.beds:
        devices = tuple(d for d in bed.devices if f"{bed.id}.{d.name}" in files)
        if bed.id in files or devices:
            yield replace(bed, devices=devices)


def _plan(config: AgentConfig, files: Mapping[DevicePlace, LineFile], from_s: float) -> ReplayPlan:
    lines = {place: line for bed in config.beds for place, line in bed.lines().items()}
    feeds = []
    for place, file in files.items():
        played = paced(file, session_options(place.device_id, lines[place]))
        feeds.append(LineFeed(place, lines[place], played.start, played.pieces))
    start = min(feed.start for feed in feeds).plus(from_s)
    end = max(feed.end for feed in feeds)
    if start >= end:
        message = (
            f"is {from_s:g} s; the recording ends after {end.seconds_since(start) + from_s:g} s"
        )
        raise ConfigError((Mistake("replay", "--from", message),))
    span = PlayedSpan(start, end)
    return ReplayPlan(config, tuple(feed.play(span.start, span.end) for feed in feeds), span)


def _unknown(path: Path, config: AgentConfig, name: str) -> Mistake:
    allowed = ", ".join(place.device_id for bed in config.beds for place in bed.lines())
    return Mistake(str(path), "beds", f"has no {name!r}; has {allowed}")
