"""Errors of workers, as Ray wraps them. What a real cluster wraps them in is held by `test_ray_engine`."""

from __future__ import annotations

import pytest

from stillroom.types import EngineError, TrainError

ray = pytest.importorskip("ray", reason="needs the extra 'ray'")

from ray.exceptions import ActorDiedError, RayTaskError  # noqa: E402
from ray.train import WorkerGroupError  # noqa: E402

from stillroom.recipes.engines.ray_errors import told_in_one_line  # noqa: E402

OURS = TrainError("0 training rows", "at least one", "raise the corpus limits")


def wrapped(error: Exception) -> RayTaskError:
    return RayTaskError("work", "a traceback", error).as_instanceof_cause()


def test_a_workers_own_line_is_told_as_it_is() -> None:
    with pytest.raises(TrainError) as told, told_in_one_line():
        raise WorkerGroupError("many lines", {0: wrapped(RuntimeError("gloo")), 1: wrapped(OURS)})
    assert str(told.value) == str(OURS)


@pytest.mark.parametrize(
    "loss", [ActorDiedError(), RuntimeError("gloo: Connection closed by peer [127.0.0.1]")]
)
def test_a_lost_worker_is_one_line(loss) -> None:
    with pytest.raises(EngineError, match="a Ray worker was lost") as told, told_in_one_line():
        raise WorkerGroupError("many lines", {1: loss})
    assert "\n" not in str(told.value)


def test_a_defect_keeps_its_traceback() -> None:
    with pytest.raises(WorkerGroupError, match="a defect"), told_in_one_line():
        raise WorkerGroupError("a defect", {0: wrapped(KeyError("x"))})
