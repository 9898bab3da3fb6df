"""How many tokens each stage of a recipe works through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice

import numpy as np

from stillroom.data.batches import packed_batches, token_budget_batches
from stillroom.recipes.schema import Recipe
from stillroom.train.settings import TrainSettings
from stillroom.types import SPLITS, Split

_ASSUMED_RESPONSE_SHARE = 0.5
_MOST_STEPS_LOOKED_AT = 400
OPTIONS = 4
MOST_ROWS = 20_000
"""Rows whose lengths stand for those of all."""

Row = tuple[int, int]
"""Tokens of a row, and those of them that are the response."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of every split.

    Attributes:
        train: of the training split, or some of them where there are very many.
        validation: of the validation split.
        test: of the test split.
        options: of every answer of the test split's multiple-choice items.
        train_items: how many the training split has.
        measured: whether they are the corpus' own; otherwise every row is assumed to be as long as it may be.
    """

    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    test: tuple[Row, ...]
    options: tuple[Row, ...]
    train_items: int
    measured: bool

    def of(self, split: Split) -> tuple[Row, ...]:
        """The rows of a split."""
        return {"train": self.train, "validation": self.validation, "test": self.test}[split]


def assumed_rows(recipe: Recipe) -> Rows:
    """As many rows as the recipe asks for, each as long as it may be: an upper bound."""
    row = (recipe.max_tokens, max(1, round(_ASSUMED_RESPONSE_SHARE * recipe.max_tokens)))
    numbers = {split: recipe.corpus.items(split) for split in SPLITS}
    train, validation, test = ((row,) * numbers[split] for split in SPLITS)
    options = (row,) * (OPTIONS * recipe.evaluate.choice_items)
    return Rows(train[:MOST_ROWS], validation, test, options, numbers["train"], measured=False)


@dataclass(frozen=True, slots=True)
class StepLoad:
    """An optimiser step on the mean, and its largest pass.

    Attributes:
        tokens: tokens computed, padding included.
        response_tokens: tokens that carry a loss.
        pass_tokens: tokens of the largest pass.
        pass_response_tokens: response tokens of that pass.
        passes: whether more than one pass makes a step.
    """

    tokens: float
    response_tokens: float
    pass_tokens: int
    pass_response_tokens: int
    accumulates: bool


def step_load(rows: Sequence[Row], settings: TrainSettings, seed: int) -> StepLoad:
    """Cut the rows as training does and look at the steps.

    A ``tokens_per_pass`` of ``auto`` is taken as the whole step, which is the most that it can become.
    """
    lengths = tuple(tokens for tokens, _ in rows)
    budget, steps = settings.tokens_per_step, min(settings.steps, _MOST_STEPS_LOOKED_AT)
    looked_at = _first_steps(lengths, budget, settings.packing, seed, steps)
    sizes = [_computed(lengths, batch, settings.packing) for batch in looked_at]
    responses = [sum(rows[index][1] for index in batch) for batch in looked_at]
    limit = settings.tokens_per_pass if isinstance(settings.tokens_per_pass, int) else budget
    largest = min(max(sizes), max(limit, max(lengths)))
    share = max(response / size for response, size in zip(responses, sizes, strict=True))
    return StepLoad(
        tokens=float(np.mean(sizes)),
        response_tokens=float(np.mean(responses)),
        pass_tokens=largest,
        pass_response_tokens=round(share * largest),
        accumulates=max(sizes) > limit,
    )


def sample(rows: Sequence[Row], number: int | None) -> tuple[Row, ...]:
    """As many rows as are wanted, evenly spread over the lengths; all where None or more are wanted.

    >>> sample([(3, 1), (1, 1), (2, 1), (4, 1)], 2)
    ((1, 1), (3, 1))
    """
    if number is None or number >= len(rows):
        return tuple(rows)
    ordered = sorted(rows)
    return tuple(ordered[index * len(rows) // number] for index in range(number))


@lru_cache(maxsize=32)
def _first_steps(
    lengths: tuple[int, ...], budget: int, packing: bool, seed: int, steps: int
) -> tuple[list[int], ...]:
    """Rows of the first steps; plans of one recipe ask for the same again and again."""
    cut = packed_batches if packing else token_budget_batches
    batches = (batch for epoch in count() for batch in cut(lengths, budget, seed, epoch))
    return tuple(islice(batches, steps))


def _computed(lengths: Sequence[int], batch: Sequence[int], packing: bool) -> int:
    chosen = [lengths[index] for index in batch]
    return sum(chosen) if packing else len(chosen) * max(chosen)


def evaluations(settings: TrainSettings) -> int:
    """How often the validation loss is measured in a training."""
    every = max(1, round(settings.evaluate_every_share * settings.steps))
    return settings.steps // every + (settings.steps % every > 0)
