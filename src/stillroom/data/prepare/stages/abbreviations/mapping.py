"""What abbreviations stand for, and what stands around them when they do."""

from __future__ import annotations

import csv
import gzip
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from stillroom.types import DataError

WINDOW_WORDS = 12
_COLUMNS = ("TEXT", "LOCATION", "LABEL")
_WORD = re.compile(r"[a-z][a-z-]{2,}")
_SMOOTHING = 0.1


@dataclass(frozen=True)
class Sense:
    """What an abbreviation stands for, how often, and the words around it."""

    expansion: str
    count: int
    words: Mapping[str, int]


Senses = Mapping[str, tuple[Sense, ...]]
"""Senses by abbreviation; a single one means that it is not ambiguous."""


def around(before: str, behind: str) -> list[str]:
    """The words that stand nearest to an abbreviation."""
    left, right = _WORD.findall(before.lower()), _WORD.findall(behind.lower())
    return left[-WINDOW_WORDS:] + right[:WINDOW_WORDS]


def choose_sense(senses: tuple[Sense, ...], words: Iterable[str], least_odds: float) -> Sense | None:
    r"""The sense that the words around an abbreviation speak for, by naive Bayes; None where they do not decide.

    .. math:: P(s \mid w) \propto n_s \prod_i \frac{c_{s,i} + 0.1}{\sum_j c_{s,j} + 0.1 \, v}

    with n_s the times the sense was seen, c its counts of words, v the number of different words of all senses.

    Args:
        senses: of one abbreviation.
        words: what stands around it.
        least_odds: the least ratio of the best sense's probability to that of all others.
    """
    if len(senses) == 1:
        return senses[0]
    size = len({word for sense in senses for word in sense.words})
    seen = [word for word in words if any(word in sense.words for sense in senses)]
    scores = [_score(sense, seen, size) for sense in senses]
    best = max(range(len(senses)), key=scores.__getitem__)
    others = sum(math.exp(score - scores[best]) for place, score in enumerate(scores) if place != best)
    return senses[best] if seen and others * least_odds <= 1 else None


def _score(sense: Sense, words: Iterable[str], size: int) -> float:
    total = math.log(sum(sense.words.values()) + _SMOOTHING * size)
    return math.log(sense.count) + sum(
        math.log(sense.words.get(word, 0) + _SMOOTHING) - total for word in words
    )


@lru_cache(1)
def built_in() -> Senses:
    """The abbreviations that mean one thing."""
    lines = files(__package__).joinpath("built_in.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {short: (Sense(long, 1, {}),) for short, long in pairs}


@lru_cache(2)
def read_mapping(path: str) -> Senses:
    """Read a file of examples in MeDAL's format.

    Raises:
        DataError: it is missing, has other columns, or a row whose LOCATION is no place among the words of its TEXT.

    Source: Wen, Lu and Reddy 2020, doi:10.18653/v1/2020.clinicalnlp-1.15.
    """
    counts: dict[str, Counter[str]] = {}
    words: dict[tuple[str, str], Counter[str]] = {}
    for short, long, context in _examples(Path(path).expanduser()):
        counts.setdefault(short, Counter())[long] += 1
        words.setdefault((short, long), Counter()).update(context)
    return {
        short: tuple(Sense(long, times, words[short, long]) for long, times in sorted(longs.items()))
        for short, longs in counts.items()
    }


def _examples(path: Path) -> Iterator[tuple[str, str, list[str]]]:
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8") as file
        ):
            rows = csv.DictReader(file)
            if missing := set(_COLUMNS) - set(rows.fieldnames or ()):
                raise _refused(path, f"no column {min(missing)}")
            for number, row in enumerate(rows, 2):
                yield _example(path, number, row)
    except OSError as error:
        raise _refused(path, f"cannot be read ({type(error).__name__})") from error


def _example(path: Path, number: int, row: Mapping[str, str]) -> tuple[str, str, list[str]]:
    words = row["TEXT"].split()
    place = int(row["LOCATION"]) if row["LOCATION"].strip().isdigit() else -1
    if not 0 <= place < len(words) or not row["LABEL"].strip():
        raise _refused(path, f"line {number} has no such LOCATION or no LABEL")
    short = words[place].strip(".,;:()")
    context = around(" ".join(words[:place]), " ".join(words[place + 1 :]))
    return short, row["LABEL"].strip(), context


def _refused(path: Path, what: str) -> DataError:
    return DataError(
        f"{path}: {what}", f"a CSV file with {', '.join(_COLUMNS)}, as MeDAL's", "mend or name another file"
    )
