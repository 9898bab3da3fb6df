from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bedside_cases import made_cohort, made_outlines
from stillroom.data.bedside.labels import LabelSettings, with_labels
from stillroom.types import DataError
from stillroom.types.cases import Head

COHORT = made_cohort(train=400)


def targets(known_share: float = 1.0, wrong_share: float = 0.0) -> np.ndarray:
    settings = LabelSettings(known_share=known_share, wrong_share=wrong_share)
    found = with_labels(COHORT, settings, seed=1)
    assert found.splits["test"] == COHORT.splits["test"]
    return np.array([int(case.target) for case in found.splits["train"]])


TRUTH = targets()


def test_labels_are_hidden_of_about_the_share_and_fewer_are_among_more() -> None:
    few, many = targets(known_share=0.1), targets(known_share=0.4)
    assert 0.05 < (few >= 0).mean() < 0.16
    assert 0.3 < (many >= 0).mean() < 0.5
    assert (many[few >= 0] >= 0).all()
    np.testing.assert_array_equal(many[many >= 0], TRUTH[many >= 0])


def test_wrong_labels_are_other_classes_and_counted() -> None:
    wrong = targets(wrong_share=0.25)
    assert 0.18 < (wrong != TRUTH).mean() < 0.32
    assert set(wrong.tolist()) == {0, 1}
    found = with_labels(COHORT, LabelSettings(wrong_share=0.25), seed=1)
    assert found.mended["training labels made wrong"] == (wrong != TRUTH).sum()
    assert found.fingerprint != COHORT.fingerprint


def test_of_pixels_those_outside_stay_unknown() -> None:
    outlines = made_outlines()
    found = with_labels(outlines, LabelSettings(wrong_share=0.99), seed=1)
    before, after = (np.stack([c.target for c in of.splits["train"]]) for of in (outlines, found))
    np.testing.assert_array_equal(after < 0, before < 0)
    assert (after != before)[before >= 0].mean() > 0.8


def test_no_label_at_all_is_refused() -> None:
    with pytest.raises(DataError, match="no training label that is known"):
        targets(known_share=1e-9)


def test_values_have_no_other_class() -> None:
    cohort = replace(COHORT, head=Head("values", ("days",)))
    with pytest.raises(DataError, match="`labels` for values"):
        with_labels(cohort, LabelSettings(known_share=0.5), seed=1)
