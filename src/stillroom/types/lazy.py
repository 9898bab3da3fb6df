"""Rooms that open when they are used: names are listed, their modules imported on first use (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


class _Room(ModuleType):
    """A package whose public names win over submodules of the same name.

    Importing ``stillroom.train.fit`` would otherwise replace the function ``stillroom.train.fit``.
    """

    _members: Mapping[str, str]

    def __setattr__(self, name: str, value: Any) -> None:
        if not (isinstance(value, ModuleType) and name in self._members):
            super().__setattr__(name, value)


def lazy(
    package: str, members: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """Make ``__getattr__``, ``__dir__`` and ``__all__`` of a package whose members are imported on first use.

    Args:
        package: the package's ``__name__``.
        members: public name → the module inside the package that defines it.

    A package's ``__init__`` then reads::

        if TYPE_CHECKING:
            from stillroom.train.fitting import fit as fit

        __getattr__, __dir__, __all__ = lazy(__name__, {"fit": "fitting"})
    """
    room = sys.modules[package]
    room.__dict__["_members"] = dict(members)
    room.__class__ = _Room

    def get(name: str) -> Any:
        if name not in members:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{members[name]}"), name)
        room.__dict__[name] = value
        return value

    return get, lambda: sorted(members), sorted(members)
