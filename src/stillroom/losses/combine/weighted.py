"""The weighted objective: named losses, each with its weight, added up; each told apart for the log."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from stillroom.losses.combine.balance import Balance, FixedBalance
from stillroom.losses.combine.names import refuse_unknown
from stillroom.losses.combine.schedules import Schedule
from stillroom.losses.combine.terms import Term
from stillroom.losses.contract import Bound
from stillroom.losses.registry import LOSSES

_NONE: Mapping[str, Tensor] = MappingProxyType({})


class TermInputs(NamedTuple):
    """What one term reads.

    Attributes:
        student: what the loss takes of the student.
        teacher: what it takes of the teacher.
        mask: rows to keep; all by default.
        weights: sample weights, one for each row, or one for each example, which then holds for all of its rows.
        tensors: what else the loss needs per example, by name.
    """

    student: Any
    teacher: Any
    mask: Tensor | None = None
    weights: Tensor | None = None
    tensors: Mapping[str, Tensor] = _NONE


class TermValue(NamedTuple):
    """One term of one pass.

    Attributes:
        mean: mean over the pass's kept rows, sample weights included, the term's weight not; carries the gradient.
        raw_sum: sum over the kept rows without any weight, for the log; no gradient. Over the run's passes, the sum
            of these over the sum of ``rows`` is the term's mean.
        rows: kept rows of this pass.
        share: of the step's rows, those in this pass.
        weight: the term's scheduled weight.
    """

    mean: Tensor
    raw_sum: Tensor
    rows: int
    share: float
    weight: float


class ObjectiveValue(NamedTuple):
    """An objective's value on a pass: what to call ``backward`` on, and its terms by name."""

    total: Tensor
    terms: dict[str, TermValue]


class WeightedObjective(nn.Module):
    r"""A weighted sum of losses, whose value does not depend on how a step is cut into passes.

    .. math:: \sum_k w_k(t)\, \frac{n_k}{N_k}\, b_k\!\Big(\frac1{n_k}\sum_i \omega_i\, \ell_k(i)\Big)

    with scheduled weights :math:`w`, sample weights :math:`\omega`, a balance :math:`b` (none by default), :math:`n_k`
    kept rows in the pass and :math:`N_k` in the step. Added up over passes and ranks, a term is the mean over the
    step's rows, whatever the accumulation.

    That cannot hold for a loss that couples a batch (``per_example=False``): it is a number of the pass, not a sum
    over its rows. Such a term enters with its share of the rows, so its weight keeps its meaning; its value still
    changes with the size of a pass. It takes no sample weights, and per-example privacy cannot be had with it.

    Learned parts and adversaries of the losses are parameters of this module; keep it beside the student.

    Args:
        terms: the terms, by name.
        examples: example inputs of every term, which size the learned parts and are checked against what each loss
            needs: a dry run.
        balance: a balancer over the same names; none by default.

    Raises:
        ValueError: no terms, other names than the terms' in ``examples`` or ``balance``, inputs that a loss refuses,
            or a schedule of a hyper-parameter that a learned loss fixes when it is created.

    >>> from stillroom.losses.combine.terms import soft_and_hard
    >>> logits, labels = torch.tensor([[2.0, 0.0]]), torch.tensor([0])
    >>> inputs = {"soft": TermInputs(logits, logits), "hard": TermInputs(logits, labels)}
    >>> objective = WeightedObjective(soft_and_hard(0.5, 2.0), inputs)
    >>> value = objective(inputs, step=0, steps=10)
    >>> value.total, value.terms["hard"].raw_sum
    (tensor(0.0635), tensor(0.1269))
    """

    def __init__(
        self, terms: Mapping[str, Term], examples: Mapping[str, TermInputs], balance: Balance | None = None
    ) -> None:
        super().__init__()
        if not terms:
            raise ValueError("an objective without terms; expected at least one")
        self._terms = dict(terms)
        self._check_names("example inputs", examples)
        self.balance = FixedBalance(terms) if balance is None else balance
        self._check_names("a balance", self.balance.names)
        self.losses = nn.ModuleDict(
            {name: _bind(name, term, examples[name]) for name, term in self._terms.items()}
        )

    def forward(
        self,
        inputs: Mapping[str, TermInputs],
        *,
        step: int,
        steps: int,
        rows: Mapping[str, int] | None = None,
    ) -> ObjectiveValue:
        """Add up the terms of one pass.

        Args:
            inputs: what each term reads.
            step: the step, from 0.
            steps: steps of the run.
            rows: kept rows of a term in the whole step, over all passes and ranks; this pass's where it says none.

        Raises:
            ValueError: other names than the terms', sample weights for a coupled loss, or of another shape.
        """
        self._check_names("inputs", inputs)
        values = {
            name: self._value(name, inputs[name], step, steps, (rows or {}).get(name)) for name in self._terms
        }
        balanced = self.balance({name: value.mean for name, value in values.items()})
        summands = [value.weight * value.share * balanced[name] for name, value in values.items()]
        return ObjectiveValue(sum(summands[1:], start=summands[0]), values)

    def adversaries(self) -> dict[str, nn.Module]:
        """Parts that work against the student, by term: for an optimiser of their own."""
        found = {name: getattr(loss, "adversary", lambda: None)() for name, loss in self.losses.items()}
        return {name: part for name, part in found.items() if part is not None}

    def _value(
        self, name: str, given: TermInputs, step: int, steps: int, total_rows: int | None
    ) -> TermValue:
        term = self._terms[name]
        values = self.losses[name](
            given.student, given.teacher, mask=given.mask, **given.tensors, **term.scheduled(step, steps)
        )
        weight = term.weight.at(step, steps)
        if LOSSES[term.loss].per_example:
            rows = values.numel()
            mean = _weighted(values, given, name).sum() / max(rows, 1)
            raw_sum = values.detach().sum()
        else:
            if given.weights is not None:
                raise ValueError(
                    f"sample weights for {name!r}, but {term.loss} couples the batch; give them to another term"
                )
            rows = _rows(given)
            mean, raw_sum = values, values.detach() * rows
        return TermValue(mean, raw_sum, rows, rows / max(total_rows or rows, 1), weight)

    def _check_names(self, what: str, names: Mapping[str, TermInputs] | tuple[str, ...]) -> None:
        refuse_unknown(f"term in {what}", names, self._terms)
        missing = [name for name in self._terms if name not in names]
        if missing:
            raise ValueError(f"{what} without {missing[0]!r}; expected {', '.join(self._terms)}")


def _bind(name: str, term: Term, example: TermInputs) -> nn.Module:
    module = LOSSES[term.loss].bind(example.student, example.teacher, **term.fixed)
    if not isinstance(module, Bound):
        taken = inspect.signature(module.forward).parameters
        for key, value in term.hyper.items():
            if isinstance(value, Schedule) and key not in taken:
                raise ValueError(
                    f"{key} of {name!r} follows a schedule, but {term.loss} fixes it; give a number"
                )
    return module


def _weighted(values: Tensor, given: TermInputs, name: str) -> Tensor:
    """Multiply each value by its sample weight."""
    if given.weights is None:
        return values
    for weights in _aligned(given.weights.detach(), given.mask, values.shape):
        if weights.numel() == values.numel():
            return values * weights.reshape(values.shape).to(values)
    raise ValueError(
        f"sample weights of {name!r} have shape {tuple(given.weights.shape)}, its values {tuple(values.shape)}; "
        f"expected one for each row before masking, or one for each example"
    )


def _aligned(weights: Tensor, mask: Tensor | None, values: torch.Size) -> Iterator[Tensor]:
    """Weights for the kept rows, then for the examples that keep one: a loss gives one value for either."""
    rows = values if mask is None else mask.shape
    if weights.shape == rows[: weights.ndim]:
        spread = weights.reshape(*weights.shape, *(1,) * (len(rows) - weights.ndim)).expand(rows)
        yield spread if mask is None else spread[mask]
    if mask is not None and weights.shape == mask.shape[:1]:
        yield weights[mask.flatten(1).any(1)]


def _rows(given: TermInputs) -> int:
    if given.mask is not None:
        return int(given.mask.sum())
    first = given.student
    while not isinstance(first, Tensor):
        first = first[0]
    return len(first)
