"""The stages of a run, in order: what the command line calls its verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stillroom.types import RecipeError, did_you_mean

STAGES: Mapping[str, str] = {
    "prepare": "build the corpus and split it",
    "teach": "adapt the teacher to the corpus, calibrate it and hold it against the gate",
    "signals": "record what the teacher knows about every training example",
    "distil": "train the control on hard labels and the student on the teacher's knowledge",
    "export": "compress the student and write the bundle",
    "validate": "measure all five subjects on the test split",
    "report": "write the report and the model card",
}

PUBLISHED = "report"
"""The last stage, which publishes what the others made and is not kept."""

PARTS: Mapping[str, tuple[str, ...]] = {"teach": ("teach", "gate"), "distil": ("control", "student")}
"""Stages that are kept in more than one piece."""


def check_stages(names: Iterable[str]) -> None:
    """Refuse a name that is no stage.

    Raises:
        RecipeError: with the nearest stage.

    >>> check_stages(["teach", "distil"])
    """
    _check(names, STAGES)


def stages_until(last: str | None) -> tuple[str, ...]:
    """Name the stages up to one of them, which is included; all by default.

    >>> stages_until("signals")
    ('prepare', 'teach', 'signals')
    """
    names = tuple(STAGES)
    return names if last is None else names[: names.index(last) + 1]


def pieces(names: Iterable[str]) -> frozenset[str]:
    """Name the pieces that are kept for each stage; a piece may also be named itself.

    Raises:
        RecipeError: a name is neither a stage nor a piece of one.

    >>> sorted(pieces(["distil", "gate"]))
    ['control', 'gate', 'student']
    """
    names = tuple(names)
    _check(names, {*STAGES, *(piece for parts in PARTS.values() for piece in parts)})
    return frozenset(piece for name in names for piece in PARTS.get(name, (name,)))


def _check(names: Iterable[str], known: Iterable[str]) -> None:
    known = tuple(known)
    for name in names:
        if name not in known:
            raise RecipeError(f"unknown stage {name!r}", "a stage of the run", did_you_mean(name, known))
