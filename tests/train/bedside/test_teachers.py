from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bedside_cases import BUDGET, made_cohort
from stillroom.models.bedside.backbones import load_network
from stillroom.models.bedside.settings import MlpSettings, TreesSettings
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.settings import CaseTeacherSettings
from stillroom.train.bedside.teachers import cross_fit
from stillroom.types import TrainError
from stillroom.types.cases import LOGITS, Cohort
from stillroom.types.progress import Progress, silent

COHORT = made_cohort(train=60)
TREES = TreesSettings(kind="trees", rounds=10, learning_rate=0.3, leaves=4, least_cases=3)


def said(cohort: Cohort, folder: Path, folds: int) -> dict[str, np.ndarray]:
    told = taught(CaseTeacherSettings(model=TREES, folds=folds), cohort, folder)
    cases = [case for of in cohort.splits.values() for case in of]
    return {case.sha256: row.numpy() for case, row in zip(cases, told.of(LOGITS, cases), strict=True)}


def taught(
    settings: CaseTeacherSettings,
    cohort: Cohort,
    folder: Path,
    features: tuple[str, ...] = (),
    progress: Progress = silent,
) -> CaseSignals:
    return cross_fit(
        settings,
        cohort,
        seed=1,
        work=folder / "work",
        out=folder,
        key="key",
        task="teach",
        progress=progress,
        features=features,
    )


def test_every_case_is_answered_with_log_probabilities(tmp_path: Path) -> None:
    found = said(COHORT, tmp_path, folds=3)
    assert len(found) == 100
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


def test_features_of_a_training_case_are_those_of_the_member_that_left_it_out(tmp_path: Path) -> None:
    network = CaseTeacherSettings(model=MlpSettings(kind="mlp", widths=(4,)), train=BUDGET, folds=2)
    told = taught(network, COHORT, tmp_path, ("pooled",))
    members = [load_network(tmp_path / str(fold)) for fold in range(2)]
    shown = [np.stack(ask(member, COHORT.splits["train"], ["pooled"])["pooled"]) for member in members]
    found = told.of("pooled", COHORT.splits["train"]).numpy()
    by_member = [np.isclose(found, of, atol=1e-6).all(-1) for of in shown]
    assert (by_member[0] ^ by_member[1]).all()
    assert by_member[0].any()
    assert by_member[1].any()
    test = np.stack(ask(members[0], COHORT.splits["test"], ["pooled"])["pooled"])
    np.testing.assert_allclose(told.of("pooled", COHORT.splits["test"]), test, atol=1e-6)


def test_features_that_a_teacher_does_not_show_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainError, match="features pooled of trees"):
        taught(CaseTeacherSettings(model=TREES), COHORT, tmp_path, ("pooled",))
    network = CaseTeacherSettings(model=MlpSettings(kind="mlp", widths=(4,)), train=BUDGET, folds=2)
    with pytest.raises(TrainError, match="'stage2' of Mlp; expected one of logits, pooled"):
        taught(network, COHORT, tmp_path, ("stage2",))


def test_every_step_of_a_member_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    network = CaseTeacherSettings(model=MlpSettings(kind="mlp", widths=(4,)), train=BUDGET, folds=2)
    taught(
        network,
        COHORT,
        tmp_path,
        progress=lambda task, done, total, figures=None: told.append((task, done, total)),
    )
    steps = BUDGET.steps
    members = [
        ("teach, member 1", steps, steps),
        ("teach", 1, 2),
        ("teach, member 2", steps, steps),
        ("teach", 2, 2),
    ]
    assert [found for found in told if found in members] == members
