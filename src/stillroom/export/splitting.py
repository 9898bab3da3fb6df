"""How a tokenizer splits text before it merges, by the names that GGUF readers know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stillroom.types import ExportError

SMOLLM, LLAMA, QWEN = "smollm", "llama-bpe", "qwen2"

LLAMA_EXPRESSION = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|"
    r"\s+(?!\S)|\s+"
)
"""Of Llama 3 and its derivatives: up to three digits stay together."""

QWEN_EXPRESSION = LLAMA_EXPRESSION.replace(r"\p{N}{1,3}", r"\p{N}")
"""Of Qwen 2, 2.5 and 3: every digit stands by itself."""


def splitting_rule(definition: Mapping[str, Any]) -> str:
    """Name the splitting rule of a ``tokenizer.json`` as GGUF readers know it.

    ``smollm`` splits off every digit, then applies the GPT-2 expression. It also stands for the GPT-2
    expression alone where no merge contains a digit, since both then give the same tokens. OpenVINO has no
    plain GPT-2 rule: it would silently split punctuation in another way, so that case is refused. ``llama-bpe`` is the
    rule of Llama 3, which takes what is a token as a whole before it merges; ``qwen2`` that of Qwen, which composes
    letters and accents first (NFC), where readers of GGUF files take a text as it is.

    Raises:
        ExportError: any other rule.

    >>> byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    >>> splitting_rule({"pre_tokenizer": byte_level, "model": {"merges": [["a", "b"]]}})
    'smollm'
    """
    found = _known(definition)
    if found is None:
        kinds = ", ".join(str(part.get("type")) for part in _parts(definition))
        raise ExportError(
            f"a tokenizer that splits text by {kinds}{' and merges digits' if _merges_digits(definition) else ''}",
            "the GPT-2 expression with every digit by itself, or the rule of Llama 3 or Qwen",
            "use a tokenizer that the runtime splits alike, such as SmolLM2's or Llama 3's",
        )
    return found


def _known(definition: Mapping[str, Any]) -> str | None:
    parts = _parts(definition)
    normalizer = (definition.get("normalizer") or {}).get("type")
    whole_first = bool(definition["model"].get("ignore_merges"))
    if any(part.get("add_prefix_space") for part in parts):
        return None
    if [part.get("type") for part in parts] == ["Split", "ByteLevel"]:
        if whole_first and normalizer is None and _splits_by(LLAMA_EXPRESSION, *parts):
            return LLAMA
        if not whole_first and normalizer in (None, "NFC") and _splits_by(QWEN_EXPRESSION, *parts):
            return QWEN
        return None
    return SMOLLM if not whole_first and normalizer is None and _is_smollm(parts, definition) else None


def _parts(definition: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rule = definition["pre_tokenizer"] or {}
    return list(rule.get("pretokenizers", [rule]))


def _splits_by(expression: str, split: Mapping[str, Any], byte_level: Mapping[str, Any]) -> bool:
    wanted = {"pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False}
    return not byte_level.get("use_regex", True) and all(
        split.get(key) == value for key, value in wanted.items()
    )


def _is_smollm(parts: list[Mapping[str, Any]], definition: Mapping[str, Any]) -> bool:
    kinds = [part.get("type") for part in parts]
    if not all(part.get("use_regex", True) for part in parts):
        return False
    if kinds == ["Digits", "ByteLevel"]:
        return bool(parts[0]["individual_digits"])
    return kinds == ["ByteLevel"] and not _merges_digits(definition)


def _merges_digits(definition: Mapping[str, Any]) -> bool:
    return any(re.search("[0-9]", "".join(pair)) for pair in definition["model"]["merges"])
