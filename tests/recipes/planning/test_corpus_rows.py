from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.data import encode_all
from stillroom.data.store import save
from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, load
from stillroom.recipes.planning.corpus_rows import local_tokenizer, measured_rows
from stillroom.recipes.stages import Stages
from stillroom.types import Corpus, Example


def example(number: int) -> Example:
    options = ("fits", "none") if number % 2 else ()
    return Example(
        f"e{number}", "What is the term?" * (number % 4), "fits", "a", "b", "basic", f"g{number}", options
    )


@pytest.fixture
def corpus() -> Corpus:
    splits = {"train": range(6), "validation": range(6, 8), "test": range(8, 12)}
    rows: Any = {split: tuple(map(example, numbers)) for split, numbers in splits.items()}
    return Corpus("made", (), rows, {})


@pytest.fixture
def local(tmp_path: Path, make_model: Callable[..., LanguageModel]) -> Recipe:
    """The quickstart with a teacher in a folder."""
    folder = tmp_path / "model"
    folder.mkdir()
    make_model(layers=2).save(folder)
    return load("quickstart", [f"teacher.model={folder}", "student.layers=[0]"])


def prepare(recipe: Recipe, corpus: Corpus, run_dir: Path) -> None:
    inputs = {"corpus": recipe.corpus.model_dump(mode="json")}
    with Stages(run_dir) as stages:
        stages.run("prepare", inputs, lambda out, work: save(corpus, out / "corpus"), folder="corpus")


def test_rows_are_those_that_training_will_see(local: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    prepare(local, corpus, tmp_path / "run")
    found = measured_rows(local, tmp_path / "run")
    assert found is not None
    tokenizer = local_tokenizer(local.teacher)
    seen = encode_all(corpus.splits["train"], tokenizer, local.max_tokens).rows
    assert found.train == tuple((len(row.ids), len(row.targets)) for row in seen)
    assert found.measured
    assert len(found.options) == 4, "two options of each of two items"


def test_a_corpus_of_another_recipe_is_not_taken(local: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    prepare(local, corpus, tmp_path / "run")
    assert measured_rows(load(local.model_dump(mode="json"), ["corpus.seed=9"]), tmp_path / "run") is None
    assert measured_rows(local, tmp_path / "absent") is None


def test_without_a_tokenizer_lengths_are_not_known(local: Recipe, corpus: Corpus, tmp_path: Path) -> None:
    prepare(local, corpus, tmp_path / "run")
    elsewhere = ["teacher.model=meta-llama/Llama-3.2-1B"]
    assert measured_rows(load(local.model_dump(mode="json"), elsewhere), tmp_path / "run") is None
    shutil.rmtree(tmp_path / "model")
    assert local_tokenizer(local.teacher) is None
