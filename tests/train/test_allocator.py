from __future__ import annotations

import subprocess
import sys

import pytest

from stillroom.train.allocator import SteadyMemory

MIB = 2**20
GAPS = """
import psutil, torch
from stillroom.train.allocator import give_back_freed_memory, keep_freed_memory

keep_freed_memory()
blocks = [torch.ones(1 << 20) for _ in range(64)]
kept = blocks[::2]
del blocks
before = psutil.Process().memory_info().rss
give_back_freed_memory()
print(before - psutil.Process().memory_info().rss, all(bool((block == 1).all()) for block in kept))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_gaps_between_blocks_in_use_are_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", GAPS], capture_output=True, text=True, check=True)
    given_back, whole = done.stdout.split()
    assert int(given_back) > 0.9 * 32 * 4 * MIB
    assert whole == "True"


def test_growth_is_given_back_once_where_the_memory_is_needed() -> None:
    memory = SteadyMemory()
    sizes = [4.0, 4.9, 5.1, 8.0, 8.0, 9.9, 10.1]
    assert [memory.gives_back(size) for size in sizes] == [False, False, True, False, False, False, True]
