"""Every bedside network, by the ``kind`` of its settings."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from stillroom.models.bedside.decoder_network import DecoderNetwork
from stillroom.models.bedside.gru import Gru
from stillroom.models.bedside.hybrid import Hybrid
from stillroom.models.bedside.mlp import Mlp
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.pretrained_network import PretrainedNetwork
from stillroom.models.bedside.resnet import ResNet
from stillroom.models.bedside.separable import Separable
from stillroom.models.bedside.settings import BackboneSettings
from stillroom.models.bedside.tcn import Tcn
from stillroom.models.bedside.text import TextNetwork
from stillroom.models.bedside.transformer import Transformer
from stillroom.models.bedside.unet import UNet
from stillroom.types import ModelError
from stillroom.types.cases import Head
from stillroom.types.files import atomic_dir, write_json

BACKBONES: Mapping[str, Callable[[Any, Form], BedsideNetwork]] = {
    "mlp": Mlp,
    "gru": Gru,
    "tcn": Tcn,
    "transformer": Transformer,
    "resnet": ResNet,
    "separable": Separable,
    "hybrid": Hybrid,
    "unet": UNet,
    "text": TextNetwork,
    "pretrained": PretrainedNetwork,
    "decoder": DecoderNetwork,
}

_WEIGHTS, _ABOUT = "network.safetensors", "network.json"


def build_network(settings: BackboneSettings, form: Form, seed: int) -> BedsideNetwork:
    """Make a network with weights drawn from a seed; its inputs are not scaled yet.

    Raises:
        ModelError: the network cannot read such inputs.
    """
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        return BACKBONES[settings.kind](settings, form)


def save_network(network: BedsideNetwork, settings: BackboneSettings, form: Form, path: Path) -> None:
    """Write a network to a folder: weights in safetensors, settings and form beside them."""
    with atomic_dir(path) as folder:
        save_file(network.state_dict(), folder / _WEIGHTS)
        write_json(folder / _ABOUT, {"settings": settings.model_dump(mode="json"), "form": asdict(form)})


def load_network(path: Path) -> BedsideNetwork:
    """Read a network back, in evaluation mode.

    Raises:
        ModelError: the folder holds none, or a damaged one.
    """
    try:
        about = json.loads((path / _ABOUT).read_text(encoding="utf-8"))
        settings = TypeAdapter[BackboneSettings](BackboneSettings).validate_python(about["settings"])
        network = build_network(settings, _form(about["form"]), seed=0)
        network.load_state_dict(load_file(path / _WEIGHTS))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{path} holds no network that can be read", "the folder as it was saved", "run the stage again"
        ) from error
    return network.eval()


def _form(data: Mapping[str, Any]) -> Form:
    shapes = {name: tuple(shape) for name, shape in data["shapes"].items()}
    channels = {name: tuple(names) for name, names in data["channels"].items()}
    head = Head(data["head"]["kind"], tuple(data["head"]["names"]))
    return Form(shapes, head, channels, tuple(data["integers"]))
