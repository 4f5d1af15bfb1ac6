"""Nurses' texts for oxygen, read as a device or left alone."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest

from edge_agent.model.patient import OxygenDevice
from edge_agent.patient.oxygen_text import read_oxygen_device
from tests.support.shared_data import shared_data

# Every text of the MIMIC-III demo 1.4 (chartevents, O2 delivery device)
CHARTED = {
    "Aerosol-Cool": None,
    "Aerosol-cool": None,
    "Bipap Mask": OxygenDevice.BIPAP,
    "Bipap mask": OxygenDevice.BIPAP,
    "CPAP mask": OxygenDevice.CPAP,
    "Endotracheal tube": OxygenDevice.VENTILATOR,
    "Face Tent": None,
    "Face tent": None,
    "Hi Flow Neb": None,
    "High flow neb": None,
    "Medium Conc Mask": OxygenDevice.FACE_MASK,
    "Medium conc mask": OxygenDevice.FACE_MASK,
    "Nasal Cannula": OxygenDevice.NASAL_CANNULA,
    "Nasal cannula": OxygenDevice.NASAL_CANNULA,
    "Non-Rebreather": OxygenDevice.NON_REBREATHER,
    "Non-rebreather": OxygenDevice.NON_REBREATHER,
    "None": OxygenDevice.AIR,
    "Other": None,
    "Other/Remarks": None,
    "T-piece": None,
    "Trach mask": None,
    "Tracheostomy tube": None,
    "Venti mask": OxygenDevice.VENTURI_MASK,
}


@pytest.mark.parametrize(("text", "device"), CHARTED.items())
def test_a_charted_text(text: str, device: OxygenDevice | None) -> None:
    assert read_oxygen_device(text) is device


def test_every_text_of_a_real_chart_is_read_as_listed() -> None:
    path = shared_data("clinical/mimic3demo/vitals_long.csv.gz")
    with gzip.open(path, "rt", newline="") as file:
        texts = Counter(
            row["txt"] for row in csv.DictReader(file) if row["signal"] == "O2device" and row["txt"]
        )
    assert set(texts) == set(CHARTED)
    read = sum(count for text, count in texts.items() if read_oxygen_device(text) is not None)
    assert read / texts.total() > 0.7


@pytest.mark.parametrize("device", OxygenDevice)
def test_every_device_reads_its_own_name(device: OxygenDevice) -> None:
    assert read_oxygen_device(device.value) is device
    assert read_oxygen_device(f"  {device.value.upper()}. ") is device


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("2L NC", OxygenDevice.NASAL_CANNULA),
        ("Nasal cannula, 1.5 l/min", OxygenDevice.NASAL_CANNULA),
        ("NRB 15 LPM", OxygenDevice.NON_REBREATHER),
        ("RA", OxygenDevice.AIR),
        ("HFNC 50 l/min", OxygenDevice.HIGH_FLOW_CANNULA),
        ("weaned from CPAP to nasal cannula", None),
        ("no nasal cannula", None),
        ("partial rebreather", None),
        ("2 l/min", None),
        ("", None),
    ],
)
def test_a_flow_does_not_matter_and_a_doubt_gives_nothing(
    text: str, device: OxygenDevice | None
) -> None:
    assert read_oxygen_device(text) is device
