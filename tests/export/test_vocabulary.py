from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from stillroom.export.vocabulary import CONTROL, NORMAL, pre_tokenizer_name, read_vocabulary
from stillroom.types import ExportError

BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
DIGITS = {"type": "Digits", "individual_digits": True}
LETTERS, NUMBERS = [["a", "b"]], [["1", "0"]]


def definition(rule: dict | None, merges: list, normalizer: dict | None = None) -> dict:
    return {"pre_tokenizer": rule, "model": {"merges": merges}, "normalizer": normalizer}


def test_a_tokenizer_is_taken_apart(tokenizer: PreTrainedTokenizerFast) -> None:
    vocabulary = read_vocabulary(tokenizer)
    assert list(vocabulary.tokens) == [tokenizer.convert_ids_to_tokens(i) for i in range(len(tokenizer))]
    assert vocabulary.token_types[:4] == [CONTROL, CONTROL, CONTROL, NORMAL]
    assert vocabulary.special_ids == {"bos": 1, "eos": 2, "pad": 2}
    assert vocabulary.chat_template == tokenizer.chat_template
    assert not vocabulary.add_bos
    left, right = vocabulary.merges[0].split(" ")
    assert left + right in vocabulary.tokens


@pytest.mark.parametrize(
    ("rule", "merges"),
    [
        (BYTE_LEVEL, LETTERS),
        ({"type": "Sequence", "pretokenizers": [DIGITS, BYTE_LEVEL]}, LETTERS),
        ({"type": "Sequence", "pretokenizers": [DIGITS, BYTE_LEVEL]}, NUMBERS),
    ],
)
def test_rules_that_the_runtime_has(rule: dict, merges: list) -> None:
    assert pre_tokenizer_name(definition(rule, merges)) == "smollm"


@pytest.mark.parametrize(
    "wrong",
    [
        definition(BYTE_LEVEL, NUMBERS),
        definition(BYTE_LEVEL | {"add_prefix_space": True}, LETTERS),
        definition({"type": "Whitespace"}, LETTERS),
        definition(None, LETTERS),
        definition(BYTE_LEVEL, LETTERS, {"type": "NFC"}),
        definition(
            {"type": "Sequence", "pretokenizers": [DIGITS | {"individual_digits": False}, BYTE_LEVEL]},
            NUMBERS,
        ),
    ],
)
def test_rules_that_the_runtime_lacks_are_refused(wrong: dict) -> None:
    with pytest.raises(ExportError, match="splits text by"):
        pre_tokenizer_name(wrong)


def test_a_tokenizer_without_merges_is_refused() -> None:
    raw = Tokenizer(models.WordLevel({"a": 0}, unk_token="a"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ExportError, match="'WordLevel' without merges"):
        read_vocabulary(PreTrainedTokenizerFast(tokenizer_object=raw))
