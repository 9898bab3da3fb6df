"""A bedside network and its objective as one module, so that the loss runs inside the wrapped forward pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stillroom.losses import WeightedObjective
from stillroom.losses.response.cross_entropy import cross_entropy
from stillroom.losses.response.logit_distance import logit_mse
from stillroom.losses.response.multi_label import multi_label_kl
from stillroom.models.bedside.network import BedsideNetwork
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.average import Average
from stillroom.train.bedside.collate import CaseBatch
from stillroom.train.bedside.compared import Comparer, Seen, of_positions, shown
from stillroom.train.bedside.objective import CaseObjectiveSettings
from stillroom.train.bedside.parsing import parsed
from stillroom.train.learning import TASK_FIGURES, Learning, StepLoss
from stillroom.types import TrainError
from stillroom.types.cases import Head


class CaseLearner(Learning):
    """A bedside network that, given a batch that it has read, returns its objective.

    Attributes:
        network: what is trained and kept.
        objective: the terms and what they learn; none before :meth:`size`.
        average: its own average; None where nothing needs it.
        projectors: linear maps from the student's features to the teacher's widths, by term; left behind.
    """

    network: BedsideNetwork

    def __init__(
        self,
        network: BedsideNetwork,
        settings: CaseObjectiveSettings,
        head: Head,
        signals: CaseSignals | None = None,
        label_factors: NDArray[np.float32] | None = None,
    ) -> None:
        """Join a network, what it minimises, who it learns from, and a factor of each label's temperature.

        Raises:
            TrainError: a term that the loss or the head does not allow.
        """
        super().__init__()
        self.network = network
        self.average = Average(network, settings.average_decay) if settings.averages else None
        self.projectors = nn.ModuleDict()
        self.objective: WeightedObjective | None = None
        self._settings, self._head, self._signals = settings, head, signals
        self._task_figure = TASK_FIGURES[head.kind == "values"]
        self._terms = parsed(settings, head)
        self._comparer = Comparer(settings, head, label_factors)
        self._positions = [name for name, term in settings.terms.items() if of_positions(term)]
        self.advance(0, 1)

    @torch.no_grad()
    def size(self, batch: CaseBatch) -> None:
        """Make the learned parts of the terms; any batch shows how wide they must be.

        Raises:
            TrainError: a loss refuses what student and teacher show.
        """
        seen = self._look(batch)
        for name, term in self._settings.terms.items():
            if term.project:
                teacher = self._comparer.inputs(seen, {})[name].teacher
                self.projectors[name] = _projector(shown(seen.student, term.at), teacher)
        try:
            self.objective = WeightedObjective(self._terms, self._comparer.inputs(seen, self._projectors))
        except ValueError as error:
            got, _, wanted = str(error).partition("; expected ")
            raise TrainError(
                f"objective.terms: {got}",
                wanted or "inputs that fit the loss",
                "change the term or the models",
            ) from error

    def advance(self, step: int, steps: int) -> None:
        """Move weights and temperatures to their values of a step, counted from 0."""
        self._step = step, steps

    def updated(self) -> None:
        """The student has moved: let its average follow."""
        if self.average is not None:
            self.average.update(self.network)

    @torch.no_grad()
    def finish(self) -> None:
        """Put the averaged weights in the place of the last ones, where they are to be kept."""
        if self.average is not None and self._settings.publish_average:
            for name, kept in self.average.weights().items():
                self.network.get_parameter(name).copy_(kept)

    @property
    def moving(self) -> Mapping[str, float]:
        """Weights and hyper-parameters that follow a schedule, at their present values."""
        values = {f"{name}.weight": term.weight for name, term in self._terms.items()}
        told = {name: way.at(*self._step) for name, way in values.items() if way.start != way.end}
        for name, term in self._terms.items():
            told |= {f"{name}.{key}": value for key, value in term.scheduled(*self._step).items()}
        return told

    def forward(self, batch: CaseBatch) -> StepLoss:
        """Sum of every term, by its weight, over the batch's positions.

        A term of features has rows of its own; their mean counts at every position.
        """
        assert self.objective is not None
        seen = self._look(batch)
        units = int(batch.real.sum())
        step, steps = self._step
        # Each term's share of this pass's positions: times their number, its sum over the rows that it keeps.
        value = self.objective(
            self._comparer.inputs(seen, self._projectors),
            step=step,
            steps=steps,
            rows=dict.fromkeys(self._positions, units),
        )
        terms = {
            name: term.raw_sum if name in self._positions else term.mean.detach() * units
            for name, term in value.terms.items()
        }
        return StepLoss(value.total * units, {**terms, self._task_figure: self._task(seen).detach()})

    @property
    def _projectors(self) -> Mapping[str, nn.Module]:
        return dict(self.projectors.items())

    def _look(self, batch: CaseBatch) -> Seen:
        read = self.average is not None and self._settings.reads("average")
        average = self.average.shows(self.network, batch.inputs) if self.average and read else None
        student = self.network(batch.inputs, already_read=True)
        return Seen(batch, student, average, self._signals)

    def _task(self, seen: Seen) -> Tensor:
        """The task's own loss, summed over positions whose truth is known."""
        logits, target = seen.student.logits[seen.batch.known], seen.batch.target[seen.batch.known]
        if self._head.kind == "classes":
            return cross_entropy(logits, target).sum()
        if self._head.kind == "labels":
            return multi_label_kl(logits, 50.0 * (2 * target - 1)).sum()
        return logit_mse(logits, target).sum()


def _projector(student: Tensor, teacher: Tensor) -> nn.Module:
    """A linear map of every row, or of every site of a map ``(batch, channels, height, width)``."""
    if student.ndim == 4:
        return nn.Conv2d(student.shape[1], teacher.shape[1], 1, bias=False)
    return nn.Linear(student.shape[-1], teacher.shape[-1], bias=False)
