"""From a file to a corpus: read, shorten, group, split, select."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from stillroom.data.file.lines import records
from stillroom.data.file.settings import FileSettings
from stillroom.data.groups import components
from stillroom.data.hashing import digest
from stillroom.data.splits import split_of
from stillroom.data.text import squeeze, text_key
from stillroom.types import SPLITS, Corpus, DataError, Example, Source, Split

LEVELS = ("basic", "intermediate", "advanced")
_DEFAULTS = {"kind": "answer", "specialty": "general", "difficulty": "intermediate"}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def build(settings: FileSettings) -> Corpus:
    """Build a corpus from a file of questions and answers.

    Groups that share a question or an answer are one: neither may be in two splits. Items are chosen by hash, so the
    order of the file does not matter.

    Raises:
        DataError: the file cannot be read, or a line lacks a column.
    """
    dropped: Counter[str] = Counter()
    rows = _distinct(_shortened(records(Path(settings.path), settings.columns), settings, dropped), dropped)
    groups = _groups(rows)
    splits: dict[Split, tuple[Example, ...]] = {}
    for split in SPLITS:
        mine = [row for row in rows if split == _split(groups[row["id"]], settings)]
        ordered = sorted(mine, key=lambda row: digest("take", settings.seed, row["id"]))
        taken = ordered[: settings.items(split)]
        dropped[f"beyond the {split} items asked for"] += len(ordered) - len(taken)
        splits[split] = tuple(_example(row, groups[row["id"]]) for row in taken)
    left_out = {reason: count for reason, count in sorted(dropped.items()) if count}
    return Corpus(settings.about.name, (Source(**settings.about.model_dump()),), splits, left_out)


def shorten(response: str, characters: int) -> str:
    """Keep as many whole sentences as fit.

    >>> shorten("One. Two is longer. Three.", 20)
    'One. Two is longer.'
    >>> shorten("This sentence is too long.", 20)
    ''
    """
    kept = ""
    for sentence in _SENTENCE.split(response):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > characters:
            break
        kept = longer
    return kept


def _shortened(
    rows: Iterable[Mapping[str, str]], settings: FileSettings, dropped: Counter[str]
) -> Iterable[dict[str, str]]:
    for row in rows:
        response = squeeze(row["response"])
        if settings.response_characters is not None:
            response = shorten(response, settings.response_characters)
        if response and row["prompt"]:
            yield {**_DEFAULTS, **row, "prompt": squeeze(row["prompt"]), "response": response}
        else:
            dropped["no prompt, no response, or a first sentence that is too long"] += 1


def _distinct(rows: Iterable[dict[str, str]], dropped: Counter[str]) -> list[dict[str, str]]:
    """Each identifier, and each pair of question and answer, once."""
    seen: set[object] = set()
    kept = []
    for row in rows:
        pair = text_key(row["prompt"]), text_key(row["response"])
        reason = "an identifier again" if row["id"] in seen else "the same question and answer again"
        if row["id"] in seen or pair in seen:
            dropped[reason] += 1
        else:
            kept.append(row)
            seen |= {row["id"], pair}
    return kept


def _groups(rows: list[dict[str, str]]) -> dict[str, str]:
    """The group of each row, by identifier: rows that share a group, a question or an answer share a split."""
    return components(
        {
            row["id"]: (
                f"group {text_key(row['group'])}",
                f"prompt {text_key(row['prompt'])}",
                f"response {text_key(row['response'])}",
            )
            for row in rows
        }
    )


def _split(group: str, settings: FileSettings) -> Split:
    return split_of(group, settings.validation_share, settings.test_share)


def _example(row: Mapping[str, str], group: str) -> Example:
    if row["difficulty"] not in LEVELS:
        raise DataError(
            f"item {row['id']!r} has another difficulty", f"one of {', '.join(LEVELS)}", "correct the column"
        )
    return Example(
        id=row["id"],
        prompt=row["prompt"],
        response=row["response"],
        kind=row["kind"],
        specialty=row["specialty"],
        difficulty=row["difficulty"],
        group=group,
    )
