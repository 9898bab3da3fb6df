"""PyTorch as a runtime."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import Encoded


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


@pytest.mark.parametrize("longest", [1, 4])
@pytest.mark.parametrize("family", ["llama", "gemma"])
def test_answers_to_one_prompt_that_is_read_once_are_as_those_read_alone(
    family: str, longest: int, make_model, rows
) -> None:
    model = make_model() if family == "llama" else LanguageModel(sliding_gemma(), make_model().tokenizer, ())
    prompt, other = (np.arange(3, 3 + length) for length in (12, 7))
    answers = [np.arange(5, 6 + of % longest) for of in range(4)]
    asked = [Encoded(np.r_[start, answer], len(start)) for start in (prompt, other) for answer in answers]
    together = list(TorchPredictor(model).logits([rows[0], *asked, rows[1]]))
    alone = [next(TorchPredictor(model).logits([row])) for row in [rows[0], *asked, rows[1]]]
    for one, expected in zip(together, alone, strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-4, atol=1e-5)


def sliding_gemma() -> Gemma3ForCausalLM:
    """A random Gemma whose local layers see five tokens."""
    torch.manual_seed(0)
    config = Gemma3TextConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        sliding_window=5,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"],
    )
    return Gemma3ForCausalLM(config).float()
