from __future__ import annotations

import pytest

from data.vocabularies import byte_level, sentence_piece
from stillroom.data import encode, prompt_text
from stillroom.data.turns import Turns
from stillroom.types import DataError, Example

EXAMPLE = Example("x", "What?", "5 mg", "synonym", "eye", "basic", "g")
OWN = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% if m.role == 'assistant' %}<eos>{% endif %}{% endfor %}"


def test_each_vocabulary_has_its_own_marks() -> None:
    assert prompt_text("What?", byte_level()) == "<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n"
    wanted = "<bos><start_of_turn>user\nWhat?<end_of_turn>\n<start_of_turn>model\n"
    assert prompt_text("What?", sentence_piece()) == wanted


def test_an_answer_ends_with_the_turn() -> None:
    tokenizer = sentence_piece()
    row = encode(EXAMPLE, tokenizer, max_tokens=99)
    assert tokenizer.decode(row.targets) == "5 mg<end_of_turn>"
    assert row.targets[-1] == tokenizer.convert_tokens_to_ids("<end_of_turn>")


def test_unknown_marks_are_read_from_the_tokenizers_own_template() -> None:
    tokenizer = sentence_piece(turn_marks=False)
    tokenizer.chat_template = OWN
    assert Turns.of(tokenizer) == Turns(OWN, tokenizer.eos_token_id)
    assert prompt_text("What?", tokenizer) == "[user]What?"


def test_a_tokenizer_without_a_template_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"has no chat template; expected .* save its tokenizer with a chat template"
    ):
        Turns.of(sentence_piece(turn_marks=False))


def test_a_template_whose_answers_never_end_is_refused() -> None:
    tokenizer = sentence_piece(turn_marks=False)
    tokenizer.chat_template = OWN.replace("<eos>", " ")
    with pytest.raises(DataError, match="no special token ends an answer"):
        Turns.of(tokenizer)
