"""The engine of many machines: `signals` and tokenising on Ray Data, training on Ray Train."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Self

from transformers import PreTrainedTokenizerFast

from stillroom import data
from stillroom.data.prepare.workers import Workers
from stillroom.models import LanguageModel
from stillroom.recipes.engines import ray_data, ray_train
from stillroom.recipes.engines.engine import Training
from stillroom.recipes.engines.ray_cluster import Cluster, refuse_launchers
from stillroom.recipes.engines.ray_prepare import ray_workers
from stillroom.recipes.engines.settings import RayEngineSettings
from stillroom.signals.collect import Spread
from stillroom.types import Example, Progress
from stillroom.types.record import TrainRecord

WORTH_SPREADING = 20_000
"""Examples from which on encoding takes longer here than bringing it to the workers."""


class RayEngine:
    """The workers of a Ray cluster. Use as a context manager: it leaves the cluster."""

    def __init__(self, settings: RayEngineSettings) -> None:
        """Name the cluster; it is joined when there is work for it."""
        self._cluster = Cluster(settings)

    def __enter__(self) -> Self:
        """Join nothing yet: a run whose stages are all kept needs no cluster.

        Raises:
            EngineError: a launcher started this process.
        """
        refuse_launchers()
        return self

    def __exit__(self, *error: object) -> None:
        """Leave the cluster."""
        self._cluster.leave()

    def encode(
        self, examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int
    ) -> data.EncodedExamples:
        """Encode on the workers what is worth it."""
        if len(examples) < WORTH_SPREADING:
            return data.encode_all(examples, tokenizer, max_tokens)
        return ray_data.encode(self._cluster, examples, tokenizer, max_tokens)

    def workers(self, folder: Path) -> AbstractContextManager[Workers]:
        """The cores of the cluster's workers."""
        return ray_workers(self._cluster, folder)

    def spread(self, teacher: Path, store: Path) -> Spread:
        """Make the shards on the workers."""
        return partial(ray_data.record, self._cluster, teacher, store)

    def fit(
        self, model: LanguageModel, training: Training, work: Path, logs: Path, progress: Progress
    ) -> TrainRecord:
        """Train on the workers."""
        return ray_train.fit(self._cluster, model, training, work, logs, progress)
