"""Short texts of the board, in English and German."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge_agent.board.shapes import Words
from edge_agent.model.alerts import SignalReason
from edge_agent.model.duty import Duty
from edge_agent.model.measurements import Validity

NOTHING: Final = Words("", "")
NOTE: Final = Words(
    "Decision support, not a medical device: research and evaluation.",
    "Entscheidungshilfe, kein Medizinprodukt: Forschung und Erprobung.",
)
CONNECTED: Final = Words("connected", "verbunden")
LINK_LOST: Final = Words("link to the monitor lost", "Verbindung zum Monitor verloren")
NEVER_CONNECTED: Final = Words("no monitor connected yet", "noch kein Monitor verbunden")
ASSESSING: Final = Words("assessed", "wird beurteilt")
DEGRADED: Final = Words("assessed with less: inputs missing", "eingeschränkt: Werte fehlen")
NOT_YET: Final = Words("not assessed yet", "noch nicht beurteilt")
GATEWAY_LOST: Final = Words("not assessed: gateway lost", "nicht beurteilt: Gateway verloren")
GATEWAY_STOPPED: Final = Words("not assessed: gateway stopped", "nicht beurteilt: Gateway beendet")
NO_NEWS: Final = Words(
    "not assessed: no news from the gateway", "nicht beurteilt: keine Nachricht vom Gateway"
)
BROKEN: Final = Words(
    "the board cannot show this bed: look at its monitor",
    "dieses Bett kann nicht angezeigt werden: auf den Monitor sehen",
)
EMPTY_BED: Final = Words("not assessed: bed is empty", "nicht beurteilt: Bett ist leer")
_REASONS: Final[Mapping[str, Words]] = {
    "no data from the bed": Words(
        "not assessed: no vital signs arrive", "nicht beurteilt: keine Vitalwerte"
    ),
    "monitor not confirmed": Words(
        "not assessed: confirm the monitor", "nicht beurteilt: Monitor bestätigen"
    ),
    "patient not assigned": Words(
        "not assessed: no patient is admitted", "nicht beurteilt: kein Patient aufgenommen"
    ),
    "temperature and other inputs missing": Words(
        "not assessed: temperature and more missing",
        "nicht beurteilt: Temperatur und weitere Werte fehlen",
    ),
}
_INPUTS: Final[Mapping[str, Words]] = {
    "temperature": Words("temperature", "Temperatur"),
    "heart rate": Words("heart rate", "Herzfrequenz"),
    "SpO2": Words("SpO2", "SpO2"),
    "respiratory rate": Words("respiratory rate", "Atemfrequenz"),
    "blood pressure": Words("blood pressure", "Blutdruck"),
}
VALIDITIES: Final[Mapping[Validity, Words]] = {
    Validity.QUESTIONABLE: Words("doubtful", "zweifelhaft"),
    Validity.INVALID: Words("not usable", "nicht verwendbar"),
    Validity.CALIBRATING: Words("calibrating", "Kalibrierung"),
    Validity.MEASURING: Words("measuring", "Messung läuft"),
    Validity.NOT_AVAILABLE: Words("no value", "kein Wert"),
    Validity.ABOVE_RANGE: Words("above the range", "über dem Messbereich"),
    Validity.BELOW_RANGE: Words("below the range", "unter dem Messbereich"),
    Validity.VALID: Words("test signal", "Testsignal"),
}
"""Reasons why a value is not plain; a valid one of a patient has none."""
BACKLOG: Final = Words("from an outage", "aus einem Ausfall")
PULSE: Final = Words("pulse", "Puls")
OLD: Final = Words("old", "alt")
NEVER_MEASURED: Final = Words("not measured yet", "noch nicht gemessen")
SIGNALS: Final[Mapping[SignalReason, Words]] = {
    SignalReason.FIRST: Words("new", "neu"),
    SignalReason.NEW_SIGN: Words("new sign", "neues Zeichen"),
    SignalReason.WORSE: Words("worse", "schlechter"),
    SignalReason.BACK: Words("back again", "wieder da"),
    SignalReason.REMINDER: Words("reminder: nobody has answered", "Erinnerung: keine Antwort"),
    SignalReason.ANSWER_EXPIRED: Words("goes on since the answer", "besteht seit der Antwort fort"),
    SignalReason.SILENCE_ENDED: Words("pause is over", "Pause ist vorbei"),
    SignalReason.REJECTED: Words("passed on", "weitergegeben"),
    SignalReason.HANDOVER: Words("handed over", "übergeben"),
    SignalReason.SECOND_ANSWER: Words("second answer needed", "zweite Antwort nötig"),
}
DUTIES: Final[Mapping[Duty, Words]] = {
    Duty.NURSE: Words("nurse", "Pflegekraft"),
    Duty.BUDDY: Words("buddy", "Vertretung"),
    Duty.CHARGE: Words("charge nurse", "Schichtleitung"),
    Duty.RAPID_RESPONSE: Words("rapid response", "Notfallteam"),
}
AWAY: Final[Mapping[str, Words]] = {
    "shower": Words("shower", "Dusche"),
    "ct": Words("CT", "CT"),
    "transport": Words("transport", "Transport"),
    "therapy": Words("therapy", "Therapie"),
    "other": Words("other", "anderes"),
}


def reason_words(reason: str) -> Words:
    """Return the reason why a bed is not assessed."""
    return _REASONS.get(reason) or Words(f"not assessed: {reason}", f"nicht beurteilt: {reason}")


def input_words(name: str) -> Words:
    """Return the name of a missing input."""
    return _INPUTS.get(name) or Words(name, name)


def same(text: str) -> Words:
    """Return a text that is the same in every language."""
    return Words(text, text)
