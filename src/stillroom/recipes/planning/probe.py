"""How fast this machine multiplies matrices and moves memory: a second's measurement, kept for the next plan."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from stillroom.models.store import cache_dir
from stillroom.recipes.machine import machine
from stillroom.recipes.planning.hardware import Hardware
from stillroom.types.files import fingerprint, write_json

_FILE = "hardware.json"
_SIZE, _EMULATED_SIZE = 1024, 256
_REPEATS, _LEAST_SECONDS = 3, 0.3
_COPIED_FLOATS = 1 << 25
_PROCESSOR_EFFICIENCY = 0.95


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
    cuda: dict[str, Any] = {}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda":
        memory = torch.cuda.get_device_properties(0).total_memory
        cuda = {"devices": torch.cuda.device_count(), "device_memory_bytes": memory, "efficiency": 0.4}
    count = max(1, cuda.get("devices", 1))
    formats = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    return Hardware(
        name="here",
        source=f"measured: {facts['cpu']}, {_threads()} threads" + (", GPU" if cuda else ""),
        memory_bytes=int(facts["memory_bytes"]),
        flops={name: count * _flops(dtype, device) for name, dtype in formats.items()},
        bytes_per_second=count * _traffic(device),
        **{"efficiency": _PROCESSOR_EFFICIENCY, **cuda},
    )


def _flops(dtype: Any, device: str) -> float:
    import torch

    from stillroom.models.precision import cpu_computes_bfloat16

    slow = device == "cpu" and dtype == torch.bfloat16 and not cpu_computes_bfloat16()
    size = _EMULATED_SIZE if slow else _SIZE
    left = torch.rand(size, size, device=device).to(dtype)
    return 2 * size**3 / _seconds(lambda: left @ left, device)


def _traffic(device: str) -> float:
    """Bytes read and written a second by a sum over more floats than any cache holds."""
    import torch

    floats = torch.ones(_COPIED_FLOATS, device=device)
    return 2 * 4 * _COPIED_FLOATS / _seconds(lambda: floats.add_(1.0), device)


def _seconds(work: Callable[[], object], device: str) -> float:
    """Shortest of the repeats after the first; for a while, until each thread has a core to itself."""
    import torch

    times: list[float] = []
    while len(times) <= _REPEATS or sum(times) < _LEAST_SECONDS:
        start = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return min(times[1:])


def _threads() -> int:
    import torch

    return torch.get_num_threads()
