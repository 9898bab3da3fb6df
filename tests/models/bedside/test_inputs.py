from __future__ import annotations

import numpy as np
import torch

from bedside_cases import made_cohort
from stillroom.models.bedside.inputs import Course, Flat, Scaler

CASES = made_cohort().splits["train"]


def test_a_scaled_channel_has_mean_0_and_deviation_1_and_what_is_missing_is_0() -> None:
    values = torch.from_numpy(np.random.default_rng(0).normal(90, 5, size=(1000, 1)))
    values[::7] = torch.nan
    scaler = Scaler(1).double()
    scaler.fit(values)
    found = scaler(values)
    known = found[~values.isnan()]
    assert (found[values.isnan()] == 0).all()
    assert abs(float(known.mean())) < 1e-6
    assert abs(float(known.std()) - 1) < 1e-2


def test_a_channel_that_is_never_measured_stays_0() -> None:
    scaler = Scaler(2)
    scaler.fit(torch.tensor([[1.0, torch.nan], [3.0, torch.nan]]))
    assert scaler(torch.tensor([[2.0, torch.nan]])).tolist() == [[0.0, 0.0]]


def test_inputs_become_one_vector_of_the_promised_width() -> None:
    flat = Flat({"series": (6, 3), "static": (2,)})
    flat.fit(CASES)
    inputs = {
        name: torch.from_numpy(np.stack([case.inputs[name] for case in CASES]))
        for name in ("series", "static")
    }
    inputs["series"][0, :, 2] = torch.nan
    found = flat(inputs)
    assert found.shape == (len(CASES), flat.width)
    assert found.isfinite().all()
    assert found[0, -5:].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_course_carries_forward_and_tells_how_long_ago() -> None:
    course = Course(1)
    found = course(torch.tensor([[[torch.nan], [0.5], [torch.nan], [torch.nan]]]))[0]
    assert found[:, 0].tolist() == [0.0, 0.5, 0.5, 0.5]
    assert found[:, 1].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert found[:, 2].tolist() == [0.25, 0.0, 0.25, 0.5]
