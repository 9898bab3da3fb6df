"""The stage that tags rows."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.settings.tag import TagSettings
from stillroom.data.prepare.stage import Outcome, Stage
from stillroom.data.prepare.stages.tag.classifier import Classifier, learn
from stillroom.data.prepare.stages.tag.difficulty import level_of, levels_by_loss, rows_with_words, stage_of
from stillroom.data.prepare.stages.tag.rules import by_rules
from stillroom.data.prepare.texts import flat, replace_columns


@dataclass(frozen=True)
class TagSurvey:
    """What a table tells: its rows, how many of them hold each word, and labelled texts with the hash of their row."""

    rows: int
    rows_with: Mapping[str, int]
    labelled: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True)
class Tag:
    """Tags rows whose source says no specialty or no difficulty.

    Specialties: by rules, or by a classifier that learns from the rows whose source says theirs, where it is sure.
    Difficulty: by what is asked, by length and rare words of this corpus, or by the teacher's loss. The answer is read
    only where there is no context, and never alone.
    """

    settings: TagSettings
    name: str = field(default="tag", init=False)

    def survey(self, rows: pa.Table) -> TagSurvey:
        """Count words and pick labelled rows."""
        texts = texts_of(rows)
        counts = rows_with_words(texts) if self._needs_counts() else Counter[str]()
        return TagSurvey(
            rows.num_rows, counts, self._labelled(rows, texts) if self.settings.classifier else ()
        )

    def decide(self, surveys: Iterable[TagSurvey]) -> Stage:
        """Learn the classifier and add the counts up."""
        rows, counts, labelled = 0, Counter[str](), list[tuple[int, str, str]]()
        for survey in surveys:
            rows += survey.rows
            counts.update(survey.rows_with)
            labelled = heapq.nsmallest(self.settings.training_rows, [*labelled, *survey.labelled])
        classifier = (
            learn([text for _, text, _ in labelled], [name for _, _, name in labelled]) if labelled else None
        )
        losses = levels_by_loss(self.settings.teacher_loss) if self.settings.teacher_loss else {}
        return TagRows(self.settings, rows, counts, classifier, losses)

    def _needs_counts(self) -> bool:
        return self.settings.difficulty == "levels"

    def _labelled(self, rows: pa.Table, texts: list[str]) -> tuple[tuple[int, str, str], ...]:
        """The labelled rows whose identifiers have the smallest hashes, whatever table they are in."""
        ids, names = rows["id"].to_pylist(), rows["specialty"].to_pylist()
        told = (
            (digest("tag", id), text, name) for id, text, name in zip(ids, texts, names, strict=True) if name
        )
        return tuple(heapq.nsmallest(self.settings.training_rows, told))


@dataclass(frozen=True, eq=False)
class TagRows:
    """Tags the rows of one table with what all tables told."""

    settings: TagSettings
    rows: int
    rows_with: Mapping[str, int]
    classifier: Classifier | None
    losses: Mapping[str, str]
    name: str = field(default="tag", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Tag one table."""
        texts = texts_of(rows)
        specialty, new_specialty = self._filled(rows["specialty"], self._specialties(texts))
        difficulty, new_difficulty = self._filled(rows["difficulty"], self._difficulties(rows, texts))
        tagged = replace_columns(rows, specialty=specialty, difficulty=difficulty)
        facts = {"specialties told": int(new_specialty.sum()), "difficulties told": int(new_difficulty.sum())}
        return Outcome(tagged, changed=int((new_specialty | new_difficulty).sum()), facts=facts)

    def _specialties(self, texts: list[str]) -> NDArray[np.object_]:
        ruled = by_rules(pa.array(texts, pa.string()))
        if self.classifier is None or not texts:
            return ruled
        learned, probability = self.classifier(texts)
        return np.where(probability >= self.settings.least_probability, learned, ruled)

    def _difficulties(self, rows: pa.Table, texts: list[str]) -> list[str]:
        if self.settings.difficulty == "stages":
            return [stage_of(prompt) for prompt in rows["prompt"].to_pylist()]
        told = (self.losses.get(id) for id in rows["id"].to_pylist())
        return [
            one or level_of(text, self.rows_with, self.rows) for one, text in zip(told, texts, strict=True)
        ]

    def _filled(self, column: pa.ChunkedArray, made: Iterable[str]) -> tuple[pa.Array, NDArray[np.bool_]]:
        """A column with new values where it is empty, or everywhere; and where it changed."""
        before, new = flat(column), pa.array(list(made), pa.string())
        wanted = pa.array(np.ones(len(before), bool)) if self.settings.overwrite else pc.equal(before, "")
        after = pc.if_else(wanted, new, before)
        return after, np.asarray(pc.not_equal(before, after))


def texts_of(rows: pa.Table) -> list[str]:
    """What each row is about: prompt and context, or prompt, options and response where there is no context."""
    columns = (rows[name].to_pylist() for name in ("prompt", "context", "options", "response"))
    return [
        "\n".join([prompt, context] if context else [prompt, *options, response])
        for prompt, context, options, response in zip(*columns, strict=True)
    ]
