"""PyTorch as a runtime."""

from __future__ import annotations

import numpy as np
import torch

from stillroom.models import TorchPredictor


def test_logits_predict_exactly_the_response_tokens(make_model, rows) -> None:
    model = make_model()
    for row, logits in zip(rows, TorchPredictor(model).logits(rows), strict=True):
        whole = model.network(torch.from_numpy(row.ids)[None]).logits[0].detach().numpy()
        np.testing.assert_allclose(logits, whole[row.start - 1 : -1], rtol=1e-4, atol=1e-5)


def test_neighbours_in_a_batch_do_not_change_a_row(make_model, rows) -> None:
    model = make_model()
    alone = list(TorchPredictor(model, batch_rows=1).logits(rows))
    together = list(TorchPredictor(model, batch_rows=7).logits(rows))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_generation_is_greedy_and_independent_of_padding(make_model, rows) -> None:
    model = make_model()
    prompts = [row.ids[: row.start].tolist() for row in rows[:6]]
    together = list(TorchPredictor(model, batch_rows=6).generate(prompts, 5))
    assert together == [next(TorchPredictor(model).generate([prompt], 5)) for prompt in prompts]
    first = int(next(TorchPredictor(model).logits([rows[0]]))[0].argmax())
    assert together[0][:1] in ([first], [])
