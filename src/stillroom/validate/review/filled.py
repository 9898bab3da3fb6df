"""Forms that came back: read, checked, and unblinded."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stillroom.types import DataError, did_you_mean
from stillroom.validate.review.rubric import KNOWN_CRITICAL, QUESTIONS


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rater found of one answer.

    Attributes:
        rater: name of the rater's file.
        item: the question's identifier.
        who: who gave the answer.
        ratings: by question of the rubric; those left open are missing.
    """

    rater: str
    item: str
    who: str
    ratings: Mapping[str, str]

    @property
    def of_test_item(self) -> bool:
        """Whether the answer is one whose judgement is known."""
        return self.who in KNOWN_CRITICAL


def read_forms(paths: Sequence[Path], key: Path) -> list[Judgement]:
    """Read filled forms, sheets or what the page saved, and say who gave each answer.

    A rater may leave answers or questions open; they are missing, and counted so.

    Raises:
        DataError: a file cannot be read, has an answer twice or one that the key does not know, or a rating that is no
            choice of its question.
    """
    try:
        known = json.loads(key.read_text(encoding="utf-8"))["answers"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"cannot read the key {key}: {type(error).__name__}",
            "key.json of the kit",
            "name the kit's own key",
        ) from error
    names = [path.stem for path in paths]
    if len(set(names)) < len(names):
        raise DataError("two forms of one name", "a name for each rater", "rename the files")
    return [judgement for path in paths for judgement in _read(path, known)]


def misled(judgements: Sequence[Judgement]) -> dict[str, int]:
    """Count, for each rater, the answers of the test item that were judged against what is known."""
    return {
        rater: sum(
            judgement.ratings.get("critical_error") not in (None, KNOWN_CRITICAL[judgement.who])
            for judgement in judgements
            if judgement.rater == rater and judgement.of_test_item
        )
        for rater in dict.fromkeys(judgement.rater for judgement in judgements)
    }


def _read(path: Path, known: Mapping[str, Mapping[str, str]]) -> list[Judgement]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(4096)
            file.seek(0)
            delimiter = (
                ";" if sample.partition("\n")[0].count(";") > sample.partition("\n")[0].count(",") else ","
            )
            rows = list(csv.DictReader(file, delimiter=delimiter))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}", "a CSV file in UTF-8", "save it so"
        ) from error
    ids = [row.get("answer_id") or "" for row in rows]
    if unknown := [name for name in ids if name not in known]:
        raise DataError(
            f"{path} has answer {unknown[0]!r}", "answers of this kit", did_you_mean(unknown[0], known)
        )
    if not rows or len(set(ids)) < len(ids):
        raise DataError(
            f"{path} has {len(rows)} rows, {len(set(ids))} different", "each answer once", "correct it"
        )
    return [
        Judgement(path.stem, known[name]["item"], known[name]["who"], _ratings(path, name, row))
        for name, row in zip(ids, rows, strict=True)
    ]


def _ratings(path: Path, name: str, row: Mapping[str, str | None]) -> dict[str, str]:
    found = {}
    for column, (_, choices) in QUESTIONS.items():
        rating = (row.get(column) or "").strip().lower()
        if rating and rating not in choices:
            raise DataError(
                f"{path}, answer {name}: {column} is no choice",
                f"one of {', '.join(choices)}",
                "correct the cell",
            )
        if rating:
            found[column] = rating
    return found
