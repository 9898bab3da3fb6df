"""From the sources of a recipe to the files that are read, all of them found before the first is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.reading import SourceFiles
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.settings.source import SourceSettings
from stillroom.types import DataError, Source, did_you_mean


def opened(settings: ClinicalSettings, adapters: Mapping[str, Adapter]) -> tuple[SourceFiles, ...]:
    """Find every source that is not left out.

    Args:
        settings: the recipe's.
        adapters: how sources are read, by name.

    Raises:
        DataError: no such adapter, or nothing lies where a source should be; all that are missing are named.
        MissingExtraError: a source is part of a package that is not installed.
    """
    wanted = {name: source for name, source in settings.sources.items() if source is not None}
    if not wanted:
        raise DataError("no source is left in corpus.sources", "at least one", "name one")
    found = tuple(_found(name, source, settings.folder, adapters) for name, source in wanted.items())
    missing = {files.name: files.path for files in found if not files.path.exists()}
    if missing:
        first, path = next(iter(missing.items()))
        raise DataError(
            f"{len(missing)} of {len(found)} sources are not there: {', '.join(missing)}; nothing at {path}",
            "the data of every source that is not null",
            f"set corpus.folder, or corpus.sources.{first}.path, or leave it out with corpus.sources.{first}=null",
        )
    return found


def _found(
    name: str, source: SourceSettings, folder: str | None, adapters: Mapping[str, Adapter]
) -> SourceFiles:
    adapter = adapters.get(source.adapter or name)
    if adapter is None:
        raise DataError(
            f"source {name!r}: unknown adapter {source.adapter or name!r}",
            "a name from `stillroom data`",
            did_you_mean(source.adapter or name, adapters),
        )
    return SourceFiles(name, _owned(adapter, source), _path(name, source, adapter, folder), source.use)


def _path(name: str, source: SourceSettings, adapter: Adapter, folder: str | None) -> Path:
    if source.path is not None:
        return Path(source.path).expanduser().absolute()
    if adapter.locate is not None:
        return adapter.locate()
    if folder is None:
        raise DataError(
            f"source {name!r} has no path, and there is no corpus.folder",
            "one of the two",
            f"set corpus.folder, or corpus.sources.{name}.path",
        )
    return Path(folder).expanduser().absolute() / (adapter.folder or name)


def _owned(adapter: Adapter, source: SourceSettings) -> Adapter:
    """The adapter, with what the recipe says of provenance and terms."""
    obligations = adapter.obligations | set(source.terms)
    about = adapter.about if source.about is None else Source(**source.about.model_dump())
    return replace(adapter, about=replace(about, terms=tuple(sorted(obligations))), obligations=obligations)
