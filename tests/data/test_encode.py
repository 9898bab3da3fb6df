from __future__ import annotations

from dataclasses import replace

import pytest
from transformers import PreTrainedTokenizerFast

from stillroom.data import CHAT_TEMPLATE, END_OF_TURN, encode, encode_all, encode_options, prompt_text
from stillroom.types import Corpus, DataError, Example


@pytest.fixture
def example(small: Corpus) -> Example:
    return small.splits["train"][1]


def test_the_template_writes_turns_and_no_system_prompt(tokenizer: PreTrainedTokenizerFast) -> None:
    turns = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "That."}]
    rendered = tokenizer.apply_chat_template(turns, chat_template=CHAT_TEMPLATE, tokenize=False)
    assert rendered == "<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\nThat.<|im_end|>\n"
    assert prompt_text("What?", tokenizer) == "<|im_start|>user\nWhat?<|im_end|>\n<|im_start|>assistant\n"


def test_a_row_is_the_rendered_dialogue_up_to_the_end_of_turn(
    example: Example, tokenizer: PreTrainedTokenizerFast
) -> None:
    row = encode(example, tokenizer, max_tokens=256)
    whole = prompt_text(example.prompt, tokenizer) + example.response + END_OF_TURN
    assert row.ids.tolist() == tokenizer(whole, add_special_tokens=False)["input_ids"]


def test_the_response_starts_after_the_prompt_and_ends_with_the_end_of_turn(
    example: Example, tokenizer: PreTrainedTokenizerFast
) -> None:
    row = encode(example, tokenizer, max_tokens=256)
    assert tokenizer.decode(row.targets) == example.response + END_OF_TURN
    assert row.targets[-1] == tokenizer.convert_tokens_to_ids(END_OF_TURN)
    assert (row.targets == row.targets[-1]).sum() == 1


def test_every_option_follows_the_same_prompt_tokens(
    example: Example, tokenizer: PreTrainedTokenizerFast
) -> None:
    right = encode(example, tokenizer, max_tokens=256)
    rows = encode_options(example, tokenizer)
    assert [tokenizer.decode(row.targets) for row in rows] == [o + END_OF_TURN for o in example.options]
    assert {row.ids[: row.start].tobytes() for row in rows} == {right.ids[: right.start].tobytes()}
    assert rows[example.answer].ids.tolist() == right.ids.tolist()


def test_an_open_question_has_no_options_to_encode(small: Corpus, tokenizer: PreTrainedTokenizerFast) -> None:
    assert encode_options(small.splits["train"][0], tokenizer) == []


def test_what_does_not_fit_is_dropped_and_named(example: Example, tokenizer: PreTrainedTokenizerFast) -> None:
    fits = len(encode(example, tokenizer, max_tokens=256).ids)
    long = replace(example, id="x:long", response=example.response * 2)
    encoded = encode_all([long, example], tokenizer, max_tokens=fits)
    assert (encoded.examples, encoded.dropped) == ((example,), ("x:long",))
    assert len(encoded.rows[0].ids) == fits
    with pytest.raises(DataError, match=f"'x:long' does not fit; expected at most {fits} tokens"):
        encode(long, tokenizer, max_tokens=fits)


def test_nothing_in_nothing_out(tokenizer: PreTrainedTokenizerFast) -> None:
    assert encode_all([], tokenizer, max_tokens=8).rows == ()
