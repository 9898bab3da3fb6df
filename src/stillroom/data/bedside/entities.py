"""Diseases and chemicals in abstracts: sentences whose words are tagged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from tokenizers import Encoding, Tokenizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from stillroom.data.bedside.alignment import Span, pieces_of_words
from stillroom.data.bedside.conll import Sentence, read_sentences
from stillroom.data.bedside.texts import TextSettings, read_lines, tokenizer_of
from stillroom.data.bedside.tokenizers import FEWEST_PIECES, own_tokenizer
from stillroom.data.hashing import digest
from stillroom.types import SPLITS, DataError, Source, Split
from stillroom.types.cases import OWN_TOKENS, TOKENS, UNKNOWN, WORDS_OF, Case, Cohort, Head
from stillroom.types.iob import tags_of

_FILES: Mapping[Split, str] = {"train": "train", "validation": "dev", "test": "test"}
_BLOCK = 10
"""Sentences that are drawn together: about an abstract. The files do not say where one ends."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_FEWEST_WORDS = 4

_PUBLISHED = "github cambridgeltl/MTL-Bioinformatics-2016, df0df02fae6dbb87d88ffcf323b9096528f06f84"
NCBI = Source(
    name="NCBI disease corpus",
    version=_PUBLISHED,
    licence="CC-BY-4.0",
    url="https://github.com/cambridgeltl/MTL-Bioinformatics-2016",
    citation="Dogan, Leaman & Lu 2014, NCBI disease corpus (J. Biomed. Inform. 47); Crichton et al. 2017 (BMC "
    "Bioinformatics 18:368).",
)
BC5CDR = Source(
    name="BioCreative V CDR corpus",
    version=_PUBLISHED,
    licence="CC-BY-4.0",
    url="https://github.com/cambridgeltl/MTL-Bioinformatics-2016",
    citation="Li et al. 2016, BioCreative V CDR task corpus (Database 2016); Crichton et al. 2017 (BMC Bioinformatics "
    "18:368).",
)


class EntitySettings(TextSettings):
    """Sentences in the form of CoNLL, cut by the teacher's tokenizer and, if wanted, by one of the student's own."""

    most_tokens: int = Field(default=512, ge=8, le=512, description="word pieces of a sentence that are read")
    own_pieces: Annotated[int, Field(ge=FEWEST_PIECES)] | None = Field(
        default=None,
        description="size of a tokenizer of byte pairs learned from the training sentences, for students that read "
        f"{OWN_TOKENS}; {FEWEST_PIECES}: characters; null: none",
    )
    unlabelled: Path | None = Field(
        default=None,
        description="folder of gzipped JSON lines with a `text`, of whose sentences the student learns what the "
        "teacher says; null: none",
    )
    most_unlabelled: int = Field(default=4000, ge=1, description="sentences of them, chosen by a hash")


class DiseaseEntitiesSettings(EntitySettings):
    """Mentions of diseases in abstracts: the NCBI disease corpus."""

    task: Literal["disease_entities"]


class ChemicalDiseaseEntitiesSettings(EntitySettings):
    """Mentions of chemicals and of diseases in abstracts: BioCreative V CDR."""

    task: Literal["chemical_disease_entities"]


_TYPES: Mapping[str, tuple[tuple[str, ...], Source]] = {
    "disease_entities": (("Disease",), NCBI),
    "chemical_disease_entities": (("Chemical", "Disease"), BC5CDR),
}


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence and what a case needs beside its tokens."""

    id: str
    group: str
    split: Split
    sentence: Sentence

    @property
    def text(self) -> str:
        return " ".join(self.sentence.words)


def build(settings: DiseaseEntitiesSettings | ChemicalDiseaseEntitiesSettings) -> Cohort:
    """Read the sentences on the splits as published; a target is the tag of each word.

    Training sentences that are word for word one of the other splits are left out. Where abstracts end is not
    published, so that ten sentences in a row stand for one as a group.

    Raises:
        DataError: a file is missing or malformed, or there is no tokenizer.
    """
    types, *sources = _TYPES[settings.task]
    told, dropped = _without_leaks(list(_tagged(settings, tags_of(types))))
    if settings.unlabelled is not None:
        known = {of.sentence.words for of in told}
        told += _untagged(settings.unlabelled.expanduser(), settings.most_unlabelled, known)
        sources.append(Source(settings.unlabelled.name, "a folder of the user's", "not stated", "", ""))
    tokenizers = _tokenizers(settings, told)
    cases, unread = _cases(told, tokenizers, tags_of(types))
    return Cohort(
        name=settings.task,
        sources=tuple(sources),
        head=Head("classes", tags_of(types)),
        channels={},
        splits={
            split: tuple(case for of, case in zip(told, cases, strict=True) if of.split == split)
            for split in SPLITS
        },
        dropped=dropped,
        mended={"word beyond the pieces that are read, left out": unread} if unread else {},
        split_rule="as published; ten sentences in a row stand for an abstract",
        tokenizers={name: of.to_str() for name, of in tokenizers.items()},
    )


def words_of_text(text: str) -> list[tuple[str, Span]]:
    """Cut raw text as the corpora are: at spaces, and before and after every punctuation mark.

    >>> words_of_text("type-2 diabetes")
    [('type', (0, 4)), ('-', (4, 5)), ('2', (5, 6)), ('diabetes', (7, 15))]
    """
    return list(BertPreTokenizer().pre_tokenize_str(text))


def inputs_of(encoded: Encoding, words: Sequence[Span], name: str) -> dict[str, NDArray[np.int64]]:
    """What a reader of ``name`` takes of a text: its tokens, and which of them make up each word."""
    ids = np.array(encoded.ids, dtype=np.int64)
    return {name: ids, WORDS_OF[name]: pieces_of_words(words, encoded.offsets)}


def _tagged(settings: EntitySettings, tags: Sequence[str]) -> Iterator[_Told]:
    for split, name in _FILES.items():
        path = settings.place / f"{name}.conll.gz"
        for at, sentence in enumerate(read_sentences(path, tags)):
            yield _Told(f"{split}/{at}", f"{split}/block {at // _BLOCK}", split, sentence)


def _without_leaks(told: list[_Told]) -> tuple[list[_Told], dict[str, int]]:
    """Without training sentences that are measured on, and validation sentences that are tested on."""
    seen: dict[tuple[str, ...], Split] = {}
    for of in reversed(told):
        seen.setdefault(of.sentence.words, of.split)
    kept = [of for of in told if seen[of.sentence.words] == of.split]
    return kept, {"word for word in a later split": len(told) - len(kept)} if len(kept) < len(told) else {}


def _untagged(folder: Path, most: int, known: set[tuple[str, ...]]) -> list[_Told]:
    """Sentences without tags, none of which is in the corpus."""
    paths = sorted(folder.glob("*.jsonl.gz"))
    if not paths:
        raise DataError(f"no *.jsonl.gz in {folder}", "gzipped JSON lines with a text", "set data.unlabelled")
    found: dict[tuple[str, ...], str] = {}
    for path in paths:
        for number, row in enumerate(read_lines(path, ("text",))):
            for part in _SENTENCE_END.split(row["text"]):
                words = tuple(word for word, _ in words_of_text(part))
                if len(words) >= _FEWEST_WORDS and words not in known:
                    found.setdefault(words, f"{path.name}/{number}")
    chosen = sorted(found, key=lambda words: digest("unlabelled", *words))[:most]
    return [
        _Told(f"unlabelled/{at}", f"unlabelled/{found[words]}", "train", Sentence(words, ()))
        for at, words in enumerate(chosen)
    ]


def _tokenizers(settings: EntitySettings, told: Iterable[_Told]) -> dict[str, Tokenizer]:
    """The teacher's, and the student's own, by the input that each makes."""
    theirs = tokenizer_of(settings)
    if settings.own_pieces is None:
        return {TOKENS: theirs}
    texts = [of.text for of in told if of.split == "train"]
    return {TOKENS: theirs, OWN_TOKENS: own_tokenizer(settings.own_pieces, texts)}


def _cases(
    told: Sequence[_Told], tokenizers: Mapping[str, Tokenizer], tags: Sequence[str]
) -> tuple[list[Case], int]:
    """A case of each sentence, and how many words were beyond what is read."""
    encoded = {name: of.encode_batch([row.text for row in told]) for name, of in tokenizers.items()}
    cases = [_case(row, {name: of[at] for name, of in encoded.items()}, tags) for at, row in enumerate(told)]
    return cases, sum(len(row.sentence.words) - case.units for row, case in zip(told, cases, strict=True))


def _case(told: _Told, encoded: Mapping[str, Encoding], tags: Sequence[str]) -> Case:
    ends = list(accumulate(len(word) + 1 for word in told.sentence.words))
    words = [(end - 1 - len(word), end - 1) for end, word in zip(ends, told.sentence.words, strict=True)]
    cut = encoded[TOKENS].overflowing
    if cut:
        last = max(end for _, end in encoded[TOKENS].offsets)
        words = [word for word in words if word[1] <= last]
    given = told.sentence.tags[: len(words)]
    target = [tags.index(tag) for tag in given] if given else [UNKNOWN] * len(words)
    parts = [inputs_of(of, words, name) for name, of in encoded.items()]
    return Case(
        id=told.id,
        group=told.group,
        inputs={name: values for part in parts for name, values in part.items()},
        target=np.array(target, dtype=np.int64),
        size=len(encoded[TOKENS].ids),
    )
