"""Centred kernel alignment."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
import torch

from stillroom.models.similarity import cka, layer_grams, layer_similarities
from stillroom.types import Encoded


def hsic_by_definition(x: np.ndarray, y: np.ndarray) -> float:
    """The U-statistic over all ordered quadruples of different tokens (Song et al. 2012, theorem 2)."""
    k, one = x @ x.T, y @ y.T
    terms = [
        k[i, j] * one[i, j] + k[i, j] * one[q, r] - 2.0 * k[i, j] * one[i, q]
        for i, j, q, r in permutations(range(len(x)), 4)
    ]
    return float(np.mean(terms))


def test_the_value_is_that_of_the_definition() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(7, 4)) + 2.0
    y = np.hstack([x[:, :2] ** 2, random.normal(size=(7, 3))])
    wanted = hsic_by_definition(x, y) / np.sqrt(hsic_by_definition(x, x) * hsic_by_definition(y, y))
    assert cka(torch.from_numpy(x), torch.from_numpy(y)) == pytest.approx(wanted, rel=1e-9)


def test_with_many_tokens_it_is_the_published_ratio_of_norms() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(3000, 4))
    y = x @ random.normal(size=(4, 6)) + random.normal(size=(3000, 6))
    a, b = x - x.mean(0), y - y.mean(0)
    published = np.sum((b.T @ a) ** 2) / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    assert cka(torch.from_numpy(x), torch.from_numpy(y)) == pytest.approx(published, abs=2e-3)


def test_rotation_scale_and_offset_change_nothing_and_independence_is_zero_even_where_width_exceeds_tokens() -> (
    None
):
    random = np.random.default_rng(2)
    x = torch.from_numpy(random.normal(size=(64, 32)))
    turn = torch.linalg.qr(torch.from_numpy(random.normal(size=(32, 32)))).Q
    assert cka(x, 1e4 * x @ turn + 7.0) == pytest.approx(1.0)
    wide = torch.from_numpy(random.normal(size=(64, 2048)))
    assert abs(cka(x, wide)) < 0.1


def test_layers_are_read_at_response_positions_alone(make_model, rows: list[Encoded]) -> None:
    model = make_model(layers=3)
    grams = layer_grams(model, rows[:3])
    tokens = sum(len(row.ids) - row.start for row in rows[:3])
    assert [gram.shape for gram in grams] == [(tokens, tokens)] * 4
    states = [
        torch.cat(
            [
                model.network(torch.from_numpy(row.ids)[None], output_hidden_states=True).hidden_states[at][
                    0, row.start - 1 : -1
                ]
                for row in rows[:3]
            ]
        ).detach()
        for at in (1, 2)
    ]
    assert layer_similarities(grams)[1] == pytest.approx(cka(*states), rel=1e-4)
