"""Bedside networks that can be asked why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from stillroom.models.bedside.gru import Gru
from stillroom.models.bedside.mlp import Mlp
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.pretrained_network import PretrainedNetwork
from stillroom.models.bedside.staged import Staged
from stillroom.models.bedside.text import TextNetwork
from stillroom.types import ModelError
from stillroom.types.cases import TOKENS
from stillroom.validate.explain.explainer import Array, Attributed, Outputs
from stillroom.validate.explain.gradients import grad_cam, integrated_gradients
from stillroom.validate.explain.units import (
    Owners,
    channel_units,
    flat_owners,
    numbered,
    patch_owners,
    summed,
)

Inputs = Mapping[str, Tensor]
_AT_ONCE = 1024


@dataclass(frozen=True)
class Described:
    """Cases as a network first sees them in numbers that a gradient reaches.

    Attributes:
        units: names.
        points: arrays of the cases, each ``(cases, …)``.
        baselines: what stands for nothing being known, each with one case: the mean of the training cases.
        owners: unit of each entry of the points, without the cases' axis.
        present: which units each case has.
        fixed: what is read beside the points.
        show: what the network makes of points and what is fixed.
    """

    units: tuple[str, ...]
    points: tuple[Tensor, ...]
    baselines: tuple[Tensor, ...]
    owners: tuple[Owners, ...]
    present: NDArray[np.bool_]
    show: Callable[..., Shown]
    fixed: tuple[Tensor, ...] = ()


@singledispatch
def described(
    network: BedsideNetwork, form: Form, inputs: Inputs, reference: Inputs, patches: int
) -> Described:
    """Describe cases for attributions.

    Args:
        network: reads them.
        form: of its inputs.
        inputs: of the cases, as they are collated.
        reference: of the training cases, whose mean is the baseline.
        patches: parts of each axis of a grid.

    Raises:
        ModelError: a network of a kind that nothing is known of here.
    """
    raise ModelError(
        f"an explanation of a {type(network).__name__}",
        "one of mlp, gru, resnet, separable, text, pretrained",
        "leave out evaluate.explain",
    )


class NetworkExplainer:
    """Integrated gradients of a network's centred logits.

    A centred logit is the logit minus the mean over classes: what is the same for all classes says nothing.

    Args:
        network: in evaluation mode.
        cases: from :func:`described`.
        steps: of the quadrature.
    """

    def __init__(self, network: BedsideNetwork, cases: Described, steps: int) -> None:
        self._network, self._cases, self._steps = network.eval(), cases, steps
        self.units, self.present = cases.units, cases.present

    def attributed(self, outputs: Outputs) -> Attributed:
        """Integrated gradients, added up over what belongs to a unit."""
        found = integrated_gradients(
            self._centred,
            self._cases.points,
            self._cases.baselines,
            torch.from_numpy(outputs),
            self._steps,
            fixed=self._cases.fixed,
        )
        values = sum(
            summed(of.double().numpy(), owners, len(self.units))
            for of, owners in zip(found, self._cases.owners, strict=True)
        )
        everything = np.ones_like(self.present)
        change = self._said(everything, outputs, self._centred) - self._said(
            ~everything, outputs, self._centred
        )
        return Attributed(np.asarray(values), change)

    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """Softmax of the logits with the other units at the baseline."""
        return self._said(kept, outputs, lambda *given: self._logits(*given).softmax(-1))

    @torch.no_grad()
    def attention(self) -> dict[str, Array]:
        """What the network shows of its attention."""
        shown = self._cases.show(*self._cases.points, *self._cases.fixed).attention
        return {name: of.double().flatten(1, -2).mean(1).numpy() for name, of in shown.items()}

    @torch.no_grad()
    def _said(self, kept: NDArray[np.bool_], outputs: Outputs, forward: Callable[..., Tensor]) -> Array:
        found = []
        for start in range(0, len(outputs), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            keep = torch.from_numpy(kept[part])
            points = [
                torch.where(keep[:, torch.from_numpy(owners).expand(point.shape[1:])], point[part], baseline)
                for point, baseline, owners in zip(
                    self._cases.points, self._cases.baselines, self._cases.owners, strict=True
                )
            ]
            said = forward(*points, *(of[part] for of in self._cases.fixed))
            found.append(said.double().gather(1, torch.from_numpy(outputs[part])[:, None])[:, 0])
        return np.asarray(torch.cat(found).numpy())

    def _logits(self, *given: Tensor) -> Tensor:
        return self._cases.show(*given).logits

    def _centred(self, *given: Tensor) -> Tensor:
        logits = self._logits(*given)
        return logits - logits.mean(-1, keepdim=True)


class GradCamExplainer(NetworkExplainer):
    """Grad-CAM of a convolutional network's last stage, drawn up to the size of the grid; the mean of each patch."""

    def attributed(self, outputs: Outputs) -> Attributed:
        """What speaks for the output; nothing is said of what speaks against it, nor of inputs beside the grid."""
        stages = getattr(self._network, "stages", None)
        assert isinstance(stages, nn.ModuleList)
        maps = grad_cam(self._centred, stages[-1], self._cases.points, torch.from_numpy(outputs))
        sizes = self._cases.points[0].shape[2:]
        mode = "linear" if len(sizes) == 1 else "bilinear"
        drawn = functional.interpolate(maps[:, None], sizes, mode=mode, align_corners=False)[:, 0]
        owners = self._cases.owners[0]
        sites = np.bincount(owners.ravel(), minlength=len(self.units))
        return Attributed(
            summed(drawn.double().numpy(), owners, len(self.units)) / np.maximum(sites, 1), None
        )


@described.register
def _of_mlp(network: Mlp, form: Form, inputs: Inputs, reference: Inputs, patches: int) -> Described:
    names = sorted(form.shapes)
    units = numbered(channel_units(form, names))
    return _read(network, inputs, reference, units, {"flat": np.concatenate(flat_owners(form, names, units))})


@described.register
def _of_gru(network: Gru, form: Form, inputs: Inputs, reference: Inputs, patches: int) -> Described:
    names = sorted(form.shapes)
    units = numbered(channel_units(form, names))
    own = np.array([units[unit] for unit in channel_units(form, ["series"])["series"]])
    owners = {"course": np.tile(own, 3)}  # values, what is measured, and how long ago
    if network.others is not None:
        owners["others"] = np.concatenate(flat_owners(form, network.others.names, units))
    return _read(network, inputs, reference, units, owners)


@described.register
def _of_staged(network: Staged, form: Form, inputs: Inputs, reference: Inputs, patches: int) -> Described:
    read = network.read(inputs)
    owners = {"grid": patch_owners(read["grid"].shape[2:], patches)}
    units = {f"patch {number}": number for number in range(int(owners["grid"].max()) + 1)}
    if network.beside is not None:
        beside = channel_units(form, network.beside.names)
        units |= {unit: len(units) + at for at, unit in enumerate(numbered(beside))}
        owners["beside"] = np.concatenate(flat_owners(form, network.beside.names, units))
    return _read(network, inputs, reference, units, owners)


@described.register(TextNetwork)
@described.register(PretrainedNetwork)
@torch.no_grad()
def _of_words(
    network: TextNetwork | PretrainedNetwork, form: Form, inputs: Inputs, reference: Inputs, patches: int
) -> Described:
    """A unit is a token; the baseline is the mean token of the training cases, in every place."""
    tokens = inputs[TOKENS]
    real = tokens >= 0
    there = reference[TOKENS]
    mean = network.words(there)[there >= 0].mean(0)
    return Described(
        tuple(f"token {number}" for number in range(tokens.shape[1])),
        (network.words(tokens),),
        (mean.expand(1, tokens.shape[1], -1),),
        (np.arange(tokens.shape[1])[:, None],),
        real.numpy(),
        network.show_words,
        (real,),
    )


@torch.no_grad()
def _read(
    network: BedsideNetwork,
    inputs: Inputs,
    reference: Inputs,
    units: Mapping[str, int],
    owners: Mapping[str, Owners],
) -> Described:
    """Describe cases by what a network reads of them."""
    read, usual = network.read(inputs), network.read(reference)
    names = tuple(owners)

    def show(*points: Tensor) -> Shown:
        return network.show(dict(zip(names, points, strict=True)))

    cases = len(next(iter(read.values())))
    return Described(
        tuple(units),
        tuple(read[name] for name in names),
        tuple(usual[name].mean(0, keepdim=True) for name in names),
        tuple(owners[name] for name in names),
        np.ones((cases, len(units)), dtype=bool),
        show,
    )
