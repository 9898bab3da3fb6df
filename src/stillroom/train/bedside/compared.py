"""What student and teacher show of a batch, as each term of an objective reads it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from stillroom.losses import LOSSES, TermInputs
from stillroom.losses.attention.projections import Projections
from stillroom.losses.combine.sample_weights import confidence, disagreement
from stillroom.losses.combine.temperature import tempered_rows
from stillroom.models.bedside.network import Shown
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.collate import CaseBatch
from stillroom.train.bedside.objective import CaseObjectiveSettings, CaseTermSettings
from stillroom.types import TrainError
from stillroom.types.cases import LOGITS, Head

_OF_SITES = "prototype"
"""A loss over the sites of an example; of pooled features the cases of a batch are the sites of one."""

_SURE = 50.0
"""Logit of a label that holds: its probability is 1 in float32."""


class Seen(NamedTuple):
    """What is there to compare in one pass.

    Attributes:
        batch: the cases.
        student: what the student shows.
        average: what its average shows; None where no term reads it.
        signals: what the teachers said; None for a control.
    """

    batch: CaseBatch
    student: Shown
    average: Shown | None
    signals: CaseSignals | None


class Comparer:
    """Takes from a pass what each term reads.

    Args:
        objective: the terms.
        head: what is asked of each case.
        label_factors: of the temperature, for each label; None: 1.
    """

    def __init__(
        self,
        objective: CaseObjectiveSettings,
        head: Head,
        label_factors: NDArray[np.float32] | None = None,
    ) -> None:
        self._objective, self._head = objective, head
        self._factors = None if label_factors is None else torch.from_numpy(label_factors)

    def inputs(self, seen: Seen, projectors: Mapping[str, torch.nn.Module]) -> dict[str, TermInputs]:
        """What every term reads, by its name."""
        return {
            name: self._of_stages(term, seen)
            if term.stages
            else self._of_logits(term, seen)
            if of_positions(term)
            else self._of_shown(name, term, seen, projectors)
            for name, term in self._objective.terms.items()
        }

    def _of_logits(self, term: CaseTermSettings, seen: Seen) -> TermInputs:
        """Rows are the real positions of all cases."""
        real = seen.batch.real
        student, mask = seen.student.logits[real], None
        if term.of == "labels":
            teacher, mask = self._truth(term, seen.batch)[real], self._known(term, seen.batch)[real]
        else:
            teacher = self._taught(term, seen)[real]
        mine = [self._head.names.index(name) for name in term.outputs]
        if mine:
            student, teacher = student[:, mine], teacher[:, mine]
        weights = _by_row(seen.batch.weights, real)
        if term.of != "labels" and self._head.kind == "classes":
            student, teacher, weights = self._emphasised(term, student, teacher, weights)
        coupled = not LOSSES[term.loss].per_example
        tensors = {}
        if "targets" in _asked(term.loss) and self._head.kind != "labels":
            targets, mask = seen.batch.target[real], self._known(term, seen.batch)[real]
            tensors = {"targets": targets[:, mine] if mine else targets}
        if "groups" in _asked(term.loss):
            tensors["groups"] = _by_row(self._groups(seen.batch), real)
        if self._factors is not None and term.of != "labels" and "label_temperature" in _asked(term.loss):
            tensors["label_temperature"] = self._factors.to(student)
        return TermInputs(student, teacher, mask, None if coupled else weights, tensors)

    def _groups(self, batch: CaseBatch) -> Tensor:
        """Number of each case's subgroup within the batch."""
        key = self._objective.subgroups
        values = [case.keys.get(key or "") for case in batch.cases]
        if None in values:
            raise TrainError(
                f"objective.subgroups = {key!r}, which cases do not have",
                f"one of {', '.join(sorted(batch.cases[0].keys)) or 'the keys of a task that has subgroups'}",
                "name a key of the task, or leave out the terms that compare subgroups",
            )
        return torch.from_numpy(np.unique(np.asarray(values), return_inverse=True)[1]).to(batch.target.device)

    def _known(self, term: CaseTermSettings, batch: CaseBatch) -> Tensor:
        """Positions at which the truth of all outputs that a term reads is known."""
        if not term.outputs:
            return batch.known
        return ~batch.target[..., [self._head.names.index(name) for name in term.outputs]].isnan().any(-1)

    def _truth(self, term: CaseTermSettings, batch: CaseBatch) -> Tensor:
        """The truth in the form that a loss reads: classes by number or as sure logits, labels as sure logits."""
        if self._head.kind == "values":
            return batch.target
        if self._head.kind == "labels":
            return _SURE * (2 * batch.target - 1)
        if term.loss == "cross_entropy":
            return batch.target
        return _SURE * functional.one_hot(batch.target.clamp_min(0), len(self._head.names)).float()

    def _taught(self, term: CaseTermSettings, seen: Seen) -> Tensor:
        if term.of == "average":
            assert seen.average is not None
            return seen.average.logits
        return self._signals(seen, term.teacher_at or LOGITS).to(seen.student.logits)

    def _emphasised(
        self, term: CaseTermSettings, student: Tensor, teacher: Tensor, weights: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Weigh hard cases, and temper each row, where the objective wants it."""
        hard, temper = self._objective.hard_examples, self._objective.case_temperature
        if hard is not None:
            emphasis = 1.0 + hard.strength * disagreement(student, teacher)
            weights = weights * emphasis / emphasis.mean()
        if temper is not None:
            taus = temper.low + (temper.high - temper.low) * confidence(teacher)
            student, teacher, factors = tempered_rows(student, teacher, taus)
            weights = weights * factors
        return student, teacher, weights

    def _of_shown(
        self, name: str, term: CaseTermSettings, seen: Seen, projectors: Mapping[str, torch.nn.Module]
    ) -> TermInputs:
        """A row is whatever the loss makes one: a case, a step, a site."""
        student = shown(seen.student, term.at)
        if name in projectors:
            student = projectors[name](student)
        if term.of == "focus":
            teacher = self._focus(seen, student)
        elif term.of == "average":
            assert seen.average is not None
            teacher = shown(seen.average, term.at)
        else:
            teacher = self._signals(seen, term.teacher_at or term.at).to(student)
            teacher = _mapped(teacher) if (term.teacher_at or term.at) == LOGITS else teacher
        if LOSSES[term.loss].consumes == "projections":
            return _projections(student, teacher)
        if teacher.ndim == 3 and (lacking := teacher.isnan().any(-1)).any():
            student, teacher = student[~lacking], teacher[~lacking]  # tokens that only longer texts have
        tensors = _of_cases(term.loss, seen, student)
        if term.loss == _OF_SITES and student.ndim == 2:
            student, teacher = student[None], teacher[None]
            tensors = {name: values[None] for name, values in tensors.items()}
        return TermInputs(student, teacher, tensors=tensors)

    def _of_stages(self, term: CaseTermSettings, seen: Seen) -> TermInputs:
        """Features from shallow to deep."""
        student = [shown(seen.student, name) for name in term.stages]
        teacher = [self._signals(seen, name).to(student[0]) for name in term.stages]
        return TermInputs(student, teacher, tensors=_of_cases(term.loss, seen, student[-1]))

    def _focus(self, seen: Seen, student: Tensor) -> Tensor:
        if seen.batch.focus is None:
            raise TrainError(
                "a term of the focus, for cases that have none",
                "a task that calls some time steps critical",
                "leave the term out",
            )
        return seen.batch.focus.reshape(len(student), 1, 1, 1, -1).expand_as(student)

    def _signals(self, seen: Seen, name: str) -> Tensor:
        if seen.signals is None:
            raise TrainError(
                "an objective that a teacher takes part in, but no signals",
                "recorded signals",
                "run `signals`",
            )
        return seen.signals.of(name, seen.batch.cases)


def of_positions(term: CaseTermSettings) -> bool:
    """Whether a term has a row for each position of the target; else its rows are what its loss makes of features."""
    return term.at == LOGITS and not term.stages and not _reads_maps(term.loss)


def shown(what: Shown, name: str) -> Tensor:
    """A feature or an attention map of a network, by name; its logits as a map.

    Raises:
        TrainError: the network shows nothing of that name.
    """
    there = {LOGITS: _mapped(what.logits), **what.features, **what.attention}
    if name not in there:
        raise TrainError(
            f"a term that reads {name!r} of the student",
            f"one of {', '.join(there)}",
            "correct `at`, or choose a student that shows it",
        )
    return there[name]


def _projections(student: Tensor, teacher: Tensor) -> TermInputs:
    """Queries, keys and values of one layer each; tokens that a shorter text lacks are NaN in the teacher's."""
    real = ~teacher.flatten(2).isnan().any(-1)
    ours, theirs = (Projections(*of.unbind(2)) for of in (student, teacher.nan_to_num(0.0)))
    return TermInputs(ours, theirs, mask=real)


def _mapped(logits: Tensor) -> Tensor:
    """Logits of pixels as a map, channels first; others as they are."""
    return logits.movedim(-1, 1) if logits.ndim > 3 else logits


def _reads_maps(loss: str) -> bool:
    return loss in LOSSES and LOSSES[loss].consumes == "feature_maps"


def _of_cases(loss: str, seen: Seen, features: Tensor) -> dict[str, Tensor]:
    """What a loss reads beside features: classes, of pixels at the features' size; a case's place in the corpus."""
    asked, batch = _asked(loss), seen.batch
    needed = {}
    if "targets" in asked and not batch.target.is_floating_point():
        needed["targets"] = _resized(batch.target, features) if batch.target.ndim > 2 else batch.target
    if "index" in asked and seen.signals is not None:
        needed["index"] = seen.signals.places(batch.cases).to(batch.target.device)
    return needed


def _resized(target: Tensor, features: Tensor) -> Tensor:
    """Classes of pixels, the nearest for each site of features ``(batch, channels, height, width)``."""
    wide = target[:, None].to(features.dtype)
    return functional.interpolate(wide, features.shape[2:], mode="nearest-exact")[:, 0].to(target.dtype)


@cache
def _asked(loss: str) -> frozenset[str]:
    """Names of what a loss takes in a pass."""
    known = LOSSES[loss]
    return frozenset(
        inspect.signature(known.function if known.module is None else known.module.forward).parameters
    )


def _by_row(weights: Tensor, real: Tensor) -> Tensor:
    """Weights of cases, for each of their real positions."""
    return weights.reshape(-1, *(1,) * (real.ndim - 1)).expand(real.shape)[real]
