"""An example as training sees it, whatever it is made of."""

from __future__ import annotations

from typing import Protocol


class Row(Protocol):
    """One example, ready to be put into a batch."""

    @property
    def size(self) -> int:
        """Room that it takes in a pass, where n rows take n times the largest: tokens; 1 where all have one shape."""

    @property
    def units(self) -> int:
        """How many losses it carries, of which a step takes the mean: response tokens, labels, pixels."""

    @property
    def sha256(self) -> str:
        """Hash of its content, which names it without telling it."""
