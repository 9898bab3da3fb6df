"""``stillroom data``: the sources of a corpus, their terms, and what of them is here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_fields, print_table

if TYPE_CHECKING:
    from stillroom.data.prepare.adapter import Adapter
    from stillroom.data.prepare.finding import Found

_NO_SPLIT = "rows"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog="Examples: stillroom data; stillroom data medquad; stillroom data --folder data --check"
    )(data)


def data(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]", help="A source, or owner/name of a data set on the Hugging Face hub."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--folder", metavar="DIR", exists=True, file_okay=False, help="A folder of many sources."
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Read what is here and compare its rows with the published counts."),
    ] = False,
    revision: Annotated[
        str | None, typer.Option(help="Branch, tag or commit of a data set of the hub.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """List the sources of a corpus with licence, access, obligations and what is here, or tell one in full.

    Nothing is fetched, but for a data set of the hub: with HF_HUB_OFFLINE=0 and, where it needs one, a token in
    HF_TOKEN its files of data go into the hub's own cache. Credentialed sources are read from your own files only.
    """
    from stillroom.data.prepare.adapters import ADAPTERS, adapter_named
    from stillroom.data.prepare.finding import place_of
    from stillroom.data.prepare.hub import is_hub_name, snapshot

    if name is not None and is_hub_name(name):
        typer.echo(f"{name}: in {snapshot(name, revision)}")
        return
    chosen = [adapter_named(name)] if name is not None else list(ADAPTERS.values())
    places = {adapter.name: place_of(adapter, folder) for adapter in chosen}
    found = _counted(chosen, places) if check else {}
    if as_json:
        told = [to_dict(adapter, places[adapter.name], found.get(adapter.name)) for adapter in chosen]
        typer.echo(json.dumps(told if name is None else told[0], ensure_ascii=False, indent=2))
    elif name is not None:
        print_fields(_fields(chosen[0], places[name], found.get(name)))
    else:
        _print_list(chosen, places, found)


def _counted(adapters: Sequence[Adapter], places: Mapping[str, Path | None]) -> dict[str, Found]:
    """Read what is here, one source after the other."""
    from stillroom.data.prepare.finding import count

    here = [(adapter, place) for adapter in adapters if (place := places[adapter.name])]
    found: dict[str, Found] = {}
    with shown_progress() as progress:
        for adapter, place in here:
            found[adapter.name] = count(adapter, place)
            progress("check", len(found), len(here))
    return found


def to_dict(adapter: Adapter, place: Path | None, found: Found | None) -> dict[str, Any]:
    """All that is told of a source, for a program."""
    told = {
        "name": adapter.name,
        "summary": adapter.summary,
        "about": asdict(adapter.about),
        "access": adapter.access,
        "obligations": sorted(adapter.obligations),
        "folder": adapter.folder,
        "files": dict(adapter.files),
        "traps": list(adapter.traps),
        "expected": dict(adapter.expected),
        "here": place and str(place),
    }
    return told if found is None else {**told, "found": {**asdict(found), "verdict": found.verdict}}


def _print_list(
    adapters: Sequence[Adapter], places: Mapping[str, Path | None], found: Mapping[str, Found]
) -> None:
    rows = [
        (
            adapter.name,
            adapter.summary,
            licence(adapter),
            adapter.access,
            obligations(adapter),
            _here(adapter, places[adapter.name]),
        )
        for adapter in adapters
    ]
    print_table(("source", "what it holds", "licence", "access", "obligations", "here"), rows)
    if found:
        typer.echo("")
        counts = [(name, *_counts(each)) for name, each in found.items()]
        print_table(("source", "rows published", "rows found", "malformed", "verdict"), counts)


def licence(adapter: Adapter) -> str:
    """A source's licence without what is said about it."""
    return adapter.about.licence.partition(";")[0]


def obligations(adapter: Adapter) -> str:
    """What a source's licence asks, in words."""
    return ", ".join(sorted(adapter.obligations)).replace("_", " ")


def _here(adapter: Adapter, place: Path | None) -> str:
    if place is None:
        return "-"
    return place.name if place.name == adapter.folder else "installed"


def _counts(found: Found) -> tuple[str, ...]:
    malformed = "; ".join(f"{count:,} {reason}" for reason, count in found.malformed.items())
    return splits(found.expected), splits(found.rows), malformed, found.verdict


def splits(rows: Mapping[str, int]) -> str:
    """Rows of each split, in a line."""
    return ", ".join(f"{split or _NO_SPLIT} {count:,}" for split, count in rows.items())


def _fields(adapter: Adapter, place: Path | None, found: Found | None) -> Iterator[tuple[str, str]]:
    about = adapter.about
    yield adapter.name, f"{about.name} {about.version}".strip()
    yield "holds", adapter.summary
    yield "licence", about.licence
    yield "access", "your own files only" if adapter.access == "credentialed" else adapter.access
    yield "obligations", obligations(adapter) or "not known"
    yield from ((label, text) for label, text in (("from", about.url), ("cite", about.citation)) if text)
    yield from adapter.files.items()
    yield "published", splits(adapter.expected) or "not fixed"
    yield from (("trap", trap) for trap in adapter.traps)
    yield (
        "here",
        str(place or (f"not found; --folder DIR looks for DIR/{adapter.folder}" if adapter.folder else "-")),
    )
    yield "in a recipe", f"corpus.sources.{adapter.name}" + ("={}" if adapter.locate else "={path: DIR}")
    if found is not None:
        _, rows, malformed, verdict = _counts(found)
        yield "found", f"{rows}: {verdict}"
        yield from (("malformed", malformed),) if malformed else ()
