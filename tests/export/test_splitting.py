from __future__ import annotations

import json

import pytest
from transformers import PreTrainedTokenizerFast

from stillroom.export.splitting import LLAMA_EXPRESSION, QWEN_EXPRESSION, splitting_rule
from stillroom.types import ExportError

BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
DIGITS = {"type": "Digits", "individual_digits": True}
LETTERS, NUMBERS = [["a", "b"]], [["1", "0"]]


def definition(
    rule: dict | None, merges: list, normalizer: dict | None = None, *, ignore_merges: bool = False
) -> dict:
    model = {"merges": merges, "ignore_merges": ignore_merges}
    return {"pre_tokenizer": rule, "model": model, "normalizer": normalizer}


def llama(ignore_merges: bool = True, **changes: object) -> dict:
    split = {"type": "Split", "pattern": {"Regex": LLAMA_EXPRESSION}, "behavior": "Isolated", "invert": False}
    rest = BYTE_LEVEL | {"use_regex": False}
    rule = {"type": "Sequence", "pretokenizers": [split | changes, rest]}
    return definition(rule, NUMBERS, ignore_merges=ignore_merges)


@pytest.mark.parametrize(
    ("rule", "merges"),
    [
        (BYTE_LEVEL, LETTERS),
        ({"type": "Sequence", "pretokenizers": [DIGITS, BYTE_LEVEL]}, LETTERS),
        ({"type": "Sequence", "pretokenizers": [DIGITS, BYTE_LEVEL]}, NUMBERS),
    ],
)
def test_rules_that_the_runtime_has(rule: dict, merges: list) -> None:
    assert splitting_rule(definition(rule, merges)) == "smollm"


def test_the_rule_of_llama_3(llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    assert splitting_rule(llama()) == "llama-bpe"
    assert splitting_rule(json.loads(llama3_tokenizer.backend_tokenizer.to_str())) == "llama-bpe"


def test_the_rule_of_qwen(qwen_tokenizer: PreTrainedTokenizerFast) -> None:
    assert splitting_rule(llama(False, pattern={"Regex": QWEN_EXPRESSION})) == "qwen2"
    assert splitting_rule(json.loads(qwen_tokenizer.backend_tokenizer.to_str())) == "qwen2"


@pytest.mark.parametrize(
    "wrong",
    [
        llama(pattern={"Regex": QWEN_EXPRESSION}),
        llama() | {"normalizer": {"type": "NFC"}},
        llama(False, pattern={"Regex": QWEN_EXPRESSION}) | {"normalizer": {"type": "NFKC"}},
        llama(ignore_merges=False),
        llama(behavior="Removed"),
        llama(invert=True),
        definition(BYTE_LEVEL, LETTERS, ignore_merges=True),
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
        splitting_rule(wrong)
