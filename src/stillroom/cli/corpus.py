"""What a preparation made, and what it will be made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from stillroom.cli.tables import print_table
from stillroom.data.prepare.settings.corpus import ClinicalSettings

_DATASHEET = "datasheet"


def print_corpus(folder: Path) -> None:
    """Print what each stage left out, what is left of each source, and where the datasheet is; nothing without one."""
    if not (folder / f"{_DATASHEET}.json").is_file():
        return
    facts = json.loads((folder / f"{_DATASHEET}.json").read_text(encoding="utf-8"))
    print_table(["Stage", "rows in", "rows out", "changed", "left out", ""], map(_stage, facts["stages"]))
    console = Console(soft_wrap=True, highlight=False)
    console.print()
    splits = list(facts["items"])
    sources = [[source["name"], *(f"{source[split]:,}" for split in splits)] for source in facts["sources"]]
    print_table(
        ["Source", *splits], [*sources, ["all", *(f"{count:,}" for count in facts["items"].values())]]
    )
    for term, names in facts["terms"].items():
        if term != "attribution":
            console.print(f"{term.replace('_', ' ')}: {', '.join(names)}", markup=False)
    console.print(f"datasheet: {folder / _DATASHEET}.md", markup=False)


def _stage(step: dict[str, Any]) -> list[str]:
    dropped = sorted(step["dropped"].items(), key=lambda pair: -pair[1])
    reasons = [f"{count:,} {reason}" for reason, count in [*step["facts"].items(), *dropped]]
    numbers = [f"{step[name]:,}" for name in ("rows_in", "rows_out", "changed")]
    return [step["stage"], *numbers, f"{sum(step['dropped'].values()):,}", "; ".join(reasons)]


def print_sources(settings: ClinicalSettings) -> None:
    """Print where each source is and how large, as comments, or refuse a recipe whose sources are not there.

    Raises:
        DataError: no such adapter, or no such file.
    """
    from stillroom.data.prepare.adapters import ADAPTERS
    from stillroom.data.prepare.opening import opened
    from stillroom.data.prepare.reading import files_of

    for source in opened(settings, ADAPTERS):
        size = sum(file.stat().st_size for file in files_of(source.path))
        typer.echo(f"# {source.name}: {size / 1e6:.1f} MB in {source.path}")
