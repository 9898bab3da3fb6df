"""Running the teacher once over the corpus and recording what it knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import save_file

from stillroom.models.language_model import LanguageModel
from stillroom.signals.index import Index, StoredFile, add_to_index, read_index, same_or_refuse
from stillroom.signals.pace import Pace
from stillroom.signals.plan import Named, named, parts, tokens_of
from stillroom.signals.recorder import Recorder
from stillroom.signals.seal import same_key_or_refuse
from stillroom.signals.settings import EXACT, SignalSettings
from stillroom.signals.shard import SHARD, Shard, most_shard_bytes, plan_of
from stillroom.signals.store import MATRIX, MATRIX_FILE
from stillroom.types import Encoded, Progress, SignalError, silent
from stillroom.types.files import PRIVATE_DIR_MODE, atomic_file, require_space, storage_errors

Spread = Callable[[Callable[[LanguageModel], Recorder], Sequence[Sequence[Encoded]]], Iterator[StoredFile]]
"""Has shards made by other processes: from how a teacher becomes a recorder, and the rows of each shard, to the
finished shards in any order. All that it is given can be pickled."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The size of a store.

    Attributes:
        rows: rows recorded, duplicates once.
        tokens: their response tokens.
        bytes: size of all shards.
    """

    rows: int
    tokens: int
    bytes: int

    @property
    def bytes_per_token(self) -> float:
        """Bytes on disk for each response token, names and lengths of the records included."""
        return self.bytes / self.tokens

    def to_dict(self) -> dict[str, int | float]:
        """Return the facts that a run keeps."""
        return {**asdict(self), "bytes_per_token": self.bytes_per_token}


def collect(
    teacher: LanguageModel,
    rows: Sequence[Encoded],
    folder: Path,
    settings: SignalSettings = EXACT,
    *,
    layers: Sequence[int] = (),
    temperature: float = 1.0,
    seed: int = 0,
    precision: torch.dtype = torch.float32,
    progress: Progress = silent,
    spread: Spread | None = None,
) -> Collected:
    """Record what the teacher says at the positions that predict response tokens.

    What is finished is kept: a row that the folder already knows is not shown to the teacher again, and a collection
    that was killed goes on after its last whole shard. Several processes may collect into one folder; equal content
    gives equal bytes.

    Args:
        teacher: the model that teaches.
        rows: the encoded rows; duplicates are recorded once.
        folder: the store's folder; made if it is not there.
        settings: what is kept, and how.
        layers: teacher layers, counted from 0, whose output is recorded too.
        temperature: τ of the loss; it does not matter for hidden targets, which serve any.
        seed: of sampled targets.
        precision: format of the teacher's matrix products; logits are computed in float32.
        progress: is told the response tokens done, and how many a second.
        spread: has the shards made elsewhere, in this folder, by processes that each hold the teacher; this process
            plans them, refuses those of another teacher, and joins them into the index once. The bytes are those of one
            process that computes alike. By default this process makes them.

    Raises:
        SignalError: no rows, a hidden state that is not finite or too large for its format, the folder holds signals
            of another teacher, tokenizer, temperature or kind, or the key is missing or another one.
        StorageError: the disk is too small for what is missing, or a finished file is damaged.
    """
    if not rows:
        raise SignalError("0 rows to record", "at least one", "raise the corpus limits or `max_tokens`")
    describe = partial(
        Recorder.of,
        folder=folder,
        settings=settings,
        layers=tuple(layers),
        temperature=temperature,
        seed=seed,
        precision=precision,
    )
    elsewhere = None if spread is None else partial(spread, describe)
    return collect_with(describe(teacher), rows, settings, progress=progress, elsewhere=elsewhere)


def collect_with(
    recorder: Recorder,
    rows: Sequence[Encoded],
    settings: SignalSettings,
    *,
    progress: Progress = silent,
    elsewhere: Callable[[Sequence[Sequence[Encoded]]], Iterator[StoredFile]] | None = None,
) -> Collected:
    """Have a recorder record rows, or ``elsewhere`` make its shards; otherwise as :func:`collect`."""
    folder = recorder.folder
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
    index = _begin(recorder, settings)
    wanted = named(rows, recorder.recording, recorder.seal)
    missing = _without(wanted, folder, index)
    pace = Pace(progress, tokens_of(wanted), tokens_of(wanted) - tokens_of(missing))
    todo = [[row for _, row in part] for part in parts(missing, settings.shard_tokens)]
    _require_space(recorder, todo, index)
    if elsewhere is None:
        made = [recorder.shard(part, pace) for part in todo]
    else:
        made = list(_counted(elsewhere(todo), pace))
        _refuse_others(recorder, todo, made)
    index = add_to_index(folder, index.with_shards(made))
    return Collected(index.rows, index.tokens, index.bytes)


def _begin(recorder: Recorder, settings: SignalSettings) -> Index:
    """The index as it stands, checked; an empty one where the folder has none."""
    folder = recorder.folder
    index = read_index(folder)
    if index is not None:
        same_or_refuse(folder, index, recorder.recording)
        same_key_or_refuse(folder, index.key_check, recorder.seal)
        index.check_files(folder)
        return index
    matrix = None
    if settings.any_temperature:
        with atomic_file(folder / MATRIX_FILE) as temporary:
            save_file({MATRIX: recorder.observer.matrix.cpu().contiguous()}, temporary)
        matrix = StoredFile.measure(folder / MATRIX_FILE)
    return Index(recorder.recording, recorder.seal.check, matrix, ())


def _require_space(recorder: Recorder, todo: Sequence[Sequence[Encoded]], index: Index) -> None:
    """Count what is to be written, less the shards that a killed collection left."""
    most = sum(most_shard_bytes(rows, recorder.recording, recorder.seal) for rows in todo)
    left = sum(path.stat().st_size for path in recorder.folder.glob(f"{SHARD}-*")) - index.bytes
    require_space(recorder.folder, most - left, "for signals")


def _without(wanted: Sequence[Named], folder: Path, index: Index) -> list[Named]:
    known = {name for stored in index.shards for name in Shard(folder / stored.file).names}
    return [(name, row) for name, row in wanted if name not in known]


def _counted(made: Iterator[StoredFile], pace: Pace) -> Iterator[StoredFile]:
    for stored in made:
        pace.add(stored.tokens)
        yield stored


def _refuse_others(recorder: Recorder, todo: Sequence[Sequence[Encoded]], made: Sequence[StoredFile]) -> None:
    """Refuse shards of another teacher, key or rows: a worker that read other files than this process."""
    wanted, found = {recorder.plan(rows) for rows in todo}, {plan_of(stored.file) for stored in made}
    if wanted != found:
        raise SignalError(
            f"{len(wanted - found)} of {len(wanted)} shards were made from another teacher or with another key",
            "workers that read the same teacher and the same key as this process",
            "check the run folder and the key of `signals.encryption` on every machine",
        )
