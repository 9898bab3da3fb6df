"""A byte-level BPE tokenizer as GGUF fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillroom.export.exportable import backend
from stillroom.types import ExportError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
"""Token types of the GGUF format."""

_SPLITS_DIGITS = "smollm"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a GGUF file says about a tokenizer.

    Attributes:
        tokens: the tokens in order of their ids, in the byte-level alphabet of GPT-2.
        token_types: normal, control (special) or user-defined, by id.
        merges: pairs in order of rank, ``"left right"``.
        pre_tokenizer: name of the rule that splits text before merging.
        special_ids: ids by role (``bos``, ``eos``, ``unk``, ``pad``), roles without a token left out.
        add_bos: whether every text begins with the token of role ``bos``.
        chat_template: Jinja template of a conversation, or None.
    """

    tokens: Sequence[str]
    token_types: Sequence[int]
    merges: Sequence[str]
    pre_tokenizer: str
    special_ids: Mapping[str, int]
    add_bos: bool
    chat_template: str | None


def read_vocabulary(tokenizer: PreTrainedTokenizerBase) -> Vocabulary:
    """Take a tokenizer apart.

    Raises:
        ExportError: the tokenizer is no byte-level BPE tokenizer, or splits text in a way that the runtime lacks.
    """
    definition = backend(tokenizer)
    added = {
        token["id"]: CONTROL if token["special"] else USER_DEFINED for token in definition["added_tokens"]
    }
    by_id = sorted((id_, token) for token, id_ in tokenizer.get_vocab().items())
    roles = {role: getattr(tokenizer, f"{role}_token_id") for role in ("bos", "eos", "unk", "pad")}
    return Vocabulary(
        tokens=[token for _, token in by_id],
        token_types=[added.get(id_, NORMAL) for id_, _ in by_id],
        merges=[" ".join(pair) for pair in definition["model"]["merges"]],
        pre_tokenizer=pre_tokenizer_name(definition),
        special_ids={role: id_ for role, id_ in roles.items() if id_ is not None},
        add_bos=tokenizer("a")["input_ids"][:1] == [roles["bos"]],
        chat_template=tokenizer.chat_template,
    )


def pre_tokenizer_name(definition: Mapping[str, Any]) -> str:
    """Name the splitting rule of a ``tokenizer.json`` as GGUF readers know it.

    ``smollm`` splits off every digit, then applies the GPT-2 expression. It also stands for the GPT-2
    expression alone where no merge contains a digit, since both then give the same tokens. OpenVINO has no
    plain GPT-2 rule: it would silently split punctuation in another way, so that case is refused.

    Raises:
        ExportError: any other rule.

    >>> byte_level = {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True}
    >>> pre_tokenizer_name({"pre_tokenizer": byte_level, "model": {"merges": [["a", "b"]]}})
    'smollm'
    """
    rule = definition["pre_tokenizer"] or {}
    parts = rule.get("pretokenizers", [rule])
    kinds = [part.get("type") for part in parts]
    whole_digits = any(re.search("[0-9]", "".join(pair)) for pair in definition["model"]["merges"])
    splits_digits = kinds == ["Digits", "ByteLevel"] and parts[0]["individual_digits"]
    same_tokens = kinds == ["ByteLevel"] and not whole_digits
    plain = all(not part.get("add_prefix_space") and part.get("use_regex", True) for part in parts)
    if definition.get("normalizer") is None and plain and (splits_digits or same_tokens):
        return _SPLITS_DIGITS
    raise ExportError(
        f"a tokenizer that splits text by {', '.join(map(str, kinds))}"
        + (" and merges digits" if whole_digits else ""),
        "the GPT-2 expression with every digit by itself",
        "use a tokenizer that the runtime splits alike, such as SmolLM2's",
    )
