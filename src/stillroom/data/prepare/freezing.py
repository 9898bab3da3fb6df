"""From the rows of the last stage to a corpus on disk, shard by shard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.digests import DigestSet
from stillroom.data.prepare.grouping import Digests, components, group_keys, groups_of
from stillroom.data.prepare.shards import Shard, read_table
from stillroom.data.store import CorpusWriter
from stillroom.types import SPLITS, DataError, Example, Split

GENERAL, INTERMEDIATE = "general", "intermediate"
_TRAIN: Split = "train"
Row = Mapping[str, Any]


def freeze(shards: Iterable[Shard], writer: CorpusWriter) -> Iterator[tuple[Split, Row, Example]]:
    """Write every row as an example, and yield it on the way.

    A row without a split is a training row.

    Raises:
        DataError: a split is empty, an identifier comes twice, or what belongs together is in two splits.
    """
    shards = list(shards)
    known, names = _groups(shards)
    seen, counts = DigestSet(), dict.fromkeys(SPLITS, 0)
    for shard in shards:
        table = read_table(shard.rows)
        groups = groups_of(group_keys(table), known, names).tolist()
        for row, group in zip(table.to_pylist(), groups, strict=True):
            split: Split = row["split"] or _TRAIN
            example = example_of(row, f"{group:016x}")
            if not seen.add(example.id):
                raise _twice(example.id)
            counts[split] += 1
            writer.add(split, example)
            yield split, row, example
    for split, count in counts.items():
        if not count:
            raise _empty(split)


def example_of(row: Row, group: str) -> Example:
    r"""Make an example of a row: the context before the question, the options after it.

    >>> row = {"id": "a/1", "task": "multiple_choice", "prompt": "Which?", "context": "A note.", "response": "x",
    ...        "options": ["x", "y"], "specialty": "", "difficulty": ""}
    >>> example_of(row, "g").prompt
    'A note.\n\nWhich?\n- x\n- y'
    """
    asked = "\n".join([row["prompt"], *(f"- {option}" for option in row["options"])])
    return Example(
        id=row["id"],
        prompt=f"{row['context']}\n\n{asked}" if row["context"] else asked,
        response=row["response"],
        kind=row["task"],
        specialty=row["specialty"] or GENERAL,
        difficulty=row["difficulty"] or INTERMEDIATE,
        group=group,
        options=tuple(row["options"]),
    )


def _groups(shards: Iterable[Shard]) -> tuple[Digests, Digests]:
    """Every key with the name of its group.

    Raises:
        DataError: a group is in two splits.
    """
    keys, sides = [], []
    for shard in shards:
        table = read_table(shard.rows)
        keys.append(group_keys(table))
        sides.append([SPLITS.index(split or _TRAIN) for split in table["split"].to_pylist()])
    joined = np.concatenate(keys) if keys else np.zeros((0, 3), np.uint64)
    known, names = components(joined)
    _refuse_straddling(
        groups_of(joined, known, names), np.concatenate([np.array(some, np.int8) for some in sides])
    )
    return known, names


def _refuse_straddling(groups: Digests, sides: NDArray[np.int8]) -> None:
    order = np.lexsort((sides, groups))
    groups, sides = groups[order], sides[order]
    straddling = np.unique(groups[1:][(groups[1:] == groups[:-1]) & (sides[1:] != sides[:-1])])
    if len(straddling):
        raise DataError(
            f"{len(straddling)} groups of patients, documents or concepts are in two splits",
            "each in one",
            "leave the stage corpus.split on",
        )


def _twice(id: str) -> DataError:
    return DataError(f"identifier {id!r} comes twice", "unique identifiers", "give the sources other names")


def _empty(split: Split) -> DataError:
    fix = {
        "train": "look at what the stages left out, and at corpus.sources",
        "validation": "raise corpus.split.validation_share",
        "test": "raise corpus.split.test_share, or add a source with a benchmark",
    }
    return DataError(f"the prepared corpus has no {split} rows", "at least one in every split", fix[split])
