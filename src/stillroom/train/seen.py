"""What student and teacher show of one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedModel

from stillroom.losses import DenseTeacher
from stillroom.models.attention import AttentionTap, spans
from stillroom.models.decoder import body, depth, output_matrix
from stillroom.train.batches import Batch
from stillroom.train.faculty import Faculty, Voice
from stillroom.train.mean_teacher import MeanTeacher
from stillroom.types import TrainError


class Seen(NamedTuple):
    """What student and teacher show of one pass. A *row* is a position that predicts a response token.

    Attributes:
        hidden: the student's last hidden states, ``(rows, width)``.
        matrix: its output matrix, ``(vocab, width)``.
        voices: what each teacher says; none where only hard labels teach. Terms read the first.
        targets: the response tokens, ``(rows,)``.
        lengths: rows of each example.
        layers: the student's mapped hidden states, ``(mapped, rows, width)``; None where no term reads them.
        teacher_layers: the teacher's, as many; the width may differ.
        weights: what each row counts; 1 where it is None.
        paired: whether the teacher's layers are known at a row, ``(rows,)``; None where they are at all. A teacher with
            another tokenizer has no state where it has not spelled the same text.
        maps: the student's attention, ``(observed, heads, rows, keys)``; None where no term reads it.
        teacher_maps: the teacher's.
    """

    hidden: Tensor
    matrix: Tensor
    voices: tuple[Voice, ...]
    targets: Tensor
    lengths: Sequence[int]
    layers: Tensor | None
    teacher_layers: Tensor | None
    weights: Tensor | None
    paired: Tensor | None = None
    maps: Tensor | None = None
    teacher_maps: Tensor | None = None

    def at_paired(self) -> Seen:
        """The rows at which the teacher's layers are known."""
        rows, layers, teacher_layers = self.paired, self.layers, self.teacher_layers
        if rows is None or layers is None or teacher_layers is None:
            return self
        return self._replace(
            hidden=self.hidden[rows],
            targets=self.targets[rows],
            lengths=[int(part.sum()) for part in torch.split(rows, list(self.lengths))],
            layers=layers[:, rows],
            teacher_layers=teacher_layers[:, rows],
            weights=None if self.weights is None else self.weights[rows],
            paired=None,
        )


class Looker:
    """Runs the student, and asks for what its teachers say.

    Args:
        faculty: the teachers; None where only hard labels, or the student's average, teach.
        mean_teacher: the student's average, instead of a teacher.
        layers: whether hidden states of student and teacher are compared.
        own_layers: whether the student's alone are looked at.
        attention: whether attention is compared.
    """

    def __init__(
        self,
        faculty: Faculty | None,
        mean_teacher: MeanTeacher | None,
        *,
        layers: bool,
        own_layers: bool,
        attention: bool,
    ) -> None:
        self._faculty, self._mean_teacher = faculty, mean_teacher
        self._layers, self._own_layers, self._attention = layers, own_layers, attention

    def look(self, network: PreTrainedModel, batch: Batch) -> Seen:
        """Look at one batch.

        Raises:
            TrainError: the signals lack what the objective compares.
        """
        teacher_maps = self._teacher_maps(batch) if self._attention else None
        tap = None if teacher_maps is None else _tap(network, batch, teacher_maps)
        output = body(network)(
            batch.ids,
            position_ids=batch.places,
            use_cache=False,
            output_hidden_states=self._layers or self._own_layers,
            **({} if tap is None else {"attention_tap": tap}),
        )
        hidden = output.last_hidden_state.flatten(0, 1)[batch.positions]
        layers = [layer.flatten(0, 1)[batch.positions] for layer in (output.hidden_states or ())[1:]]
        teacher_layers = self._teacher_layers(batch) if self._layers else None
        return Seen(
            hidden=hidden,
            matrix=output_matrix(network),
            voices=self._voices(network, batch, hidden),
            targets=batch.targets,
            lengths=batch.lengths,
            layers=torch.stack(layers) if layers else None,
            teacher_layers=teacher_layers,
            weights=batch.weights,
            paired=None if teacher_layers is None else _paired(teacher_layers),
            maps=None if tap is None else tap.maps(),
            teacher_maps=teacher_maps,
        )

    def _voices(self, network: PreTrainedModel, batch: Batch, hidden: Tensor) -> tuple[Voice, ...]:
        if self._mean_teacher is not None:
            said = self._mean_teacher.says(network, batch)
            return (Voice(DenseTeacher(said.hidden.to(hidden), said.weight.to(hidden)), 1.0),)
        return () if self._faculty is None else self._faculty.voices(batch, hidden)

    def _teacher_layers(self, batch: Batch) -> Tensor:
        layers = None if self._faculty is None else self._faculty.first.layers(batch.rows)
        if layers is None:
            raise TrainError(
                "an objective that reads hidden states, and signals without layers",
                "signals of the mapped layers",
                "collect the signals with `layers`, or leave the hidden term out",
            )
        return layers.to(batch.ids.device)

    def _teacher_maps(self, batch: Batch) -> Tensor:
        maps = None if self._faculty is None else self._faculty.first.attention(batch.rows)
        if maps is None:
            raise TrainError(
                "an objective that reads attention, and signals without it",
                "signals with the attention of some layers",
                "name them in signals.attention",
            )
        return maps.to(batch.ids.device)


def _paired(teacher_layers: Tensor) -> Tensor | None:
    known = teacher_layers.any(-1).all(0)
    return None if bool(known.all()) else known


def _tap(network: PreTrainedModel, batch: Batch, teacher_maps: Tensor) -> AttentionTap:
    """Observe as many of the student's last layers as the teacher's were, heads alike."""
    observed, heads = teacher_maps.shape[:2]
    layers = depth(network)
    if observed > layers:
        raise TrainError(
            f"attention of {observed} teacher layers, for a student of {layers}",
            "at most one for each of the student's layers",
            "shorten signals.attention.layers",
        )
    where = spans(batch.rows, packed=batch.places is not None)
    return AttentionTap(range(layers - observed, layers), where, mean_heads=heads == 1)
