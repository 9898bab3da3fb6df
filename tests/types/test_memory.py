"""Peak memory is that of a piece of work."""

from __future__ import annotations

from stillroom.types.memory import peak_memory_bytes, reset_peak_memory, resident_bytes


def test_the_peak_is_forgotten_between_pieces_of_work() -> None:
    large = bytearray(200_000_000)
    large[::4096] = b"x" * len(large[::4096])
    with_it = peak_memory_bytes()
    del large
    reset_peak_memory()
    assert peak_memory_bytes() < with_it - 100_000_000


def test_the_peak_is_at_least_what_is_resident() -> None:
    assert 1_000_000 < resident_bytes() <= peak_memory_bytes() + 10_000_000
