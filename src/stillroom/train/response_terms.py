"""Hard and soft terms: the student's distributions beside the labels and beside what its teachers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

import torch
from torch import Tensor

from stillroom.losses import linear_distillation
from stillroom.losses.fused.chunk import CROSS_ENTROPY
from stillroom.losses.fused.linear import Teacher
from stillroom.train.batches import Batch
from stillroom.train.faculty import pick
from stillroom.train.importance import most_important
from stillroom.train.objective import Divergence, ObjectiveSettings
from stillroom.train.seen import Seen


class _Part(NamedTuple):
    """Rows of a pass that are compared alike.

    Attributes:
        rows: their indices; None for all.
        weights: what each of them counts; 1 where it is None.
        divergence: the soft term.
        followed: share of α that the teacher keeps.
        labelled: whether there is a hard term.
    """

    rows: Tensor | None
    weights: Tensor | None
    divergence: Divergence
    followed: float = 1.0
    labelled: bool = True


class _Call(NamedTuple):
    """What one pass over the logits compares the student with."""

    teacher: Teacher | None
    weights: Mapping[str, float]
    row_weights: Tensor | None


class ResponseTerms:
    """α·τ²·D + (1−α)·CE, over the rows that each is for.

    Args:
        objective: the divergences, and which rows are compared how.
        taught: whether there is a teacher.
    """

    def __init__(self, objective: ObjectiveSettings, *, taught: bool) -> None:
        self._objective = objective
        divergences = [objective.divergence] if taught else []
        if objective.on_policy is not None:
            divergences.append(objective.on_policy.divergence)
        self._names = dict.fromkeys([CROSS_ENTROPY, *divergences])

    def sums(
        self, seen: Seen, batch: Batch, *, alpha: float, temperature: float, training: bool
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum over the pass's rows, and each term's sum without its weight and gradient.

        The terms have the same names in every pass, those of no row included.

        Args:
            seen: what both models show.
            batch: how its rows are to be compared.
            alpha: α of the step.
            temperature: τ of the step.
            training: whether unimportant tokens are left out.
        """
        nothing = seen.hidden.new_zeros(())
        total, terms = nothing, dict.fromkeys(self._names, nothing)
        for part in self._parts(seen, batch, training):
            for call in _calls(seen, part, alpha * part.followed):
                fused = linear_distillation(
                    _pick(seen.hidden, part.rows),
                    seen.matrix,
                    _pick(seen.targets, part.rows),
                    None if call.teacher is None else pick(call.teacher, part.rows),
                    weights=call.weights,
                    temperature=temperature,
                    row_weights=call.row_weights,
                )
                total = total + fused.total
                for name, value in fused.terms.items():
                    terms[name] = terms[name] + value
        return total, terms

    def _parts(self, seen: Seen, batch: Batch, training: bool) -> list[_Part]:
        chosen, importance = None, None
        if self._objective.token_importance is not None and training:
            teacher = seen.voices[0].teacher if seen.voices else None
            chosen, importance = most_important(
                seen.hidden, seen.matrix, teacher, seen.lengths, self._objective.token_importance
            )
        weights = _times(_pick(batch.weights, chosen), importance)
        parts = [_Part(chosen, weights, self._objective.divergence)]
        if self._objective.wrong_teacher_weight is not None:
            parts = _split(parts, batch.doubted, followed=self._objective.wrong_teacher_weight)
        if self._objective.on_policy is not None:
            divergence = self._objective.on_policy.divergence
            parts = _split(parts, batch.written, labelled=False, divergence=divergence)
        return parts


def _calls(seen: Seen, part: _Part, alpha: float) -> Iterator[_Call]:
    """One pass over the logits for a single teacher; with several, one for the labels and one for each.

    Cross-entropy is measured even where it is not minimised.
    """
    hard = {CROSS_ENTROPY: 1.0 - alpha} if part.labelled else {}
    if len(seen.voices) == 1:
        yield _Call(seen.voices[0].teacher, {**hard, part.divergence: alpha}, part.weights)
        return
    if hard:
        yield _Call(None, hard, part.weights)
    for voice in seen.voices:
        share = torch.as_tensor(voice.share, device=seen.hidden.device).detach().expand(len(seen.targets))
        yield _Call(voice.teacher, {part.divergence: alpha}, _times(_pick(share, part.rows), part.weights))


def _split(parts: Sequence[_Part], marks: Tensor | None, **change: Any) -> list[_Part]:
    """Take the marked rows of each part apart, with what is different for them."""
    if marks is None:
        return list(parts)
    found = []
    for part in parts:
        rows = torch.arange(len(marks), device=marks.device) if part.rows is None else part.rows
        marked = marks[rows]
        for some, fields in ((~marked, {}), (marked, change)):
            found.append(part._replace(rows=rows[some], weights=_pick(part.weights, some), **fields))
    return found


def _times(left: Tensor | None, right: Tensor | None) -> Tensor | None:
    if left is None or right is None:
        return right if left is None else left
    return left * right


@overload
def _pick(values: Tensor, rows: Tensor | None) -> Tensor: ...
@overload
def _pick(values: Tensor | None, rows: Tensor | None) -> Tensor | None: ...
def _pick(values: Tensor | None, rows: Tensor | None) -> Tensor | None:
    return values if values is None or rows is None else values[rows]
