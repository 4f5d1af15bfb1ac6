"""Numerics of saturation, breaths and gases, and numbers that cannot be."""

from __future__ import annotations

import pytest

from edge_agent.drivers.ge_dri import SPEC, codes
from edge_agent.model.measurements import Validity
from edge_agent.model.session_events import NumericsReceived
from tests.drivers.ge_dri.line import heard
from tests.drivers.ge_dri.monitor import (
    CO2,
    ECG,
    INVALID,
    NIBP,
    O2,
    ON,
    SOURCE_ECG,
    SPO2,
    T1,
    alarm_status,
    displayed,
    heart,
)
from tests.drivers.ge_dri.test_numerics import EXISTS, PRIVATE, PULSE_OF_SPO2, Group, numerics, said


def test_saturation_is_arterial_unless_labelled_venous() -> None:
    for label in (0, 1, 3):
        assert said((SPO2, ON, label, (9712, 71, 360))) == [
            ("SpO2", 150456, 97.12, "%", "valid"),
            ("SpO2", PULSE_OF_SPO2, 71, "/min", "valid"),
            ("SpO2", PRIVATE + 132, 3.6, "%", "valid"),
        ]
    venous = said((SPO2, ON, 2, (7000, 71, 12)))
    assert [(code, value) for _, code, value, _, _ in venous[:2]] == [
        (150332, 70),
        (PRIVATE + 130, 71),
    ]


def test_carbon_dioxide_becomes_a_pressure_by_the_ambient_one() -> None:
    assert said((CO2, ON, 1, (500, 10, 14, 7600))) == [
        ("CO2", 151728, 38.0, "mm[Hg]", "valid"),
        ("CO2", PRIVATE + 144, 0.1, "%", "valid"),
        ("CO2", 151570, 14, "/min", "valid"),
        ("CO2", PRIVATE + 148, 760, "mm[Hg]", "valid"),
    ]


@pytest.mark.parametrize("ambient", [INVALID, 0, 2999, 9001])
def test_without_the_ambient_pressure_carbon_dioxide_stays_a_share(ambient: int) -> None:
    shown = said((CO2, ON, 1, (500, 10, 14, ambient)))
    assert shown[0] == ("CO2", PRIVATE + 142, 5.0, "%", "valid")
    assert all(code != 151728 for _, code, _, _, _ in shown)
    missing = said((CO2, ON, 1, (INVALID, 10, 14, ambient)))
    assert missing[0] == ("CO2", 151728, None, "mm[Hg]", "invalid")


def test_breaths_of_zero_count_only_in_apnea() -> None:
    for status, validity in ((0, Validity.QUESTIONABLE), (1 << 2, Validity.VALID)):
        found = numerics((CO2, ON | status, 1, (0, 0, 0, 7600)))
        assert (found[2].value, found[2].validity) == (0, validity)
    impedance = numerics((ECG, ON | SOURCE_ECG, 0, (72, 0, 0, 0, 0)))[-1]
    assert impedance.validity is Validity.QUESTIONABLE


def test_a_rate_of_zero_is_vouched_for_by_the_apnea_of_its_own_source() -> None:
    ecg = (ECG, ON | SOURCE_ECG, 0, (72, 0, 0, 0, 0))
    for status, label, airway, impedance in (
        (1 << 2, 1, Validity.VALID, Validity.QUESTIONABLE),
        (1 << 7, 1, Validity.QUESTIONABLE, Validity.VALID),
        (1 << 7, 2, Validity.VALID, Validity.VALID),
        (1 << 2, 2, Validity.QUESTIONABLE, Validity.QUESTIONABLE),
        (1 << 2 | 1 << 7, 1, Validity.VALID, Validity.VALID),
    ):
        found = numerics(ecg, (CO2, ON | status, label, (0, 0, 0, 7600)))
        rates = [n.validity for n in found if n.value == 0 and n.unit_code == 264928]
        assert rates == [impedance, airway]


@pytest.mark.parametrize(("level", "code"), [(2, 151570), (7, 151570), (8, 151562), (11, 151562)])
def test_the_source_of_the_rate_is_read_from_level_8_on(level: int, code: int) -> None:
    shown = displayed((CO2, ON, 2, (500, 10, 14, 7600)), level=level)
    (event,) = heard(shown).of(NumericsReceived)
    assert [n.code for n in event.numerics if n.value == 14] == [code]


def test_the_impedance_rate_repeated_with_carbon_dioxide_is_no_second_measurement() -> None:
    group = (CO2, ON, 2, (500, 10, 15, 7600))
    assert [c for _, c, value, _, _ in said(heart(), group) if value == 15] == [
        151562,
        PRIVATE + 146,
    ]
    assert [c for _, c, value, _, _ in said(group) if value == 15] == [151562]


@pytest.mark.parametrize(
    ("bit", "validity"),
    [
        (3, Validity.CALIBRATING),
        (4, Validity.CALIBRATING),
        (5, Validity.QUESTIONABLE),
        (6, Validity.QUESTIONABLE),
    ],
)
def test_a_gas_bench_that_calibrates_or_leaks_is_not_believed(bit: int, validity: Validity) -> None:
    found = numerics((CO2, ON | 1 << bit, 1, (500, 10, 14, 7600)))
    assert {n.validity for n in found} == {validity}


def test_oxygen_is_given_unless_it_calibrates() -> None:
    assert said((O2, ON, 0, (1650, 2943))) == [
        ("O2", PRIVATE + 156, 16.5, "%", "valid"),
        ("O2", PRIVATE + 158, 29.43, "%", "valid"),
    ]
    assert {n.validity for n in numerics((O2, ON | 4, 0, (1650, 2943)))} == {Validity.CALIBRATING}


def test_an_oxygen_sensor_that_is_off_has_no_value() -> None:
    for status in (8, 12):
        found = numerics((O2, ON | status, 0, (1650, 2943)))
        assert [(n.value, n.validity) for n in found] == [(None, Validity.NOT_AVAILABLE)] * 2


@pytest.mark.parametrize(
    ("group", "label"),
    [
        (heart(401), "MDC_ECG_HEART_RATE"),
        (heart(-1), "MDC_ECG_HEART_RATE"),
        ((SPO2, ON, 0, (10001, 71, 12)), "MDC_PULS_OXIM_SAT_O2"),
        ((SPO2, ON, 0, (-32000, 71, 12)), "MDC_PULS_OXIM_SAT_O2"),
        ((T1, ON, 15, (8001,)), "MDC_TEMP_CORE"),
        ((CO2, ON, 1, (500, 10, 251, 7600)), "MDC_AWAY_RESP_RATE"),
        ((CO2, ON, 1, (11001, 10, 25, 7600)), "CO2 end-tidal share"),
        ((NIBP, ON, 0, (12000, 8000, 9000, 500)), "MDC_PULS_RATE_NON_INV"),
    ],
)
def test_a_number_that_cannot_be_costs_the_record_once(group: Group, label: str) -> None:
    line = heard(displayed(group), displayed(heart()), displayed(group))
    assert line.reasons() == [f"malformed record: {label} is out of its range"] * 2
    assert len(line.of(NumericsReceived)) == 1


def test_a_number_that_goes_on_being_one_that_cannot_be_costs_itself_alone() -> None:
    odd = displayed(heart(), (T1, ON, 15, (8001,)))
    line = heard(odd, alarm_status(), odd, odd, displayed(heart()), odd)
    assert line.reasons() == [
        "malformed record: MDC_TEMP_CORE is out of its range",
        "MDC_TEMP_CORE is ignored: out of its range",
        "malformed record: MDC_TEMP_CORE is out of its range",
    ]
    told = [{n.label: (n.value, n.validity) for n in e.numerics} for e in line.of(NumericsReceived)]
    assert [numbers.get("MDC_TEMP_CORE") for numbers in told] == [
        (None, Validity.INVALID),
        (None, Validity.INVALID),
        None,
    ]
    assert {numbers["MDC_ECG_HEART_RATE"] for numbers in told} == {(72, Validity.VALID)}


def test_a_number_that_cannot_be_is_no_matter_where_the_measurement_rests() -> None:
    line = heard(displayed((T1, EXISTS, 15, (9999,))))
    assert line.reasons() == []
    assert line.numerics()["MDC_TEMP_CORE"].value is None


def test_a_record_with_no_measurement_gives_no_numerics() -> None:
    assert heard(displayed()).of(NumericsReceived) == []


def test_private_codes_of_different_fields_never_meet() -> None:
    fields = [codes.private(at) for at in range(278)]
    signals = codes.SIGNALS.values()
    assert not {codes.ARRHYTHMIA_RATE.code, *(s.event_code for s in signals)} & set(fields)
    assert len({(s.source_code, s.event_code) for s in signals}) == len(signals)


def test_what_the_driver_claims_to_produce_has_codes() -> None:
    assert len(SPEC.produces) == 12
