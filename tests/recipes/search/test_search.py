from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stillroom.recipes import load
from stillroom.recipes.search import search as module
from stillroom.recipes.search.result import Budget
from stillroom.recipes.search.search import search
from stillroom.types import RecipeError

SMALL = [
    "teachers.resnet.model.widths=[4]",
    "teachers.resnet.train.steps=2",
    "teachers.resnet.folds=1",
    "signals.features=[]",
    "objective.terms={soft: {loss: forward_kl, weight: 1.0}}",
    "train.steps=3",
]
SPACE = ["student.widths=[2],[4]", "student.blocks=1..2", "objective.terms.soft.weight=0.5..2.5"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    arrays = {}
    for given, number in (("train", 24), ("val", 8), ("test", 8)):
        arrays[f"{given}_images"] = random.integers(256, size=(number, 28, 28), dtype=np.uint8)
        arrays[f"{given}_labels"] = (np.arange(number) % 2)[:, None]
    folder = tmp_path_factory.mktemp("data")
    np.savez(folder / "pneumoniamnist.npz", **arrays)
    return folder


@pytest.mark.slow
def test_a_search_goes_on_where_it_was_and_never_looks_at_the_test(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load("pneumonia", [f"data.folder={folder}", *SMALL])

    class StoppedError(Exception):
        pass

    def stop(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(module, "write_graph", stop)
        with pytest.raises(StoppedError):
            search(recipe, SPACE, tmp_path, trials=2)
    found = search(recipe, SPACE, tmp_path, trials=2)
    # The trial that was under way when the search stopped was tried again with its values.
    assert [one.number for one in found.tried] == [1, 2]
    for one in found.tried:
        assert one.loss is not None
        assert (one.answer_ms or 0) > 0
        assert (one.memory_mib or 0) > 0
    told = json.loads((found.folder / "search.json").read_text())
    assert (told["split"], len(told["tried"])) == ("validation", 2)
    assert set(told["front"]) <= {1, 2}
    assert "Validation loss" in (found.folder / "search.html").read_text()
    assert not {path.name for path in found.folder.iterdir()} & {"evidence", "export", "control.1"}

    with pytest.raises(RecipeError, match="holds the search of another recipe, space or budget"):
        search(recipe, SPACE[:1], tmp_path, trials=3)


def test_a_student_over_the_budget_is_not_trained(folder: Path, tmp_path: Path) -> None:
    recipe = load("pneumonia", [f"data.folder={folder}", *SMALL])
    found = search(recipe, SPACE[:1], tmp_path, trials=1, budget=Budget(answer_ms=1e-9))
    (one,) = found.tried
    assert one.loss is None
    assert one.reason.endswith("above 1e-09 ms")
    assert found.front == ()
    assert not (found.folder / "student.1").exists()
