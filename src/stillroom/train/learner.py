"""The student and its objective as one module, so that the loss runs inside the wrapped forward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher, Schedule, linear_distillation
from stillroom.losses.feature.hidden import hidden_mse
from stillroom.losses.fused.chunk import CROSS_ENTROPY
from stillroom.losses.fused.linear import Teacher
from stillroom.models.attention import AttentionTap, spans
from stillroom.models.decoder import body, depth, final_norm, output_matrix
from stillroom.signals.source import SignalSource
from stillroom.train.batches import Batch
from stillroom.train.faculty import Faculty, Voice, pick
from stillroom.train.importance import most_important
from stillroom.train.mean_teacher import MeanTeacher
from stillroom.train.objective import Divergence, ExitSettings, ObjectiveSettings
from stillroom.train.rollouts import Rollouts
from stillroom.train.schedule import schedule_of
from stillroom.train.terms import FurtherTerms, Seen, reads_attention, reads_layers
from stillroom.types import TrainError

HIDDEN, GATE, EXITS = "hidden_mse", "gate", "exits"
_SCHEDULED = ("alpha", "temperature", "hidden_weight")


class StepLoss(NamedTuple):
    """Sums over response tokens.

    Attributes:
        total: what is minimised; it alone carries a gradient.
        terms: each term by its loss's name, without its weight, τ² included.
    """

    total: Tensor
    terms: Mapping[str, Tensor]


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


class Learner(nn.Module):
    """A network that, given a batch, returns its objective.

    Without signals it learns from hard labels alone: this is the control, and the teacher's own adaptation.

    Attributes:
        network: the student.
        terms: the further losses and what they learn; none before :meth:`size` was called.
        rollouts: writes responses of the student's own; none where it learns from the corpus alone.
    """

    def __init__(
        self,
        network: PreTrainedModel,
        objective: ObjectiveSettings,
        signals: SignalSource | Sequence[SignalSource] | None = None,
    ) -> None:
        """Join a network, what it minimises, and the teachers that it learns from."""
        super().__init__()
        self.network = network
        self.terms: FurtherTerms | None = None
        self.rollouts: Rollouts | None = None
        sources = [signals] if isinstance(signals, SignalSource) else signals
        self.faculty = Faculty(sources, objective.fusion, network.config.hidden_size) if sources else None
        self._objective = objective
        self.mean_teacher: MeanTeacher | None = None
        if objective.mean_teacher is not None:
            self.mean_teacher = MeanTeacher(network, objective.mean_teacher.decay)
        taught = bool(sources) or objective.mean_teacher is not None
        self._names = [CROSS_ENTROPY, *([objective.divergence] if taught else [])]
        self._exits = _exit_weight(objective.exits, network)
        if objective.on_policy is not None:
            self._names = list(dict.fromkeys([*self._names, objective.on_policy.divergence]))
        self._wants_layers = wants_layers(objective)
        self._wants_attention = reads_attention(objective.terms)
        self._schedules = {name: schedule_of(getattr(objective, name)) for name in _SCHEDULED}
        self.advance(0, 1)

    @torch.no_grad()
    def size(self, batch: Batch) -> None:
        """Create the further losses that the objective names; any batch shows the models' widths.

        Raises:
            TrainError: a loss that the models cannot feed.
        """
        if self._objective.terms:
            self.terms = FurtherTerms(self._objective.terms, self._look(batch))

    def advance(self, step: int, steps: int) -> None:
        """Move α, τ, γ and the further weights to their values of a step, counted from 0."""
        self._step = step, steps
        self._now = {name: schedule.at(step, steps) for name, schedule in self._schedules.items()}

    def updated(self) -> None:
        """The student has moved: let its average follow."""
        if self.mean_teacher is not None:
            self.mean_teacher.update(self.network)

    @property
    def moving(self) -> Mapping[str, float]:
        """Those of α, τ and γ that follow a schedule, at their present values."""
        return {name: self._now[name] for name, way in self._schedules.items() if way.start != way.end}

    def forward(self, batch: Batch) -> StepLoss:
        """Compute α·τ²·D + (1−α)·CE + γ·hidden + Σ weight·further, summed over the batch's response tokens."""
        seen = self._look(batch)
        total, terms = self._fused(seen, batch)
        if self._objective.has_hidden_term:
            aligned = _hidden_term(seen)
            total, terms[HIDDEN] = total + self._now["hidden_weight"] * aligned, aligned.detach()
        gate = None if self.faculty is None else self.faculty.gate_loss(seen.voices, seen.targets)
        if gate is not None:
            total, terms[GATE] = total + gate, gate.detach()
        if self._exits is not None and self._objective.exits is not None:
            early = self._early(seen, self._objective.exits)
            total, terms[EXITS] = total + self._exits.at(*self._step) * early, early.detach()
        if self.terms is not None:
            further, values = self.terms(seen, *self._step)
            total, terms = total + further, {**terms, **values}
        return StepLoss(total, terms)

    def _look(self, batch: Batch) -> Seen:
        """Run the student, and ask for what the teacher says of the batch."""
        teacher_maps = self._teacher_maps(batch) if self._wants_attention else None
        tap = self._tap(batch, teacher_maps)
        output = body(self.network)(
            batch.ids,
            position_ids=batch.places,
            use_cache=False,
            output_hidden_states=self._wants_layers or self._exits is not None,
            **({} if tap is None else {"attention_tap": tap}),
        )
        hidden = output.last_hidden_state.flatten(0, 1)[batch.positions]
        layers = [layer.flatten(0, 1)[batch.positions] for layer in (output.hidden_states or ())[1:]]
        return Seen(
            hidden=hidden,
            matrix=output_matrix(self.network),
            voices=self._voices(batch, hidden),
            targets=batch.targets,
            lengths=batch.lengths,
            layers=torch.stack(layers) if layers else None,
            teacher_layers=self._teacher_layers(batch) if self._wants_layers else None,
            weights=batch.weights,
            maps=None if tap is None else tap.maps(),
            teacher_maps=teacher_maps,
        )

    def _voices(self, batch: Batch, hidden: Tensor) -> tuple[Voice, ...]:
        if self.mean_teacher is not None:
            said = self.mean_teacher.says(self.network, batch)
            return (Voice(DenseTeacher(said.hidden.to(hidden), said.weight.to(hidden)), 1.0),)
        return () if self.faculty is None else self.faculty.voices(batch, hidden)

    def _early(self, seen: Seen, exits: ExitSettings) -> Tensor:
        """Mean over the exits of their loss, summed over response tokens."""
        assert seen.layers is not None
        last = DenseTeacher(seen.hidden.detach(), seen.matrix.detach())
        losses = [
            linear_distillation(
                final_norm(self.network)(seen.layers[layer]).to(seen.hidden),
                seen.matrix,
                seen.targets,
                last,
                weights={CROSS_ENTROPY: 1.0 - exits.alpha, "forward_kl": exits.alpha},
                temperature=self._now["temperature"],
                row_weights=seen.weights,
            ).total
            for layer in exits.layers
        ]
        return torch.stack(losses).mean()

    def _tap(self, batch: Batch, teacher_maps: Tensor | None) -> AttentionTap | None:
        """Observe as many of the student's last layers as the teacher's were, heads alike."""
        if teacher_maps is None:
            return None
        observed, heads = teacher_maps.shape[:2]
        depth = self.network.config.num_hidden_layers
        if observed > depth:
            raise TrainError(
                f"attention of {observed} teacher layers, for a student of {depth}",
                "at most one for each of the student's layers",
                "shorten signals.attention.layers",
            )
        where = spans(batch.rows, packed=batch.places is not None)
        return AttentionTap(range(depth - observed, depth), where, mean_heads=heads == 1)

    def _fused(self, seen: Seen, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Hard and soft terms."""
        total, terms = seen.hidden.new_zeros(()), dict.fromkeys(self._names, seen.hidden.new_zeros(()))
        for part in self._parts(seen, batch):
            for call in self._calls(seen, part):
                fused = linear_distillation(
                    _pick(seen.hidden, part.rows),
                    seen.matrix,
                    _pick(seen.targets, part.rows),
                    None if call.teacher is None else pick(call.teacher, part.rows),
                    weights=call.weights,
                    temperature=self._now["temperature"],
                    row_weights=call.row_weights,
                )
                total = total + fused.total
                for name, value in fused.terms.items():
                    terms[name] = terms[name] + value
        return total, terms

    def _calls(self, seen: Seen, part: _Part) -> Iterator[_Call]:
        """One pass over the logits for a single teacher; with several, one for the labels and one for each.

        Cross-entropy is measured even where it is not minimised.
        """
        alpha = self._now["alpha"] * part.followed
        hard = {CROSS_ENTROPY: 1.0 - alpha} if part.labelled else {}
        if len(seen.voices) == 1:
            yield _Call(seen.voices[0].teacher, {**hard, part.divergence: alpha}, part.weights)
            return
        if hard:
            yield _Call(None, hard, part.weights)
        for voice in seen.voices:
            share = torch.as_tensor(voice.share, device=seen.hidden.device).detach().expand(len(seen.targets))
            yield _Call(
                voice.teacher, {part.divergence: alpha}, _times(_pick(share, part.rows), part.weights)
            )

    def _parts(self, seen: Seen, batch: Batch) -> list[_Part]:
        chosen, importance = None, None
        if self._objective.token_importance is not None and self.training:
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

    def _teacher_layers(self, batch: Batch) -> Tensor:
        assert self.faculty is not None
        layers = self.faculty.first.layers(batch.rows)
        if layers is None:
            raise TrainError(
                "an objective that reads hidden states, and signals without layers",
                "signals of the mapped layers",
                "collect the signals with `layers`, or leave the hidden term out",
            )
        return layers.to(batch.ids.device)

    def _teacher_maps(self, batch: Batch) -> Tensor:
        assert self.faculty is not None
        maps = self.faculty.first.attention(batch.rows)
        if maps is None:
            raise TrainError(
                "an objective that reads attention, and signals without it",
                "signals with the attention of some layers",
                "name them in signals.attention",
            )
        return maps.to(batch.ids.device)


def _exit_weight(exits: ExitSettings | None, network: PreTrainedModel) -> Schedule | None:
    if exits is None:
        return None
    last = depth(network) - 1
    if not all(0 <= layer < last for layer in exits.layers):
        raise TrainError(
            f"objective.exits.layers is {list(exits.layers)}, for a student of {last + 1} layers",
            f"layers from 0 to {last - 1}, before its last",
            "correct them",
        )
    return schedule_of(exits.weight)


def wants_layers(objective: ObjectiveSettings) -> bool:
    """Whether an objective reads the hidden states of mapped layers."""
    return objective.has_hidden_term or reads_layers(objective.terms)


def _hidden_term(seen: Seen) -> Tensor:
    """Mean over mapped layers of the relative error, summed over response tokens."""
    assert seen.layers is not None
    assert seen.teacher_layers is not None
    each = hidden_mse(seen.layers, seen.teacher_layers).mean(0)
    return each.sum() if seen.weights is None else (each * seen.weights).sum()


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
