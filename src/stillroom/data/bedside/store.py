"""A cohort on disk: arrays in safetensors, the rest in one JSON file for each split."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from stillroom.types import SPLITS, DataError, Source, StorageError
from stillroom.types.cases import Case, Cohort, Head
from stillroom.types.files import atomic_dir, write_json, write_text

_ABOUT = "cohort.json"
_PLAIN = ("id", "group", "keys", "weight", "size", "span")
_TARGET, _FOCUS = "target", "focus"
_TOKENIZER = ".tokenizer.json"

Array = NDArray[Any]


def save(cohort: Cohort, path: Path) -> None:
    """Write a cohort to a folder, whole or not at all; an existing one of that name is replaced.

    Raises:
        StorageError: the disk is full or not writable.
    """
    with atomic_dir(path) as folder:
        for split, cases in cohort.splits.items():
            write_json(folder / f"{split}.json", [{key: getattr(c, key) for key in _PLAIN} for c in cases])
            save_file(_arrays(cases), folder / f"{split}.safetensors")
        for name, text in cohort.tokenizers.items():
            write_text(folder / f"{name}{_TOKENIZER}", text)
        more = {"channels": dict(cohort.channels), "tokenizers": list(cohort.tokenizers)}
        write_json(folder / _ABOUT, {**manifest(cohort), **more})


def load_saved(path: Path) -> Cohort:
    """Read a cohort back and verify it against its fingerprint.

    Raises:
        DataError: there is no cohort in the folder.
        StorageError: a file is missing, malformed, or not what was saved.
    """
    if not (path / _ABOUT).is_file():
        raise DataError(f"{path} holds no cohort", f"a folder with {_ABOUT}", "run `stillroom prepare` first")
    try:
        cohort, expected = _read(path)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise _damaged(path, type(error).__name__) from error
    if cohort.fingerprint != expected:
        raise _damaged(path, "its content is not what was saved")
    return cohort


def manifest(cohort: Cohort) -> dict[str, Any]:
    """Describe a cohort: provenance, counts, split rule, what was left out or mended and why, fingerprint."""
    return {
        "name": cohort.name,
        "fingerprint": cohort.fingerprint,
        "sources": [asdict(source) for source in cohort.sources],
        "head": asdict(cohort.head),
        "split_rule": cohort.split_rule,
        "items": {split: len(cases) for split, cases in cohort.splits.items()},
        "groups": {split: len({case.group for case in cases}) for split, cases in cohort.splits.items()},
        "counts": list(_counts(cohort)),
        "dropped": dict(cohort.dropped),
        "mended": dict(cohort.mended),
    }


def _counts(cohort: Cohort) -> Iterator[dict[str, str | int]]:
    """Cases of each class and split, where a case has one class; else all cases of a split."""
    for split, cases in cohort.splits.items():
        if cohort.head.kind != "classes" or cases[0].target.ndim:
            yield {"split": split, "kind": "case", "items": len(cases)}
            continue
        numbers = [int(case.target) for case in cases]
        for number, name in enumerate(cohort.head.names):
            yield {"split": split, "kind": name, "items": numbers.count(number)}


def _arrays(cases: Sequence[Case]) -> dict[str, Array]:
    columns: dict[str, list[Array]] = {
        f"input.{name}": [case.inputs[name] for case in cases] for name in cases[0].inputs
    }
    columns[_TARGET] = [case.target for case in cases]
    if all(case.focus is not None for case in cases):
        columns[_FOCUS] = [case.focus for case in cases if case.focus is not None]
    packed: dict[str, Array] = {}
    for name, values in columns.items():
        if len({value.shape for value in values}) == 1:
            packed[name] = np.ascontiguousarray(np.stack(values))  # columns drawn from a table are not
        else:
            packed[name] = np.ascontiguousarray(np.concatenate(values))
            packed[f"{name}.lengths"] = np.array([len(value) for value in values])
    return packed


def _columns(packed: Mapping[str, Array]) -> dict[str, list[Array]]:
    def split(name: str) -> list[Array]:
        lengths = packed.get(f"{name}.lengths")
        return list(packed[name] if lengths is None else np.split(packed[name], np.cumsum(lengths)[:-1]))

    return {name: split(name) for name in packed if not name.endswith(".lengths")}


def _read(path: Path) -> tuple[Cohort, str]:
    about = json.loads((path / _ABOUT).read_text(encoding="utf-8"))
    cohort = Cohort(
        name=about["name"],
        sources=tuple(Source.from_dict(source) for source in about["sources"]),
        head=Head(about["head"]["kind"], tuple(about["head"]["names"])),
        channels={name: tuple(names) for name, names in about["channels"].items()},
        splits={split: tuple(_cases(path, split)) for split in SPLITS},
        dropped=about["dropped"],
        mended=about["mended"],
        split_rule=about["split_rule"],
        tokenizers={
            name: (path / f"{name}{_TOKENIZER}").read_text(encoding="utf-8") for name in about["tokenizers"]
        },
    )
    return cohort, about["fingerprint"]


def _cases(path: Path, split: str) -> Iterator[Case]:
    columns = _columns(load_file(path / f"{split}.safetensors"))
    inputs = [name for name in columns if name.startswith("input.")]
    for at, plain in enumerate(json.loads((path / f"{split}.json").read_text(encoding="utf-8"))):
        arrays = {name.removeprefix("input."): columns[name][at] for name in inputs}
        focus = columns[_FOCUS][at] if _FOCUS in columns else None
        span = None if plain["span"] is None else tuple(plain["span"])
        target = np.asarray(columns[_TARGET][at])
        yield Case(inputs=arrays, target=target, focus=focus, **plain | {"span": span})


def _damaged(path: Path, what: str) -> StorageError:
    return StorageError(
        f"the cohort in {path} is damaged: {what}",
        "the files as they were saved",
        f"delete {path} and run again",
    )
