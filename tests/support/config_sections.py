"""Sections of a configuration as text."""

from __future__ import annotations

INFLUX = '[influx]\nurl = "http://127.0.0.1:8086"\napi = "v1"\ndatabase = "ward"\n'


def connecting(bed_id: str, port: str) -> str:
    line = f'port = "{port}"\ndriver = "hl7_oru"\norigin = "ICU^^{bed_id}"'
    return f'[[beds]]\nid = "{bed_id}"\n{line}\n'
