"""A question turned round says the opposite, in one place."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.robustness.meaning import negation, other_number


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("A woman without fever and without rash", "A woman with fever and without rash"),
        ("There is no evidence of stroke.", "There is stroke."),
        ("She denies chest pain.", "She chest pain."),
        ("The test was not positive.", "The test was positive."),
        ("The test was positive.", "The test was not positive."),
        ("Which drug is given?", "Which drug is not given?"),
        ("A man with asthma", "A man without asthma"),
        ("Define seizure", None),
    ],
)
def test_negation(text: str, turned: str | None) -> None:
    assert negation(text, 1.0, np.random.default_rng(0)) == turned


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("give 2.5 mg", {"give 25 mg", "give 0.25 mg"}),
        ("1,000 units", {"10000 units", "100 units"}),
        ("aged 7", {"aged 70", "aged 0.7"}),
        ("no number", {None}),
    ],
)
def test_one_number_is_misplaced_by_a_decimal(text: str, choices: set[str | None]) -> None:
    assert {other_number(text, 1.0, np.random.default_rng(seed)) for seed in range(20)} == choices
