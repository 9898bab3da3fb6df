"""A small residual network."""

from __future__ import annotations

from torch import Tensor, nn

from stillroom.models.bedside.convolutions import Convolution, norm
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import ResNetSettings
from stillroom.models.bedside.staged import Staged


class ResNet(Staged):
    """Residual blocks; each stage after the first halves the grid.

    Source: He et al. 2016 (arXiv:1512.03385), with group normalisation.
    """

    def __init__(self, settings: ResNetSettings, form: Form) -> None:
        super().__init__(settings, form, Residual)


class Residual(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, convolution: Convolution, inward: int, outward: int, kernel: int, stage: int) -> None:
        super().__init__()
        stride = 2 if stage > 0 else 1
        self.inner = nn.Sequential(
            convolution(inward, outward, kernel, stride, kernel // 2, bias=False),
            norm(outward),
            nn.ReLU(),
            convolution(outward, outward, kernel, 1, kernel // 2, bias=False),
            norm(outward),
        )
        same = inward == outward and stride == 1
        self.around = nn.Identity() if same else convolution(inward, outward, 1, stride, bias=False)

    def forward(self, grid: Tensor) -> Tensor:
        """Add both ways."""
        added: Tensor = self.inner(grid) + self.around(grid)
        return added.relu()
