"""Inputs for every loss at a given size, made by the kind of knowledge that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, NamedTuple

import torch
from torch import Tensor

from stillroom.losses import LOSSES
from stillroom.losses.attention.projections import Projections
from stillroom.losses.attention.tinybert import Layers
from stillroom.losses.relation.fsp import Flow
from stillroom.losses.relation.graph import Graph


@dataclass(frozen=True)
class Size:
    """How large a batch is, seen by each kind of loss. The teacher is twice as wide where a loss allows it."""

    name: str
    rows: int
    classes: int
    examples: int
    time: int
    width: int
    layers: int
    heads: int
    side: int

    def __str__(self) -> str:
        return (
            f"{self.rows} rows of {self.classes} classes; {self.examples} embeddings of width {self.width}; "
            f"8 sequences of {self.time} tokens, width {self.width}, {self.layers} layers of {self.heads} heads; "
            f"8 maps of {self.width} channels, {self.side} × {self.side}"
        )


TINY = Size("tiny", rows=6, classes=12, examples=6, time=18, width=8, layers=2, heads=2, side=4)
SMALL = Size("small", rows=256, classes=1_000, examples=64, time=32, width=64, layers=2, heads=4, side=14)
LARGE = Size(
    "large", rows=1_024, classes=8_000, examples=256, time=128, width=256, layers=4, heads=8, side=28
)
BATCH = 8


class Inputs(NamedTuple):
    """What a loss is bound with and called on."""

    student: Any
    teacher: Any
    tensors: Mapping[str, Tensor] = {}
    hyper: Mapping[str, Any] = {}


def inputs_of(name: str, size: Size) -> Inputs:
    """Inputs of the loss of that name; every call makes the same."""
    torch.manual_seed(0)
    made = (BY_NAME.get(name) or BY_KNOWLEDGE[LOSSES[name].consumes])(size)
    if _needs_labels(name) and "targets" not in made.tensors:
        return made._replace(tensors={**made.tensors, "targets": _labels(*made.student.shape)})
    return made


def _grouped(size: Size) -> Inputs:
    return Inputs(_logits(size), _logits(size), {"groups": torch.randint(4, (size.rows,))})


def _needs_labels(name: str) -> bool:
    loss = LOSSES[name]
    takes = signature(loss.function if loss.module is None else loss.module.forward).parameters
    return "targets" in takes and takes["targets"].default is Parameter.empty


def _twice(make: Callable[[Size], Any]) -> Callable[[Size], Inputs]:
    """Student and teacher of one shape."""
    return lambda size: Inputs(make(size), make(size))


def _labels(*shape_and_classes: int) -> Tensor:
    *shape, classes = shape_and_classes
    return torch.randint(classes, shape)


def _logits(size: Size) -> Tensor:
    return 3 * torch.randn(size.rows, size.classes)


def _embeddings(size: Size) -> Tensor:
    return torch.randn(size.examples, size.width)


def _states(size: Size, width: int = 0) -> Tensor:
    return torch.randn(BATCH, size.time, width or size.width)


def _maps(size: Size, channels: int = 0, side: int = 0) -> Tensor:
    side = side or size.side
    return torch.randn(BATCH, channels or size.width, side, side)


def _attentions(size: Size) -> Tensor:
    return torch.randn(BATCH, size.layers, size.heads, size.time, size.time).softmax(-1)


def _projections(size: Size) -> Projections:
    shape = BATCH, size.time, size.heads, size.width // size.heads
    return Projections(*(torch.randn(shape) for _ in range(3)))


def _layers(size: Size) -> Layers:
    scores = torch.randn(BATCH, size.layers, size.heads, size.time, size.time)
    return Layers(torch.randn(BATCH, size.layers + 1, size.time, size.width), scores)


def _graph(size: Size) -> Graph:
    edges = torch.randn(BATCH, size.heads, size.time, size.time).softmax(-1)
    return Graph(_states(size), edges, torch.randn(BATCH, 10))


def _stages(size: Size) -> tuple[Tensor, ...]:
    return tuple(_maps(size, side=max(1, size.side >> depth)) for depth in range(3))


def _wider_teacher(make: Callable[..., Tensor]) -> Callable[[Size], Inputs]:
    return lambda size: Inputs(make(size), make(size, 2 * size.width))


def _of_sites(size: Size) -> Inputs:
    return Inputs(
        _maps(size), _maps(size, 2 * size.width), {"targets": _labels(BATCH, size.side, size.side, 4)}
    )


def _numbered(with_targets: bool) -> Callable[[Size], Inputs]:
    def make(size: Size) -> Inputs:
        tensors = {"index": torch.arange(size.examples)}
        if with_targets:
            tensors["targets"] = _labels(size.examples, 10)
        return Inputs(_embeddings(size), _embeddings(size), tensors, {"memory": 4_096})

    return make


BY_KNOWLEDGE: Mapping[str, Callable[[Size], Inputs]] = {
    "logits": _twice(_logits),
    "values": lambda size: Inputs(*(torch.randn(2, size.rows, 4)), {"targets": torch.randn(size.rows, 4)}),
    "risks": _twice(lambda size: torch.randn(size.rows, 40)),
    "hidden_states": _twice(_states),
    "embeddings": _twice(_embeddings),
    "feature_maps": _twice(_maps),
    "attentions": _twice(_attentions),
    "projections": _twice(_projections),
    "graphs": _twice(_graph),
}
BY_NAME: Mapping[str, Callable[[Size], Inputs]] = {
    "cross_entropy": lambda size: Inputs(_logits(size), _labels(size.rows, size.classes)),
    "universal_logit": lambda size: Inputs(
        _logits(size), torch.randn(size.rows, size.classes + size.classes // 4)
    ),
    "projected_vocabulary": lambda size: _twice(_logits)(size)._replace(hyper={"hidden_width": 64}),
    "hint": _wider_teacher(_states),
    "patient_kd": _twice(lambda size: torch.randn(BATCH, size.layers, size.width)),
    "mmd": _wider_teacher(_maps),
    "variational": _wider_teacher(_maps),
    "masked_generative": _wider_teacher(_maps),
    "review": lambda size: Inputs(_stages(size), _stages(size), hyper={"mid_channels": size.width}),
    "routed_features": lambda size: Inputs(
        _stages(size), _stages(size), {"targets": _labels(BATCH, 10)}, hyper={"classes": 10}
    ),
    "intra_class_variation": _of_sites,
    "prototype": _of_sites,
    "attention_transfer": _wider_teacher(_maps),
    "minilm_v2": lambda size: Inputs(
        _projections(size), _projections(size), hyper={"relation_heads": size.heads}
    ),
    "tinybert": _twice(_layers),
    "fsp": _twice(lambda size: Flow(_maps(size), _maps(size))),
    "crd": _numbered(with_targets=False),
    "categorical_relation": _numbered(with_targets=True),
    "adversarial_alignment": _twice(lambda size: tuple(_states(size) for _ in range(size.layers))),
    "demographic_parity": _grouped,
    "equalised_odds": _grouped,
    "lwf": lambda size: Inputs(_logits(size), torch.randn(size.rows, size.classes // 2)),
}
