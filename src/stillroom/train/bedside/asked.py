"""Asking a network about cases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from stillroom.models.bedside.network import BedsideNetwork
from stillroom.train.bedside.collate import collate
from stillroom.types import TrainError
from stillroom.types.cases import LOGITS, TOKENS, Case

_AT_ONCE = 256

Array = NDArray[np.float32]


@torch.no_grad()
def ask(
    network: BedsideNetwork, cases: Sequence[Case], names: Sequence[str] = (LOGITS,)
) -> dict[str, list[Array]]:
    """What a network shows of each case: logits, features and attention by name.

    Args:
        network: the network; it is asked in evaluation mode.
        cases: any number.
        names: what is wanted.

    Raises:
        TrainError: the network shows nothing of such a name.
    """
    network.eval()
    told: dict[str, list[Array]] = {name: [] for name in names}
    for part in _parts(cases):
        shown = network(collate(part).inputs)
        there = {LOGITS: shown.logits, **shown.features, **shown.attention}
        if unknown := [name for name in names if name not in there]:
            raise TrainError(
                f"{unknown[0]!r} of {type(network).__name__}",
                f"one of {', '.join(there)}",
                "correct the name",
            )
        for name in names:
            rows = there[name].float().cpu().numpy()
            told[name] += [_own(name, row, case) for case, row in zip(part, rows, strict=True)]
    return told


def _own(name: str, values: Array, case: Case) -> Array:
    """Logits and tokens without the positions that only longer cases of the batch have."""
    if name == LOGITS:
        return values[: case.target.shape[0]] if case.target.ndim else values
    return values[: len(case.inputs[TOKENS])] if TOKENS in case.inputs and _is_of_tokens(name) else values


def _is_of_tokens(name: str) -> bool:
    return name == "projections" or name.startswith("layer")


def _parts(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for start in range(0, len(cases), _AT_ONCE):
        yield cases[start : start + _AT_ONCE]
