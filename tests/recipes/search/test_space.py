from __future__ import annotations

import pytest
from optuna.trial import FixedTrial

from stillroom.recipes.search.space import Choice, Range, parse_space
from stillroom.types import RecipeError


def test_items_are_ranges_choices_or_changes_of_all() -> None:
    space = parse_space(["student.blocks=1..3", "student.kernel=3,5", "data.folder=../x", "train.steps=9"])
    assert space.fixed == ("data.folder=../x", "train.steps=9")
    assert space.dimensions == (Range("student.blocks", 1, 3), Choice("student.kernel", ("3", "5")))


def test_a_trial_draws_whole_numbers_between_whole_ends_and_real_ones_between_others() -> None:
    space = parse_space(["student.blocks=1..3", "train.weight_decay=0.001..0.5", "student.widths=[4],[4,8]"])
    trial = FixedTrial({"student.blocks": 2, "train.weight_decay": 0.0123456, "student.widths": "[4,8]"})
    assert space.drawn(trial) == {
        "student.blocks": "2",
        "train.weight_decay": "0.01235",
        "student.widths": "[4,8]",
    }


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([], "a search over nothing"),
        (["train.steps=9"], "a search over nothing"),
        (["data.folder=a,b"], "a search over 'data.folder'; expected keys under student, objective, train"),
        (["student.blocks=3..1"], "low below high"),
        (["student.blocks"], "sweep item 'student.blocks'"),
    ],
)
def test_what_cannot_be_searched_is_refused(items: list[str], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        parse_space(items)
