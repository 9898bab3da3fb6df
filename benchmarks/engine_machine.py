"""The machine that figures come from, and figures kept as they are found."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

PACKAGES = ("stillroom", "torch", "transformers", "accelerate", "trl", "triton")
_GEMM = 2048


class Findings:
    """Figures by section and name. With a file, a run that was stopped can go on from it.

    Args:
        key: what the figures depend on; a file of another key is refused.
        path: where they are kept after each of them; None for nowhere.
        resume: take up what the file holds.
    """

    def __init__(self, key: Mapping[str, Any], path: Path | None = None, *, resume: bool = False) -> None:
        self._path = path
        self._key = json.loads(json.dumps(key))
        self._sections: dict[str, dict[str, Any]] = {}
        if resume and path is not None and path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept.get("key") != self._key:
                raise SystemExit(f"{path} holds figures of another case or machine; leave --resume out")
            self._sections = kept["sections"]

    def section(self, name: str) -> dict[str, Any]:
        """All figures of a section by their names."""
        return self._sections.setdefault(name, {})

    def keep(self, section: str, name: str, value: Any) -> None:
        """Add a figure, and write all of them where they survive this run."""
        self.section(section)[name] = value
        if self._path is not None:
            text = json.dumps({"key": self._key, "sections": self._sections}, indent=2)
            half = self._path.with_suffix(".writing")
            half.write_text(text + "\n", encoding="utf-8")
            half.replace(self._path)

    def once(self, section: str, name: str, measure: Callable[[], Any]) -> Any:
        """What is known by this name, else what ``measure`` finds."""
        if name not in self.section(section):
            self.keep(section, name, measure())
        return self.section(section)[name]


def matrix_peak(dtype: torch.dtype, device: str, repeats: int = 8) -> float:
    """Operations a second of a square matrix product, best of the repeats."""
    size = _GEMM if device == "cpu" else 4 * _GEMM
    left, right = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    best = float("inf")
    for _ in range(repeats):
        wait_for(device)
        started = time.perf_counter()
        left @ right
        wait_for(device)
        best = min(best, time.perf_counter() - started)
    return 2 * size**3 / best


def wait_for(device: str) -> None:
    """Return when the device has done what it was asked to do."""
    if device == "cuda":
        torch.cuda.synchronize()


def machine(device: str) -> dict[str, Any]:
    """What the figures were measured on."""
    features = [name for name, has in torch.cpu.get_capabilities().items() if has is True]
    return {
        "processor": torch.cuda.get_device_name() if device == "cuda" else _processor(),
        "threads": torch.get_num_threads(),
        "features": sorted(features),
        "load_average": os.getloadavg()[0],
        "python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
