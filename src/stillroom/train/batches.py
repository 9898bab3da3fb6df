"""From encoded rows to the tensors of one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.models.predictor import pad_right
from stillroom.types import Encoded


@dataclass(frozen=True, slots=True)
class Batch:
    """The tensors of one forward and backward pass.

    Attributes:
        rows: the encoded rows.
        ids: token ids, shape ``(batch, time)``: padded on the right, or packed end to end in one row.
        positions: flat indices into ``(batch, time)`` of the positions that predict response tokens.
        targets: the response tokens, same length as ``positions``.
        places: each token's place in its own row, shape ``(1, time)``, where rows are packed: it restarts at 0 with
            every row, and no token sees another row. None where each row has a line of its own.
    """

    rows: tuple[Encoded, ...]
    ids: Tensor
    positions: Tensor
    targets: Tensor
    places: Tensor | None = None
    weights: Tensor | None = None
    doubted: Tensor | None = None
    written: Tensor | None = None

    @property
    def lengths(self) -> list[int]:
        """Response tokens of each row."""
        return [len(row.targets) for row in self.rows]

    @property
    def tokens(self) -> int:
        """Prompt and response tokens, padding not counted."""
        return sum(len(row.ids) for row in self.rows)

    def to(self, device: torch.device) -> Batch:
        """Move the tensors to a device."""
        parts = ((field.name, getattr(self, field.name)) for field in fields(self))
        moved: dict[str, Any] = {name: part.to(device) for name, part in parts if isinstance(part, Tensor)}
        return replace(self, **moved)


def collate(rows: Sequence[Encoded]) -> Batch:
    """Pad rows and locate their response tokens.

    >>> batch = collate([Encoded(np.array([7, 8, 9]), 1), Encoded(np.array([5, 6]), 1)])
    >>> batch.positions.tolist(), batch.targets.tolist()
    ([0, 1, 3], [8, 9, 6])
    """
    ids = pad_right([row.ids for row in rows])
    starts = range(0, ids.numel(), ids.shape[1])
    return Batch(tuple(rows), ids, _positions(rows, starts), _targets(rows), None, *_marks(rows))


def pack(rows: Sequence[Encoded]) -> Batch:
    """Lay rows end to end and locate their response tokens.

    >>> batch = pack([Encoded(np.array([7, 8, 9]), 1), Encoded(np.array([5, 6]), 1)])
    >>> batch.positions.tolist(), batch.targets.tolist(), batch.places.tolist()
    ([0, 1, 3], [8, 9, 6], [[0, 1, 2, 0, 1]])
    """
    lengths = [len(row.ids) for row in rows]
    starts = np.cumsum([0, *lengths[:-1]]).tolist()
    ids = torch.from_numpy(np.concatenate([row.ids for row in rows]))
    places = torch.cat([torch.arange(length) for length in lengths])
    return Batch(
        tuple(rows),
        ids[None],
        _positions(rows, starts),
        _targets(rows),
        places[None],
        *_marks(rows),
    )


def _positions(rows: Sequence[Encoded], starts: Sequence[int]) -> Tensor:
    """Flat indices of the positions that predict response tokens, for rows that begin at ``starts``."""
    spans = [
        torch.arange(start + row.start - 1, start + len(row.ids) - 1)
        for row, start in zip(rows, starts, strict=True)
    ]
    return torch.cat(spans)


def _targets(rows: Sequence[Encoded]) -> Tensor:
    return torch.from_numpy(np.concatenate([row.targets for row in rows]))


def _marks(rows: Sequence[Encoded]) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """What each response token counts, is doubted, and was written by the student; None where no row says so."""
    weights = [np.full(len(row.targets), row.weight, np.float32) for row in rows]
    doubted = [np.zeros(len(row.targets), bool) if row.doubted is None else row.doubted for row in rows]
    written = [np.full(len(row.targets), not row.labelled) for row in rows]
    return (
        _joined(weights, any(row.weight != 1.0 for row in rows)),
        _joined(doubted, any(row.doubted is not None for row in rows)),
        _joined(written, not all(row.labelled for row in rows)),
    )


def _joined(marks: Sequence[NDArray[Any]], wanted: bool) -> Tensor | None:
    return torch.from_numpy(np.concatenate(marks)) if wanted else None
