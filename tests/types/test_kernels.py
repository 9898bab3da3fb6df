from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stillroom.types.kernels import keep_few_kernels

CAPACITY = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
MANY_LENGTHS = """
import sys, torch
from stillroom.types.kernels import keep_few_kernels

if sys.argv[1:] == ["few"]:
    keep_few_kernels()
kernel = torch.ones(8, 8, 3, 3)
for length in [60, *range(61, 151), 60]:
    torch.nn.functional.conv2d(torch.ones(1, 8, length, 60), kernel)
"""


def made(*words: str) -> list[str]:
    """What oneDNN tells of each kernel that was asked for."""
    unset = {name: value for name, value in os.environ.items() if not name.endswith("CACHE_CAPACITY")}
    environment = {**unset, "ONEDNN_VERBOSE": "profile_create", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", MANY_LENGTHS, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if "primitive,create" in line and "convolution" in line]


def test_a_kernel_of_long_ago_is_forgotten() -> None:
    if not (lines := made()):
        pytest.skip("this PyTorch does not convolve with oneDNN")
    assert "cache_hit" in lines[-1]
    assert "cache_miss" in made("few")[-1]


def test_a_size_that_the_user_has_set_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAPACITY, "7")
    monkeypatch.delenv("LRU_CACHE_CAPACITY", raising=False)
    keep_few_kernels()
    assert (os.environ[CAPACITY], os.environ["LRU_CACHE_CAPACITY"]) == ("7", "64")
