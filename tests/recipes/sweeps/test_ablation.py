"""The parts of an objective, switched on one after the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.recipes import Recipe, load
from stillroom.recipes.sweeps.ablation import ABLATION_FILE, ablate, parts
from stillroom.train import ObjectiveSettings
from stillroom.types import RecipeError

WHOLE = {
    "alpha": 0.7,
    "divergence": "forward_kl",
    "temperature": {"schedule": "exponential", "start": 8, "end": 1},
    "hidden_weight": 10.0,
    "specialty_weights": {"heart": 1.2},
    "terms": {"look": {"loss": "hidden_cosine", "weight": 0.1}},
}


def objective(**changes: object) -> ObjectiveSettings:
    return ObjectiveSettings.model_validate({**WHOLE, **changes})


def test_parts_are_added_in_order_and_end_with_the_whole() -> None:
    found = parts(objective())
    assert [part.name for part in found] == [
        "soft targets",
        "temperature schedule",
        "hidden states",
        "specialty weights",
        "look",
    ]
    assert found[0].objective.temperature == 1.0
    assert not found[0].objective.has_hidden_term
    assert found[-1].objective == objective()


def test_an_objective_with_nothing_to_switch_on_is_refused() -> None:
    plain = {"temperature": 1.0, "hidden_weight": 0.0, "specialty_weights": None, "terms": {}}
    with pytest.raises(RecipeError, match="parts to switch on"):
        parts(objective(**plain))


@pytest.mark.parametrize("name", ["soft-targets-cpu", "multi-granularity-cpu", "same-family-8b"])
def test_shipped_strategies_can_be_taken_apart(name: str) -> None:
    assert parts(load(name).objective)[-1].objective == load(name).objective


def test_each_row_has_its_own_student_and_shares_the_rest(recipe: Recipe, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    wanted = recipe.model_copy(
        update={"objective": objective(specialty_weights=None, terms={}, hidden_weight=0.0)}
    )
    found = ablate(wanted, runs)
    assert [row.part for row in found.rows] == ["soft targets", "temperature schedule"]
    assert len({row.by_seed[1].control for row in found.rows}) == 1
    assert len({row.by_seed[1].student for row in found.rows}) == 2
    kept = json.loads((runs / "quickstart.ablation" / ABLATION_FILE).read_text())
    assert kept == json.loads(json.dumps(found.to_dict()))
    again = ablate(wanted, runs)
    assert again == found
