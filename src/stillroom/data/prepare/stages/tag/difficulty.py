"""How difficult a row is."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from stillroom.types import DataError

LEVELS = ("basic", "intermediate", "advanced")
_WORD = re.compile(r"[a-z]{3,}")
_STAGES = {
    "treatment_planning": r"treat|manag|therap|drug of choice|next step|dos(?:e|age)|prescri|plan\b"
    "|administer|surgery|intervention"
    r"|medication|follow.?up|prevent",
    "differential_diagnosis": r"diagnos|most likely|differential|presents? with|present(?:ed|ing) (?:to"
    "|with)|suggestive|cause of"
    r"|explain|findings|rule out|suspect|symptoms|signs",
    "basic_anatomy": r"anatom|nerve|muscle|arter|vein|bone|structure|located|locali[sz]|innervat|foramen"
    "|embryolog|cell type|layer"
    r"|define|definition|what is the name|origin|insert",
}
_PATTERNS = {stage: re.compile(rf"\b(?:{words})", re.I) for stage, words in _STAGES.items()}
_RARE_SHARE, _OFTEN_RARE, _SOMETIMES_RARE, _LONG_WORDS = 1e-3, 0.25, 0.10, 250


def stage_of(question: str) -> str:
    """What a question asks for: the stage that most of its words speak for, ``clinical_knowledge`` where none does.

    >>> stage_of("Which nerve innervates this muscle?"), stage_of("What is the drug of choice?"), stage_of("Name it.")
    ('basic_anatomy', 'treatment_planning', 'clinical_knowledge')
    """
    hits = {stage: len(pattern.findall(question)) for stage, pattern in _PATTERNS.items()}
    best = max(hits, key=lambda stage: hits[stage])
    return best if hits[best] else "clinical_knowledge"


def words_of(text: str) -> list[str]:
    """Words of three letters or more."""
    return _WORD.findall(text.lower())


def level_of(text: str, rows_with: Mapping[str, int], rows: int) -> str:
    """Basic, intermediate or advanced by the share of rare words, one level more where a text is long.

    A word is rare that fewer than one row in a thousand holds. Up to a tenth of the words are rare: basic; up to a
    quarter: intermediate; more: advanced. More than 250 words: one level up.
    """
    words = words_of(text)
    rare = sum(rows_with.get(word, 0) < math.ceil(_RARE_SHARE * rows) for word in words) / max(len(words), 1)
    level = (rare > _SOMETIMES_RARE) + (rare > _OFTEN_RARE) + (len(words) > _LONG_WORDS)
    return LEVELS[min(level, 2)]


def rows_with_words(texts: Iterable[str]) -> Counter[str]:
    """How many of the texts hold each word."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(words_of(text)))
    return counts


def levels_by_loss(path: str) -> dict[str, str]:
    """Levels of rows by their teacher's loss: the lowest third is basic, the highest advanced.

    Raises:
        DataError: the file is missing, has other columns, or a loss that is no number.
    """
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            losses = {row["id"]: float(row["loss"]) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise DataError(
            f"{path}: no losses ({type(error).__name__})",
            "a CSV file with `id` and `loss`",
            "mend it or leave it out",
        ) from error
    low, high = np.quantile(list(losses.values()), [1 / 3, 2 / 3]) if losses else (0.0, 0.0)
    return {id: LEVELS[int(loss > low) + int(loss > high)] for id, loss in losses.items()}
