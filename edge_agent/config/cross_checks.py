"""Checks between the keys of a gateway.toml, on the raw tables.

Raw tables are checked so that one mistake does not hide the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from edge_agent.config.paths import is_there
from edge_agent.config.ports import CONNECTIONS, port_mistakes
from edge_agent.drivers.base import DriverSpec, SessionOptions
from edge_agent.drivers.registry import all_drivers, faults, why_unknown
from edge_agent.model import origins
from edge_agent.model.errors import ConfigError, Mistake
from edge_agent.model.texts import read_text

_SHARED_KEYS: Final = ("driver", "profile", "profile_file", "clock_zone", "listen_only")


def bed_mistakes(source: str, tables: dict[str, object]) -> Iterator[Mistake]:
    """Yield the mistakes between beds, and between a line and its driver."""
    beds = tables.get("beds")
    rows = [b for b in beds if isinstance(b, dict)] if isinstance(beds, list) else []
    if beds == []:
        yield Mistake(source, "beds", "[]; want a list of tables [[beds]]")
    for value, n in Counter(str(row["id"]) for row in rows if "id" in row).items():
        if n > 1:
            yield Mistake(source, "beds.id", f"is {value!r} for {n} beds; each bed needs its own")
    yield from _line_mistakes(source, dict(_raw_lines(rows)))


def _raw_lines(rows: Sequence[dict[str, object]]) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every line with its key: those of the beds and of their further devices."""
    for i, row in enumerate(rows):
        yield f"beds.{i}", row
        devices = row.get("devices")
        for k, device in enumerate(devices if isinstance(devices, list) else []):
            if isinstance(device, dict):
                yield f"beds.{i}.devices.{k}", device


def _line_mistakes(source: str, lines: Mapping[str, dict[str, object]]) -> Iterator[Mistake]:
    """Yield the mistakes in ports, origins and drivers of the lines."""
    ends = Counter(
        (str(r["port"]), str(r.get("origin", ""))) for r in lines.values() if "port" in r
    )
    for (port, origin), n in ends.items():
        if n > 1:
            shared = f" with origin {origin!r}" if origin else ""
            message = f"is {port!r}{shared} for {n} devices; each needs its own"
            yield Mistake(source, "beds.port", message)
    ports = {key: str(row["port"]) for key, row in lines.items() if "port" in row}
    yield from port_mistakes(source, ports)
    yield from _sharing_mistakes(source, lines)
    yield from _origin_mistakes(source, lines)
    known, broken = all_drivers(), faults()
    for key, row in lines.items():
        name = row.get("driver")
        if not isinstance(name, str):
            continue
        if name not in known:
            message = f"is {name!r}: {why_unknown(name, known, broken)}"
            yield Mistake(source, f"{key}.driver", message)
        else:
            yield from _driver_mistakes(source, key, row, known[name])


def _sharing_mistakes(source: str, lines: Mapping[str, dict[str, object]]) -> Iterator[Mistake]:
    """Check that devices on one address have equal settings; one session reads all of them."""
    first: dict[str, dict[str, object]] = {}
    for key, row in lines.items():
        port = str(row.get("port", ""))
        if not port.startswith(CONNECTIONS):
            continue
        other = first.setdefault(port, row)
        for name in _SHARED_KEYS:
            if row.get(name) != other.get(name):
                message = (
                    f"is {row.get(name)!r}, and {other.get(name)!r} for "
                    f"another device that connects to {port}; want the same"
                )
                yield Mistake(source, f"{key}.{name}", message)


def _origin_mistakes(source: str, lines: Mapping[str, dict[str, object]]) -> Iterator[Mistake]:
    """Check that no two origins behind one address can be mistaken for each other."""
    seen: dict[tuple[str, str], str] = {}
    for key, row in lines.items():
        port, origin = str(row.get("port", "")), row.get("origin")
        if not isinstance(origin, str) or not origin:
            continue
        if len(origin) > origins.LONGEST:
            message = f"has {len(origin)} characters; want at most {origins.LONGEST}"
            yield Mistake(source, f"{key}.origin", message)
        elif origins.UNREADABLE not in origin and not origins.is_readable(origin):
            message = (
                f"is {origin!r}; question marks stand for what could not be written, and all such "
                "names are alike; want a name in the sender's charset (`charset` of the profile)"
            )
            yield Mistake(source, f"{key}.origin", message)
        other = seen.setdefault((port, origins.as_seen(origin)), origin)
        if other != origin:
            message = f"is {origin!r}, and another device's {other!r} looks the same; want another"
            yield Mistake(source, f"{key}.origin", message)


def _driver_mistakes(
    source: str, key: str, row: Mapping[str, object], spec: DriverSpec
) -> Iterator[Mistake]:
    """Check the driver's requirements for its line."""
    port, origin = str(row.get("port", "")), str(row.get("origin", ""))
    if port.startswith(CONNECTIONS) and not spec.takes_connections:
        listeners = ", ".join(n for n, s in sorted(all_drivers().items()) if s.takes_connections)
        message = f"is {port!r}; {spec.name} reads serial lines, {listeners} takes connections"
        yield Mistake(source, f"{key}.port", message)
    if port.startswith(CONNECTIONS) and not origin:
        message = "is missing; a port that many devices connect to needs it"
        yield Mistake(source, f"{key}.origin", message)
    profile = str(row.get("profile", ""))
    if (profile or "profile_file" in row) and not spec.profiles:
        yield Mistake(source, f"{key}.profile", f"{spec.name} has no profiles")
        return
    try:
        spec.open_session(SessionOptions("check", profile=profile, profile_text=_text_of(row)))
    except ConfigError as error:
        yield from (Mistake(source, f"{key}.profile", str(m)) for m in error.mistakes)


def _text_of(row: Mapping[str, object]) -> str:
    """Return the text of a profile file; empty if there is none or it cannot be read."""
    path = Path(str(row.get("profile_file", "")))
    return read_text(path) if is_there(path) and path.is_file() else ""


def sink_mistakes(source: str, tables: dict[str, object]) -> Iterator[Mistake]:
    """Yield the mistakes between the keys of a sink's section."""
    mqtt, influx, ward = tables.get("mqtt"), tables.get("influx"), tables.get("ward")
    if mqtt is None and isinstance(ward, dict) and ward.get("needs_screen") is True:
        message = "is true without [mqtt]; boards on other machines are heard through the broker"
        yield Mistake(source, "ward.needs_screen", message)
    if isinstance(mqtt, dict):
        yield from _mqtt_mistakes(source, mqtt)
    if isinstance(influx, dict):
        if not str(influx.get("username", "")).isascii():
            message = "holds a character that is not ASCII; HTTP cannot carry it"
            yield Mistake(source, "influx.username", message)
        needed = {"v2": ("org", "bucket"), "v1": ("database",)}.get(str(influx.get("api")), ())
        for key in needed:
            if not influx.get(key):
                message = f"is missing; api {influx['api']!r} needs it"
                yield Mistake(source, f"influx.{key}", message)


def _mqtt_mistakes(source: str, mqtt: Mapping[str, object]) -> Iterator[Mistake]:
    if ("tls_cert" in mqtt) != ("tls_key" in mqtt):
        yield Mistake(source, "mqtt.tls_cert", "and mqtt.tls_key go together")
    if "tls_cert" in mqtt and "tls_ca" not in mqtt:
        message = "is missing; without it there is no TLS, and tls_cert is not used"
        yield Mistake(source, "mqtt.tls_ca", message)
    if "password_file" in mqtt and not mqtt.get("username"):
        message = "is missing; without it the password is not used"
        yield Mistake(source, "mqtt.username", message)
