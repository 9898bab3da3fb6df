"""Stillroom: clinical knowledge distillation, with the evidence that decides whether a student may be used.

Research and assistive software, to be used under a clinician; never an autonomous diagnosis.

The rooms are loaded on first use, so that ``import stillroom`` needs neither torch nor time:

>>> import stillroom as st
>>> "quickstart" in st.recipes.names()
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stillroom import (
        data,
        export,
        losses,
        models,
        recipes,
        report,
        signals,
        train,
        types,
        validate,
    )

__version__ = "0.1.0"
__all__ = [
    "data",
    "export",
    "losses",
    "models",
    "recipes",
    "report",
    "signals",
    "train",
    "types",
    "validate",
]


def __getattr__(name: str) -> Any:
    """Import a room the first time it is named."""
    if name in __all__:
        return import_module(f"stillroom.{name}")
    raise AttributeError(f"module 'stillroom' has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the rooms."""
    return [*__all__, "__version__"]
