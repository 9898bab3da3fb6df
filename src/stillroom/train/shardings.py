"""The shipped ways of dividing a training among processes, as files of Accelerate."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from stillroom.types import RecipeError, did_you_mean

_FOLDER = Path(__file__).parent / "accelerate_configs"
SHARDINGS: Mapping[str, str] = {"fsdp2": "PyTorch's FSDP2: weights, gradients and optimiser state"}
"""What each of them divides."""


def config_file(name: str) -> Path:
    """The file for ``accelerate launch --config_file``.

    Raises:
        RecipeError: there is no such sharding.
    """
    if name not in SHARDINGS:
        raise RecipeError(f"unknown sharding {name!r}", "a shipped one", did_you_mean(name, SHARDINGS))
    return _FOLDER / f"{name}.yaml"


def environment(name: str | None) -> dict[str, str]:
    """Variables that tell Accelerate of a sharding: those that ``accelerate launch`` would set.

    Raises:
        RecipeError: there is no such sharding.

    >>> environment(None)
    {}
    """
    if name is None:
        return {}
    from accelerate.commands.launch import _validate_launch_command, launch_command_parser
    from accelerate.utils.launch import prepare_multi_gpu_env

    arguments = ["--config_file", str(config_file(name)), "--main_process_port", "0", "stillroom"]
    told, _, _ = _validate_launch_command(launch_command_parser().parse_args(arguments))
    variables = prepare_multi_gpu_env(told)
    return {key: value for key, value in variables.items() if os.environ.get(key) != value}
