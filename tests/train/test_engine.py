"""What an engine refuses before it meets other processes; what it does with them is in `tests/trajectories/`."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from stillroom.train import HARD_LABELS, fit
from stillroom.train.engine import _copied
from stillroom.train.learner import Learner
from stillroom.types import TrainError
from train.tiny import model, rows, settings


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ACCELERATE_USE_DEEPSPEED": "true"}, "a launch with DeepSpeed"),
        ({"ACCELERATE_USE_FSDP": "true"}, "a launch with FSDP 1"),
        ({"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "1"}, "a launch with FSDP 1"),
    ],
)
def test_ways_of_dividing_weights_that_are_not_known_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TrainError, match=f"{told}; expected FSDP2.*stillroom sharding fsdp2"):
        fit(model(), rows(), settings(), seed=1, work=tmp_path, key="run")


def test_quantised_matrices_beside_adapters_are_not_divided() -> None:
    lora = {"rank": 2, "alpha": 4.0, "dropout": 0.0, "targets": "all-linear", "base": "int8"}
    student = Learner(model().network, HARD_LABELS)
    with pytest.raises(TrainError, match=r"`train\.lora\.base`; expected whole weights"):
        _copied(student, settings(lora=lora), SimpleNamespace())  # type: ignore[arg-type]
