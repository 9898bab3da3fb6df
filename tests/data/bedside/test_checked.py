from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bedside_cases import made_cohort
from stillroom.data.bedside.checked import checked
from stillroom.types import DataError
from stillroom.types.cases import Cohort

COHORT = made_cohort()


def with_test(cohort: Cohort, **changes: object) -> Cohort:
    first, *others = cohort.splits["test"]
    return replace(cohort, splits={**cohort.splits, "test": (replace(first, **changes), *others)})


def test_a_sound_cohort_is_returned() -> None:
    assert checked(COHORT) is COHORT


def test_a_patient_in_two_splits_is_refused() -> None:
    with pytest.raises(DataError, match="patient 'patient 0' is in train and in test"):
        checked(with_test(COHORT, group="patient 0"))


def test_a_repeated_identifier_is_refused() -> None:
    with pytest.raises(DataError, match="repeats 1 identifiers"):
        checked(with_test(COHORT, id="made/0"))


def test_a_split_of_one_class_is_refused() -> None:
    ill = tuple(case for case in COHORT.splits["validation"] if case.target == 1)
    with pytest.raises(DataError, match=r"split 'validation' of cohort 'made' has the classes \[1\]"):
        checked(replace(COHORT, splits={**COHORT.splits, "validation": ill}))


def test_a_class_that_the_head_does_not_name_is_refused() -> None:
    with pytest.raises(DataError, match=r"has the classes \[0, 1, 2\]"):
        checked(with_test(COHORT, target=np.asarray(2)))


def test_an_empty_split_is_refused() -> None:
    with pytest.raises(DataError, match="has no test cases"):
        checked(replace(COHORT, splits={**COHORT.splits, "test": ()}))


def test_inputs_of_another_form_are_refused() -> None:
    with pytest.raises(DataError, match="case 'made/80' has inputs"):
        checked(with_test(COHORT, inputs={"static": np.zeros(3, np.float32)}))
