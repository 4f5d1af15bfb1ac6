"""Beds and wards as the board's stream shows them, for tests of the pages."""

from __future__ import annotations

import copy
from typing import Any, Final

Shown = dict[str, Any]
"""One JSON object of the board's contract."""

MINUTE_MS: Final = 60_000
_UNITS: Final = {
    "heart_rate": "/min",
    "spo2": "%",
    "temperature": "°C",
    "pressure": "mmHg",
    "respiratory_rate": "/min",
}
_USUAL_S: Final = {"temperature": 300.0, "pressure": 1200.0}
_LIMIT_S: Final = {"temperature": 900.0, "pressure": 4200.0}


def both(en: str, de: str | None = None) -> Shown:
    """Return a text in both languages."""
    return {"en": en, "de": en if de is None else de}


def vital(kind: str, text: str, at_ms: int, **changes: object) -> Shown:
    """Return a live value."""
    shown: Shown = {
        "text": text,
        "value": float(text.split("/")[0]) if text else None,
        "unit": _UNITS[kind],
        "at_ms": at_ms,
        "since_ms": at_ms,
        "limit_s": _LIMIT_S.get(kind, 60.0),
        "usual_s": _USUAL_S.get(kind, 20.0),
        "state": "live",
        "words": None,
        "arrow": "flat",
        "in_alarm": False,
        "mean_text": "",
        "site": "",
    }
    return shown | changes


def bed(bed_id: str, now_ms: int, **changes: object) -> Shown:
    """Return a bed with a quiet patient."""
    at_ms = now_ms - 2000
    shown: Shown = {
        "id": bed_id,
        "gateway": "gw-01",
        "vitals": {
            "heart_rate": vital("heart_rate", "78", at_ms),
            "spo2": vital("spo2", "97", at_ms),
            "temperature": vital("temperature", "36.9", at_ms),
            "pressure": vital(
                "pressure", "124/76", now_ms - 9 * MINUTE_MS, mean_text="92", site="cuff"
            ),
            "respiratory_rate": vital("respiratory_rate", "15", at_ms),
        },
        "link": {
            "state": "connected",
            "since_ms": now_ms - 86_400_000,
            "words": both("connected", "verbunden"),
        },
        "assessment": {
            "state": "assessing",
            "since_ms": now_ms - 7_200_000,
            "words": both("assessed", "wird beurteilt"),
            "missing": [],
        },
        "crs": {
            "score": [0, 1],
            "grade": [0, 0],
            "words": both("CRS or infection: grade 0, a suggestion"),
            "missing": [],
        },
        "day": 3,
        "product": "axi-cel",
        "away": None,
        "problem": None,
        "occupied": True,
        "stay_ms": now_ms - 86_400_000,
    }
    return copy.deepcopy(shown | changes)


def sign(alert_id: str, since_ms: int, title: Shown, **changes: object) -> Shown:
    """Return an unanswered sign of priority HIGH."""
    shown: Shown = {
        "alert_id": alert_id,
        "n": 2,
        "rule_id": "vital.shock",
        "title": title,
        "sentence": title,
        "evidence": [],
        "priority": "high",
        "kind": "physiological",
        "state": "raised",
        "since_ms": since_ms,
        "answered_by": "",
        "is_part": False,
        "is_stale": False,
        "is_inhibited": False,
    }
    return shown | changes


def problem(signs: list[Shown], title: Shown, sentence: Shown, **changes: object) -> Shown:
    """Return an unanswered problem led by its first sign."""
    since_ms = min(one["since_ms"] for one in signs)
    shown: Shown = {
        "priority": signs[0]["priority"],
        "kind": signs[0]["kind"],
        "state": "open",
        "title": title,
        "sentence": sentence,
        "action": both("See the patient now.", "Jetzt nach dem Patienten sehen."),
        "since_ms": since_ms,
        "signalled_ms": since_ms,
        "signal": both("new", "neu"),
        "course": None,
        "is_test": False,
        "signs": signs,
        "answered_by": "",
        "answered_ms": None,
        "answer_expires_ms": None,
        "silenced_until_ms": None,
        "silenced_by": "",
        "called": [],
        "next": None,
        "nobody_since_ms": since_ms,
    }
    return shown | changes


def answered(shown: Shown, by: str, at_ms: int) -> Shown:
    """Return a bed whose problem a person has answered."""
    changed = copy.deepcopy(shown)
    changed["problem"] |= {
        "state": "answered",
        "answered_by": by,
        "answered_ms": at_ms,
        "answer_expires_ms": at_ms + 30 * MINUTE_MS,
        "nobody_since_ms": None,
        "next": None,
    }
    for one in changed["problem"]["signs"]:
        one |= {"state": "acknowledged", "answered_by": by, "n": one["n"] + 1}
    return changed


def ward(beds: list[Shown], now_ms: int, **changes: object) -> Shown:
    """Return a ward in which everything works."""
    states = [one["assessment"]["state"] for one in beds]
    shown: Shown = {
        "name": "Haematology 2",
        "site": "hospital",
        "gateways": [{"id": "gw-01", "state": "online", "since_ms": now_ms - 86_400_000}],
        "beds_total": len(beds),
        "beds_assessed": states.count("assessing"),
        "beds_degraded": states.count("degraded"),
        "beds_not_assessed": states.count("not_assessing"),
        "zone": "Europe/Berlin",
        "pace": 1.0,
        "clock_offset_ms": 0,
        "auditor": {"state": "ok", "since_ms": now_ms - 3_600_000, "faults": []},
        "ways": [{"name": "mqtt", "state": "ok", "since_ms": now_ms, "words": both("works")}],
        "screens": [],
        "audio_paused_until_ms": None,
        "test": {"bed": "bed-03", "at_ms": now_ms - 5 * 3_600_000, "by": "N07", "passed": True},
        "note": both(""),
    }
    return shown | changes


def shock(bed_id: str, now_ms: int) -> Shown:
    """Return a bed in shock with three signs, nobody on the way yet."""
    since_ms = now_ms - 161_000
    at_ms = now_ms - 2000
    title = both("Low blood pressure, fast heart", "Niedriger Blutdruck, schnelles Herz")
    sentence = both(
        "BP 72/42 at 02:12, HR 147, SpO2 88 %, T 39.2 °C",
        "RR 72/42 um 02:12, HF 147, SpO2 88 %, T 39,2 °C",
    )
    evidence = [
        {"text": both("BP 72/42 mmHg", "RR 72/42 mmHg"), "at_ms": since_ms - 9000},
        {"text": both("HR 147 /min", "HF 147 /min"), "at_ms": since_ms - 2000},
    ]
    signs = [
        sign("a1", since_ms, title, evidence=evidence, sentence=sentence),
        sign(
            "a2",
            since_ms + 40_000,
            both("Low oxygen", "Sauerstoff niedrig"),
            sentence=both("SpO2 88 % for 3 min", "SpO2 88 % seit 3 min"),
        ),
        sign(
            "a3",
            since_ms - 600_000,
            both("Fever", "Fieber"),
            priority="medium",
            sentence=both("39.2 °C, 2.3 above usual", "39,2 °C, 2,3 über dem Üblichen"),
        ),
    ]
    called = [
        {
            "duty": both("nurse", "Pflegekraft"),
            "person": "N12",
            "at_ms": since_ms,
            "delivered": True,
            "seen": True,
            "failed": False,
        },
        {
            "duty": both("buddy", "Vertretung"),
            "person": "N07",
            "at_ms": since_ms + 60_000,
            "delivered": True,
            "seen": False,
            "failed": False,
        },
    ]
    shown = bed(bed_id, now_ms)
    shown["vitals"] |= {
        "heart_rate": vital("heart_rate", "147", at_ms, arrow="up", in_alarm=True),
        "spo2": vital("spo2", "88", at_ms, arrow="down", in_alarm=True),
        "temperature": vital("temperature", "39.2", at_ms, arrow="up"),
        "pressure": vital(
            "pressure",
            "72/42",
            since_ms - 9000,
            arrow="down",
            in_alarm=True,
            mean_text="52",
            site="cuff",
        ),
    }
    shown["crs"] = {
        "score": [9, 11],
        "grade": [2, 4],
        "words": both("CRS or infection: grade 2-4, a suggestion"),
        "missing": [both("oxygen given", "Sauerstoffgabe")],
    }
    following = {
        "duty": both("charge nurse", "Schichtleitung"),
        "person": "N01",
        "at_ms": now_ms + 19_000,
    }
    shown["problem"] = problem(signs, title, sentence, called=called, next=following)
    return shown


def fever(bed_id: str, now_ms: int) -> Shown:
    """Return a bed with an unanswered fever of priority MEDIUM."""
    title = both("Fever", "Fieber")
    sentence = both(
        "T 38.4 °C for 15 min, 1.6 above usual, HR 112",
        "T 38,4 °C seit 15 min, 1,6 über dem Üblichen, HF 112",
    )
    since_ms = now_ms - 250_000
    shown = bed(bed_id, now_ms)
    at_ms = now_ms - 2000
    shown["vitals"] |= {
        "heart_rate": vital("heart_rate", "112", at_ms, arrow="up"),
        "temperature": vital("temperature", "38.4", at_ms, arrow="up", in_alarm=True),
    }
    shown["crs"] |= {"score": [3, 5], "grade": [1, 2]}
    shown["problem"] = problem(
        [sign("f1", since_ms, title, priority="medium", sentence=sentence)],
        title,
        sentence,
        action=both("Take all vital signs.", "Alle Vitalzeichen messen."),
    )
    return shown


def probe_off(bed_id: str, now_ms: int) -> Shown:
    """Return a bed whose oximeter probe fell off: degraded, with a technical alert."""
    since_ms = now_ms - 190_000
    title = both("SpO2 is not measured", "SpO2 wird nicht gemessen")
    sentence = both(
        "Probe off for 3 min. Check the sensor.", "Sensor ab seit 3 min. Sensor prüfen."
    )
    shown = bed(bed_id, now_ms)
    shown["vitals"]["spo2"] |= {
        "state": "off",
        "text": "",
        "value": None,
        "at_ms": since_ms,
        "since_ms": since_ms,
        "words": both("probe off", "Sensor ab"),
    }
    shown["assessment"] |= {
        "state": "degraded",
        "since_ms": since_ms,
        "words": both("assessed with less", "eingeschränkt beurteilt"),
        "missing": [both("SpO2")],
    }
    only = sign("t1", since_ms, title, priority="medium", kind="technical", sentence=sentence)
    shown["problem"] = problem([only], title, sentence, action=both(""))
    return shown
