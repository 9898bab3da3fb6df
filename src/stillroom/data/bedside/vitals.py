"""Bedside measurements: the unit each is read in, and which values are possible at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Vital:
    """What a measurement may be.

    Attributes:
        unit: in which it is read.
        low: least possible value in a patient who is alive.
        high: greatest possible value.
        others: factors and offsets of other units that it is known to be written in: a value out of range that
            ``value * factor + offset`` brings into ``[low, high]`` is converted.
    """

    unit: str
    low: float
    high: float
    others: tuple[tuple[float, float], ...] = ()


_FAHRENHEIT = (5 / 9, -160 / 9)

VITALS: Mapping[str, Vital] = {
    "ALP": Vital("IU/L", 5, 5000),
    "ALT": Vital("IU/L", 1, 20000),
    "AST": Vital("IU/L", 1, 30000),
    "Albumin": Vital("g/dL", 0.5, 7),
    "BUN": Vital("mg/dL", 1, 300),
    "Bilirubin": Vital("mg/dL", 0.05, 80),
    "Cholesterol": Vital("mg/dL", 10, 600),
    "Creatinine": Vital("mg/dL", 0.05, 30),
    "DiasABP": Vital("mmHg", 10, 200),
    "FiO2": Vital("fraction", 0.2, 1, ((0.01, 0.0),)),
    "GCS": Vital("points", 3, 15),
    "Glucose": Vital("mg/dL", 10, 2000),
    "HCO3": Vital("mmol/L", 2, 60),
    "HCT": Vital("%", 5, 75),
    "HR": Vital("1/min", 10, 300),
    "K": Vital("mmol/L", 1, 15),
    "Lactate": Vital("mmol/L", 0.1, 40),
    "MAP": Vital("mmHg", 10, 250),
    "MechVent": Vital("yes/no", 0, 1),
    "Mg": Vital("mmol/L", 0.2, 15),
    "NIDiasABP": Vital("mmHg", 10, 200),
    "NIMAP": Vital("mmHg", 10, 250),
    "NISysABP": Vital("mmHg", 20, 320),
    "Na": Vital("mmol/L", 90, 200),
    "PaCO2": Vital("mmHg", 5, 200),
    "PaO2": Vital("mmHg", 15, 700),
    "Platelets": Vital("1000/µL", 1, 2000),
    "RespRate": Vital("1/min", 1, 100),
    "SaO2": Vital("%", 20, 100),
    "SysABP": Vital("mmHg", 20, 320),
    "Temp": Vital("°C", 25, 45, (_FAHRENHEIT,)),
    "TroponinI": Vital("µg/L", 0.01, 500),
    "TroponinT": Vital("µg/L", 0.001, 100),
    "Urine": Vital("mL", 0, 5000),
    "WBC": Vital("1000/µL", 0.01, 500),
    "Weight": Vital("kg", 20, 400),
    "pH": Vital("pH", 6.5, 8, ((0.01, 0.0), (0.1, 0.0))),
}
"""Of the PhysioNet/CinC Challenge 2012, in the order of the channels."""


def possible(
    name: str, values: NDArray[np.float64], vital: Vital
) -> tuple[NDArray[np.float64], Counter[str]]:
    """Convert what is written in another unit, and take for missing what no patient has.

    Args:
        name: of the measurement, for the account.
        values: in clinical units; NaN where missing.
        vital: what is possible.

    Returns:
        Values within the range or NaN, and how many were changed, by reason.

    >>> found, account = possible("Temp", np.array([37.0, 98.6, -17.8]), VITALS["Temp"])
    >>> found.round(1).tolist(), dict(account)
    ([37.0, 37.0, nan], {'Temp: another unit, converted': 1, 'Temp: out of range, taken for missing': 1})
    """
    account: Counter[str] = Counter()
    found = values.astype(np.float64, copy=True)
    for factor, offset in vital.others:
        converted = found * factor + offset
        meant = _outside(found, vital) & ~_outside(converted, vital)
        found[meant] = converted[meant]
        account[f"{name}: another unit, converted"] += int(meant.sum())
    wrong = _outside(found, vital)
    found[wrong] = np.nan
    account[f"{name}: out of range, taken for missing"] += int(wrong.sum())
    return found, +account


def _outside(values: NDArray[np.float64], vital: Vital) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values) & ((values < vital.low) | (values > vital.high)))
