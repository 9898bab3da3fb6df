"""Responses that a teacher wrote: which of them a student learns from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from stillroom.data.text import squeeze, words
from stillroom.types import Example, Settings

Judge = Callable[[Example, str], float]
"""How good a response to an example is, in [0, 1]."""


class JudgeSettings(Settings):
    """Who decides which responses are kept."""

    kind: Literal["agreement", "length"] = Field(
        description="agreement: F1 of the words with those of the label's; length: the shorter of the two lengths over "
        "the longer, in words"
    )
    at_least: float = Field(ge=0, le=1, description="least value of a response that is kept")


class WrittenSettings(Settings):
    """The student learns from responses that its teacher wrote. Source: Kim & Rush 2016 (arXiv:1606.07947)."""

    responses: int = Field(
        gt=0, description="responses written for each training prompt; repeated ones count once"
    )
    temperature: float = Field(gt=0, description="of the teacher's sampling")
    max_new_tokens: int = Field(
        gt=0, description="longest response; one that does not end within it is left out"
    )
    judge: JudgeSettings | None = Field(description="who decides which are kept; null keeps all")
    keep_labels: bool = Field(description="learn from the corpus' own responses too")


def agreement(example: Example, response: str) -> float:
    """F1 of a response's words with those of the label.

    >>> example = Example("1", "Say it.", "two words", "k", "s", "basic", "g")
    >>> agreement(example, "two more words"), agreement(example, "none")
    (0.8, 0.0)
    """
    ours, theirs = Counter(words(response)), Counter(words(example.response))
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def likeness_of_length(example: Example, response: str) -> float:
    """The shorter of the two lengths over the longer, in words.

    >>> likeness_of_length(Example("1", "p", "two words", "k", "s", "basic", "g"), "one")
    0.5
    """
    lengths = sorted((len(words(response)), len(words(example.response))))
    return lengths[0] / lengths[1] if lengths[1] else 0.0


JUDGES: Mapping[str, Judge] = MappingProxyType({"agreement": agreement, "length": likeness_of_length})
"""Judges by name: adding one is a function, its word in :class:`JudgeSettings`, and one line here."""


def taken(
    examples: Sequence[Example], responses: Sequence[Sequence[str]], settings: WrittenSettings
) -> tuple[tuple[Example, ...], dict[str, int]]:
    """Make examples of what the teacher wrote.

    Args:
        examples: the training examples.
        responses: what was written for each; empty texts stand for responses that did not end.
        settings: what is kept.

    Returns:
        The examples to learn from, a response's named after its example (``id#1``), and how many responses were left
        out, by reason.
    """
    kept = list(examples) if settings.keep_labels else []
    dropped: Counter[str] = Counter()
    for example, written in zip(examples, responses, strict=True):
        seen: set[str] = set()
        for number, text in enumerate(map(squeeze, written), start=1):
            reason = _refused(example, text, seen, settings.judge)
            seen.add(text)
            if reason:
                dropped[reason] += 1
            else:
                kept.append(replace(example, id=f"{example.id}#{number}", response=text, options=()))
    return tuple(kept), dict(dropped)


def _refused(example: Example, text: str, seen: set[str], judge: JudgeSettings | None) -> str | None:
    if not text:
        return "empty or without an end"
    if text in seen:
        return "written before"
    if judge is not None and JUDGES[judge.kind](example, text) < judge.at_least:
        return "refused by the judge"
    return None
