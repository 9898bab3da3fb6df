"""What went wrong on another machine, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stillroom.types import EngineError, StillroomError

_LOST_PEER = ("Connection closed by peer", "Connection reset by peer", "Connection refused")


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
        chain = list(_chain(error))
        for cause in chain:
            if isinstance(cause, StillroomError) and not isinstance(cause, RayError):
                raise cause from None
        for cause in chain:
            if _is_loss(cause):
                raise _lost(cause) from error
        raise


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and all that it was made of."""
    if error is None:
        return
    yield error
    for inner in getattr(error, "worker_failures", {}).values():
        yield from _chain(inner)
    yield from _chain(getattr(error, "cause", None))
    yield from _chain(error.__cause__)


def _is_loss(error: BaseException) -> bool:
    from ray import exceptions

    lost = (
        exceptions.ActorDiedError,
        exceptions.ActorUnavailableError,
        exceptions.WorkerCrashedError,
        exceptions.NodeDiedError,
        exceptions.OutOfMemoryError,
        exceptions.ObjectLostError,
    )
    return isinstance(error, lost) or any(words in str(error) for words in _LOST_PEER)


def _lost(error: BaseException) -> EngineError:
    return EngineError(
        f"a Ray worker was lost ({type(error).__name__})",
        "workers that live until the stage is done",
        "look at its machine's memory and at Ray's logs, then run the same command again: finished shards and "
        "checkpoints are kept",
    )
