"""Sequence-level distillation: the teacher writes the responses that the student learns from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from stillroom.data.written import WrittenSettings, taken
from stillroom.models import LanguageModel
from stillroom.recipes.pipeline.branch import Branch
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.train.rollouts import Sampling, sample
from stillroom.types import Corpus, DataError, Encoded, Example, Progress
from stillroom.types.files import atomic_file, canonical_json

WRITE, FILE = "write", "examples.jsonl"
_AT_ONCE = 16


class WrittenBranch(Branch):
    """A run whose training examples are those that its teacher wrote."""

    @cached_property
    def corpus(self) -> Corpus:
        """The corpus, its training split replaced."""
        prepared = super().corpus
        lines = (self.done[WRITE].path / FILE).read_text(encoding="utf-8").splitlines()
        written = tuple(Example(**{**json.loads(line), "options": ()}) for line in lines)
        return replace(prepared, splits={**prepared.splits, "train": written})


def write(run: Pipeline) -> None:
    """Let the source of the student's signals write its training examples, where the recipe wants it to."""
    settings = run.recipe.written
    if settings is None:
        return

    def make(out: Path, work: Path) -> Mapping[str, Any]:
        teacher = run.source.teacher()
        train = run.encoded(teacher, "train")
        responses = list(_responses(teacher, train.rows, settings, run.recipe.seed, run.progress))
        kept, dropped = taken(train.examples, responses, settings)
        if not kept:
            raise DataError(
                "no response of the teacher is kept", "at least one", "lower written.judge.at_least"
            )
        with atomic_file(out / FILE) as file:
            file.write_text("".join(f"{canonical_json(asdict(row))}\n" for row in kept), encoding="utf-8")
        return {"examples": len(kept), "left_out": dropped}

    run.done["taught"] = run.source.done["teach"]
    run.stage(WRITE, run.lines("written", "max_tokens", "seed"), make, parents=("prepare", "taught"))
    run.source = WrittenBranch(run, "written", run.recipe, run.done.pop("taught"))


def _responses(
    teacher: LanguageModel, rows: Sequence[Encoded], settings: WrittenSettings, seed: int, progress: Progress
) -> Iterator[list[str]]:
    """Texts for each row; an empty one stands for a response that did not end."""
    end = teacher.tokenizer.eos_token_id
    sampling = Sampling(settings.temperature, settings.max_new_tokens)
    for start in range(0, len(rows), _AT_ONCE):
        progress("write", start, len(rows))
        prompts = [row.ids[: row.start] for row in rows[start : start + _AT_ONCE]]
        drawn = [
            sample(teacher.network, prompts, end, sampling, seed + start * settings.responses + number)
            for number in range(settings.responses)
        ]
        for written in zip(*drawn, strict=True):
            ended = [ids[:-1] if ids[-1] == end else ids[:0] for ids in written]
            yield [teacher.tokenizer.decode(ids, skip_special_tokens=True) for ids in ended]
    progress("write", len(rows), len(rows))
