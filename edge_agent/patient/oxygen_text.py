"""Reading of free texts about oxygen delivery as an oxygen device."""

from __future__ import annotations

import re

from edge_agent.model.patient import OxygenDevice

_FLOW = re.compile(r"\b\d+([.,]\d+)?\s*(l/min|lpm|litres?|liters?|l)\b")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")

# Whole texts only: "from CPAP to nasal cannula" names two devices and is read as none. A text that
# may or may not mean a ventilator (tracheostomy, T-piece) or fits several masks (aerosol, face
# tent, high-flow nebuliser) is left out on purpose. A tube in the trachea counts as ventilated.
_DEVICES = {
    "none": OxygenDevice.AIR,
    "air": OxygenDevice.AIR,
    "room air": OxygenDevice.AIR,
    "ra": OxygenDevice.AIR,
    "nasal cannula": OxygenDevice.NASAL_CANNULA,
    "nasal prongs": OxygenDevice.NASAL_CANNULA,
    "nasal specs": OxygenDevice.NASAL_CANNULA,
    "nc": OxygenDevice.NASAL_CANNULA,
    "blow by": OxygenDevice.BLOW_BY,
    "high flow cannula": OxygenDevice.HIGH_FLOW_CANNULA,
    "high flow nasal cannula": OxygenDevice.HIGH_FLOW_CANNULA,
    "hfnc": OxygenDevice.HIGH_FLOW_CANNULA,
    "face mask": OxygenDevice.FACE_MASK,
    "facemask": OxygenDevice.FACE_MASK,
    "simple face mask": OxygenDevice.FACE_MASK,
    "simple mask": OxygenDevice.FACE_MASK,
    "medium conc mask": OxygenDevice.FACE_MASK,
    "venturi": OxygenDevice.VENTURI_MASK,
    "venturi mask": OxygenDevice.VENTURI_MASK,
    "venti mask": OxygenDevice.VENTURI_MASK,
    "non rebreather": OxygenDevice.NON_REBREATHER,
    "non rebreather mask": OxygenDevice.NON_REBREATHER,
    "nonrebreather": OxygenDevice.NON_REBREATHER,
    "nrb": OxygenDevice.NON_REBREATHER,
    "cpap": OxygenDevice.CPAP,
    "cpap mask": OxygenDevice.CPAP,
    "bipap": OxygenDevice.BIPAP,
    "bipap mask": OxygenDevice.BIPAP,
    "ventilator": OxygenDevice.VENTILATOR,
    "mechanical ventilation": OxygenDevice.VENTILATOR,
    "endotracheal tube": OxygenDevice.VENTILATOR,
    "ett": OxygenDevice.VENTILATOR,
}


def read_oxygen_device(text: str) -> OxygenDevice | None:
    """Return the device that a charted text names, None if it is ambiguous.

    Case, punctuation and a flow ("2 l/min") do not matter.
    """
    words = _NO_LETTERS.sub(" ", _FLOW.sub(" ", text.lower())).strip()
    return _DEVICES.get(words)
