"""What the stages of a run share: the recipe, the folder, and the results so far."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from stillroom import data
from stillroom.data.store import load_saved
from stillroom.export import Bundle
from stillroom.models import LanguageModel
from stillroom.models.precision import resolve_precision
from stillroom.models.settings import ExamplesSettings
from stillroom.models.taught import load_full, load_taught
from stillroom.recipes.engines.engine import Engine, Training
from stillroom.recipes.followed import FollowedStages
from stillroom.recipes.pipeline.choice import chosen
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Stages
from stillroom.recipes.under_way import RunUnderWay
from stillroom.signals.source import SignalSource
from stillroom.train import HARD_LABELS, ObjectiveSettings, TrainSettings
from stillroom.train.curriculum import CurriculumSettings, lessons_of
from stillroom.train.emphasis import (
    doubted_shares,
    mark_doubted,
    share_by_specialty,
    weigh_specialties,
)
from stillroom.train.watch import SKIPPED
from stillroom.types import Corpus, Encoded, Progress, Split
from stillroom.types.files import fingerprint, write_json
from stillroom.types.record import VALIDATION, TrainRecord

RECORD_FILE = "record.json"


class Pipeline(RunUnderWay):
    """A run of a language model's recipe.

    Attributes:
        recipe: what to do.
        engine: where rows are encoded, signals recorded and models trained.
        branches: further teachers, by name.
        source: the run whose teacher the student learns from: this one, or that of its last assistant.
    """

    recipe: Recipe

    def __init__(
        self, recipe: Recipe, stages: Stages | FollowedStages, progress: Progress, engine: Engine
    ) -> None:
        """Bind a recipe to its run folder."""
        super().__init__(stages, progress)
        self.recipe = recipe
        self.engine = engine
        self.branches: dict[str, Pipeline] = {}
        self.source: Pipeline = self

    @cached_property
    def corpus(self) -> Corpus:
        """The prepared corpus."""
        return load_saved(self.done["prepare"].path / "corpus")

    @cached_property
    def precision(self) -> torch.dtype:
        """Number format of matrix products."""
        return resolve_precision(self.recipe.train.precision)

    def rows(self, model: LanguageModel, split: Split) -> tuple[Encoded, ...]:
        """A split in the tokens of a model."""
        return self.encoded(model, split).rows

    def encoded(self, model: LanguageModel, split: Split) -> data.EncodedExamples:
        """A split in the tokens of a model, beside its examples."""
        return self.engine.encode(self.corpus.splits[split], model.tokenizer, self.recipe.max_tokens)

    def model(self, stage: str) -> LanguageModel:
        """The model that a stage made."""
        return LanguageModel.load(self.done[stage].path)

    def teacher(self) -> LanguageModel:
        """The teacher as it teaches: adapted, calibrated, and held in its precision."""
        return load_taught(self.done["teach"].path)

    def full_teacher(self) -> LanguageModel:
        """The same teacher in full precision."""
        return load_full(self.done["teach"].path)

    def bundle(self) -> Bundle:
        """The exported bundle."""
        return Bundle.open(self.done["export"].path / "bundle")

    def record(self, stage: str) -> TrainRecord:
        """How a stage's training went."""
        text = (self.done[stage].path / RECORD_FILE).read_text(encoding="utf-8")
        return TrainRecord.from_dict(json.loads(text))

    def fit(
        self,
        model: LanguageModel,
        settings: TrainSettings,
        work: Path,
        inputs: Mapping[str, Any],
        task: str,
        objective: ObjectiveSettings = HARD_LABELS,
        signals: Sequence[SignalSource] = (),
        curriculum: CurriculumSettings | None = None,
        examples: ExamplesSettings | None = None,
        peer: LanguageModel | None = None,
    ) -> TrainRecord:
        """Train a model in place on the training split, together with the other processes of the run."""
        train = chosen(self.encoded(model, "train"), examples)
        training = Training(
            rows=self._emphasised(train, objective, signals),
            validation=self.rows(model, "validation"),
            names=[example.id for example in train.examples],
            settings=settings,
            objective=objective,
            signals=signals or None,
            peer=peer,
            seed=self.recipe.seed if settings.seed is None else settings.seed,
            key=fingerprint({"inputs": inputs, "corpus": self.corpus.fingerprint}),
            task=task,
            lessons=() if curriculum is None else lessons_of(curriculum, train.examples),
        )
        logs = self.stages.run_dir / "trackers"
        return self.engine.fit(model, training, work, logs, self._noted)

    def _emphasised(
        self, train: data.EncodedExamples, objective: ObjectiveSettings, signals: Sequence[SignalSource]
    ) -> tuple[Encoded, ...]:
        """Training rows with what the objective makes of their specialties and of a wrong teacher."""
        rows, specialties = train.rows, [example.specialty for example in train.examples]
        if objective.specialty_weights is not None:
            rows = weigh_specialties(rows, specialties, objective.specialty_weights)
        if objective.fusion is not None:
            rows = share_by_specialty(rows, specialties, objective.fusion.by_specialty)
        if objective.wrong_teacher_weight is not None and signals:
            rows = mark_doubted(rows, signals[0])
            self.stages.note("student", "doubted", doubted_shares(rows, specialties))
        return rows

    def _noted(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Pass progress on; write evaluations and skipped steps into the run's diary."""
        self.progress(task, done, total, figures)
        told = figures or {}
        if SKIPPED in told or any(name.startswith(VALIDATION) for name in told):
            event = "skipped" if SKIPPED in told else "measured"
            self.stages.note(task, event, {"step": done, **told})


def write_record(folder: Path, record: TrainRecord) -> None:
    """Write down how a training went."""
    write_json(folder / RECORD_FILE, record.to_dict())
