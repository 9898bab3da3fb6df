"""Layers that wait on the CPU and visit the device one at a time."""

from __future__ import annotations

from typing import Any

import torch
from accelerate.hooks import attach_align_device_hook
from accelerate.utils import has_offloaded_params
from torch import Tensor, nn


def offload_layers(network: Any, device: torch.device) -> None:
    """Keep the layers' weights on the CPU; each layer's are copied to the device for its own forward pass.

    Embedding, last norm and output matrix stay on the device.
    """
    body = network.base_model
    layers, body.layers = body.layers, nn.ModuleList()
    network.to(device)
    body.layers = layers
    for layer in layers:
        attach_align_device_hook(
            layer,
            device,
            offload=True,
            weights_map=dict(layer.named_parameters()),
            preload_module_classes=[type(layer).__name__],
        )


def all_weights(network: nn.Module) -> dict[str, Tensor]:
    """Every parameter by name; those of a layer that waits on the CPU from there."""
    found: dict[str, Tensor] = dict(network.named_parameters())
    for place, module in network.named_modules():
        if has_offloaded_params(module):
            waiting = module._hf_hook.weights_map
            found |= {f"{place}.{name}": waiting[name] for name, _ in module.named_parameters()}
    return found
