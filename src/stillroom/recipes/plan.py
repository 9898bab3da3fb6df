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


def check_stages(names: Iterable[str]) -> None:
    """Refuse a name that is no stage.

    Raises:
        RecipeError: with the nearest stage.

    >>> check_stages(["teach", "distil"])
    """
    for name in names:
        if name not in STAGES:
            raise RecipeError(f"unknown stage {name!r}", "a stage of the run", did_you_mean(name, STAGES))
