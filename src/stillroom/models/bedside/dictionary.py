"""Entities by what they are called: a weak teacher, but one that errs unlike a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stillroom.models.bedside.settings import DictionarySettings
from stillroom.types import ModelError
from stillroom.types.cases import TOKENS, WORDS_OF, Case, Head
from stillroom.types.files import write_json
from stillroom.types.iob import OUTSIDE, entities_of

Phrase = tuple[tuple[int, ...], ...]
"""Words, each by its word pieces."""

Tagged = tuple[Phrase, Sequence[str]]


@dataclass(frozen=True)
class Dictionary:
    """Names of entities, counted in tagged sentences.

    The longest name at a place is taken. It is an entity with probability (hits + 1) / (places + 2), of the type that
    it most often had. Any other word has the tags of words without a name, counted as if names that occur once were
    not known: so often is a name new (Good 1953, doi:10.1093/biomet/40.3-4.237).

    Attributes:
        names: type and probability of each name.
        unnamed: probability of each tag where no name is, ``(tags,)``.
        tags: of the head.
    """

    names: Mapping[Phrase, tuple[str, float]]
    unnamed: NDArray[np.float64]
    tags: tuple[str, ...]

    @classmethod
    def fit(cls, settings: DictionarySettings, cases: Sequence[Case], head: Head) -> Dictionary:
        """Collect the names of tagged sentences.

        Raises:
            ModelError: the cases are no tagged sentences.
        """
        if WORDS_OF[TOKENS] not in cases[0].inputs or OUTSIDE not in head.names:
            raise ModelError("a dictionary for untagged cases", "words with tags", "choose another teacher")
        told = [(words_of(case), [head.names[at] for at in case.target]) for case in cases]
        types = _types(told)
        kept = {name: of for name, of in types.items() if of.total() >= settings.least_count}
        names = {name: (of.most_common(1)[0][0], 0.5) for name, of in kept.items()}
        repeated = {name: names[name] for name, of in kept.items() if of.total() > 1}
        return cls(_sure(names, told), _unnamed(repeated, told, head.names), head.names)

    def logits(self, case: Case) -> NDArray[np.float32]:
        """Log-probabilities of every tag, ``(words, tags)``."""
        words = words_of(case)
        said = np.repeat(self.unnamed[None], len(words), 0)
        for first, past in found(self.names, words):
            kind, sure = self.names[words[first:past]]
            said[first:past] *= 1 - sure
            said[first, self.tags.index(f"B-{kind}")] += sure
            said[first + 1 : past, self.tags.index(f"I-{kind}")] += sure
        return np.asarray(np.log(said), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        names = [[name, kind, sure] for name, (kind, sure) in self.names.items()]
        write_json(path, {"tags": self.tags, "unnamed": self.unnamed.tolist(), "names": names})


def words_of(case: Case) -> Phrase:
    """The words of a sentence, each by its word pieces."""
    tokens = case.inputs[TOKENS]
    return tuple(tuple(tokens[first:past].tolist()) for first, past in case.inputs[WORDS_OF[TOKENS]])


def found(names: Mapping[Phrase, object], words: Phrase) -> Iterator[tuple[int, int]]:
    """First word and the word after the last of each name, the longest one at each place, from left to right.

    >>> list(found({((1,),): "", ((1,), (2,)): ""}, ((1,), (2,), (1,))))
    [(0, 2), (2, 3)]
    """
    lengths = sorted({len(name) for name in names}, reverse=True)
    at = 0
    while at < len(words):
        ends = (at + long for long in lengths if at + long <= len(words))
        past = next((end for end in ends if words[at:end] in names), at + 1)
        if words[at:past] in names:
            yield at, past
        at = past


def _types(told: Sequence[Tagged]) -> dict[Phrase, Counter[str]]:
    """How often each name was of each type."""
    types: dict[Phrase, Counter[str]] = {}
    for words, tags in told:
        for kind, first, past in entities_of(tags):
            types.setdefault(words[first:past], Counter())[kind] += 1
    return types


def _sure(
    names: Mapping[Phrase, tuple[str, float]], told: Sequence[Tagged]
) -> dict[Phrase, tuple[str, float]]:
    """The names with the probability that one, where it is found, is an entity of its type."""
    places: Counter[Phrase] = Counter()
    hits: Counter[Phrase] = Counter()
    for words, tags in told:
        entities = set(entities_of(tags))
        for first, past in found(names, words):
            name = words[first:past]
            places[name] += 1
            hits[name] += (names[name][0], first, past) in entities
    return {name: (kind, (hits[name] + 1) / (places[name] + 2)) for name, (kind, _) in names.items()}


def _unnamed(
    names: Mapping[Phrase, object], told: Sequence[Tagged], tags: Sequence[str]
) -> NDArray[np.float64]:
    """Share of every tag among the words that no name covers; each is counted once more."""
    counts = dict.fromkeys(tags, 1)
    for words, given in told:
        covered = {at for first, past in found(names, words) for at in range(first, past)}
        for at, tag in enumerate(given):
            counts[tag] += at not in covered
    shares = np.array(list(counts.values()), dtype=np.float64)
    return np.asarray(shares / shares.sum())
