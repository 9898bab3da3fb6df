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
    """Fitted trees.

    Attributes:
        booster: LightGBM's model.
        head: what they were fitted to.
    """

    def __init__(self, booster: Booster, head: Head) -> None:
        self.booster, self.head = booster, head

    @classmethod
    def fit(
        cls, settings: TreesSettings, features: Features, targets: NDArray[Any], head: Head, seed: int
    ) -> Trees:
        """Fit trees; equal arguments give equal trees.

        Args:
            settings: the trees.
            features: of :func:`tree_features`, shape ``(cases, features)``.
            targets: class of each case; a case whose class is not known is left out.
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
        if head.kind != "classes" or targets.ndim != 1:
            raise ModelError(
                f"trees for {head.kind} of shape {targets.shape[1:]}",
                "one class for each case",
                "choose a network as the teacher",
            )
        known = targets != UNKNOWN
        data = lightgbm.Dataset(features[known], targets[known])
        return cls(lightgbm.train(_parameters(settings, head, seed), data, settings.rounds), head)

    def save(self, path: Path) -> None:
        """Write LightGBM's own text file: it is read without running anything in it."""
        write_text(path, self.booster.model_to_string())

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
            return cls(lightgbm.Booster(model_str=path.read_text(encoding="utf-8")), head)
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
        """Log-probabilities of every class, shape ``(cases, classes)``."""
        found = np.asarray(self.booster.predict(features, num_threads=1))
        probabilities = np.stack([1 - found, found], -1) if found.ndim == 1 else found
        return np.asarray(np.log(np.clip(probabilities, _FLOOR, 1.0)), dtype=np.float32)


def tree_features(cases: Sequence[Case]) -> Features:
    """What trees read of cases: descriptors and summaries, NaN where missing."""
    return np.asarray(flat({name: stacked(cases, name) for name in cases[0].inputs}).numpy())


def _parameters(settings: TreesSettings, head: Head, seed: int) -> dict[str, Any]:
    classes = len(head.names)
    objective = {"objective": "binary"} if classes == 2 else {"objective": "multiclass", "num_class": classes}
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
