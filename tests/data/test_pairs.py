from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from tokenizers import normalizers
from transformers import PreTrainedTokenizerFast

from data.vocabularies import byte_level, sentence_piece
from stillroom.data import encode_all
from stillroom.data.pairs import TOO_LONG, UNLIKE, UNSPELLED, Pair, Paired, pair_all
from stillroom.data.spelling import Spelling
from stillroom.losses.response.universal import universal_logit
from stillroom.types import Example


def pairs(
    student: PreTrainedTokenizerFast,
    teacher: PreTrainedTokenizerFast,
    responses: Sequence[str],
    window: int = 200,
) -> Paired:
    examples = [Example(str(n), "What?", text, "k", "s", "basic", "g") for n, text in enumerate(responses)]
    rows = encode_all(examples, student, 999).rows
    return pair_all(examples, rows, Spelling.of(student), Spelling.of(teacher), teacher, window=window)


def only(found: Paired) -> Pair:
    (pair,) = found.pairs
    assert pair is not None
    return pair


def test_only_the_response_is_joined_each_side_with_its_own_prompt() -> None:
    student, teacher = byte_level(), sentence_piece()
    pair = only(pairs(student, teacher, ["no 12.5 mg"]))
    assert pair.text == b"no 12.5 mg"
    assert teacher.decode(pair.row.ids).startswith("<bos><start_of_turn>user\nWhat?<end_of_turn>")
    assert teacher.decode(pair.teacher.ids) == "no 12.5 mg<end_of_turn>"
    assert student.decode(pair.student.ids) == "no 12.5 mg<|im_end|>"


def test_the_ends_of_both_answers_are_a_group_of_their_own() -> None:
    groups = only(pairs(byte_level(), sentence_piece(), ["hypertension"])).groups
    assert (groups.left[-1] - groups.left[-2], groups.right[-1] - groups.right[-2]) == (1, 1)


def test_groups_open_where_both_sides_have_spelled_the_same() -> None:
    pair = only(pairs(byte_level(), sentence_piece(), ["no hypertension, 12.5 mg"]))
    theirs, mine = pair.openings
    assert pair.teacher.starts[theirs].tolist() == pair.student.starts[mine].tolist()
    assert len(theirs) == len(pair.groups) < max(len(pair.student.ids), len(pair.teacher.ids))


def test_sorted_probabilities_are_compared_at_the_openings() -> None:
    """Universal logit distillation between the two vocabularies: 0 where both are as sure."""
    theirs, mine = only(pairs(byte_level(), sentence_piece(), ["no hypertension, 12.5 mg"])).openings
    teacher, student = torch.full((99, 50), -30.0), torch.full((99, 70), -30.0)
    teacher[:, 3], student[:, 60] = 30.0, 30.0
    values = universal_logit(student[torch.from_numpy(mine)], teacher[torch.from_numpy(theirs)])
    assert values.shape == (len(theirs),)
    assert values.abs().max() < 1e-6


@pytest.mark.parametrize("spaced", ["teacher", "student", "both"])
def test_a_space_in_front_is_spelled_by_the_side_that_puts_it(spaced: str) -> None:
    student = sentence_piece(prefix_space=spaced != "teacher")
    teacher = sentence_piece(prefix_space=spaced != "student")
    pair = only(pairs(student, teacher, ["mg hyper"]))
    assert pair.text == b" mg hyper"
    assert (pair.student.start, pair.teacher.start) == (int(spaced == "teacher"), int(spaced == "student"))
    assert pair.student.ends[-1] == pair.teacher.ends[-1] == len(pair.text) + 1


def test_the_teacher_reads_what_the_students_tokenizer_made_of_the_text() -> None:
    student = byte_level(normalizer=normalizers.NFC())
    assert only(pairs(student, sentence_piece(), ["nai\u0308ve"])).text == "na\u00efve".encode()


def test_what_the_two_read_differently_is_counted_by_reason() -> None:
    changes = sentence_piece()
    changes.backend_tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.Replace(" ", "▁")]
    )
    found = pairs(byte_level(), changes, ["Fever", "fever", "a<|im_end|>b", "mg " * 200])
    assert [pair is not None for pair in found.pairs] == [False, True, False, False]
    assert found.troubles == {UNLIKE: 1, UNSPELLED: 1, TOO_LONG: 1}


def test_nothing_in_nothing_out() -> None:
    assert pairs(byte_level(), sentence_piece(), []).pairs == ()
