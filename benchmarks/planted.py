"""What the preparation finds of what was planted into the corpus of `corpus-clinical`: the tables of `docs/corpus.md`.

    python benchmarks/planted.py FOLDER [--runs DIR] [--rows N]

FOLDER holds the text sets. A further source of N rows of each kind is written beside the run, the recipe is run up to
the corpus, and what became of each planted row is read from the corpus and from the list of what was left out.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from planted_rows import Plant, Row, copies, identifiers, leaks, near_copies, others

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.adapters import ADAPTERS
from stillroom.recipes import load, run
from stillroom.types import SPLITS

COPIED, TESTED = (
    ("medquad", "pubmedqa", "medical_abstracts"),
    ("mmlu_medical", "medqa", "medmcqa", "pubmedqa"),
)
SOURCE, SEED = "planted", 0
_WORDS = range(40, 500)


def main() -> None:
    """Plant, prepare, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=Path, default=Path("runs"))
    parser.add_argument("--rows", type=int, default=300, help="rows of each kind")
    chosen = parser.parse_args()
    plants = list(planted(chosen.folder, chosen.rows))
    home = chosen.runs.absolute() / "planted"
    home.mkdir(parents=True, exist_ok=True)
    (home / "rows.jsonl").write_text(
        "".join(f"{json.dumps(plant.row)}\n" for plant in plants), encoding="utf-8"
    )
    added = {"adapter": "jsonl", "path": str(home)}
    changes = [
        "name=planted-corpus",
        f"corpus.folder={chosen.folder}",
        f"corpus.sources.{SOURCE}={json.dumps(added)}",
    ]
    ended = run(load("corpus-clinical", changes), chosen.runs, until="prepare", progress=tell)
    show(plants, ended.run_dir / "corpus")


def planted(folder: Path, count: int) -> Iterator[Plant]:
    """All rows to plant."""
    learned = [row for name in COPIED for row in rows_of(folder, name) if not row.get("benchmark")]
    fit = [row for row in learned if words(row) in _WORDS]
    some = random.Random(SEED).sample(fit, 2 * count)
    yield from copies(some[:count])
    yield from near_copies(some[count:], SEED)
    yield from list(others([row for row in rows_of(folder, "medquad") if words(row) in _WORDS], SEED))[:count]
    items = [
        row
        for name in TESTED
        for row in rows_of(folder, name)
        if row.get("benchmark") and words(row) in _WORDS
    ]
    yield from leaks(random.Random(SEED).sample([item for item in items if item.get("options")], count), SEED)
    notes = [row["response"] for row in rows_of(folder, "mts_dialog") if row["task"] == "note_section"]
    yield from identifiers([note for note in notes if len(note.split()) > 12][: 2 * count], SEED)


def rows_of(folder: Path, name: str) -> list[Row]:
    """The rows of a source, with the identifiers that the corpus gives them."""
    adapter = ADAPTERS[name]
    rows = (row for row in adapter.read(folder / adapter.folder) if not isinstance(row, Malformed))
    return [{**row, "id": f"{name}/{row['id']}"} for row in rows]


def words(row: Row) -> int:
    """Words of a row."""
    return sum(len(row.get(name, "").split()) for name in ("prompt", "context", "response"))


def tell(task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
    """Tell of every step that is done."""
    if done == total:
        print(f"{task}: {total}", flush=True)


def show(plants: Sequence[Plant], folder: Path) -> None:
    """Print what became of every kind, and of MMLU's own leak."""
    texts: dict[str, str] = defaultdict(str)
    for id, text in kept(folder / "corpus"):
        texts[id.partition("#")[0]] += text  # a note may be cut into sections
    gone = {line["id"]: line for line in lines(folder / "left_out.jsonl") if "id" in line}
    table(["Planted", "rows", "found", "share", "left out by"], found(plants, texts, gone))
    table(["Identifier", "rows that stayed", "gone from them", "recall"], unseen(plants, texts))
    own = [
        line
        for line in gone.values()
        if line["stage"] == "isolate" and not line["id"].startswith(f"{SOURCE}/")
    ]
    pairs = Counter((line["id"].partition("/")[0], line["because_of"].partition("/")[0]) for line in own)
    table(
        ["Left out of", "for a test item of", "rows"], [[*pair, f"{n}"] for pair, n in sorted(pairs.items())]
    )


def kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Identifier and text of every row of the corpus."""
    for split in SPLITS:
        for row in lines(folder / f"{split}.jsonl"):
            yield row["id"], f"{row['prompt']}\n{row['response']}"


def found(plants: Sequence[Plant], texts: Mapping[str, str], gone: Mapping[str, Any]) -> Iterator[list[str]]:
    """Copies of which one alone stayed, leaks that are gone; rows like no other that were left out all the same."""
    by_kind: dict[str, list[Plant]] = defaultdict(list)
    for plant in plants:
        if not plant.secret:
            by_kind[plant.kind].append(plant)
    for kind, some in by_kind.items():
        here = [f"{SOURCE}/{plant.row['id']}" for plant in some]
        both = [
            id in texts and (plant.of in texts or not plant.of) for id, plant in zip(here, some, strict=True)
        ]
        ids = [
            other for id, plant in zip(here, some, strict=True) for other in (id, plant.of) if other in gone
        ]
        stages = Counter(gone[id]["stage"] for id in ids)
        hit = len(some) - sum(both)
        told = ", ".join(f"{stage} {count}" for stage, count in stages.most_common())
        yield [kind, f"{len(some)}", f"{hit}", f"{hit / len(some):.1%}", told]


def unseen(plants: Sequence[Plant], texts: Mapping[str, str]) -> Iterator[list[str]]:
    """Of the rows that stayed: how many no longer hold what was planted into them."""
    stayed: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    for plant in plants:
        text = texts.get(f"{SOURCE}/{plant.row['id']}", "")
        if plant.secret and text:
            stayed[plant.kind] += 1
            clean[plant.kind] += plant.secret not in text
    for kind, count in sorted(stayed.items()):
        yield [kind, f"{count}", f"{clean[kind]}", f"{clean[kind] / count:.1%}"]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print Markdown."""
    print()
    for row in (head, [":---", *["---:"] * (len(head) - 1)], *rows):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
