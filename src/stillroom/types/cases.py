"""What bedside models learn from: cases with inputs of any shape, their truth, and how they are split."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.types.corpus import Source, Split
from stillroom.types.files import fingerprint

LOGITS = "logits"
"""Name of the answer among the arrays that a network or a teacher shows of a case."""

TOKENS, OWN_TOKENS = "tokens", "own_tokens"
"""Names of inputs: what the teacher's tokenizer makes of a text, and what the student's own makes of it."""

WORDS_OF: Mapping[str, str] = {TOKENS: "words", OWN_TOKENS: "own_words"}
"""For each of them the input that says which tokens make up each word: first and the one after the last."""

UNKNOWN = -1
"""Class number of a position whose class is not known; of labels and values it is NaN."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a task asks for at every position of a case.

    Attributes:
        kind: one of several classes; any number of labels; or values.
        names: of the classes, labels or values, in the order of the outputs. Of two classes the second is positive.
    """

    kind: Literal["classes", "labels", "values"]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One example: a stay, a beat, an image, a sentence.

    Attributes:
        id: stable identifier, unique in the cohort; safe to log (never patient text).
        group: what may not cross splits, such as the patient.
        inputs: arrays by name, in clinical units; NaN where nothing was measured.
        target: class numbers of shape ``(*positions)``, or labels (0, 1) or values of shape ``(*positions, outputs)``.
            ``UNKNOWN`` or NaN where it is not known.
        keys: values of subgroup keys, such as sex or site.
        focus: how much a learner should attend to each time step, ``(time,)``; None where nothing is known of it.
        weight: what it counts in a training loss.
        size: room that it takes in a pass; 1 where all cases have one shape.
        span: hours since the stay began at which it is asked, and at which its truth is known; None where time plays
            no part.
    """

    id: str
    group: str
    inputs: Mapping[str, NDArray[Any]]
    target: NDArray[Any]
    keys: Mapping[str, str] = field(default_factory=dict)
    focus: NDArray[np.float32] | None = None
    weight: float = 1.0
    size: int = 1
    span: tuple[float, float] | None = None

    @property
    def units(self) -> int:
        """Positions that carry a loss, known or not."""
        whole = np.issubdtype(self.target.dtype, np.integer)
        return int(np.prod(self.target.shape if whole else self.target.shape[:-1], dtype=np.int64))

    @cached_property
    def sha256(self) -> str:
        """Hash of its inputs, the truth left out: what a teacher says of it is found by it."""
        digest = hashlib.sha256()
        for name, values in sorted(self.inputs.items()):
            digest.update(f"{name}{values.dtype.str}{values.shape}".encode())
            digest.update(np.ascontiguousarray(values).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Cohort:
    """Cases by split, with their provenance and what was done to them.

    Attributes:
        name: of the cohort.
        sources: provenance and licence of every source.
        head: what is asked of each case.
        channels: names of the last axis of each input, such as ``series: (HR, MAP, …)``; empty where it has none.
        splits: the cases of each split.
        dropped: how many cases were left out, by reason.
        mended: how many values were changed or taken for missing, by reason.
        split_rule: how cases came into their splits, as it reads after "Split".
        tokenizers: what cuts raw text for each input of tokens, as JSON of the package ``tokenizers``.
    """

    name: str
    sources: tuple[Source, ...]
    head: Head
    channels: Mapping[str, tuple[str, ...]]
    splits: Mapping[Split, tuple[Case, ...]]
    dropped: Mapping[str, int]
    mended: Mapping[str, int]
    split_rule: str
    tokenizers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over inputs and truth of all splits and the provenance."""
        return fingerprint(
            {
                "name": self.name,
                "sources": [asdict(source) for source in self.sources],
                "head": asdict(self.head),
                "splits": {
                    split: [[case.id, case.sha256, str(case.target.tolist())] for case in cases]
                    for split, cases in self.splits.items()
                },
            }
        )
