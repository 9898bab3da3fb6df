"""What the strategies came to: `docs/strategies.json`, and the page that is written from it."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from stillroom.recipes.sweeps.compare import Figures
from stillroom.types.files import write_json

PAGE = Path(__file__).parents[1] / "docs" / "strategies.md"
RECORD, PICTURE = PAGE.with_suffix(".json"), PAGE.with_suffix(".svg")
CORPORA = {"hpo": "Human Phenotype Ontology", "medquad": "MedQuAD"}
_DIGITS = 3


@dataclass(frozen=True)
class Margin:
    """Student minus control with one seed, and its paired 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def helps(self) -> bool:
        """Better than the control, and told apart from it."""
        return self.high < 0

    @property
    def harms(self) -> bool:
        """Worse than the control, and told apart from it."""
        return self.low > 0


@dataclass(frozen=True)
class Row:
    """A strategy on one corpus: means over its seeds, and the margin of each seed.

    Attributes:
        measured: date, processor and number format.
        control: log-perplexity of the control.
        student: log-perplexity of the student.
        kl_to_teacher: None where the vocabularies differ.
        margins: seed by seed.
    """

    measured: str
    control: float
    student: float
    kl_to_teacher: float | None
    margins: tuple[Margin, ...]

    @classmethod
    def of(cls, seeds: Sequence[Figures], measured: str) -> Self:
        """Put the seeds of a row together."""
        distances = [f.kl_to_teacher for f in seeds if f.kl_to_teacher is not None]
        return cls(
            measured=measured,
            control=_rounded(statistics.fmean(f.control for f in seeds)),
            student=_rounded(statistics.fmean(f.student for f in seeds)),
            kl_to_teacher=_rounded(statistics.fmean(distances)) if distances else None,
            margins=tuple(Margin(*map(_rounded, (f.margin, f.margin_low, f.margin_high))) for f in seeds),
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read the plain form."""
        return cls(**{**data, "margins": tuple(Margin(*margin) for margin in data["margins"])})

    def to_dict(self) -> dict[str, Any]:
        """Return a plain form."""
        return {**vars(self), "margins": [[m.value, m.low, m.high] for m in self.margins]}


@dataclass(frozen=True)
class Record:
    """Rows by corpus and strategy, and what a share of the tokens saves."""

    corpora: Mapping[str, Mapping[str, Row]]
    token_memory: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls) -> Self:
        """Read `docs/strategies.json`."""
        data = json.loads(RECORD.read_text(encoding="utf-8"))
        corpora = {
            corpus: {name: Row.from_dict(row) for name, row in rows.items()}
            for corpus, rows in data["corpora"].items()
        }
        return cls(corpora, data["token_memory"])

    def keep(self) -> None:
        """Write `docs/strategies.json`."""
        corpora = {
            corpus: {name: row.to_dict() for name, row in rows.items()}
            for corpus, rows in self.corpora.items()
        }
        write_json(RECORD, {"corpora": corpora, "token_memory": list(self.token_memory)})


def page(record: Record, strategies: Sequence[str]) -> str:
    """Both corpora's tables in the order of the strategies, and what they say."""
    lines = ["# Strategies", "", *_WORDS]
    for corpus, title in CORPORA.items():
        rows = {name: row for name in strategies if (row := record.corpora[corpus].get(name))}
        table = [_line(name, row) for name, row in rows.items()]
        lines += ["", f"## {title}", "", *_HEAD, *table, "", *_told(rows), *_measured(rows)]
        left = [name for name in strategies if name not in rows]
        lines += [f"- Not run: {'; '.join(left)}."] if left else []
    return "\n".join([*lines, *_token_memory(record.token_memory), ""])


def _line(name: str, row: Row) -> str:
    margins = "; ".join(f"{m.value:+.3f} ({m.low:+.3f} to {m.high:+.3f})" for m in row.margins)
    distance = "–" if row.kl_to_teacher is None else f"{row.kl_to_teacher:.3f}"
    values = (name, len(row.margins), f"{row.control:.3f}", f"{row.student:.3f}", margins, distance)
    return f"| {' | '.join(map(str, values))} |"


def _told(rows: Mapping[str, Row]) -> list[str]:
    """Which rows helped, which did harm, and which did neither, by their intervals."""

    def names(judged: Callable[[Margin], bool]) -> str:
        return "; ".join(name for name, row in rows.items() if all(map(judged, row.margins))) or "none"

    return [
        f"- Better than the control with every seed: {names(lambda m: m.helps)}.",
        f"- Worse with every seed: {names(lambda m: m.harms)}.",
        "- The others are not told apart from the control at this budget.",
    ]


def _measured(rows: Mapping[str, Row]) -> list[str]:
    """When and on what each row was measured."""
    places: dict[str, list[str]] = {}
    for name, row in rows.items():
        places.setdefault(row.measured, []).append(name)
    usual = max(places, key=lambda place: len(places[place]))
    others = [f"- {'; '.join(names)}: {place}." for place, names in places.items() if place != usual]
    return [f"- Measured on {usual}{', but for:' if others else '.'}", *others]


def _token_memory(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a share of the tokens saves."""
    return [
        "",
        "## Shares of the tokens",
        "",
        "`benchmarks/token_memory.py`: tensors at the peak of a forward and backward pass beside weights and",
        "gradients, and processor seconds of one thread. The score itself reads every token's distribution.",
        "",
        "| tokens in the pass | share that teaches | peak, MiB | processor seconds |",
        "| ---: | ---: | ---: | ---: |",
        *(
            f"| {r['tokens']:,} | {r['share']:.0%} | {r['peak_bytes'] / 2**20:,.0f} | {r['processor_seconds']:.2f} |"
            for r in rows
        ),
    ]


def _rounded(value: float) -> float:
    return round(value, _DIGITS)


_WORDS = (
    "`python benchmarks/strategies.py --write` writes this page from `docs/strategies.json`. Every row is a student of",
    "ten layers of SmolLM2-135M after 48 steps of 384 tokens of 500 training examples, from a teacher adapted in 24",
    "steps of 1,024: a seventh of the quickstart's budget, so that many rows can be compared. *Student − control* is",
    "the difference in log-perplexity (nats a token) on 100 test items, by which nothing was chosen, to the same",
    "student trained on the same tokens with hard labels alone on the same machine, with its paired 95 % interval over",
    "items for each seed; below zero the row helped.",
    "",
    "![Student minus control, row by row](strategies.svg)",
)
_HEAD = (
    "| row | seeds | control | student | student − control, by seed | KL to the teacher |",
    "| --- | ---: | ---: | ---: | --- | ---: |",
)
