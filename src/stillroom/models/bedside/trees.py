"""Gradient-boosted trees: of tables and short series often the best teacher there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stillroom.models.bedside.inputs import flat, stacked
from stillroom.models.bedside.settings import TreesSettings
from stillroom.types import MissingExtraError, ModelError
from stillroom.types.cases import UNKNOWN, Case, Head
from stillroom.types.files import write_text

if TYPE_CHECKING:
    from lightgbm import Booster

Features = NDArray[np.float32]
_FLOOR = 1e-6


class Trees:
    """Fitted trees: one model of classes, or one of each label or value.

    Attributes:
        boosters: LightGBM's models.
        head: what they were fitted to.
    """

    def __init__(self, boosters: Sequence[Booster], head: Head) -> None:
        self.boosters, self.head = tuple(boosters), head

    @property
    def booster(self) -> Booster:
        """The one model of classes.

        Raises:
            ModelError: there are several, of labels or values.
        """
        if len(self.boosters) > 1:
            raise ModelError(
                f"trees of {len(self.boosters)} {self.head.kind}", "trees of classes", "ask another teacher"
            )
        return self.boosters[0]

    @classmethod
    def fit(
        cls, settings: TreesSettings, features: Features, targets: NDArray[Any], head: Head, seed: int
    ) -> Trees:
        """Fit trees; equal arguments give equal trees.

        Args:
            settings: the trees.
            features: of :func:`tree_features`, shape ``(cases, features)``.
            targets: class of each case, or its labels or values, ``(cases, outputs)``; what is not known is left out.
            head: what is asked of each.
            seed: of the draws.

        Raises:
            ModelError: a head that they cannot be fitted to.
            MissingExtraError: LightGBM is absent.
        """
        try:
            import lightgbm
        except ImportError as error:
            raise MissingExtraError.of("lightgbm", "bedside") from error
        if targets.ndim != (1 if head.kind == "classes" else 2):
            raise ModelError(
                f"trees for {head.kind} of shape {targets.shape[1:]}",
                "one answer for each case, not one for each position",
                "choose a network as the teacher",
            )
        columns = targets[:, None] if head.kind == "classes" else targets
        boosters = []
        for column in columns.T:
            known = column != UNKNOWN if head.kind == "classes" else np.isfinite(column)
            data = lightgbm.Dataset(features[known], column[known])
            boosters.append(lightgbm.train(_parameters(settings, head, seed), data, settings.rounds))
        return cls(boosters, head)

    def save(self, path: Path) -> None:
        """Write LightGBM's own text files: they are read without running anything in them.

        A single model goes to ``path``; of several, each to a file with its number before the ending.
        """
        for place, booster in zip(_places(path, len(self.boosters)), self.boosters, strict=True):
            write_text(place, booster.model_to_string())

    @classmethod
    def load(cls, path: Path, head: Head) -> Trees:
        """Read what :meth:`save` wrote.

        Raises:
            ModelError: the file holds no trees.
            MissingExtraError: LightGBM is absent.
        """
        try:
            import lightgbm
        except ImportError as error:
            raise MissingExtraError.of("lightgbm", "bedside") from error
        try:
            texts = [place.read_text(encoding="utf-8") for place in _places(path, _models(head))]
            return cls([lightgbm.Booster(model_str=text) for text in texts], head)
        except (OSError, ValueError, lightgbm.basic.LightGBMError) as error:
            raise ModelError(
                f"{path} holds no trees that can be read", "the file as it was saved", "run the stage again"
            ) from error

    def contributions(self, features: Features) -> NDArray[np.float64]:
        """How much each feature adds to each class' score: exact Shapley values of the trees.

        Returns:
            Shape ``(cases, classes, features + 1)``; the last is the mean score. Of a case and class they add up to
            the score. Two classes have scores of −s/2 and s/2 of their log-odds s.

        Source: Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9; LightGBM's ``pred_contrib``.
        """
        found = np.asarray(self.booster.predict(features, pred_contrib=True, num_threads=1))
        if len(self.head.names) == 2:
            return np.stack([-found / 2, found / 2], axis=1)
        return found.reshape(len(features), len(self.head.names), -1)

    def logits(self, features: Features) -> Features:
        """Log-probabilities of every class, log-odds of every label, or values, shape ``(cases, outputs)``."""
        found = [np.asarray(booster.predict(features, num_threads=1)) for booster in self.boosters]
        if self.head.kind == "values":
            return np.asarray(np.stack(found, -1), dtype=np.float32)
        if self.head.kind == "labels":
            held = np.clip(np.stack(found, -1), _FLOOR, 1 - _FLOOR)
            return np.asarray(np.log(held) - np.log1p(-held), dtype=np.float32)
        (of_classes,) = found
        probabilities = np.stack([1 - of_classes, of_classes], -1) if of_classes.ndim == 1 else of_classes
        return np.asarray(np.log(np.clip(probabilities, _FLOOR, 1.0)), dtype=np.float32)


def tree_features(cases: Sequence[Case]) -> Features:
    """What trees read of cases: descriptors and summaries, NaN where missing."""
    return np.asarray(flat({name: stacked(cases, name) for name in cases[0].inputs}).numpy())


def _models(head: Head) -> int:
    return 1 if head.kind == "classes" else len(head.names)


def _places(path: Path, models: int) -> list[Path]:
    return [path] if models == 1 else [path.with_suffix(f".{at}{path.suffix}") for at in range(models)]


def _parameters(settings: TreesSettings, head: Head, seed: int) -> dict[str, Any]:
    classes = len(head.names)
    if head.kind == "values":
        objective: dict[str, Any] = {"objective": "regression"}
    elif head.kind == "labels" or classes == 2:
        objective = {"objective": "binary"}
    else:
        objective = {"objective": "multiclass", "num_class": classes}
    return {
        **objective,
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.least_cases,
        "feature_fraction": settings.features_share,
        "bagging_fraction": settings.cases_share,
        "bagging_freq": 1 if settings.cases_share < 1 else 0,
        "lambda_l2": settings.l2,
        "seed": seed,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
