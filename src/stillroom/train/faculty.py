"""The teachers of a student, and how much each is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from stillroom.losses import DenseTeacher, Sampled, TopK
from stillroom.losses.combine.fusion import GatedFusion, weights_from_gold
from stillroom.losses.combine.sample_weights import confidence
from stillroom.losses.fused.linear import Teacher
from stillroom.losses.fused.sizes import reading_slices
from stillroom.signals.source import SignalSource
from stillroom.train.batches import Batch
from stillroom.train.objective import FusionSettings
from stillroom.types import TrainError


class Voice(NamedTuple):
    """What one teacher says of a pass, and its share of α: one for all rows, or one for each."""

    teacher: Teacher
    share: float | Tensor


class Faculty(nn.Module):
    """One teacher or several, as a learner hears them.

    A mixture's forward KL has the gradient of the teachers' own, each with its share; so every teacher keeps its own
    targets, whatever their kind, and other divergences are averages too.

    Args:
        sources: the teachers; hidden states and attention are those of the first.
        fusion: how the shares are found; with one teacher there is nothing to share.
        width: of the student's hidden states, which a learned gate reads.

    Raises:
        TrainError: several teachers without a fusion, or another number of shares than teachers.
    """

    def __init__(self, sources: Sequence[SignalSource], fusion: FusionSettings | None, width: int) -> None:
        super().__init__()
        _check(len(sources), fusion)
        self._sources, self._fusion = tuple(sources), fusion
        self._matrices: dict[int, Tensor] = {}
        gated = fusion is not None and fusion.kind == "gate"
        self.gate = GatedFusion(len(sources), width) if gated else None

    @property
    def first(self) -> SignalSource:
        """The teacher whose hidden states and attention are learned."""
        return self._sources[0]

    def voices(self, batch: Batch, hidden: Tensor) -> tuple[Voice, ...]:
        """What each teacher says of a batch, on the device of ``hidden`` and, where dense, in its number format."""
        said = [self._said(place, batch, hidden) for place in range(len(self._sources))]
        return tuple(Voice(*pair) for pair in zip(said, self._shares(said, batch, hidden), strict=True))

    def gate_loss(self, voices: Sequence[Voice], targets: Tensor) -> Tensor | None:
        """Negative log-likelihood of the hard labels under the mixture, for the gate alone; None without one."""
        if self.gate is None:
            return None
        shares = torch.stack([torch.as_tensor(voice.share) for voice in voices])
        gold, _ = _opinions([voice.teacher for voice in voices], targets)
        return -(gold + shares.log()).logsumexp(0).sum()

    def _said(self, place: int, batch: Batch, hidden: Tensor) -> Teacher:
        said = self._sources[place].teacher(batch.rows)
        if isinstance(said, DenseTeacher):
            return DenseTeacher(said.hidden.to(hidden), self._matrix_like(place, hidden, said.weight))
        return with_tensors(said, lambda part: part.to(hidden.device))

    def _matrix_like(self, place: int, hidden: Tensor, weight: Tensor) -> Tensor:
        """A teacher's matrix, converted once for all batches: a source gives the same one each time."""
        known = self._matrices.get(place)
        if known is None or (known.dtype, known.device) != (hidden.dtype, hidden.device):
            known = self._matrices[place] = weight.to(hidden)
        return known

    def _shares(self, said: Sequence[Teacher], batch: Batch, hidden: Tensor) -> Sequence[float | Tensor]:
        fusion = self._fusion
        if len(said) == 1 or fusion is None:
            return [1.0]
        if fusion.kind == "fixed":
            return fusion.shares or [1.0 / len(said)] * len(said)
        if fusion.kind == "specialty":
            each = torch.tensor([row.shares or fusion.shares for row in batch.rows], device=hidden.device)
            return list(each.repeat_interleave(torch.tensor(batch.lengths, device=hidden.device), 0).T)
        if self.gate is not None:
            return list(self.gate(hidden.float()))
        gold, certainty = _opinions(said, batch.targets)
        return list(weights_from_gold(gold) if fusion.kind == "confidence" else _normalised(certainty))


def pick(teacher: Teacher, rows: Tensor | None) -> Teacher:
    """Some rows of what a teacher says; all where ``rows`` is None."""
    if rows is None:
        return teacher
    if isinstance(teacher, DenseTeacher):
        return DenseTeacher(teacher.hidden[rows], teacher.weight)
    return with_tensors(teacher, lambda part: part[rows])


def with_tensors(teacher: TopK | Sampled, change: Callable[[Tensor], Tensor]) -> TopK | Sampled:
    """The same targets with each tensor changed."""
    parts = teacher._asdict().items()
    changed: dict[str, Any] = {name: change(part) for name, part in parts if isinstance(part, Tensor)}
    return teacher._replace(**changed)


@torch.no_grad()
def _opinions(said: Sequence[Teacher], targets: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probability of the hard label, and certainty in [0, 1], each of shape ``(teachers, rows)``."""
    gold, certainty = [], []
    for teacher in said:
        if not isinstance(teacher, DenseTeacher):
            raise TrainError(
                "teachers weighed by what they say, with sampled or truncated targets",
                "targets of kind 'hidden'",
                "set signals.targets.kind to 'hidden', or the fusion to 'fixed' or 'specialty'",
            )
        chunks = list(reading_slices(len(targets), len(teacher.weight)))
        logits = [(teacher.hidden[rows] @ teacher.weight.T).float() for rows in chunks]
        index = [targets[rows, None] for rows in chunks]
        gold.append(
            torch.cat([x.log_softmax(-1).gather(1, y)[:, 0] for x, y in zip(logits, index, strict=True)])
        )
        certainty.append(torch.cat([confidence(x) for x in logits]))
    return torch.stack(gold), torch.stack(certainty)


def _normalised(values: Tensor) -> Tensor:
    """Shares in proportion to values ≥ 0; equal ones where all are 0."""
    positive = values + torch.finfo(values.dtype).tiny
    return positive / positive.sum(0)


def _check(teachers: int, fusion: FusionSettings | None) -> None:
    if teachers > 1 and fusion is None:
        raise TrainError(
            f"{teachers} teachers and no objective.fusion", "how much each is heard", "add `fusion`"
        )
    shares = fusion.shares if fusion is not None else None
    if shares is not None and len(shares) != teachers:
        raise TrainError(
            f"{len(shares)} shares in objective.fusion for {teachers} teachers",
            "one for each",
            "correct them",
        )
