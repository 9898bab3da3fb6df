"""The public surface, pinned: a change here is a change for every user, and belongs in the changelog."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import stillroom

PINNED = Path(__file__).with_name("public.txt")


def surface() -> Iterator[str]:
    for room_name in stillroom.__all__:
        room = getattr(stillroom, room_name)
        for name in sorted(room.__all__):
            yield f"{room_name}.{name}{signature(getattr(room, name))}"


def signature(member: object) -> str:
    """Parameters of a function or a class; the keys of a settings block; nothing of a constant or an error."""
    if inspect.isclass(member):
        if hasattr(member, "model_fields"):
            return f"({', '.join(member.model_fields)})"
        if issubclass(member, Exception) or getattr(member, "_is_protocol", False):
            return ""
    elif not inspect.isfunction(member):
        return ""
    return re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", str(inspect.signature(member)))


def test_exported_names_and_signatures_are_the_pinned_ones() -> None:
    assert list(surface()) == PINNED.read_text(encoding="utf-8").splitlines(), (
        f"the public surface changed; if that is meant, write it to {PINNED.name} and into CHANGELOG.md"
    )
