"""Write ``docs/data.md`` from the registry: ``python docs/data.py``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from stillroom.cli.data import licence, obligations, splits
from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.adapters import ADAPTERS

PAGE = Path(__file__).with_name("data.md")
HEAD = """# Sources of a corpus

*Written by `python docs/data.py` from the registry; a test holds the two together. `stillroom data NAME` prints the
same, `stillroom data --json` gives it to a program.*

Nothing here is shipped, and nothing is fetched: a source is read from files of your own, as they were published
(gzipped or not) or as JSON lines with the columns below, or from a package that an extra installs. `stillroom data
--folder DIR` tells which sources lie in `DIR`; with `--check` they are read, and their rows compared with the published
counts. Counts are of rows: a source that gives two rows of an item counts both.

A row that cannot be read goes into quarantine with its reason. What a source says of patient, document and concept
stays with a row, so that no split parts them; rows of a published test are marked as a benchmark, and are never
learned from. Obligations go on to the student's card.

"""
OWN = "Files of your own"
HUB = """## Data sets of the Hugging Face hub

`HF_HUB_OFFLINE=0 stillroom data owner/name` brings a data set's files (Parquet, Arrow, JSON, CSV; never code) into the
hub's own cache and prints their folder, for the source `huggingface`. Without the variable it only looks into the
cache.
"""


def render() -> str:
    """The whole page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield (
        HEAD + "| source | what it holds | licence | access | obligations | rows |\n|---|---|---|---|---|---|"
    )
    for adapter in ADAPTERS.values():
        cells = (
            f"[`{adapter.name}`](#{adapter.name if adapter.about.url else OWN.lower().replace(' ', '-')})",
            adapter.summary,
            licence(adapter),
            adapter.access,
            obligations(adapter),
            splits(adapter.expected),
        )
        yield f"| {' | '.join(cells)} |"
    for adapter in ADAPTERS.values():
        if adapter.about.url:
            yield from _section(adapter)
    own = [adapter for adapter in ADAPTERS.values() if not adapter.about.url]
    yield f"\n## {OWN}\n"
    yield from (f"- `{adapter.name}`: {adapter.about.name}" for adapter in own)
    yield from _contents(own[0])
    yield f"\n{HUB}"


def _section(adapter: Adapter) -> Iterator[str]:
    about = adapter.about
    yield f"\n## {adapter.name}\n"
    yield f"{about.name}, {about.version}: {adapter.summary}.\n"
    yield f"- **Licence**: {about.licence}"
    yield f"- **From**: <{about.url}>"
    yield f"- **Cite**: {about.citation}"
    yield from _contents(adapter)


def _contents(adapter: Adapter) -> Iterator[str]:
    yield "\n| file or column | what it holds |\n|---|---|"
    for pattern, columns in adapter.files.items():
        yield f"| `{pattern}` | {columns.replace('|', chr(92) + '|')} |"
    yield "\nWhat is wrong with it, and what is done about it:\n"
    for trap in adapter.traps:
        yield f"- {trap}"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
