from __future__ import annotations

import json
from dataclasses import replace

import pytest

from data.vocabularies import byte_level, sentence_piece
from stillroom.data.coverage import compare
from stillroom.data.vocabulary_report import Cover
from stillroom.types import DataError, Example

TEACHER, STUDENT = sentence_piece(), byte_level()
EXAMPLE = Example("e", "What?", "no 12.5 mg of atenolol", "k", "s", "basic", "g")


def of(kind: str, covers: tuple[Cover, ...]) -> Cover:
    return next(cover for cover in covers if cover.kind == kind)


def test_a_vocabulary_beside_itself_shares_all_but_its_special_tokens() -> None:
    found = compare(STUDENT, STUDENT, [EXAMPLE])
    assert found.same
    assert found.exact == 1 - found.unmatched
    assert found.problems == ()
    assert found.corpus is not None
    assert (found.corpus.exact, found.corpus.at_boundary) == (1.0, 1.0)
    assert all(
        cover.alike == cover.words and not cover.outside for cover in (*found.words, *found.corpus.kinds)
    )


def test_words_of_the_lists_are_alike_joined_or_lost() -> None:
    found = compare(TEACHER, STUDENT)
    assert not found.same
    assert (found.teacher_tokens, found.student_tokens) == (len(TEACHER), len(STUDENT))
    assert of("digit", found.words).outside == 0
    numerals = of("multi-digit numeral", found.words)
    assert (numerals.alike + numerals.joined, numerals.lost) == (numerals.words, 0)
    negations = of("negation", found.words)
    assert negations.joined > 0
    assert 0 < negations.outside <= negations.joined


def test_numerals_that_one_side_alone_joins_have_no_twin_and_are_not_lost() -> None:
    grouped = byte_level(digits_apart=False, words=("100 500 1000 250 120",) * 9)
    numerals = of("multi-digit numeral", compare(TEACHER, grouped).words)
    assert numerals.outside > 0
    assert numerals.lost == 0
    assert "100" in numerals.examples


def test_a_corpus_is_counted_by_what_it_holds() -> None:
    corpus = compare(TEACHER, STUDENT, [EXAMPLE, replace(EXAMPLE, id="f", response="fever 5 mg")]).corpus
    assert corpus is not None
    words = {cover.kind: cover.words for cover in corpus.kinds}
    assert words == {"number": 2, "unit": 2, "dose": 2, "negation": 1, "laterality": 0, "drug": 1}
    assert corpus.exact + corpus.decomposed + corpus.unmatched == pytest.approx(1.0)
    assert 0.0 < corpus.at_boundary < 1.0


def test_what_speaks_against_a_pair_is_said_in_a_line_each() -> None:
    long = replace(EXAMPLE, id="f", response="5 mg " * 200)
    problems = compare(TEACHER, STUDENT, [EXAMPLE, long, long], window=500, max_tokens=2000).problems
    assert problems == (
        "the teacher's end of text, <eos>, is not its end of turn, <end_of_turn>: answers end with the latter",
        "2 of 3 rows are not read alike (longer than the teacher's window: 2)",
    )


def test_a_missing_end_of_text_is_told() -> None:
    bare = sentence_piece()
    bare.eos_token = None
    (problem,) = compare(bare, STUDENT).problems
    assert problem == "the teacher's tokenizer names no end of text; its end of turn, <end_of_turn>, is used"


def test_a_teacher_without_a_chat_template_is_refused() -> None:
    with pytest.raises(DataError, match="has no chat template"):
        compare(sentence_piece(turn_marks=False), STUDENT)


def test_a_report_is_plain_data() -> None:
    assert json.loads(json.dumps(compare(TEACHER, STUDENT, [EXAMPLE]).to_dict()))["corpus"]["rows"] == 1
