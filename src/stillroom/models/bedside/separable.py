"""A compact network of depthwise-separable convolutions: the student of waves and images."""

from __future__ import annotations

from torch import nn

from stillroom.models.bedside.convolutions import Convolution, norm
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import SeparableSettings
from stillroom.models.bedside.staged import Staged


class Separable(Staged):
    """Each channel is convolved by itself, then channels are mixed; each stage after the first halves the grid.

    Source: Howard et al. 2017, MobileNets (arXiv:1704.04861), with group normalisation.
    """

    def __init__(self, settings: SeparableSettings, form: Form) -> None:
        super().__init__(settings, form, separable)


def separable(convolution: Convolution, inward: int, outward: int, kernel: int, stage: int) -> nn.Module:
    """A depthwise and a pointwise convolution, each normalised."""
    stride = 2 if stage > 0 else 1
    return nn.Sequential(
        convolution(inward, inward, kernel, stride, kernel // 2, groups=inward, bias=False),
        norm(inward),
        nn.ReLU(),
        convolution(inward, outward, 1, bias=False),
        norm(outward),
        nn.ReLU(),
    )
