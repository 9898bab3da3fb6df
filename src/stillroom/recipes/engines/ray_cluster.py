"""Joining a Ray cluster, and leaving it."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from stillroom.recipes.engines.settings import RayEngineSettings
from stillroom.recipes.offline import OFFLINE, go_offline
from stillroom.types import EngineError, MissingExtraError

_REACH_SECONDS = 5.0
_TOKEN = secrets.token_hex(32)


class Cluster:
    """A cluster that is joined once, when it is first needed."""

    def __init__(self, settings: RayEngineSettings) -> None:
        self.settings = settings
        self._stack = ExitStack()
        self._ray: Any = None

    def join(self) -> Any:
        """Join it, and return the package ``ray``.

        Raises:
            MissingExtraError: the package is not installed.
            EngineError: the cluster cannot be reached, or is too small.
        """
        if self._ray is None:
            try:
                self._ray = self._joined()
            except BaseException:
                self.leave()
                raise
        return self._ray

    def leave(self) -> None:
        """Leave it; one that was started here ends."""
        self._stack.close()
        self._ray = None

    def _joined(self) -> Any:
        go_offline()  # Ray decides about its usage reports when it is imported.
        try:
            import ray
            import ray.data
            import ray.train.torch
        except ImportError as error:
            raise MissingExtraError.of("ray", "ray") from error
        if not ray.is_initialized():
            self._start(ray)
        _quiet(ray)
        _need(ray, self.settings)
        return ray

    def _start(self, ray: Any) -> None:
        address = self.settings.address
        if ":" in address:
            _reach(address)
        options = self._own() if address == "local" else _others()
        self._stack.callback(ray.shutdown)
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error", **options)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise _unreachable(f"no Ray cluster at {address!r} ({type(error).__name__})") from error

    def _own(self) -> dict[str, Any]:
        """A cluster for this run alone: it answers those who know its token, and its files go when it ends."""
        settings = self.settings
        self._stack.enter_context(_guarded())
        folder = tempfile.TemporaryDirectory(prefix="stillroom-", ignore_cleanup_errors=True)
        return {
            "num_cpus": settings.workers * settings.cpus_per_worker,
            "num_gpus": settings.workers * settings.gpus_per_worker,
            "include_dashboard": False,
            "_temp_dir": self._stack.enter_context(folder),
        }


def keep_to_own_devices(ray: Any) -> None:
    """On a worker: leave a machine's GPUs to those whom Ray has given them."""
    if not ray.get_gpu_ids():
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


def _others() -> dict[str, Any]:
    """Workers of a cluster that runs already are as silent as this process."""
    return {"runtime_env": {"env_vars": {name: os.environ[name] for name in OFFLINE}}}


@contextmanager
def _guarded() -> Iterator[None]:
    """Give Ray a token, unless the user has: with one it refuses strangers."""
    before = {name: os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_MODE")}
    os.environ.setdefault("RAY_AUTH_TOKEN", _TOKEN)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ.update({name: value} if value is not None else {})


def _quiet(ray: Any) -> None:
    """One progress display at a time: the run's own."""
    ray.data.DataContext.get_current().enable_progress_bars = False
    for part in ("ray.data", "ray.train"):
        logging.getLogger(part).setLevel(logging.CRITICAL)  # what they say is raised, too


def refuse_launchers() -> None:
    """Refuse to begin in one of several processes: each would ask for workers.

    Raises:
        EngineError: a launcher started this process.
    """
    if (processes := int(os.environ.get("WORLD_SIZE", "1"))) > 1:
        raise EngineError(
            f"engine.kind = 'ray' in one of {processes} processes of a launcher",
            "a single process, which asks the cluster for workers",
            "start it without torchrun or accelerate launch, or choose engine.kind = 'local'",
        )


def _reach(address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_REACH_SECONDS).close()
    except OSError as error:
        raise _unreachable(f"nobody answers at {address} ({error.strerror or 'timed out'})") from error


def _unreachable(got: str) -> EngineError:
    return EngineError(
        got,
        "the head of a running Ray cluster that this machine belongs to",
        "start it with `ray start --head`, or choose engine.address = 'local'",
    )


def _need(ray: Any, settings: RayEngineSettings) -> None:
    """Refuse a cluster that is too small: Ray would wait for ever."""
    there = ray.cluster_resources()
    for name, each in (("CPU", settings.cpus_per_worker), ("GPU", settings.gpus_per_worker)):
        needed = settings.workers * each
        if (found := there.get(name, 0)) < needed:
            raise EngineError(
                f"a cluster of {found:g} {name}s",
                f"at least {needed}: {settings.workers} workers with {each} each",
                "add machines, or lower engine.workers",
            )
