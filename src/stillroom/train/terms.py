"""Further losses of the registry, beside the fused objective."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_type_hints

import torch
from torch import Tensor, nn

from stillroom.losses import LOSSES, DenseTeacher, LearnedLoss, Loss, Term, parse_terms
from stillroom.losses.fused.chunk import CROSS_ENTROPY
from stillroom.train.objective import TermSettings
from stillroom.train.seen import Seen
from stillroom.types import TrainError

_LEAST_EXAMPLES = 3


Pair = tuple[Tensor, Tensor]


class FurtherTerms(nn.Module):
    """Losses of the registry, each with its weight.

    Learned parts of the losses are parameters of this module: they train with the student and are left behind when it
    is saved.

    Args:
        terms: the recipe's ``objective.terms``.
        example: what both models show of any rows; it sizes the learned parts.

    Raises:
        TrainError: a loss that these models cannot feed, or hyper-parameters that it refuses.
    """

    def __init__(self, terms: Mapping[str, TermSettings], example: Seen) -> None:
        super().__init__()
        self._terms = parsed(terms)
        self.losses = nn.ModuleDict(
            {name: _bound(name, term, _pairs(term, example)) for name, term in self._terms.items()}
        )

    def forward(self, seen: Seen, step: int, steps: int) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum over the pass's rows, and each term's sum without its weight and gradient."""
        total, values = seen.hidden.new_zeros(()), {}
        for name, term in self._terms.items():
            value = self._value(name, term, seen, term.scheduled(step, steps))
            values[name] = value.detach()
            total = total + term.weight.at(step, steps) * value
        return total, values

    def _value(self, name: str, term: Term, seen: Seen, hyper: Mapping[str, float]) -> Tensor:
        """Mean over mapped layers of the sum over rows."""
        if LOSSES[term.loss].consumes == "hidden_states":
            seen = seen.at_paired()
        alone = not LOSSES[term.loss].per_example and len(seen.lengths) < _LEAST_EXAMPLES
        if alone or not len(seen.targets):
            return seen.hidden.new_zeros(())
        losses: Any = self.losses[name]
        labels = {"targets": seen.targets} if "targets" in _tensors(LOSSES[term.loss]) else {}
        sums = [
            _sum(loss(student, teacher, **labels, **hyper), seen)
            for loss, (student, teacher) in zip(losses, _pairs(term, seen), strict=True)
        ]
        return torch.stack(sums).mean()


def parsed(terms: Mapping[str, TermSettings]) -> dict[str, Term]:
    """Read the recipe's terms and refuse those that a language model's training cannot feed.

    Raises:
        TrainError: an unknown loss or hyper-parameter, one out of its range, or a loss that needs what is not there.
    """
    try:
        found = parse_terms({name: term.model_dump(exclude_unset=True) for name, term in terms.items()})
    except ValueError as error:
        raise _told(error, "", "a loss of the registry", "run `stillroom losses`") from error
    for name, term in found.items():
        _refuse_unfed(name, term)
    return found


def reads_layers(terms: Mapping[str, TermSettings]) -> bool:
    """Whether a term reads the hidden states of mapped layers."""
    return _reads(terms, "hidden_states")


def reads_attention(terms: Mapping[str, TermSettings]) -> bool:
    """Whether a term reads attention maps."""
    return _reads(terms, "attentions")


def _reads(terms: Mapping[str, TermSettings], knowledge: str) -> bool:
    return any(LOSSES[term.loss].consumes == knowledge for term in parsed(terms).values())


def _refuse_unfed(name: str, term: Term) -> None:
    loss = LOSSES[term.loss]
    unknown = _tensors(loss) - {"mask", "targets"}
    lacks = _SPECIAL.get(term.loss) or ", ".join(sorted(unknown))
    if loss.consumes not in _SUPPLIERS:
        lacks = loss.consumes.replace("_", " ")
    elif loss.module is not None and loss.module.adversary is not LearnedLoss.adversary:
        lacks = "an opponent with an optimiser of its own"
    if lacks:
        raise TrainError(
            f"objective.terms.{name}: {term.loss} needs {lacks}",
            f"a loss that reads {', '.join(_SUPPLIERS)} and hard labels alone",
            "choose another: `stillroom losses` tells what each reads",
        )


def _bound(name: str, term: Term, pairs: Sequence[Pair]) -> nn.ModuleList:
    try:
        return nn.ModuleList(LOSSES[term.loss].bind(*pair, **term.fixed) for pair in pairs)
    except ValueError as error:
        raise _told(error, f".{name}", "inputs that fit it", "change the term or the models") from error


def _told(error: ValueError, name: str, expected: str, fix: str) -> TrainError:
    """A loss's own words; ``expected`` where it names nothing that it expects."""
    got, _, wanted = str(error).partition("; expected ")
    return TrainError(f"objective.terms{name}: {got}", wanted or expected, fix)


def _tensors(loss: Loss) -> set[str]:
    """Names of what a loss reads per row, beside student and teacher."""
    function = loss.module.forward if loss.module is not None else loss.function
    hints = get_type_hints(function)
    parameters = inspect.signature(function).parameters.values()
    return {
        x.name
        for x in parameters
        if x.kind is x.KEYWORD_ONLY and hints[x.name] is Tensor and x.default is x.empty
    }


def _sum(values: Tensor, seen: Seen) -> Tensor:
    """Sum over rows. A value of an example counts for all of its rows, one of the pass for all of them."""
    rows = len(seen.targets)
    weights = values.new_ones(rows) if seen.weights is None else seen.weights.to(values)
    if values.ndim == 0:
        return values * rows
    if len(values) == rows:
        return (values.flatten() * weights).sum()
    return (values * torch.stack([part.sum() for part in torch.split(weights, list(seen.lengths))])).sum()


def _pairs(term: Term, seen: Seen) -> list[Pair]:
    return _SUPPLIERS[LOSSES[term.loss].consumes](seen)


def _logits(seen: Seen) -> list[Pair]:
    """All logits of the pass at once: these losses have no fused form."""
    teacher = _dense(seen)
    return [(seen.hidden @ seen.matrix.T.to(seen.hidden), teacher.hidden @ teacher.weight.T)]


def _hidden_states(seen: Seen) -> list[Pair]:
    assert seen.layers is not None
    assert seen.teacher_layers is not None
    return list(zip(seen.layers, seen.teacher_layers, strict=True))


def _embeddings(seen: Seen) -> list[Pair]:
    """An example is the mean of its last hidden states."""

    def means(states: Tensor) -> Tensor:
        return torch.stack([part.mean(0) for part in torch.split(states, list(seen.lengths))])

    return [(means(seen.hidden), means(_dense(seen).hidden))]


def _dense(seen: Seen) -> DenseTeacher:
    teacher = seen.voices[0].teacher
    if not isinstance(teacher, DenseTeacher):
        raise TrainError(
            "a further term on logits or embeddings, with sampled or truncated targets",
            "targets of kind 'hidden'",
            "set signals.targets.kind to 'hidden'",
        )
    return teacher


def _attentions(seen: Seen) -> list[Pair]:
    """Each row as an example of one query."""
    assert seen.maps is not None
    assert seen.teacher_maps is not None

    def by_row(maps: Tensor) -> Tensor:
        return maps.permute(2, 0, 1, 3).unsqueeze(3)

    return [(by_row(seen.maps), by_row(seen.teacher_maps))]


_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        CROSS_ENTROPY: "no term of its own: 1 − α is its weight",
        "tinybert": "attention scores before the softmax",
    }
)
_SUPPLIERS: Mapping[str, Callable[[Seen], list[Pair]]] = MappingProxyType(
    {"logits": _logits, "hidden_states": _hidden_states, "embeddings": _embeddings, "attentions": _attentions}
)
