from __future__ import annotations

import pytest

from stillroom.recipes.plan import PARTS, STAGES, check_stages, pieces
from stillroom.types import RecipeError


def test_a_stage_kept_in_pieces_is_made_again_whole() -> None:
    assert pieces(["distil", "prepare"]) == {"control", "student", "prepare"}


def test_a_piece_may_be_named_itself_as_the_error_of_a_damaged_one_advises() -> None:
    assert pieces(["student"]) == {"student"}


def test_pieces_belong_to_stages() -> None:
    assert set(PARTS) <= set(STAGES)


def test_an_unknown_stage_suggests_the_nearest() -> None:
    with pytest.raises(RecipeError, match=r"unknown stage 'distill'.*did you mean 'distil'"):
        pieces(["distill"])
    with pytest.raises(RecipeError, match=r"unknown stage 'student'.*choose from"):
        check_stages(["student"])
