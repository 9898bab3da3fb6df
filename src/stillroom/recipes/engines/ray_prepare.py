"""The shards of a corpus in the making, worked on by a Ray cluster. What goes through Ray is their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from stillroom.data.prepare.workers import Workers
from stillroom.recipes.engines.ray_cluster import Cluster
from stillroom.recipes.engines.ray_errors import told_in_one_line
from stillroom.recipes.engines.ray_shared import SharedFolder

T = TypeVar("T")
R = TypeVar("R")
_WAITING_PER_CORE = 2


class RayWorkers:
    """Every core of a cluster's workers. They read and write the folder that all machines see."""

    def __init__(self, ray: Any, count: int, shared: SharedFolder) -> None:
        """Take the cores of a cluster that is joined."""
        self.count = count
        self._ray, self._shared = ray, shared

    def map(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[R]:
        """Hand out tasks as cores become free; the first error ends it.

        Raises:
            StillroomError: what a worker raised.
            EngineError: a worker was lost, or does not see the folder.
        """
        done = self._ray.remote(num_cpus=1)(_done)
        shared, waiting, left = self._ray.put(self._shared), [], iter(tasks)
        try:
            with told_in_one_line():
                while True:
                    for task in left:
                        waiting.append(done.remote(shared, work, task))
                        if len(waiting) >= _WAITING_PER_CORE * self.count:
                            break
                    if not waiting:
                        return
                    ready, waiting = self._ray.wait(waiting)
                    for one in ready:
                        yield self._ray.get(one)
        finally:
            for one in waiting:
                self._ray.cancel(one)


@contextmanager
def ray_workers(cluster: Cluster, folder: Path) -> Iterator[Workers]:
    """Join the cluster, and mark the folder for as long as the context lasts."""
    ray, settings = cluster.join(), cluster.settings
    with SharedFolder.marked(folder) as shared:
        yield RayWorkers(ray, settings.workers * settings.cpus_per_worker, shared)


def _done(shared: SharedFolder, work: Callable[[T], R], task: T) -> R:
    """Do one task, on a worker."""
    shared.require()
    return work(task)
