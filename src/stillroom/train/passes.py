"""How many tokens one pass takes."""

from __future__ import annotations

from collections.abc import Sequence

from accelerate.utils import gather_object

from stillroom.train.engine import Engine
from stillroom.train.memory import PeakBytes, most_rows
from stillroom.train.settings import TrainSettings
from stillroom.types import TrainError
from stillroom.types.row import Row

_GIB = 1 << 30


def tokens_per_pass(engine: Engine, rows: Sequence[Row], settings: TrainSettings) -> int:
    """Take the recipe's number, or find the largest whose memory stays within ``memory_budget_gib``.

    The longest row is tried, repeated more and more often; bytes of tensors are counted, so the answer is the same
    whenever the work is. It changes how a step is cut, never the step.

    Args:
        engine: runs the trials; its gradients and buffers are afterwards what they were.
        rows: all rows that will be passed.
        settings: the number, or the budget.

    Raises:
        TrainError: a pass of the longest row alone needs more.
    """
    if isinstance(settings.tokens_per_pass, int):
        return settings.tokens_per_pass
    assert settings.memory_budget_gib is not None
    longest = max(rows, key=lambda row: row.size)
    most = max(1, settings.tokens_per_step // longest.size)
    budget = round(settings.memory_budget_gib * _GIB)
    found = most_rows(lambda number: _peak_bytes(engine, [longest] * number), budget, most)
    if not found:
        raise TrainError(
            f"a pass of the longest row ({longest.size} tokens) needs "
            f"{_peak_bytes(engine, [longest]) / _GIB:.3g} GiB",
            f"at most {settings.memory_budget_gib:g} (`memory_budget_gib`)",
            "raise `memory_budget_gib`, set `gradient_checkpointing: true` or lower `max_tokens`",
        )
    return found * longest.size


def _peak_bytes(engine: Engine, rows: Sequence[Row]) -> int:
    """Measure one forward and backward pass, in the process where it needs most: all must cut alike."""
    before = {name: buffer.clone() for name, buffer in engine.learner.named_buffers()}
    with PeakBytes() as memory:
        engine.rehearse(rows)
    for name, buffer in engine.learner.named_buffers():
        buffer.copy_(before[name])
    peaks: list[int] = gather_object([int(memory.peak)])
    return max(peaks)
