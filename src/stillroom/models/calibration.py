"""Temperature scaling: confidence corrected after training, without changing any ranking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from stillroom.models.decoder import final_norm
from stillroom.models.language_model import LanguageModel
from stillroom.models.norms import scale_norm
from stillroom.models.predictor import TorchPredictor
from stillroom.types import Encoded

_GRID = np.geomspace(0.6, 1.8, 23)


def fit_temperature(
    model: LanguageModel, rows: Iterable[Encoded], precision: torch.dtype = torch.float32
) -> float:
    """Find the temperature T that minimises the cross-entropy of ``logits / T`` on response tokens.

    The minimum over a geometric grid of [0.6, 1.8] is refined by a parabola in log T. T > 1 means that the model
    was overconfident.

    Source: Guo et al. 2017 (arXiv:1706.04599).
    """
    losses = np.zeros(len(_GRID))
    for row, logits in _with_logits(model, rows, precision):
        targets = torch.from_numpy(row.targets)
        for index, temperature in enumerate(_GRID):
            losses[index] += float(
                torch.nn.functional.cross_entropy(logits / temperature, targets, reduction="sum")
            )
    return _refine(losses)


def fold_temperature(model: LanguageModel, temperature: float) -> None:
    """Divide the logits by ``temperature`` for good, by scaling the final norm.

    The output layer has no bias, so the network itself is calibrated and no runtime needs to know.

    Raises:
        ModelError: the final norm is of an unknown kind.
    """
    scale_norm(final_norm(model.network), 1.0 / temperature)


def _with_logits(
    model: LanguageModel, rows: Iterable[Encoded], precision: torch.dtype
) -> Iterable[tuple[Encoded, torch.Tensor]]:
    known: Sequence[Encoded] = list(rows)
    arrays = TorchPredictor(model, precision=precision).logits(known)
    return ((row, torch.from_numpy(array)) for row, array in zip(known, arrays, strict=True))


def _refine(losses: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Vertex of the parabola through the grid's minimum and its neighbours; the end point at an end."""
    best = int(np.argmin(losses))
    if best in (0, len(losses) - 1):
        return float(_GRID[best])
    left, centre, right = losses[best - 1 : best + 2]
    shift = 0.5 * (left - right) / (left - 2.0 * centre + right)
    return float(np.exp(np.log(_GRID[best]) + shift * np.log(_GRID[1] / _GRID[0])))
