"""Rules that choose layers."""

from __future__ import annotations

import pytest

from stillroom.models import StudentSettings
from stillroom.models.layer_choice import choose_layers, every_kth, layers_by_rule
from stillroom.types import ModelError


@pytest.mark.parametrize("rule", ["uniform", "spaced", "first", "last"])
@pytest.mark.parametrize("count", [1, 2, 7, 10, 29, 30])
def test_every_rule_gives_as_many_ascending_layers_as_asked_for(rule, count: int) -> None:
    layers = layers_by_rule(rule, 30, count)
    assert len(layers) == count
    assert sorted(set(layers)) == list(layers)
    assert set(layers) <= set(range(30))


def test_uniform_keeps_the_end_and_spaced_both_ends() -> None:
    assert every_kth(32, 16) == tuple(range(1, 32, 2))
    assert layers_by_rule("spaced", 32, 16)[::15] == (0, 31)
    assert every_kth(30, 7)[-1] == 29


def test_more_layers_than_there_are_is_refused() -> None:
    settings = StudentSettings.model_validate({"layers": {"choose": "uniform", "count": 7}})
    assert settings.depth(6) == 7
    with pytest.raises(ModelError, match="count is 7; expected at most 6"):
        choose_layers(settings, 6)
