from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from stillroom.export.vocabulary import CONTROL, NORMAL, UNUSED, read_vocabulary
from stillroom.types import ExportError


def test_a_tokenizer_is_taken_apart(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = read_vocabulary(tokenizer)
    assert list(vocabulary.tokens) == [tokenizer.convert_ids_to_tokens(i) for i in range(len(tokenizer))]
    assert vocabulary.token_types[:4] == [CONTROL, CONTROL, CONTROL, NORMAL]
    assert vocabulary.special_ids == {"bos": 1, "eos": 2, "pad": 2}
    assert vocabulary.chat_template == tokenizer.chat_template
    assert not vocabulary.add_bos
    left, right = vocabulary.merges[0].split(" ")
    assert left + right in vocabulary.tokens


def test_rows_that_have_no_token_get_one_that_is_never_used(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = read_vocabulary(tokenizer)
    size = len(vocabulary.tokens)
    padded = vocabulary.padded(size + 2)
    assert list(padded.tokens) == [*vocabulary.tokens, f"[PAD{size}]", f"[PAD{size + 1}]"]
    assert list(padded.token_types) == [*vocabulary.token_types, UNUSED, UNUSED]
    assert vocabulary.padded(size) == vocabulary


def test_a_first_token_and_whole_pieces_are_said(llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = read_vocabulary(llama3_tokenizer)
    assert vocabulary.add_bos
    assert vocabulary.pre_tokenizer == "llama-bpe"
    assert vocabulary.special_ids == {"bos": 0, "eos": 3}


def test_a_tokenizer_without_merges_is_refused() -> None:
    raw = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ExportError, match="'WordLevel' without merges"):
        read_vocabulary(PreTrainedTokenizerFast(tokenizer_object=raw))
