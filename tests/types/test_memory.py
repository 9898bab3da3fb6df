"""Peak memory is that of a piece of work."""

from __future__ import annotations

import subprocess
import sys

from stillroom.types.memory import peak_memory_bytes, resident_bytes

A_PIECE_OF_WORK = """
from stillroom.types.memory import peak_memory_bytes, reset_peak_memory

large = bytearray(200_000_000)
large[::4096] = b"x" * len(large[::4096])
with_it = peak_memory_bytes()
del large
reset_peak_memory()
print(with_it - peak_memory_bytes())
"""


def test_the_peak_is_forgotten_between_pieces_of_work() -> None:
    """In a process of its own: a training in this one may have told the heap to keep what is freed."""
    done = subprocess.run([sys.executable, "-c", A_PIECE_OF_WORK], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 100_000_000


def test_the_peak_is_at_least_what_is_resident() -> None:
    assert 1_000_000 < resident_bytes() <= peak_memory_bytes() + 10_000_000
