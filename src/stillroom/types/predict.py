"""What every runtime can do, so that the same evaluation measures PyTorch and the exported bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of a prompt and its response.

    Attributes:
        ids: token ids, shape ``(time,)``.
        start: index of the first response token; ``1 <= start < len(ids)``.
        weight: what each of its response tokens counts in a training loss.
        doubted: response tokens at which a teacher is not followed, shape ``(response,)``; none by default.
        shares: how much each of several teachers is heard on it; as for other rows by default.
        labelled: whether its response tokens are hard labels; those that a student wrote are not.
    """

    ids: NDArray[np.int64]
    start: int
    weight: float = 1.0
    doubted: NDArray[np.bool_] | None = None
    shares: tuple[float, ...] | None = None
    labelled: bool = True

    @property
    def targets(self) -> NDArray[np.int64]:
        """The response tokens, shape ``(response,)``."""
        return self.ids[self.start :]

    @property
    def size(self) -> int:
        """Its tokens."""
        return len(self.ids)

    @property
    def units(self) -> int:
        """Its response tokens."""
        return len(self.ids) - self.start

    @property
    def sha256(self) -> str:
        """Hash of its tokens."""
        return hashlib.sha256(self.ids.astype("<i8").tobytes()).hexdigest()


class Predictor(Protocol):
    """A causal language model in some runtime."""

    runtime: str

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        """Yield, for each row in order, the logits that predict its response tokens.

        Shape ``(response, vocab)``: row ``i`` is the prediction of ``targets[i]`` from all tokens before it.
        """

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        """Yield, for each prompt in order, greedily decoded ids without the end-of-turn token."""
