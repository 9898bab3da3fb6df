"""Attacks along the gradient, for models of tensors: beats, images, tables, embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

Loss = Callable[["Tensor"], "Tensor"]
"""The loss to raise, one value for each example: ``(batch, …)`` → ``(batch,)``."""


def fgsm(
    loss: Loss, inputs: Tensor, epsilon: float, *, low: float | None = None, high: float | None = None
) -> Tensor:
    r"""Fast gradient sign method: one step to a corner of the L∞ ball, :math:`x + \epsilon\,\mathrm{sign}\,\nabla_x L`.

    The strongest attack on a linear model, a weak one on others.

    Args:
        loss: what to raise.
        inputs: shape ``(batch, …)``.
        epsilon: radius of the ball, in the inputs' unit.
        low: least value that an input may take.
        high: greatest value that an input may take.

    Source: Goodfellow et al. 2015, arXiv:1412.6572.
    """
    return _clamped(inputs + epsilon * _gradient(loss, inputs).sign(), low, high)


def pgd(
    loss: Loss,
    inputs: Tensor,
    epsilon: float,
    *,
    steps: int = 10,
    step: float | None = None,
    seed: int = 0,
    low: float | None = None,
    high: float | None = None,
) -> Tensor:
    """Projected gradient descent: small steps along the gradient's sign, kept in the L∞ ball, from a random start.

    The best point on the way is returned for each example, the inputs themselves among them, so an attack never helps.

    Args:
        loss: what to raise.
        inputs: shape ``(batch, …)``.
        epsilon: radius of the ball, in the inputs' unit.
        steps: how many.
        step: length of each; 2.5 · epsilon / steps by default, so that the far side can be reached.
        seed: of the start.
        low: least value that an input may take.
        high: greatest value that an input may take.

    Source: Madry et al. 2018, arXiv:1706.06083.
    """
    import torch

    generator = torch.Generator(device=inputs.device).manual_seed(seed)
    length = 2.5 * epsilon / steps if step is None else step
    noise = torch.rand(inputs.shape, generator=generator, dtype=inputs.dtype, device=inputs.device)
    here = _clamped(inputs + epsilon * (2 * noise - 1), low, high)
    best, best_loss = inputs.detach().clone(), loss(inputs).detach()
    for _ in range(steps + 1):
        found = loss(here).detach()
        better = found > best_loss
        best[better], best_loss = here[better], torch.maximum(found, best_loss)
        moved = here + length * _gradient(loss, here).sign()
        here = _clamped(torch.minimum(torch.maximum(moved, inputs - epsilon), inputs + epsilon), low, high)
    return best


def _gradient(loss: Loss, inputs: Tensor) -> Tensor:
    import torch

    point = inputs.detach().requires_grad_(True)
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(loss(point).sum(), point)
    return gradient


def _clamped(values: Tensor, low: float | None, high: float | None) -> Tensor:
    return values if low is None and high is None else values.clamp(low, high)
