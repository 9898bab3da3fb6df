from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from data.vocabularies import WORDS, byte_level, sentence_piece
from stillroom.data.spelling import Spelling
from stillroom.types import ModelError

TOKENIZERS = {"byte-level": byte_level(), "sentence-piece": sentence_piece()}
SPELLINGS = {name: Spelling.of(tokenizer) for name, tokenizer in TOKENIZERS.items()}


@pytest.mark.parametrize("name", TOKENIZERS)
@given(text=st.text() | st.sampled_from(WORDS))
def test_tokens_spell_every_byte_of_a_text(name: str, text: str) -> None:
    if any(mark in text for mark in ("<pad>", "<eos>", "<bos>")):
        return
    ids = TOKENIZERS[name](text.replace("▁", ""), add_special_tokens=False)["input_ids"]
    pieces = SPELLINGS[name].spell(ids)
    assert b"".join(piece or b"" for piece in pieces) == text.replace("▁", "").encode()


def test_a_byte_that_no_character_has_is_a_token_of_its_own() -> None:
    spelling = SPELLINGS["sentence-piece"]
    ids = TOKENIZERS["sentence-piece"]("ï", add_special_tokens=False)["input_ids"]
    assert spelling.spell(ids) == [b"\xc3", b"\xaf"]


def test_special_tokens_spell_nothing_and_added_words_spell_themselves() -> None:
    tokenizer, spelling = TOKENIZERS["sentence-piece"], SPELLINGS["sentence-piece"]
    ids = tokenizer.convert_tokens_to_ids(["<end_of_turn>", "\n\n"])
    assert spelling.spell(ids) == [None, b"\n\n"]


def test_spellings_that_begin_alike_stand_together() -> None:
    spelling = Spelling((b"b", None, b"ab", b"a", b"ab"))
    assert spelling.ordered[0] == [b"a", b"ab", b"ab", b"b"]
    assert spelling.ordered[1].tolist() == [3, 2, 4, 0]
    assert spelling.by_bytes[b"ab"] == 2


def test_the_longest_beginning_wins() -> None:
    spelling = Spelling((b"a", b"abc", b"ab"))
    assert [spelling.longest(text) for text in (b"abd", b"abcd", b"xa")] == [2, 1, None]


def test_a_decoder_that_loses_bytes_is_refused() -> None:
    raw = Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1, "##b": 2}, unk_token="[UNK]"))
    raw.decoder = decoders.WordPiece()
    with pytest.raises(
        ModelError, match="decodes with WordPiece, which loses bytes; expected byte-level BPE"
    ):
        Spelling.of(PreTrainedTokenizerFast(tokenizer_object=raw))
