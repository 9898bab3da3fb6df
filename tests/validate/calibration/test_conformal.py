"""Sets by the rule, worked out slowly, and refused where patients differ."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import DataError
from stillroom.validate.calibration.conformal import (
    Conformal,
    exchangeability,
    fit_conformal,
    require_exchangeable,
    scores_of,
)
from stillroom.validate.statistics.bootstrap import Array


def cases(items: int, seed: int = 0, classes: int = 4) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.full(classes, 0.6), size=items)
    drawn = (probabilities.cumsum(axis=1) > random.random((items, 1))).argmax(axis=1)
    return probabilities, np.eye(classes, dtype=bool)[drawn]


def test_adaptive_scores_are_the_mass_of_all_likelier_classes_and_ones_own() -> None:
    probabilities, _ = cases(30)
    slow = [[row[row >= p].sum() for p in row] for row in probabilities]
    assert scores_of(probabilities, "adaptive") == pytest.approx(np.array(slow))


@pytest.mark.parametrize("score", ["threshold", "adaptive"])
@pytest.mark.parametrize("by_class", [False, True])
def test_the_limit_leaves_out_the_ill_fitting_share(score: str, by_class: bool) -> None:
    probabilities, truth = cases(200)
    fitted = fit_conformal(probabilities, truth, 0.1, score=score, by_class=by_class)
    for at in range(4):
        mine = scores_of(probabilities, score)
        kept = np.sort(mine[truth[:, at], at] if by_class else mine[truth])
        assert fitted.validation_items[at] == len(kept)
        rank = int(np.ceil((len(kept) + 1) * 0.9 - 1e-9))
        assert fitted.limits[at] == kept[rank - 1]


def test_too_few_cases_bound_nothing_and_the_class_is_in_every_set() -> None:
    probabilities, truth = cases(200)
    rare = truth[:, 3].cumsum() <= 8
    kept = rare | ~truth[:, 3]
    fitted = fit_conformal(probabilities[kept], truth[kept], 0.1)
    assert fitted.validation_items[3] == 8
    assert fitted.sets(probabilities)[:, 3].all()
    assert not fitted.sets(probabilities)[:, 0].all()


def test_sets_ship_as_json() -> None:
    fitted = fit_conformal(*cases(100), 0.2, score="adaptive")
    assert Conformal.model_validate_json(fitted.model_dump_json()) == fitted


def test_patients_of_the_same_kind_are_accepted_and_others_refused() -> None:
    validation, _ = cases(300)
    assert require_exchangeable(validation, cases(300, seed=1)[0], 0.001) == exchangeability(
        validation, cases(300, seed=1)[0]
    )
    shifted = np.random.default_rng(2).dirichlet(np.full(4, 3.0), size=300)
    with pytest.raises(DataError, match="confidences unlike those of the validation data"):
        require_exchangeable(validation, shifted, 0.001)
