"""The base of every settings block: frozen, checked when made, unknown keys refused."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A frozen block of settings. A room keeps its own subclass beside the code that uses it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
