"""How many rows' logits exist at once."""

from __future__ import annotations

from collections.abc import Iterator

# Enough rows for matrix products at full speed. On a GPU the output matrix and its gradient, read and written once a
# chunk, weigh more: below some hundred rows their transfer would cost more than the products.
CHUNK_LOGITS = 1 << 23
LEAST_ROWS = 128
LEAST_ROWS_GPU = 1024
# Of a chunk, as many as a processor's cache holds with all that is derived from them; a GPU has more room.
CPU_LOGITS = 1 << 20
GPU_LOGITS = 1 << 23
_READ_LOGITS = 1 << 22


def chunk_rows(classes: int, *, gpu: bool) -> int:
    """Rows of a chunk of the fused loss.

    >>> chunk_rows(49_152, gpu=False), chunk_rows(256, gpu=False)
    (170, 32768)
    """
    return max(LEAST_ROWS_GPU if gpu else LEAST_ROWS, CHUNK_LOGITS // classes)


def block_rows(classes: int, *, gpu: bool) -> int:
    """Rows of a chunk that are worked on together."""
    return max(1, (GPU_LOGITS if gpu else CPU_LOGITS) // classes)


def reading_slices(rows: int, classes: int) -> Iterator[slice]:
    """Cut rows whose logits are read once, and not differentiated, into parts of about four million logits.

    >>> list(reading_slices(5, 1 << 21))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    """
    step = max(1, _READ_LOGITS // classes)
    return (slice(start, start + step) for start in range(0, rows, step))
