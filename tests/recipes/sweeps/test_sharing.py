from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.recipes import load
from stillroom.recipes.stages import Stages
from stillroom.recipes.sweeps.sharing import nearest, offer


def prepared(run_dir: Path, inputs: Mapping[str, Any]) -> bool:
    """Run a stage that writes a file; say whether it was kept."""

    def make(out: Path, work: Path) -> None:
        (out / "rows").write_text("made")

    with Stages(run_dir) as stages:
        return stages.run("prepare", inputs, make, folder="corpus").reused


def test_an_offered_stage_is_kept_where_its_key_is_right(tmp_path: Path) -> None:
    prepared(tmp_path / "a", {"corpus": 1})
    assert offer(tmp_path / "b", [tmp_path / "a"]) == ["corpus"]
    assert prepared(tmp_path / "b", {"corpus": 1})


def test_and_made_again_where_it_is_not_and_the_donor_is_unharmed(tmp_path: Path) -> None:
    prepared(tmp_path / "a", {"corpus": 1})
    offer(tmp_path / "b", [tmp_path / "a"])
    assert not prepared(tmp_path / "b", {"corpus": 2})
    assert prepared(tmp_path / "a", {"corpus": 1})


def test_files_are_linked_and_own_folders_stay(tmp_path: Path) -> None:
    prepared(tmp_path / "a", {"corpus": 1})
    prepared(tmp_path / "c", {"corpus": 2})
    offer(tmp_path / "b", [tmp_path / "a"])
    files = [tmp_path / run / "corpus" / "rows" for run in "ab"]
    assert files[0].samefile(files[1])
    assert offer(tmp_path / "b", [tmp_path / "c"]) == []


def test_unfinished_folders_are_not_offered(tmp_path: Path) -> None:
    (tmp_path / "a" / "teacher").mkdir(parents=True)
    assert offer(tmp_path / "b", [tmp_path / "a", tmp_path / "absent"]) == []


def test_the_likest_recipe_comes_first() -> None:
    recipe = load("quickstart", ["seed=2", "objective.alpha=0.5"])
    others = {
        Path("a"): load("quickstart", ["seed=3", "objective.alpha=0.4", "train.steps=7"]),
        Path("b"): load("quickstart", ["seed=2", "objective.alpha=0.4"]),
    }
    assert nearest(recipe, others) == [Path("b"), Path("a")]
