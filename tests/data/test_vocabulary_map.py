from __future__ import annotations

from collections.abc import Sequence

import pytest

from data.vocabularies import byte_level, sentence_piece
from stillroom.data.spelling import Spelling
from stillroom.data.vocabulary_map import NOTHING, Splitter, VocabularyMap

PIECES = (b"a", b"b", b"ab", b"1", b"2", b"12", None)


def cut(texts: list[str]) -> list[list[int]]:
    """A tokenizer that keeps digits apart although it has a token for 12."""

    def one(text: str) -> list[int]:
        ids: list[int] = []
        while text:
            piece = "ab" if text.startswith("ab") else text[0]
            ids.append(PIECES.index(piece.encode()))
            text = text[len(piece) :]
        return ids

    return [one(text) for text in texts]


def between(teacher: Sequence[bytes | None], ends: Sequence[int] = ()) -> VocabularyMap:
    return VocabularyMap.between(Spelling(tuple(teacher)), Splitter(Spelling(PIECES), cut), ends=ends, end=6)


def test_tokens_are_carried_by_what_they_spell() -> None:
    found = between([b"ab", b"abb", b"b", None])
    assert found.pieces == ((2,), (2, 1), (1,), ())
    assert found.first.tolist() == [2, 2, 1, NOTHING]
    assert found.lengths.tolist() == [1, 2, 1, 0]


def test_a_twin_that_the_students_tokenizer_never_uses_is_no_match() -> None:
    assert between([b"12"]).pieces == ((3, 4),)


def test_ends_are_carried_by_role_and_other_special_tokens_not_at_all() -> None:
    found = between([b"a", None, None, None], ends=[1, 2])
    assert found.first.tolist() == [0, 6, 6, NOTHING]


def test_parts_of_a_character_are_cut_into_the_longest_tokens() -> None:
    student = Splitter.of(sentence_piece())
    ids = student.split(["ï".encode()[:1], "aï".encode()[:2], b""])
    assert [student.spelling.spell(part) for part in ids] == [[b"\xc3"], [b"a", b"\xc3"], []]


def test_a_space_that_the_tokenizer_puts_in_front_does_not_count() -> None:
    student = Splitter.of(sentence_piece(prefix_space=True))
    ids = student.split([b"hyper", b" hyper"])
    assert [student.spelling.spell(part) for part in ids] == [[b"hyper"], [b" hyper"]]


@pytest.mark.parametrize("teacher", [sentence_piece(), byte_level(280)])
def test_every_token_that_spells_a_text_is_spelled_by_the_student(teacher: object) -> None:
    spelling, student = Spelling.of(teacher), Splitter.of(byte_level())  # type: ignore[arg-type]
    found = VocabularyMap.between(spelling, student, ends=[], end=2)
    for piece, ids in zip(spelling.pieces, found.pieces, strict=True):
        assert b"".join(part or b"" for part in student.spelling.spell(ids)) == (piece or b"")
        assert bool(ids) == (piece is not None)


def test_first_tokens_are_asked_once() -> None:
    asked: list[str] = []

    def noted(texts: list[str]) -> list[list[int]]:
        asked.extend(texts)
        return cut(texts)

    student = Splitter(Spelling(PIECES), noted)
    assert student.first([b"ab", b"b", b"ab", b"x" * 0]).tolist() == [2, 1, 2, NOTHING]
    assert student.first([b"ab"]).tolist() == [2]
    assert sorted(asked) == ["ab", "b"]
