"""Whether this machine can run the quickstart, and what to do where it cannot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stillroom.models.precision import cpu_computes_bfloat16
from stillroom.models.store import PACKAGED, locate
from stillroom.recipes.finding import Finding, Verdict
from stillroom.recipes.machine import extras, installed, machine
from stillroom.types import ModelError

NEEDED_MEMORY_BYTES = 8 * 2**30
NEEDED_DISK_BYTES = 6 * 10**9
NEEDED_CORES = 2
_QUICKSTART, _QUICKSTART_MODEL = "quickstart", "smollm2-135m-instruct"


def examine(runs_dir: Path) -> Iterator[Finding]:
    """Look at processor, memory, disk, packages and models.

    Args:
        runs_dir: where runs would be written; it need not exist.
    """
    facts = machine()
    yield Finding("python", "ok", f"{facts['python']} on {facts['system']}")
    yield _processor(facts)
    yield _memory(facts)
    yield _disk(runs_dir)
    known = extras()
    needed = {*known.get("", ()), *known.get(_QUICKSTART, ())}
    for extra, packages in known.items():
        if extra != _QUICKSTART:
            yield _packages(extra, packages, needed=needed.issuperset(packages))
    for name in PACKAGED:
        yield _model(name)


def _processor(facts: dict[str, Any]) -> Finding:
    features = facts["cpu_features"]
    found = f"{facts['cpu']}, {facts['cores']} cores, {' '.join(features) or 'no vector features known'}"
    if facts["cores"] < NEEDED_CORES:
        return Finding("processor", "note", found, f"the times in the README are for {NEEDED_CORES} cores")
    if not cpu_computes_bfloat16():
        return Finding("processor", "note", found, "bfloat16 is no faster here: training runs in float32")
    return Finding("processor", "ok", found)


def _memory(facts: dict[str, Any]) -> Finding:
    total = facts["memory_bytes"]
    found = f"{total / 2**30:.1f} GiB"
    if total < NEEDED_MEMORY_BYTES:
        advice = (
            f"the quickstart needs up to {NEEDED_MEMORY_BYTES / 2**30:.0f} GiB: lower train.tokens_per_pass"
        )
        return Finding("memory", "problem", found, advice)
    return Finding("memory", "ok", found)


def _disk(runs_dir: Path) -> Finding:
    place = next(path for path in (runs_dir.absolute(), *runs_dir.absolute().parents) if path.exists())
    free = shutil.disk_usage(place).free
    found = f"{free / 1e9:.1f} GB free at {place}"
    if free < NEEDED_DISK_BYTES:
        advice = f"free {NEEDED_DISK_BYTES / 1e9:.0f} GB or choose another folder with --runs"
        return Finding("disk", "problem", found, advice)
    return Finding("disk", "ok", found)


def _packages(extra: str, packages: tuple[str, ...], *, needed: bool) -> Finding:
    subject = f"extra {extra}" if extra else "packages"
    found = {name: installed(name) for name in packages}
    missing = [name for name, version in found.items() if version is None]
    listed = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    if not missing:
        return Finding(subject, "ok", listed)
    advice = f"pip install 'stillroom{f'[{extra}]' if extra else ''}'"
    return Finding(subject, _missing(needed=needed), f"missing: {', '.join(missing)}", advice)


def _model(name: str) -> Finding:
    try:
        return Finding(f"model {name}", "ok", str(locate(name)))
    except ModelError as error:
        return Finding(f"model {name}", _missing(needed=name == _QUICKSTART_MODEL), error.got, error.fix)


def _missing(*, needed: bool) -> Verdict:
    """What the quickstart needs is a problem where it is missing; other recipes are for the user to know."""
    return "problem" if needed else "note"
