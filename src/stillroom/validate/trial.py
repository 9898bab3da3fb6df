"""Who is measured on what, for an axis that changes the items itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillroom.types import Example, Predictor, Progress, Subject
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.tables import Key

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Facts = dict[str, str | int | float]
Found = tuple[dict[Key, Estimate], Facts]
"""Estimates, and facts on how they were found."""

SHOWN: tuple[Subject, ...] = ("teacher", "control", "student", "bundle")
"""Whom the axes speak of; what a model is before its training says nothing."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Subjects, examples, their tokenizer, and how intervals are made."""

    subjects: Mapping[Subject, Predictor]
    examples: tuple[Example, ...]
    tokenizer: PreTrainedTokenizerFast
    repeats: int
    seed: int
    progress: Progress
