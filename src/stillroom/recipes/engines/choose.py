"""From the ``engine`` block to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stillroom.recipes.engines.engine import Engine, LocalEngine
from stillroom.recipes.engines.settings import LocalEngineSettings, RayEngineSettings


@contextmanager
def engine_of(settings: LocalEngineSettings | RayEngineSettings) -> Iterator[Engine]:
    """Open the engine that a recipe names. A cluster is joined when it is first needed, and left at the end."""
    if isinstance(settings, LocalEngineSettings):
        yield LocalEngine(settings.workers)
        return
    from stillroom.recipes.engines.ray_engine import RayEngine

    with RayEngine(settings) as engine:
        yield engine
