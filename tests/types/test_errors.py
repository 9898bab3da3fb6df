from __future__ import annotations

import pickle

import pytest

from stillroom import types
from stillroom.types import MissingExtraError, StillroomError, did_you_mean

ERRORS = [
    member
    for member in vars(types).values()
    if isinstance(member, type) and issubclass(member, StillroomError)
]


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_one_line_of_got_expected_and_fix(error: type[StillroomError]) -> None:
    raised = error("got 0 rows", "at least 1", "check the source")
    assert str(raised) == "got 0 rows; expected at least 1. To fix: check the source"


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_survives_a_process_border(error: type[StillroomError]) -> None:
    raised = error("got 0 rows", "at least 1", "check the source")
    copy = pickle.loads(pickle.dumps(raised))
    assert (type(copy), str(copy), copy.fix) == (error, str(raised), "check the source")


def test_a_missing_package_names_the_extra_that_brings_it() -> None:
    assert "pip install 'stillroom[export]'" in str(MissingExtraError.of("gguf", "export"))


def test_the_nearest_name_is_suggested_or_all_are_listed() -> None:
    assert did_you_mean("distill", ["prepare", "distil"]) == "did you mean 'distil'?"
    assert did_you_mean("zzz", ["prepare", "distil"]) == "choose from distil, prepare"
