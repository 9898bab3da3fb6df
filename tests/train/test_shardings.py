"""The shipped files are what Accelerate reads in them."""

from __future__ import annotations

import os

import pytest
import yaml
from accelerate.utils import FullyShardedDataParallelPlugin

from stillroom.train.shardings import SHARDINGS, config_file, environment
from stillroom.types import RecipeError


def test_fsdp2_divides_and_puts_together_again_after_each_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment("fsdp2").items():
        monkeypatch.setenv(name, value)
    assert os.environ["ACCELERATE_USE_FSDP"] == "true"
    plugin = FullyShardedDataParallelPlugin()
    assert plugin.fsdp_version == 2
    assert plugin.reshard_after_forward is True
    assert plugin.cpu_ram_efficient_loading is False


def test_the_precision_is_left_to_the_recipe() -> None:
    for name in SHARDINGS:
        assert yaml.safe_load(config_file(name).read_text())["mixed_precision"] == "no"


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"unknown sharding 'fsdp'.*did you mean 'fsdp2'"):
        environment("fsdp")
