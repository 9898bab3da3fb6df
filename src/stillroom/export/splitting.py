"""How a tokenizer splits text before it merges, by the names that GGUF readers know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stillroom.types import ExportError

SMOLLM, LLAMA = "smollm", "llama-bpe"

LLAMA_EXPRESSION = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
"""Of Llama 3 and its derivatives: up to three digits stay together."""


def splitting_rule(definition: Mapping[str, Any]) -> str:
    """Name the splitting rule of a ``tokenizer.json`` as GGUF readers know it.

    ``smollm`` splits off every digit, then applies the GPT-2 expression. It also stands for the GPT-2
    expression alone where no merge contains a digit, since both then give the same tokens. OpenVINO has no
    plain GPT-2 rule: it would silently split punctuation in another way, so that case is refused. ``llama-bpe`` is the
    rule of Llama 3, which takes what is a token as a whole before it merges.

    Raises:
        ExportError: any other rule.

    >>> byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    >>> splitting_rule({"pre_tokenizer": byte_level, "model": {"merges": [["a", "b"]]}})
    'smollm'
    """
    rule = definition["pre_tokenizer"] or {}
    parts = rule.get("pretokenizers", [rule])
    kinds = [part.get("type") for part in parts]
    if definition.get("normalizer") is None and not any(part.get("add_prefix_space") for part in parts):
        whole_first = bool(definition["model"].get("ignore_merges"))
        if whole_first and kinds == ["Split", "ByteLevel"] and _is_llama(*parts):
            return LLAMA
        if (
            not whole_first
            and all(part.get("use_regex", True) for part in parts)
            and _is_smollm(parts, definition)
        ):
            return SMOLLM
    digits = " and merges digits" if _merges_digits(definition) else ""
    raise ExportError(
        f"a tokenizer that splits text by {', '.join(map(str, kinds))}{digits}",
        "the GPT-2 expression with every digit by itself, or the rule of Llama 3",
        "use a tokenizer that the runtime splits alike, such as SmolLM2's or Llama 3's",
    )


def _is_llama(split: Mapping[str, Any], byte_level: Mapping[str, Any]) -> bool:
    wanted = {"pattern": {"Regex": LLAMA_EXPRESSION}, "behavior": "Isolated", "invert": False}
    return not byte_level.get("use_regex", True) and all(
        split.get(key) == value for key, value in wanted.items()
    )


def _is_smollm(parts: list[Mapping[str, Any]], definition: Mapping[str, Any]) -> bool:
    kinds = [part.get("type") for part in parts]
    if kinds == ["Digits", "ByteLevel"]:
        return bool(parts[0]["individual_digits"])
    return kinds == ["ByteLevel"] and not _merges_digits(definition)


def _merges_digits(definition: Mapping[str, Any]) -> bool:
    return any(re.search("[0-9]", "".join(pair)) for pair in definition["model"]["merges"])
