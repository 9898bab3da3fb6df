"""The ``engine`` block of a recipe. It belongs to no stage's key: where work is done never changes its result."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stillroom.types import Settings


class LocalEngineSettings(Settings):
    """This process, and those that a launcher started beside it."""

    kind: Literal["local"] = Field(description="where the work of the stages is done")
    workers: int | None = Field(
        default=None, gt=0, description="processes that prepare a corpus together; null: one for each core"
    )


class RayEngineSettings(Settings):
    """The workers of a Ray cluster; each sees the run's folder under the same path."""

    kind: Literal["ray"] = Field(description="where the work of the stages is done")
    address: str = Field(
        pattern=r"^(auto|local|[A-Za-z0-9.-]+:\d+)$",
        description="'auto' finds the cluster that this machine belongs to, 'local' starts one on this machine for "
        "the run, host:port names a cluster's head",
    )
    workers: int = Field(gt=0, description="processes that record signals or train together")
    cpus_per_worker: int = Field(gt=0, description="processor cores of a worker")
    gpus_per_worker: int = Field(ge=0, le=1, description="whether a worker has a GPU of its own")


EngineSettings = Annotated[LocalEngineSettings | RayEngineSettings, Field(discriminator="kind")]
LOCAL = LocalEngineSettings(kind="local")
