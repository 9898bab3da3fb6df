"""The student and its objective as one module, so that the loss runs inside the wrapped forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import torch
from torch import Tensor
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher
from stillroom.losses.feature.hidden import hidden_mse
from stillroom.models.layer_map import nearness
from stillroom.models.short_attention import short_attention
from stillroom.signals.source import SignalSource
from stillroom.train.batches import Batch
from stillroom.train.exits import Exits
from stillroom.train.faculty import Faculty, Voice
from stillroom.train.learning import Learning, StepLoss
from stillroom.train.mean_teacher import MeanTeacher
from stillroom.train.objective import ObjectiveSettings
from stillroom.train.response_terms import ResponseTerms
from stillroom.train.rollouts import Rollouts
from stillroom.train.router import LayerRouter, scaled
from stillroom.train.schedule import schedule_of
from stillroom.train.seen import Looker, Seen
from stillroom.train.terms import FurtherTerms, reads_attention, reads_layers
from stillroom.types import Encoded
from stillroom.types.row import Row

HIDDEN, ROUTER, GATE, EXITS, PEER = "hidden_mse", "router", "gate", "exits", "peer"
_SCHEDULED = ("alpha", "temperature", "hidden_weight")


class Learner(Learning):
    """A language model that, given a batch, returns its objective.

    Without signals it learns from hard labels alone: this is the control, and the teacher's own adaptation.

    Attributes:
        network: the student.
        faculty: its teachers; None where only hard labels, or its own average, teach.
        mean_teacher: its own average; None where it is not wanted.
        router: mixes the teacher's layers; none before :meth:`size` was called, or where layers are paired.
        terms: the further losses and what they learn; none before :meth:`size` was called.
        rollouts: writes responses of the student's own; none where it learns from the corpus alone.
        peer: a second student, which teaches the first and learns from it; None where there is none.
    """

    def __init__(
        self,
        network: PreTrainedModel,
        objective: ObjectiveSettings,
        signals: SignalSource | Sequence[SignalSource] | None = None,
        peer: PreTrainedModel | None = None,
    ) -> None:
        """Join a network, what it minimises, and who it learns from."""
        super().__init__()
        sources = [signals] if isinstance(signals, SignalSource) else signals
        average = objective.mean_teacher
        self.network, self.peer = network, peer
        self.faculty = Faculty(sources, objective.fusion, network.config.hidden_size) if sources else None
        self.mean_teacher = None if average is None else MeanTeacher(network, average.decay)
        self.router: LayerRouter | None = None
        self.terms: FurtherTerms | None = None
        self.rollouts: Rollouts | None = None
        self._objective = objective
        self._responses = ResponseTerms(objective, taught=bool(sources or average or peer))
        self._exits = None if objective.exits is None else Exits(objective.exits, network)
        self._looker = Looker(
            self.faculty,
            self.mean_teacher,
            layers=wants_layers(objective),
            own_layers=objective.exits is not None,
            attention=reads_attention(objective.terms),
        )
        self._schedules = {name: schedule_of(getattr(objective, name)) for name in _SCHEDULED}
        self.advance(0, 1)

    @torch.no_grad()
    def size(self, batch: Batch) -> None:
        """Create what the objective learns beside the student; any batch shows the models' widths.

        Raises:
            TrainError: a loss that the models cannot feed.
        """
        if not (self._objective.terms or self._objective.layer_mix):
            return
        seen = self._looker.look(self.network, batch)
        if self._objective.layer_mix and seen.layers is not None and seen.teacher_layers is not None:
            mix, deep = self._objective.layer_mix, len(seen.teacher_layers)
            mixed = range(deep) if mix == "all" else mix
            near = nearness(len(seen.layers), mixed, self._objective.layer_mix_start)
            self.router = LayerRouter(seen.layers, seen.teacher_layers, near)
        if self._objective.terms:
            self.terms = FurtherTerms(self._objective.terms, self._routed(seen))

    def advance(self, step: int, steps: int) -> None:
        """Move α, τ, γ and the further weights to their values of a step, counted from 0."""
        self._step = step, steps
        self._now = {name: schedule.at(step, steps) for name, schedule in self._schedules.items()}

    def updated(self) -> None:
        """The student has moved: let its average follow."""
        if self.mean_teacher is not None:
            self.mean_teacher.update(self.network)

    def kernels(self, batch: Batch, *, half: bool) -> AbstractContextManager[None]:
        """The attention that suits the length of the batch's lines."""
        return short_attention(batch.ids, half=half)

    @property
    def moving(self) -> Mapping[str, float]:
        """Those of α, τ and γ that follow a schedule, at their present values."""
        return {name: self._now[name] for name, way in self._schedules.items() if way.start != way.end}

    @property
    def rewrites(self) -> bool:
        """Whether the student writes responses of its own."""
        return self.rollouts is not None

    def rewritten(self, rows: Sequence[Row], seed: Sequence[int], step: int, steps: int) -> tuple[Row, ...]:
        """Give some of the rows responses of the student's own."""
        assert self.rollouts is not None
        encoded = [row for row in rows if isinstance(row, Encoded)]
        return self.rollouts.mix(self.network, encoded, seed, step, steps)

    def forward(self, batch: Batch) -> StepLoss:
        """Compute α·τ²·D + (1−α)·CE + γ·hidden + Σ weight·further, summed over the batch's response tokens."""
        seen = self._routed(self._looker.look(self.network, batch))
        other = None if self.peer is None else self._looker.look(self.peer, batch)
        total, terms = self._response(seen, other, batch)
        if other is not None:
            learned, _ = self._response(other, seen, batch)
            total, terms[PEER] = total + learned, learned.detach()
        if self._objective.has_hidden_term:
            aligned = _hidden_term(seen)
            total, terms[HIDDEN] = total + self._now["hidden_weight"] * aligned, aligned.detach()
        if self.router is not None:
            off = _hidden_term(seen._replace(layers=seen.teacher_layers, teacher_layers=seen.layers))
            total, terms[ROUTER] = total + off, off.detach()
        gate = None if self.faculty is None else self.faculty.gate_loss(seen.voices, seen.targets)
        if gate is not None:
            total, terms[GATE] = total + gate, gate.detach()
        if self._exits is not None:
            early = self._exits.sums(self.network, seen, self._now["temperature"])
            total, terms[EXITS] = total + self._exits.weight.at(*self._step) * early, early.detach()
        if self.terms is not None:
            further, values = self.terms(seen, *self._step)
            total, terms = total + further, {**terms, **values}
        return StepLoss(total, terms)

    def _routed(self, seen: Seen) -> Seen:
        """What is seen, with a target of its own for each of the student's layers."""
        if self.router is None or seen.layers is None or seen.teacher_layers is None:
            return seen
        mixed = self.router(seen.layers, seen.teacher_layers)
        return seen._replace(layers=scaled(seen.layers), teacher_layers=mixed)

    def _response(self, seen: Seen, other: Seen | None, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Hard and soft terms of a student, beside its teachers or beside the other student."""
        if other is not None:
            said = DenseTeacher(other.hidden.detach(), other.matrix.detach())
            seen = seen._replace(voices=(Voice(said, 1.0),))
        return self._responses.sums(
            seen,
            batch,
            alpha=self._now["alpha"],
            temperature=self._now["temperature"],
            training=self.training,
        )


def wants_layers(objective: ObjectiveSettings) -> bool:
    """Whether an objective reads the hidden states of mapped layers."""
    return objective.has_hidden_term or reads_layers(objective.terms)


def _hidden_term(seen: Seen) -> Tensor:
    """Mean over mapped layers of the relative error, summed over response tokens."""
    seen = seen.at_paired()
    assert seen.layers is not None
    assert seen.teacher_layers is not None
    each = hidden_mse(seen.layers, seen.teacher_layers).mean(0)
    return each.sum() if seen.weights is None else (each * seen.weights).sum()
