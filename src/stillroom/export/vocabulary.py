"""A byte-level BPE tokenizer as GGUF fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillroom.export.exportable import backend
from stillroom.export.splitting import splitting_rule

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5
"""Token types of the GGUF format."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a GGUF file says about a tokenizer.

    Attributes:
        tokens: the tokens in order of their ids, in the byte-level alphabet of GPT-2.
        token_types: normal, control (special), user-defined or unused, by id.
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

    def padded(self, rows: int) -> Vocabulary:
        """With a token that is never used for each row of an embedding that has none."""
        unused = [f"[PAD{number}]" for number in range(len(self.tokens), rows)]
        types = [*self.token_types, *(UNUSED for _ in unused)]
        return replace(self, tokens=[*self.tokens, *unused], token_types=types)


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
        pre_tokenizer=splitting_rule(definition),
        special_ids={role: id_ for role, id_ in roles.items() if id_ is not None},
        add_bos=tokenizer("a")["input_ids"][:1] == [roles["bos"]],
        chat_template=tokenizer.chat_template,
    )
