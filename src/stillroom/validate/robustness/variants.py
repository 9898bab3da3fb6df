"""The same items with changed prompts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from stillroom.types import Example
from stillroom.validate.robustness.meaning import negation, other_number
from stillroom.validate.robustness.perturb import Perturb, abbreviations, case, missing, typos
from stillroom.validate.robustness.settings import Perturbation

PERTURB: Mapping[Perturbation, Perturb] = {
    "typos": typos,
    "abbreviations": abbreviations,
    "case": case,
    "missing": missing,
    "negation": negation,
    "numbers": other_number,
}
"""By name."""

TURNS_MEANING = frozenset[Perturbation]({"negation", "numbers"})
"""After these the old answer is wrong, or no longer sure: a model should like it less."""


def variants(
    examples: Sequence[Example], perturbation: Perturbation, share: float, seed: int
) -> list[tuple[Example, Example]]:
    """Pair each example with its changed twin; those in which nothing can be changed are left out.

    What is done to an example depends on its identifier and the seed, never on its neighbours.
    """
    pairs = []
    for example in examples:
        random = np.random.default_rng([seed, zlib.crc32(f"{perturbation} {example.id}".encode())])
        changed = PERTURB[perturbation](example.prompt, share, random)
        if changed and changed != example.prompt:
            pairs.append((example, replace(example, prompt=changed)))
    return pairs
