"""Kinds of the messages that a simulated device answers."""

from __future__ import annotations

from tests.support.hl7_host import Dialogue


def kinds(dialogue: Dialogue, patient_s: float) -> list[str]:
    return [message.kind for message in dialogue.hear(patient_s)]
