"""Temperature scaling."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from stillroom.models import TorchPredictor
from stillroom.models.calibration import fit_temperature, fold_temperature
from stillroom.types import Encoded


def sampled_from(model, temperature: float) -> list[Encoded]:
    """Responses drawn from softmax(logits / temperature), one token each."""
    random = np.random.default_rng(1)
    made = []
    for _ in range(600):
        prompt = random.integers(3, 60, size=4)
        logits = next(TorchPredictor(model).logits([Encoded(np.append(prompt, 0), 4)]))[0]
        probs = torch.softmax(torch.from_numpy(logits) / temperature, -1).double().numpy()
        made.append(Encoded(np.append(prompt, random.choice(len(probs), p=probs / probs.sum())), 4))
    return made


@pytest.mark.parametrize("true_temperature", [0.8, 1.4])
def test_the_temperature_that_made_the_data_is_found(make_model, true_temperature: float) -> None:
    model = make_model(layers=2)
    with torch.no_grad():
        model.network.model.norm.weight.mul_(30)
    found = fit_temperature(model, sampled_from(model, true_temperature))
    assert found == pytest.approx(true_temperature, rel=0.1)


def test_folding_divides_the_logits_and_keeps_their_order(make_model, rows) -> None:
    model = make_model()
    before = next(TorchPredictor(model).logits(rows))
    fold_temperature(model, 2.0)
    after = next(TorchPredictor(model).logits(rows))
    np.testing.assert_allclose(after, before / 2.0, rtol=1e-4, atol=1e-6)
