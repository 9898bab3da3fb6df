"""What two vocabularies share, and how clinical words fare where they do not: looked at before any training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from stillroom.data.encode import encode_all
from stillroom.data.lexicon import BOTH_SIDES, NEGATIONS, SIDES, UNITS, find_all
from stillroom.data.pairs import Pair, Paired, pair_all
from stillroom.data.turns import Turns
from stillroom.data.vocabulary_map import Splitter, VocabularyMap
from stillroom.data.vocabulary_report import CorpusCover, Cover, VocabularyReport
from stillroom.types import Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_SHOWN = 8
_NUMERALS = (
    "10",
    "25",
    "50",
    "100",
    "120",
    "500",
    "1000",
    "0.5",
    "2.5",
    "12.5",
    "37.5",
    "0.75",
    "0.125",
    "1,000",
)


@dataclass(frozen=True)
class _Sides:
    """Both vocabularies and the map between them."""

    teacher: Splitter
    student: Splitter
    table: VocabularyMap

    @classmethod
    def of(cls, teacher: PreTrainedTokenizerFast, student: PreTrainedTokenizerFast) -> Self:
        theirs, mine = Splitter.of(teacher), Splitter.of(student)
        ends = {Turns.of(teacher).end, teacher.eos_token_id} - {None}
        table = VocabularyMap.between(theirs.spelling, mine, ends=ends, end=Turns.of(student).end)
        return cls(theirs, mine, table)

    def outside(self, theirs: Iterable[int], mine: Iterable[int]) -> bool:
        """Whether a token of either side has no twin on the other."""
        known, pieces = self.teacher.spelling.by_bytes, self.student.spelling.spell(list(mine))
        return any(len(self.table.pieces[number]) != 1 for number in theirs) or any(
            piece is not None and piece not in known for piece in pieces
        )


def compare(
    teacher: PreTrainedTokenizerFast,
    student: PreTrainedTokenizerFast,
    examples: Sequence[Example] = (),
    *,
    max_tokens: int = 2**20,
    window: int = 2**20,
) -> VocabularyReport:
    """Compare the vocabularies of a teacher and a student.

    Args:
        teacher: its tokenizer.
        student: its tokenizer.
        examples: a corpus to compare them on.
        max_tokens: longest example in the student's tokens.
        window: longest example in the teacher's tokens.

    Raises:
        ModelError: a tokenizer that loses bytes.
        DataError: a tokenizer without a chat template, or whose answers do not end.
    """
    sides = _Sides.of(teacher, student)
    lengths = sides.table.lengths
    corpus = _corpus(sides, teacher, student, examples, max_tokens, window) if examples else None
    return VocabularyReport(
        teacher_tokens=len(sides.teacher.spelling),
        student_tokens=len(sides.student.spelling),
        same=teacher.get_vocab() == student.get_vocab(),
        exact=float((lengths == 1).mean()),
        decomposed=float((lengths > 1).mean()),
        unmatched=float((lengths == 0).mean()),
        ends=(_name(teacher), _name(student)),
        words=tuple(_words(sides)),
        corpus=corpus,
        problems=tuple(_problems(teacher, student, examples, corpus)),
    )


def _words(sides: _Sides) -> Iterator[Cover]:
    lists = {
        "digit": "0123456789",
        "multi-digit numeral": _NUMERALS,
        "unit": UNITS,
        "negation": NEGATIONS,
        "laterality": (*SIDES, *BOTH_SIDES),
    }
    for kind, words in lists.items():
        yield _cover(kind, words, sides)


def _cover(kind: str, words: Iterable[str], sides: _Sides) -> Cover:
    """Look at each word, alone and after a space."""
    found, outside = Counter[str](), []
    for word in [form for bare in words for form in (bare, f" {bare}")]:
        (theirs,), (mine,) = sides.teacher.split([word.encode()]), sides.student.split([word.encode()])
        alike = sides.teacher.spelling.spell(theirs) == sides.student.spelling.spell(mine)
        found["lost" if not mine else "alike" if alike else "joined"] += 1
        if sides.outside(theirs, mine):
            outside.append(word)
    return Cover(
        kind,
        found.total(),
        found["alike"],
        found["joined"],
        found["lost"],
        len(outside),
        tuple(outside[:_SHOWN]),
    )


def _corpus(
    sides: _Sides,
    teacher: PreTrainedTokenizerFast,
    student: PreTrainedTokenizerFast,
    examples: Sequence[Example],
    max_tokens: int,
    window: int,
) -> CorpusCover:
    encoded = encode_all(examples, student, max_tokens)
    paired = pair_all(
        encoded.examples, encoded.rows, sides.student.spelling, sides.teacher.spelling, teacher, window=window
    )
    pairs = [pair for pair in paired.pairs if pair is not None]
    ids = np.concatenate([pair.teacher.ids for pair in pairs]) if pairs else np.zeros(0, np.int64)
    lengths = sides.table.lengths[ids]
    begun = [np.isin(pair.student.starts, pair.teacher.starts) for pair in pairs]
    return CorpusCover(
        rows=len(encoded.rows),
        unread=_unread(paired, len(encoded.dropped)),
        teacher_tokens=len(ids),
        student_tokens=sum(map(len, begun)),
        exact=_share(lengths == 1),
        decomposed=_share(lengths > 1),
        unmatched=_share(lengths == 0),
        at_boundary=_share(np.concatenate(begun)) if begun else 0.0,
        kinds=tuple(_kinds(pairs, sides)),
    )


def _kinds(pairs: Sequence[Pair], sides: _Sides) -> Iterator[Cover]:
    found: dict[str, Counter[str]] = {}
    for pair in pairs:
        text = pair.text.decode(errors="replace")
        offsets = np.cumsum([0, *(len(letter.encode()) for letter in text)])
        for kind, spans in find_all(text).items():
            counts = found.setdefault(kind, Counter())
            for start, stop in spans:
                counts.update(_verdict(pair, int(offsets[start]), int(offsets[stop]), sides))
    for kind, counts in found.items():
        yield Cover(
            kind, counts["alike"] + counts["joined"], counts["alike"], counts["joined"], 0, counts["outside"]
        )


def _verdict(pair: Pair, start: int, stop: int, sides: _Sides) -> list[str]:
    """Whether the tokens that touch a span are cut alike, and whether one of them has no twin."""
    theirs, mine = pair.teacher, pair.student
    left, right = ((side.starts < stop) & (side.ends > start) for side in (theirs, mine))
    alike = np.array_equal(theirs.ends[left], mine.ends[right]) and np.array_equal(
        theirs.starts[left], mine.starts[right]
    )
    outside = sides.outside(theirs.ids[left].tolist(), mine.ids[right].tolist())
    return ["alike" if alike else "joined", *(["outside"] if outside else [])]


def _problems(
    teacher: PreTrainedTokenizerFast,
    student: PreTrainedTokenizerFast,
    examples: Sequence[Example],
    corpus: CorpusCover | None,
) -> Iterator[str]:
    for name, tokenizer in (("teacher", teacher), ("student", student)):
        if tokenizer.eos_token_id is None:
            yield f"the {name}'s tokenizer names no end of text; its end of turn, {_name(tokenizer)}, is used"
        elif tokenizer.eos_token_id != Turns.of(tokenizer).end:
            yield (
                f"the {name}'s end of text, {tokenizer.eos_token}, is not its end of turn, {_name(tokenizer)}: answers "
                "end with the latter"
            )
    if empty := sum(not example.response.strip() for example in examples):
        yield f"{empty} of {len(examples)} examples have an empty response"
    if corpus is not None and corpus.unread:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in sorted(corpus.unread.items()))
        yield f"{sum(corpus.unread.values())} of {corpus.rows} rows are not read alike ({reasons})"


def _unread(paired: Paired, too_long: int) -> dict[str, int]:
    return dict(paired.troubles) | ({"longer than max_tokens": too_long} if too_long else {})


def _name(tokenizer: PreTrainedTokenizerFast) -> str:
    return str(tokenizer.convert_ids_to_tokens(Turns.of(tokenizer).end))


def _share(hits: NDArray[np.bool_]) -> float:
    return float(hits.mean()) if len(hits) else 0.0
