from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from stillroom.losses import DenseTeacher
from stillroom.losses.response.top_k import TopK
from stillroom.models import LanguageModel
from stillroom.recipes import Recipe
from stillroom.recipes.planning.temperature import recommend, temperatures
from stillroom.signals import LiveTeacher
from stillroom.types import Encoded, RecipeError, TrainError

ROWS = [Encoded(np.arange(length), 2) for length in (9, 12, 7, 20)]


class Fixed:
    """A teacher whose logits are a given vector at every position."""

    def __init__(self, logits: torch.Tensor) -> None:
        self._logits = logits

    def teacher(self, rows: Sequence[Encoded]) -> DenseTeacher:
        positions = sum(len(row.targets) for row in rows)
        return DenseTeacher(torch.ones(positions, 1), self._logits[:, None])

    def layers(self, rows: Sequence[Encoded]) -> None:
        return None

    def attention(self, rows: Sequence[Encoded]) -> None:
        return None


def test_a_sure_teacher_is_made_hotter_until_the_aim_is_met() -> None:
    logits = torch.tensor([6.0, 0.0, 0.0])
    found = temperatures(Fixed(logits), ROWS, vocab=3)
    for aim, tau in found.by_aim.items():
        assert tau is not None
        assert (logits / tau).softmax(0).max().item() == pytest.approx(aim, abs=1e-3)
    assert found.advice == f"objective.temperature={round(found.by_aim[0.6] or 0, 2):g}"
    assert found.hard_tokens == -(-found.tokens // 4)


def test_a_teacher_that_is_unsure_by_itself_is_left_at_1() -> None:
    found = temperatures(Fixed(torch.tensor([0.5, 0.0, 0.0])), ROWS, vocab=3)
    assert found.top_probability < 0.5
    assert found.advice == "objective.temperature=1"


def test_a_live_teacher_is_asked(make_model: Callable[..., LanguageModel]) -> None:
    model = make_model(layers=2)
    found = temperatures(LiveTeacher(model), ROWS, vocab=model.network.config.vocab_size)
    assert found.tokens == sum(len(row.targets) for row in ROWS)
    assert found.to_dict()["by_aim"].keys() == {"0.7", "0.6", "0.5"}


def test_half_a_distribution_is_refused() -> None:
    class Half(Fixed):
        def teacher(self, rows: Sequence[Encoded]) -> TopK:  # type: ignore[override]
            return TopK.of(torch.zeros(3, 4).log_softmax(-1), 2)

    with pytest.raises(TrainError, match="live"):
        temperatures(Half(torch.zeros(3)), ROWS, vocab=3)


def test_a_recipe_without_a_teacher_names_the_command(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="stillroom teach quickstart"):
        recommend(recipe, tmp_path)
