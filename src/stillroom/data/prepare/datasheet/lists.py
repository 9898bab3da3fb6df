"""Every row that was left out, with the stage and the reason: JSON Lines, in the order of the stages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stillroom.data.prepare.preparation import Prepared
from stillroom.data.prepare.shards import read_table
from stillroom.data.prepare.steps import READ
from stillroom.types.files import atomic_file, canonical_json


def left_out(prepared: Prepared) -> Iterator[dict[str, Any]]:
    """Yield what was left out: rows in quarantine by file and place, the others by identifier; never their text."""
    read, *stages = prepared.steps
    for listed in sorted(read.folder.glob("*.quarantine.jsonl")):
        with listed.open(encoding="utf-8") as lines:
            for line in lines:
                yield {"stage": READ, **json.loads(line)}
    for step in stages:
        for shard in step.shards:
            for row in read_table(shard.dropped).to_pylist():
                yield {"stage": step.name, **row}


def write_lines(path: Path, lines: Iterator[dict[str, Any]]) -> None:
    """Write JSON Lines, whole or not at all, for nobody else to read."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.writelines(f"{canonical_json(line)}\n" for line in lines)
