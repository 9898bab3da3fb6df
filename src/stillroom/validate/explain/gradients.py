"""Attributions along gradients, by captum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from stillroom.types import MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor, nn

Forward = Callable[..., "Tensor"]
"""Tensors of a batch → its outputs, ``(batch, outputs)``."""

_AT_ONCE = 256


def integrated_gradients(
    forward: Forward,
    points: Sequence[Tensor],
    baselines: Sequence[Tensor],
    outputs: Tensor,
    steps: int,
    *,
    fixed: Sequence[Tensor] = (),
    at_once: int = _AT_ONCE,
) -> tuple[Tensor, ...]:
    r"""Integrate an output's gradient on the straight line from a baseline.

    .. math:: (x_i - b_i) \int_0^1 \frac{\partial f}{\partial x_i}\bigl(b + t (x - b)\bigr)\, dt

    Complete: the attributions of a case add up to f(x) − f(b), save for the error of the quadrature (Gauss–Legendre).

    Args:
        forward: reads the points, then what is fixed.
        points: x, each ``(batch, …)``.
        baselines: b, of the same shapes, or with a batch of 1.
        outputs: number of the output of each case.
        steps: points of the quadrature.
        fixed: tensors that are read beside the points and get no attribution.
        at_once: points of the quadrature, over all cases, that are computed together; at least one of each case.

    Source: Sundararajan et al. 2017, arXiv:1703.01365.

    Raises:
        MissingExtraError: captum is absent.
    """
    method = _captum().IntegratedGradients(forward, multiply_by_inputs=True)
    found: tuple[Tensor, ...] = method.attribute(
        tuple(points),
        baselines=tuple(baselines),
        target=outputs,
        additional_forward_args=tuple(fixed) or None,
        n_steps=steps,
        internal_batch_size=max(at_once, len(outputs)),
    )
    return tuple(of.detach() for of in found)


def grad_cam(forward: Forward, layer: nn.Module, points: Sequence[Tensor], outputs: Tensor) -> Tensor:
    r"""Weigh the maps of a convolutional layer by how much the output rises with each, and keep what speaks for it.

    .. math:: \mathrm{ReLU}\Bigl(\sum_k \bar g_k A_k\Bigr), \quad \bar g_k \text{ the mean of }
       \partial f/\partial A_k \text{ over sites}

    Returns:
        Shape ``(batch, *sites)``, ≥ 0.

    Source: Selvaraju et al. 2017, arXiv:1610.02391.

    Raises:
        MissingExtraError: captum is absent.
    """
    method = _captum().LayerGradCam(forward, layer)
    found: Tensor = method.attribute(tuple(points), target=outputs, relu_attributions=True)
    return found[:, 0].detach()


def _captum() -> Any:
    try:
        from captum import attr
    except ImportError as error:
        raise MissingExtraError.of("captum", "explain") from error
    return attr
