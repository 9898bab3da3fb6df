"""What a machine has: memory, arithmetic and memory traffic; profiles of named machines, and this one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from stillroom.types import RecipeError, did_you_mean

GIB = 2**30
_GB, _TERA = 10**9, 10**12


@dataclass(frozen=True, slots=True)
class Hardware:
    """A machine that a run is planned for.

    Attributes:
        name: of the profile, or ``here``.
        source: where its figures come from.
        memory_bytes: main memory.
        flops: products and sums of matrix products a second, of all devices together, by number format.
        bytes_per_second: memory traffic, of all devices together.
        devices: accelerators; 0 for a processor alone. Each trains a whole copy of the student.
        device_memory_bytes: memory of one accelerator.
        efficiency: share of ``flops`` that training reaches; 1 where they were measured in training.
    """

    name: str
    source: str
    memory_bytes: int
    flops: Mapping[str, float]
    bytes_per_second: float
    devices: int = 0
    device_memory_bytes: int = 0
    efficiency: float = 0.4

    @property
    def computes_bfloat16(self) -> bool:
        """Whether bfloat16 products are faster than float32's."""
        return self.flops.get("bfloat16", 0.0) > self.flops["float32"]

    def to_dict(self) -> dict[str, Any]:
        """Return a plain form."""
        return asdict(self)

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Read a machine from a JSON file with the keys of :meth:`to_dict`.

        Raises:
            RecipeError: unreadable, or other keys.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise RecipeError(
                f"cannot read hardware {path}: {error}",
                f"JSON with {', '.join(cls.__dataclass_fields__)}",
                "start from `stillroom doctor RECIPE --json`, key 'hardware'",
            ) from error


_NVIDIA = "datasheet of the maker, dense products; efficiency not measured here"

PROFILES: Mapping[str, Hardware] = {
    machine.name: machine
    for machine in (
        Hardware(
            "cpu-2-24gib",
            "measured: two AVX2 cores of an AMD EPYC, PyTorch 2.13",
            memory_bytes=24 * GIB,
            flops={"float32": 90e9, "bfloat16": 2e9},
            bytes_per_second=12 * _GB,
            efficiency=0.95,
        ),
        Hardware(
            "t4x2",
            f"{_NVIDIA}: float32 8.1 TFLOP/s each; no bfloat16 units (Turing)",
            memory_bytes=64 * GIB,
            flops={"float32": 2 * 8.1 * _TERA},
            bytes_per_second=2 * 320 * _GB,
            devices=2,
            device_memory_bytes=15 * GIB,
        ),
        Hardware(
            "a10",
            f"{_NVIDIA}: bfloat16 125 TFLOP/s, float32 31.2",
            memory_bytes=64 * GIB,
            flops={"float32": 31.2 * _TERA, "bfloat16": 125 * _TERA},
            bytes_per_second=600 * _GB,
            devices=1,
            device_memory_bytes=23 * GIB,
        ),
        Hardware(
            "h100",
            f"{_NVIDIA}: SXM, bfloat16 989 TFLOP/s, float32 67",
            memory_bytes=256 * GIB,
            flops={"float32": 67 * _TERA, "bfloat16": 989 * _TERA},
            bytes_per_second=3350 * _GB,
            devices=1,
            device_memory_bytes=79 * GIB,
        ),
    )
}


def named_hardware(name: str) -> Hardware:
    """Find a profile by name, or read a file.

    Raises:
        RecipeError: neither.

    >>> named_hardware("a10").computes_bfloat16
    True
    """
    if name in PROFILES:
        return PROFILES[name]
    if name.endswith(".json"):
        return Hardware.from_file(Path(name).expanduser())
    raise RecipeError(
        f"unknown hardware {name!r}",
        f"{', '.join(PROFILES)}, or a .json file",
        did_you_mean(name, PROFILES),
    )
