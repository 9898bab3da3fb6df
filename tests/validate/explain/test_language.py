"""Explanations of a small decoder: complete, faithful to a slow twin, and kept to the prompt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import Encoded
from stillroom.validate.explain.language import LanguageExplainer

ZEROS = np.zeros(4, dtype=np.int64)


@pytest.fixture
def explainer(make_model: Callable[..., LanguageModel], rows: list[Encoded]) -> LanguageExplainer:
    return LanguageExplainer(make_model(layers=2), rows[:4], steps=64)


def test_attributions_add_up_to_what_the_prompt_changes(explainer: LanguageExplainer) -> None:
    found = explainer.attributed(ZEROS)
    assert found.change is not None
    np.testing.assert_allclose(found.values.sum(1), found.change, atol=1e-4)
    assert not found.values[~explainer.present].any()
    assert np.abs(found.values[explainer.present]).min() > 0


def test_the_whole_prompt_scores_as_the_model_does(
    explainer: LanguageExplainer, make_model: Callable[..., LanguageModel], rows: list[Encoded]
) -> None:
    said = list(TorchPredictor(make_model(layers=2)).logits(rows[:4]))
    expected = [
        torch.from_numpy(logits)
        .log_softmax(-1)
        .gather(-1, torch.from_numpy(row.targets)[:, None])
        .mean()
        .exp()
        for logits, row in zip(said, rows, strict=False)
    ]
    np.testing.assert_allclose(explainer.scores(ZEROS, explainer.present), expected, rtol=1e-5)


def test_a_prompt_of_which_nothing_is_kept_is_told_by_its_length_alone(
    make_model: Callable[..., LanguageModel], rows: list[Encoded]
) -> None:
    row = rows[0]
    other = Encoded(np.r_[row.ids[: row.start][::-1], row.ids[row.start :]], row.start)
    twins = LanguageExplainer(make_model(layers=2), [row, other], steps=4)
    whole, nothing = (twins.scores(ZEROS[:2], kept) for kept in (twins.present, ~twins.present))
    assert nothing[0] == pytest.approx(nothing[1])
    assert whole[0] != pytest.approx(whole[1])


def test_attention_to_the_prompt_is_that_of_the_eager_network(
    make_model: Callable[..., LanguageModel], rows: list[Encoded]
) -> None:
    model, row = make_model(layers=2), rows[1]
    found = LanguageExplainer(model, [row], steps=4).attention()["prompt"][0]
    model.network.config._attn_implementation = "eager"
    with torch.no_grad():
        maps = model.network(torch.from_numpy(row.ids)[None], output_attentions=True).attentions
    looks = torch.stack(maps)[:, 0, :, row.start - 1 : -1, : row.start].mean((0, 1, 2))
    np.testing.assert_allclose(found, (looks / looks.sum()).numpy(), atol=1e-6)
