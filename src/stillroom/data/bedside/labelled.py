"""Texts with any number of labels each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillroom.data.bedside.texts import TextSettings, tokenizer_of
from stillroom.types import SPLITS, Source, Split
from stillroom.types.cases import TOKENS, Case, Cohort, Head


@dataclass(frozen=True, slots=True)
class Said:
    """A text and its labels.

    Attributes:
        id: safe to log.
        group: what may not cross splits.
        split: its split.
        text: what is read.
        labels: names; those that are no output are passed over.
    """

    id: str
    group: str
    split: Split
    text: str
    labels: tuple[str, ...]


def multi_label(
    name: str,
    said: Sequence[Said],
    labels: Sequence[str],
    settings: TextSettings,
    *,
    source: Source,
    split_rule: str,
) -> Cohort:
    """Make a cohort of texts; those that are read alike are one case with the labels of all.

    It lies in the latest of their splits, so that nothing that is tested is learned from.

    Args:
        name: of the cohort.
        said: the texts. A group lies in one split.
        labels: names of the outputs, in their order.
        settings: how texts are read.
        source: where they are from.
        split_rule: how they came into their splits.
    """
    tokenizer = tokenizer_of(settings)
    encoded = tokenizer.encode_batch([of.text for of in said])
    places = {label: at for at, label in enumerate(labels)}
    cases: dict[tuple[int, ...], tuple[Split, Case]] = {}
    for of, tokens in zip(said, encoded, strict=True):
        target = np.zeros(len(labels), dtype=np.float32)
        target[[places[label] for label in of.labels if label in places]] = 1.0
        key = tuple(tokens.ids)
        new = Case(of.id, of.group, {TOKENS: np.array(key)}, target, size=len(key))
        cases[key] = _joined(cases[key], (of.split, new)) if key in cases else (of.split, new)
    alike = len(said) - len(cases)
    return Cohort(
        name=name,
        sources=(source,),
        head=Head("labels", tuple(labels)),
        channels={},
        splits={split: tuple(case for at, case in cases.values() if at == split) for split in SPLITS},
        dropped={"read as another, whose labels it joined": alike} if alike else {},
        mended={},
        split_rule=split_rule,
        tokenizers={TOKENS: tokenizer.to_str()},
    )


def _joined(one: tuple[Split, Case], other: tuple[Split, Case]) -> tuple[Split, Case]:
    """The case of the later split, with the labels of both."""
    split, case = max(one, other, key=lambda of: SPLITS.index(of[0]))
    return split, replace(case, target=np.maximum(one[1].target, other[1].target))
