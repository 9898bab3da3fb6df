"""What went wrong on another machine, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stillroom.types import EngineError, StillroomError

# Where Ray keeps the error it tells of: a task's, a training function's, a silent worker's, the trainer's own.
_WRAPPERS = ("cause", "_base_exc", "health_check_failure", "controller_failure", "__cause__")
_LOST_PEER = ("Connection closed by peer", "Connection reset by peer", "Connection refused")
_SILENT = "WorkerHealthCheck"


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Raise a worker's own error as if it had happened here, and name a worker that was lost.

    Anything else is a defect and keeps its traceback.

    Raises:
        StillroomError: what a worker raised.
        EngineError: a worker was lost.
    """
    from ray.exceptions import RayError
    from ray.train import TrainingFailedError

    try:
        yield
    except (RayError, TrainingFailedError) as error:
        found = _unwrapped(error)
        for cause in found:
            if isinstance(cause, StillroomError) and not isinstance(cause, RayError):
                raise cause from None
        for cause in found:
            if _is_loss(cause):
                raise _lost(cause) from error
        raise


def _unwrapped(first: BaseException) -> list[BaseException]:
    """An error, and all that it was made of, the outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [first]
    while waiting:
        error = waiting.pop(0)
        if isinstance(error, BaseException) and not any(error is other for other in found):
            found.append(error)
            waiting += getattr(error, "worker_failures", {}).values()
            waiting += (getattr(error, name, None) for name in _WRAPPERS)
    return found


def _is_loss(error: BaseException) -> bool:
    from ray import exceptions

    lost = (
        exceptions.RayActorError,
        exceptions.WorkerCrashedError,
        exceptions.NodeDiedError,
        exceptions.OutOfMemoryError,
        exceptions.ObjectLostError,
    )
    silent = type(error).__name__.startswith(_SILENT)
    return silent or isinstance(error, lost) or any(words in str(error) for words in _LOST_PEER)


def _lost(error: BaseException) -> EngineError:
    return EngineError(
        f"a Ray worker was lost ({type(error).__name__})",
        "workers that live until the stage is done",
        "look at its machine's memory and at Ray's logs, then run the same command again: finished shards and "
        "checkpoints are kept",
    )
