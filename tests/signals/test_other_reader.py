from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tokenizers import AddedToken

from data.vocabularies import byte_level, sentence_piece
from signals.two_readers import made
from stillroom.models import LanguageModel
from stillroom.signals.other_reader import carrier_between, read_alike


def test_the_names_of_special_tokens_make_no_other_tokenizer() -> None:
    left, right = byte_level(), byte_level()
    left.add_special_tokens({"additional_special_tokens": [AddedToken("<|reserved|>", special=True)]})
    right.add_special_tokens({"additional_special_tokens": [AddedToken("<|padding|>", special=True)]})
    assert left.get_vocab() != right.get_vocab()
    assert read_alike(left, right)


def test_another_spelling_does() -> None:
    assert not read_alike(byte_level(), byte_level(300))
    assert not read_alike(byte_level(), sentence_piece())


@pytest.mark.parametrize("said", ["config", "generation_config"])
def test_whatever_a_teacher_calls_an_end_is_carried_to_the_students_end(
    make_model: Callable[..., LanguageModel], said: str
) -> None:
    case = made(make_model(layers=2))
    student: Any = case.student.tokenizer
    pad, word = case.teacher.tokenizer.convert_tokens_to_ids(["<pad>", "hyper"])
    getattr(case.teacher.network, said).eos_token_id = [pad, word]
    first = carrier_between(case.teacher, student, len(student)).table.first
    ends = case.teacher.tokenizer.convert_tokens_to_ids(["<pad>", "<eos>", "<end_of_turn>"])
    assert first[ends].tolist() == [student.eos_token_id] * 3
    assert first[case.teacher.tokenizer.convert_tokens_to_ids("<start_of_turn>")] == -1
    assert first[word] not in (-1, student.eos_token_id)
