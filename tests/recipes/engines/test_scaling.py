"""The arithmetic of the scaling page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from losses.scripts import load

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def scaling() -> ModuleType:
    return load("benchmarks/scaling.py")


def test_the_page_shows_what_the_script_prints() -> None:
    command = [sys.executable, str(ROOT / "benchmarks" / "scaling.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=200).stdout
    page = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("<!-- python benchmarks/scaling.py -->\n")
    assert rest.partition("<!-- end -->")[0] == printed


def test_operations_are_those_that_pytorch_counts(scaling: ModuleType) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    shape = scaling.Decoder(layers=2, width=32, kv_width=16, inner=64, vocab=96)
    config = LlamaConfig(
        vocab_size=96,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation="eager",
    )
    network = LlamaForCausalLM(config)
    ids = torch.zeros(1, 1, dtype=torch.int64)
    with FlopCounterMode(display=False) as counted:
        network(ids, use_cache=False)
    assert counted.get_total_flops() == shape.token_flop(1) + shape.logits_flop


def test_bytes_are_those_of_the_quickstarts_formats(scaling: ModuleType) -> None:
    sizes = scaling.cache_bytes(distinct=11.7, draws=50, classes=64)
    assert sizes["hidden"] == 8192
    assert sizes["top_k, k = 64"] == 2 * 65 + 64 * 17 / 8
    assert sizes["sampled, 50 draws"] == pytest.approx(7 + 2 + 11.7 * 17 / 8)
