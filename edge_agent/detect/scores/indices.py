"""Indices of two or three values, over arrays: shock index, mean pressure, EASIX."""

from __future__ import annotations

import numpy as np

from edge_agent.detect.arrays import FloatArray


def shock_index(pulse: FloatArray, systolic: FloatArray) -> FloatArray:
    """Return pulse over systolic pressure (Allgoewer and Burri, Dtsch Med Wochenschr 1967;92:1947).

    Parameters
    ----------
    pulse
        Beats per minute, shape (n,).
    systolic
        mmHg, shape (n,).

    Returns
    -------
    FloatArray
        Beats per minute and mmHg, shape (n,); NaN where a value is missing or the pressure is not
        above 0.
    """
    return _quotient(pulse, systolic)


def mean_pressure(systolic: FloatArray, diastolic: FloatArray) -> FloatArray:
    """Return the mean arterial pressure, (systolic + 2 diastolic) / 3, where none is measured.

    An oscillometric monitor measures the mean and derives the other two: use its mean where it
    gives one.

    Parameters
    ----------
    systolic, diastolic
        mmHg, shape (n,).

    Returns
    -------
    FloatArray
        mmHg, shape (n,); NaN where a value is missing.
    """
    return (systolic + 2.0 * diastolic) / 3.0


def easix(ldh: FloatArray, creatinine: FloatArray, platelets: FloatArray) -> FloatArray:
    """Return the Endothelial Activation and Stress Index (Luft T, Lancet Haematol 2017;4:e414).

    Parameters
    ----------
    ldh
        Lactate dehydrogenase, U/l, shape (n,).
    creatinine
        mg/dl, shape (n,).
    platelets
        10^9/l, shape (n,).

    Returns
    -------
    FloatArray
        LDH x creatinine / platelets, shape (n,); NaN where a value is missing or there are no
        platelets.
    """
    return _quotient(ldh * creatinine, platelets)


def modified_easix(ldh: FloatArray, crp: FloatArray, platelets: FloatArray) -> FloatArray:
    """Return the modified EASIX (Pennisi M, Blood Adv 2021;5:3397): CRP for creatinine.

    Parameters
    ----------
    ldh
        Lactate dehydrogenase, U/l, shape (n,).
    crp
        C-reactive protein, mg/dl (not mg/l), shape (n,).
    platelets
        10^9/l, shape (n,).

    Returns
    -------
    FloatArray
        LDH x CRP / platelets, shape (n,); NaN where a value is missing or there are no platelets.
    """
    return _quotient(ldh * crp, platelets)


def _quotient(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return the quotient, NaN where the divisor is not above 0."""
    return above / np.where(below > 0, below, np.nan)
