from __future__ import annotations

import pytest
import torch

from stillroom.train.cores import shared_cores


@pytest.mark.parametrize(
    ("processes", "told", "expected"), [(None, None, 8), ("3", None, 2), ("9", None, 1), ("3", "8", 8)]
)
def test_processes_of_a_machine_divide_its_threads_while_they_train(
    monkeypatch: pytest.MonkeyPatch, processes: str | None, told: str | None, expected: int
) -> None:
    before = torch.get_num_threads()
    for name, value in (("LOCAL_WORLD_SIZE", processes), ("OMP_NUM_THREADS", told)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    torch.set_num_threads(8)
    try:
        with shared_cores():
            assert torch.get_num_threads() == expected
        assert torch.get_num_threads() == 8
    finally:
        torch.set_num_threads(before)
