"""What a comparison of two vocabularies tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cover:
    """How words of one kind lie in the two vocabularies.

    Attributes:
        kind: what the words are.
        words: how many were looked at; in a corpus each occurrence counts.
        alike: cut into the same tokens by both.
        joined: cut differently; their tokens are joined, and every student token has a target.
        lost: not spelled by the student's tokens.
        outside: a token of either side has no twin in the other vocabulary: what matching token by token would lose.
        examples: some that are outside; none of a corpus.
    """

    kind: str
    words: int
    alike: int
    joined: int
    lost: int
    outside: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CorpusCover:
    """How a corpus lies in both.

    Attributes:
        rows: examples.
        unread: rows that the two do not read alike, by reason.
        teacher_tokens: response tokens of the teacher.
        student_tokens: response tokens of the student.
        exact: share of the teacher's that stand in the student's vocabulary too.
        decomposed: share of those that several student tokens spell.
        unmatched: share of those that none do.
        at_boundary: share of the student's tokens that begin where one of the teacher's does.
        kinds: numbers, units, doses, negations, sides and drugs in the responses.
    """

    rows: int
    unread: dict[str, int]
    teacher_tokens: int
    student_tokens: int
    exact: float
    decomposed: float
    unmatched: float
    at_boundary: float
    kinds: tuple[Cover, ...]


@dataclass(frozen=True, slots=True)
class VocabularyReport:
    """Two vocabularies, compared.

    Attributes:
        teacher_tokens: size of the teacher's.
        student_tokens: size of the student's.
        same: whether they are one.
        exact: share of the teacher's tokens that stand in the student's too.
        decomposed: share that several student tokens spell.
        unmatched: share that none do, special tokens included.
        ends: what ends an answer, of the teacher and of the student.
        words: digits, numerals, units, negations and sides of the word lists.
        corpus: the same on a corpus; None without one.
        problems: what speaks against the pair, a line each.
    """

    teacher_tokens: int
    student_tokens: int
    same: bool
    exact: float
    decomposed: float
    unmatched: float
    ends: tuple[str, str]
    words: tuple[Cover, ...]
    corpus: CorpusCover | None
    problems: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return asdict(self)
