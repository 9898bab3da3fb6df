"""Distillation losses: pure tensor functions that import torch alone.

A loss returns one value per row and leaves the reduction to ``stillroom.train``, which divides by the global count
of real tokens. To add one: write the function, add its line to :data:`LOSSES`, add its row to the contract table.
"""

from stillroom.losses.feature import hidden_mse
from stillroom.losses.fused import FusedLoss, linear_distillation
from stillroom.losses.registry import LOSSES, Loss
from stillroom.losses.response import cross_entropy, forward_kl

__all__ = ["LOSSES", "FusedLoss", "Loss", "cross_entropy", "forward_kl", "hidden_mse", "linear_distillation"]
