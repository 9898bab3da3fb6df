from __future__ import annotations

from itertools import islice

import numpy as np

from stillroom.recipes import Recipe
from stillroom.recipes.planning.workload import Rows, assumed_rows, evaluations, step_load
from stillroom.train.steps import step_rows
from stillroom.types import Encoded


def test_steps_are_those_of_training(recipe: Recipe, rows: Rows) -> None:
    settings = recipe.train
    encoded = [
        Encoded(np.zeros(tokens, dtype=np.int64), tokens - response) for tokens, response in rows.train
    ]
    steps = step_rows(encoded, tokens_per_step=settings.tokens_per_step, seed=3)
    chosen = list(islice(steps, settings.steps))
    found = step_load(rows.train, settings, seed=3)
    assert found.tokens == np.mean([len(step) * max(len(row.ids) for row in step) for step in chosen])
    assert found.response_tokens == np.mean([sum(len(row.targets) for row in step) for step in chosen])
    assert not found.accumulates


def test_a_smaller_pass_accumulates(recipe: Recipe, rows: Rows) -> None:
    found = step_load(rows.train, recipe.train.model_copy(update={"tokens_per_pass": 96}), seed=3)
    assert found.accumulates
    assert found.pass_tokens == 96


def test_unknown_rows_are_as_long_as_they_may_be(recipe: Recipe) -> None:
    found = assumed_rows(recipe)
    assert not found.measured
    assert set(found.train) == {(recipe.max_tokens, recipe.max_tokens // 2)}
    assert (len(found.train), len(found.of("validation")), len(found.test)) == (1000, 150, 650)


def test_evaluations_are_counted_as_the_loop_makes_them(recipe: Recipe) -> None:
    settings = recipe.train.model_copy(update={"steps": 10, "evaluate_every_share": 0.3})
    made = [step for step in range(1, 11) if step % 3 == 0 or step == 10]
    assert evaluations(settings) == len(made)
