from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.recipes import Recipe, to_yaml
from stillroom.recipes.suite.bench import run_suite
from stillroom.recipes.suite.reading import read_task
from stillroom.recipes.suite.settings import Profile, Rules, SuiteTask
from stillroom.recipes.suite.shipped import Suite, load_suite
from stillroom.recipes.suite.splits import hashes
from stillroom.validate.suite.results import SuiteResult

_NOTHING = {"train": "0" * 64, "validation": "0" * 64, "test": "0" * 64}


@pytest.fixture
def suite(small_recipe: Recipe, tmp_path: Path) -> Suite:
    """A language task with two seeds, and a second figure of the same trainings."""
    path = tmp_path / "small.yaml"
    path.write_text(to_yaml(small_recipe))
    shipped = load_suite().narrowed([], ["soft-targets", "dist"])
    rules = Rules.model_validate(
        {**shipped.rules.model_dump(), "seeds": {"tiny": (1, 2)}, "repeats": {"tiny": 100}}
    )
    profile = Profile(teach_seconds=1, student_seconds=1, splits=_NOTHING)
    task = SuiteTask(
        recipe=str(path),
        area="language",
        figure="log_perplexity",
        head="language",
        profiles={"tiny": profile},
    )
    found = hashes(read_task(Suite(rules, {"words": task}, shipped.methods), "words", "tiny", None))
    pinned = task.model_copy(update={"profiles": {"tiny": profile.model_copy(update={"splits": found})}})
    second = pinned.model_copy(update={"figure": "token_accuracy", "shares": "words"})
    return Suite(rules, {"words": pinned, "tokens": second}, shipped.methods)


def test_a_language_model_is_trained_for_every_seed_and_told_with_its_control(
    suite: Suite, tmp_path: Path
) -> None:
    result: SuiteResult = run_suite(suite, tmp_path / "runs", "tiny")
    soft, control = (result.cell("words", name) for name in ("soft-targets", "hard-labels"))
    assert set(soft.by_seed) == {"1", "2"}
    assert soft.figures["minus_control"].value == pytest.approx(
        soft.figures["figure"].value - control.figures["figure"].value
    )
    assert soft.figures["minus_control"].low is not None
    assert not result.tasks[0].higher_is_better
    assert result.tasks[0].teacher_figure is not None
    assert result.cell("words", "dist").state == "not_applicable"
    # The second figure costs no training, and teacher and control were made and measured once for each seed at most.
    tokens = result.cell("tokens", "soft-targets")
    assert tokens.state == "measured"
    made = [
        (file.parent.name, json.loads(line)["stage"])
        for file in sorted((tmp_path / "runs" / "clinical" / "tiny").glob("*/*/events.jsonl"))
        for line in file.read_text().splitlines()
        if json.loads(line)["event"] == "finished"
    ]
    assert len(made) == len(set(made))
    assert {run for run, _ in made} == {"soft-targets.seed-1", "soft-targets.seed-2"}
    assert [run for run, stage in made if stage == "teach"] == ["soft-targets.seed-1"]
    assert [run for run, stage in made if stage == "measure.teacher"] == ["soft-targets.seed-1"]
