"""What can be told about a cluster without one."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from stillroom.recipes.engines.choose import engine_of
from stillroom.recipes.engines.ray_cluster import Cluster
from stillroom.recipes.engines.settings import RayEngineSettings
from stillroom.types import EngineError, MissingExtraError


def settings(address: str = "local") -> RayEngineSettings:
    return RayEngineSettings(kind="ray", address=address, workers=2, cpus_per_worker=1, gpus_per_worker=0)


def cluster(address: str = "local") -> Cluster:
    return Cluster(settings(address))


def test_without_the_package_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[ray\]"):
        cluster().join()


def test_one_of_several_processes_cannot_ask_for_workers(monkeypatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(EngineError, match="in one of 2 processes of a launcher"), engine_of(settings()):
        pass


def test_usage_reports_are_off_before_ray_is_imported(monkeypatch) -> None:
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError):
        cluster().join()
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


def test_a_head_that_does_not_answer_is_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        started = cluster(address)
        pytest.importorskip("ray")
        with pytest.raises(EngineError, match=rf"nobody answers at {address} \(Connection refused\)"):
            started.join()
