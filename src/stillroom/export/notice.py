"""The notice that goes with a derived model: what it came from and on what terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import stillroom
from stillroom.export.manifest import INTENDED_USE
from stillroom.types import Source


def notice(name: str, model_sources: Sequence[Source], data_sources: Sequence[Source]) -> str:
    """Say what the model derives from, that it was changed, and what it was trained on.

    Args:
        name: the model's name.
        model_sources: the models it derives from, teachers included.
        data_sources: the data it was trained on.
    """
    lines = [
        name,
        f"Made with stillroom {stillroom.__version__}.",
        f"Intended use: {INTENDED_USE}.",
        "",
        "Derived from the models below: from their weights, which have been changed (parts removed, trained on,",
        "stored in other number formats), or from what they taught. The terms of all of them are passed on.",
        "",
        *_entries(model_sources),
        "Trained on:",
        "",
        *_entries(data_sources),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _entries(sources: Iterable[Source]) -> Iterable[str]:
    for source in sources:
        yield f"- {source.name} {source.version}"
        yield f"  Licence: {source.licence}"
        if source.terms:
            yield f"  It asks: {', '.join(source.terms)}"
        yield from (f"  {line}" for line in (source.url, source.citation) if line)
        yield ""
