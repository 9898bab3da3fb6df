"""The notice that goes with a derived model: what it came from and on what terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import distribution
from pathlib import Path

import stillroom
from stillroom.export.manifest import INTENDED_USE
from stillroom.types import ExportError, Source
from stillroom.types.files import write_text

_APACHE = "Apache-2.0"


def write_licences(
    folder: Path, name: str, model_sources: Sequence[Source], data_sources: Sequence[Source]
) -> None:
    """Write the notice, and the text of the Apache licence where a model it derives from has that."""
    write_text(folder / "NOTICE", notice(name, model_sources, data_sources))
    if any(source.licence == _APACHE for source in model_sources):
        write_text(folder / "licences" / f"{_APACHE}.txt", _apache_text())


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
        *(_descent(model_sources) if model_sources else ()),
        "Trained on:",
        "",
        *_entries(data_sources),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _descent(sources: Sequence[Source]) -> Iterable[str]:
    yield "Derived from the models below: from their weights, which have been changed (parts removed, trained on,"
    yield "stored in other number formats), or from what they taught. The terms of all of them are passed on."
    yield ""
    yield from _entries(sources)


def _entries(sources: Iterable[Source]) -> Iterable[str]:
    for source in sources:
        yield f"- {source.name} {source.version}"
        yield f"  Licence: {source.licence}"
        if source.terms:
            yield f"  It asks: {', '.join(source.terms)}"
        yield from (f"  {line}" for line in (source.url, source.citation) if line)
        yield ""


def _apache_text() -> str:
    text = distribution("stillroom").read_text("licenses/LICENSE")
    if text is None:
        raise ExportError(
            "stillroom is installed without its LICENSE", "the whole package", "install it again"
        )
    return text
