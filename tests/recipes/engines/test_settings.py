from __future__ import annotations

import pytest

from stillroom.recipes import load
from stillroom.recipes.engines.settings import LocalEngineSettings, RayEngineSettings
from stillroom.types import RecipeError

RAY = "engine={kind: ray, address: auto, workers: 2, cpus_per_worker: 1, gpus_per_worker: 0}"


def test_a_recipe_that_names_no_engine_runs_here() -> None:
    data = load("quickstart").model_dump(mode="json")
    assert load(
        {name: block for name, block in data.items() if name != "engine"}
    ).engine == LocalEngineSettings(kind="local")


def test_a_recipe_can_name_a_cluster() -> None:
    assert isinstance(load("quickstart", [RAY]).engine, RayEngineSettings)
    assert load("quickstart", [RAY, "engine.address=10.0.0.1:6379"]).engine.address == "10.0.0.1:6379"


@pytest.mark.parametrize("address", ["ray://head:10001", "head", ""])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(RecipeError, match=r"engine\.address"):
        load("quickstart", [RAY, f"engine.address='{address}'"])
