"""Low-rank adapters on a network, for as long as it trains."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from stillroom.models.holding import hold_linear, release_linear
from stillroom.train.settings import LoraSettings
from stillroom.types import MissingExtraError, TrainError


@contextmanager
def adapted(network: nn.Module, settings: LoraSettings | None, seed: int) -> Iterator[None]:
    """Freeze a network and train adapters beside its matrices; merge them into it at the end.

    Afterwards the network has the modules and parameter names it had before, so it is saved, exported and loaded
    like any other. Without settings this does nothing.

    With a quantised base the layers' matrices are rounded, and what the adapters learned corrects the rounded ones. So
    they are added to these, dequantised to float32, and not to the matrices of before, which are given up for the
    memory they take; the network keeps the rounding when training fails, too.

    Args:
        network: a transformers model; changed in place.
        settings: rank, scale and place of the adapters, and how the base is held.
        seed: of the adapters' first values.

    Raises:
        MissingExtraError: peft is not installed, or bitsandbytes for a base in nf4.
        TrainError: no module of the network has a name among ``targets``.
    """
    if settings is None:
        yield
        return
    learning = {name: parameter.requires_grad for name, parameter in network.named_parameters()}
    if settings.base != "float32":
        hold_linear(network, settings.base)
    try:
        with _adapters(network, settings, seed):
            yield
    finally:
        release_linear(network)
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(learning[name])


@contextmanager
def _adapters(network: nn.Module, settings: LoraSettings, seed: int) -> Iterator[None]:
    tuner = _insert(network, settings, seed)
    try:
        yield
    except BaseException:
        tuner.unload()
        raise
    release_linear(network)
    tuner.merge_and_unload()


def _insert(network: nn.Module, settings: LoraSettings, seed: int) -> Any:
    try:
        from peft import LoraConfig, LoraModel
    except ImportError as error:
        raise MissingExtraError.of("peft", "lora") from error
    targets = settings.targets if isinstance(settings.targets, str) else list(settings.targets)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets,
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(seed)
    try:
        return LoraModel(network, config, "default")
    except ValueError as error:
        raise TrainError(
            f"lora.targets is {targets}",
            "names of the network's matrices",
            "name some, such as q_proj and v_proj",
        ) from error
