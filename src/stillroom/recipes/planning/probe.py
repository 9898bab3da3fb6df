"""How fast this machine trains and moves memory: a few seconds' measurement, kept for the next plan."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stillroom.models.roster import known_model
from stillroom.models.store import cache_dir
from stillroom.recipes.machine import machine
from stillroom.recipes.planning.hardware import Hardware
from stillroom.types.files import fingerprint, write_json
from stillroom.types.timing import shortest_seconds

_FILE = "hardware.json"
_SIZE, _EMULATED_SIZE = 1024, 256
_MEASURED_MODEL = "smollm2-135m-instruct"
_LAYERS, _ROWS, _TOKENS, _WORDS = 2, 8, 64, 8
_REPEATS, _LEAST_SECONDS = 3, 0.3
_COPIED_FLOATS = 1 << 25
_GPU_EFFICIENCY = 0.4


def this_machine(*, fresh: bool = False) -> Hardware:
    """Describe this machine; its speeds are measured once and kept beside the model cache.

    Args:
        fresh: measure again, as after another program has left.
    """
    path = cache_dir().parent / _FILE
    key = fingerprint({**machine(), "threads": _threads()})
    kept = _kept(path, key)
    if fresh or kept is None:
        kept = _measured()
        write_json(path, {"key": key, "hardware": kept.to_dict()})
    return kept


def _kept(path: Path, key: str) -> Hardware | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Hardware(**data["hardware"]) if data["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _measured() -> Hardware:
    import torch

    facts = machine()
    source, memory = f"measured: {facts['cpu']}, {_threads()} threads", int(facts["memory_bytes"])
    if not torch.cuda.is_available():
        flops = {"float32": _training_flops(half=False), "bfloat16": _half_flops()}
        return Hardware("here", source, memory, flops, _traffic("cpu"), efficiency=1.0)
    count, formats = torch.cuda.device_count(), {"float32": torch.float32, "bfloat16": torch.bfloat16}
    return Hardware(
        "here",
        f"{source}, GPU",
        memory,
        {name: count * _product_flops(_SIZE, dtype, "cuda") for name, dtype in formats.items()},
        count * _traffic("cuda"),
        devices=count,
        device_memory_bytes=torch.cuda.get_device_properties(0).total_memory,
        efficiency=_GPU_EFFICIENCY,
    )


def _half_flops() -> float:
    """In bfloat16; where that is no faster, nothing is trained in it, and a small product tells how slow it is."""
    import torch

    from stillroom.models.precision import cpu_computes_bfloat16

    if cpu_computes_bfloat16():
        return _training_flops(half=True)
    return _product_flops(_EMULATED_SIZE, torch.bfloat16, "cpu")


def _training_flops(*, half: bool) -> float:
    """Products and sums a second on the way forward and back through layers of the packaged model's shape.

    The time of attention, norms and gates is in it, so that a plan need not count them.
    """
    import torch
    from transformers import LlamaConfig, LlamaModel

    from stillroom.models.short_attention import short_attention

    shape = known_model(_MEASURED_MODEL).architecture
    config = LlamaConfig(
        vocab_size=_WORDS,
        hidden_size=shape.width,
        intermediate_size=shape.ffn,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        num_hidden_layers=_LAYERS,
    )
    model, ids = LlamaModel(config), torch.zeros(_ROWS, _TOKENS, dtype=torch.long)

    def work() -> None:
        with short_attention(ids, half=half):
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                states = model(ids).last_hidden_state
            states.sum().backward()

    return 6 * shape.layer_weights * _LAYERS * ids.numel() / _seconds(work, "cpu")


def _product_flops(size: int, dtype: Any, device: str) -> float:
    import torch

    left = torch.rand(size, size, device=device).to(dtype)
    return 2 * size**3 / _seconds(lambda: left @ left, device)


def _traffic(device: str) -> float:
    """Bytes read and written a second by a sum over more floats than any cache holds."""
    import torch

    floats = torch.ones(_COPIED_FLOATS, device=device)
    return 2 * 4 * _COPIED_FLOATS / _seconds(lambda: floats.add_(1.0), device)


def _seconds(work: Callable[[], object], device: str) -> float:
    import torch

    def done() -> None:
        work()
        if device == "cuda":
            torch.cuda.synchronize()

    return shortest_seconds(done, repeats=_REPEATS, least_seconds=_LEAST_SECONDS)


def _threads() -> int:
    import torch

    return torch.get_num_threads()
