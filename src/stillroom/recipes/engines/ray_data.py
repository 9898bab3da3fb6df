"""Per-row work as Ray Data: tokens of many examples, and the shards of a collection.

Workers of a collection write into the run's folder themselves; what goes through Ray is the rows of each shard, and a
few numbers when it is finished.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerFast

from stillroom import data
from stillroom.models import LanguageModel
from stillroom.models.taught import load_taught
from stillroom.recipes.engines.ray_actors import Lives
from stillroom.recipes.engines.ray_cluster import Cluster, keep_to_own_devices
from stillroom.recipes.engines.ray_errors import told_in_one_line
from stillroom.recipes.engines.ray_shared import SharedFolder
from stillroom.signals.index import StoredFile
from stillroom.signals.pace import Pace
from stillroom.signals.recorder import Recorder
from stillroom.types import Encoded, EngineError, Example, silent

Batch = Mapping[str, Any]
_CHUNK_EXAMPLES = 2048


def encode(
    cluster: Cluster, examples: Sequence[Example], tokenizer: PreTrainedTokenizerFast, max_tokens: int
) -> data.EncodedExamples:
    """Encode as :func:`stillroom.data.encode_all` does, by every core of the workers."""
    ray, settings = cluster.join(), cluster.settings
    starts = range(0, len(examples), _CHUNK_EXAMPLES)
    chunks = [{"place": n, "chunk": pickle.dumps(examples[n : n + _CHUNK_EXAMPLES])} for n in starts]
    with told_in_one_line():
        done = ray.data.from_items(chunks, override_num_blocks=len(chunks)).map_batches(
            _Encoder,
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(
                size=min(settings.workers * settings.cpus_per_worker, len(chunks))
            ),
            num_cpus=1,
            fn_constructor_args=(tokenizer, max_tokens),
            batch_format="numpy",
        )
        parts = {row["place"]: pickle.loads(row["chunk"]) for row in done.iter_rows()}  # noqa: S301
    encoded = [parts[place] for place in starts]
    return data.EncodedExamples(
        examples=tuple(chain.from_iterable(part.examples for part in encoded)),
        rows=tuple(chain.from_iterable(part.rows for part in encoded)),
        dropped=tuple(chain.from_iterable(part.dropped for part in encoded)),
    )


def record(
    cluster: Cluster,
    teacher: Path,
    store: Path,
    describe: Callable[[LanguageModel], Recorder],
    parts: Sequence[Sequence[Encoded]],
) -> Iterator[StoredFile]:
    """Have the workers make the shards, each worker with the teacher in its own memory.

    Args:
        cluster: whose workers.
        teacher: folder of the teacher.
        store: the folder that the shards are written into.
        describe: makes a recorder of the teacher.
        parts: the rows of each shard.
    """
    if not parts:
        return
    ray, settings = cluster.join(), cluster.settings
    todo = [{"rows": pickle.dumps(part)} for part in parts]
    with told_in_one_line(), SharedFolder.marked(store) as shared:
        lives = ray.remote(num_cpus=0)(Lives).remote(2 * settings.workers)
        done = ray.data.from_items(todo, override_num_blocks=len(todo)).map_batches(
            _Scribe,
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=min(settings.workers, len(todo))),
            num_cpus=settings.cpus_per_worker,
            num_gpus=settings.gpus_per_worker,
            batch_format="numpy",
            fn_constructor_args=(shared, teacher.resolve(), describe, lives),
        )
        for row in done.iter_rows():
            yield StoredFile(**row)


class _Encoder:
    """A worker that tokenises."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, max_tokens: int) -> None:
        self._tokenizer, self._max_tokens = tokenizer, max_tokens

    def __call__(self, batch: Batch) -> Batch:
        examples = pickle.loads(batch["chunk"][0])  # noqa: S301
        encoded = data.encode_all(examples, self._tokenizer, self._max_tokens)
        return {"place": batch["place"], "chunk": [pickle.dumps(encoded)]}


class _Scribe:
    """A worker that holds the teacher. Whatever can fail is done with its first rows: there, errors keep their kind."""

    def __init__(
        self,
        shared: SharedFolder,
        teacher: Path,
        describe: Callable[[LanguageModel], Recorder],
        lives: Any,
    ) -> None:
        self._shared, self._teacher, self._describe, self._lives = shared, teacher, describe, lives

    @cached_property
    def _recorder(self) -> Recorder:
        import ray

        if not ray.get(self._lives.begin.remote()):
            raise EngineError(
                "workers were lost again and again",
                "workers that live until the stage is done",
                "give each more memory; finished shards are kept, run the same command again to go on",
            )
        self._shared.require()
        keep_to_own_devices(ray)
        return self._describe(load_taught(self._teacher))

    def __call__(self, batch: Batch) -> Batch:
        rows = pickle.loads(batch["rows"][0])  # noqa: S301
        stored = self._recorder.shard(rows, Pace(silent, 0, 0))
        return {name: np.array([value]) for name, value in asdict(stored).items()}
