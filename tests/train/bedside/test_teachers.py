from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bedside_cases import made_cohort
from stillroom.models.bedside.settings import TreesSettings
from stillroom.train.bedside.settings import CaseTeacherSettings
from stillroom.train.bedside.teachers import cross_fit
from stillroom.types import TrainError
from stillroom.types.cases import Cohort
from stillroom.types.progress import silent

COHORT = made_cohort(train=60)
TREES = TreesSettings(kind="trees", rounds=10, learning_rate=0.3, leaves=4, least_cases=3)


def said(cohort: Cohort, folder: Path, folds: int) -> dict[str, np.ndarray]:
    return cross_fit(
        CaseTeacherSettings(model=TREES, folds=folds),
        cohort,
        seed=1,
        work=folder / "work",
        out=folder,
        key="key",
        task="teach",
        progress=silent,
    )


def test_every_case_is_answered_with_log_probabilities(tmp_path: Path) -> None:
    found = said(COHORT, tmp_path, folds=3)
    cases = [case for of in COHORT.splits.values() for case in of]
    assert set(found) == {case.sha256 for case in cases}
    sums = np.exp(np.stack(list(found.values()))).sum(-1)
    np.testing.assert_allclose(sums, 1.0, rtol=1e-5)
    assert len(list(tmp_path.glob("*.txt"))) == 3


def test_what_is_said_of_a_training_case_does_not_depend_on_its_own_label(tmp_path: Path) -> None:
    first, *others = COHORT.splits["train"]
    turned = replace(first, target=1 - first.target)
    changed = replace(COHORT, splits={**COHORT.splits, "train": (turned, *others)})
    before, after = said(COHORT, tmp_path / "a", folds=3), said(changed, tmp_path / "b", folds=3)
    np.testing.assert_array_equal(before[first.sha256], after[first.sha256])
    remembered = said(COHORT, tmp_path / "c", folds=1), said(changed, tmp_path / "d", folds=1)
    assert not np.array_equal(remembered[0][first.sha256], remembered[1][first.sha256])


def test_equal_arguments_give_equal_answers(tmp_path: Path) -> None:
    one, other = said(COHORT, tmp_path / "a", folds=2), said(COHORT, tmp_path / "b", folds=2)
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_fewer_patients_than_folds_are_refused(tmp_path: Path) -> None:
    few = replace(COHORT, splits={**COHORT.splits, "train": COHORT.splits["train"][:4]})
    with pytest.raises(TrainError, match="4 training patients for 50 folds"):
        said(few, tmp_path, folds=50)
