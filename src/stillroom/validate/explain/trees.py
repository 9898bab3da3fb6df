"""Trees that can be asked why: their Shapley values are exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stillroom.models.bedside.network import Form
from stillroom.models.bedside.trees import Features, Trees
from stillroom.validate.explain.explainer import Array, Attributed, Outputs
from stillroom.validate.explain.units import channel_units, flat_owners, numbered, summed


class TreesExplainer:
    """Shapley values of trees, added up over the features of a channel.

    Args:
        trees: the model.
        form: of the inputs.
        features: of the cases, from ``models.bedside.trees.tree_features``.
        reference: of the training cases, whose mean stands for what is not known.
    """

    def __init__(self, trees: Trees, form: Form, features: Features, reference: Features) -> None:
        names = sorted(form.shapes)
        units = numbered(channel_units(form, names))
        self._trees, self._features = trees, features
        self._owners, _ = flat_owners(form, names, units)
        known = np.isfinite(reference)
        self._mean = np.where(known, reference, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        self.units, self.present = tuple(units), np.ones((len(features), len(units)), dtype=bool)

    def attributed(self, outputs: Outputs) -> Attributed:
        """Contributions to the score of a class minus the mean over classes."""
        found = self._trees.contributions(self._features)
        centred = (found - found.mean(axis=1, keepdims=True))[np.arange(len(outputs)), outputs]
        values = summed(centred[:, :-1], self._owners, len(self.units))
        raw = np.asarray(self._trees.booster.predict(self._features, raw_score=True, num_threads=1))
        scores = np.stack([-raw, raw], axis=1) / 2 if raw.ndim == 1 else raw
        change = (scores - scores.mean(axis=1, keepdims=True))[np.arange(len(outputs)), outputs]
        return Attributed(values, change - centred[:, -1])

    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """Probability of the class with the other channels at their mean over the training cases."""
        features = np.where(kept[:, self._owners], self._features, self._mean).astype(np.float32)
        said = self._trees.logits(features)
        return np.asarray(np.exp(said[np.arange(len(outputs)), outputs]), dtype=np.float64)

    def attention(self) -> dict[str, Array]:
        """None: trees have none."""
        return {}
