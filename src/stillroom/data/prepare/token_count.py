"""How many tokens a text has, by a tokenizer or by a stated rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from stillroom.types import DataError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class TokenCount(Protocol):
    """Counts tokens."""

    @property
    def bytes_per_token(self) -> float:
        """No text has more tokens than its bytes divided by this, rounded up."""

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Count the tokens of each text, marks of start and end left out."""


@dataclass(frozen=True)
class CharacterRule:
    """One token for so many characters, rounded up.

    >>> CharacterRule(4.0)(["abcd", "abcde"])
    [1, 2]
    """

    characters_per_token: float

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Count by the rule."""
        return [math.ceil(len(text) / self.characters_per_token) for text in texts]

    @property
    def bytes_per_token(self) -> float:
        """Every byte may be a character."""
        return self.characters_per_token


@dataclass(frozen=True)
class TokenizerCount:
    """Tokens of a real tokenizer.

    Attributes:
        where: its ``tokenizer.json``, a folder with one, or a name in the hub's cache; nothing is fetched.
    """

    where: str
    bytes_per_token: float = field(default=1.0, init=False)

    def __call__(self, texts: Sequence[str]) -> list[int]:
        """Count with the tokenizer.

        Raises:
            DataError: there is no such tokenizer.
        """
        encoded = _tokenizer(self.where).encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(one.ids) for one in encoded]


@lru_cache(4)
def _tokenizer(where: str) -> Tokenizer:
    from tokenizers import Tokenizer

    path = Path(where).expanduser()
    path = path / "tokenizer.json" if path.is_dir() else path
    try:
        return Tokenizer.from_file(str(path)) if path.is_file() else _cached(where)
    except Exception as error:  # the library raises bare exceptions
        raise DataError(
            f"no readable tokenizer at {where!r}",
            "a tokenizer.json, a folder with one, or a name in the hub's cache",
            "check the key `tokenizer`, or leave it out to count characters",
        ) from error


def _cached(where: str) -> Tokenizer:
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(where, local_files_only=True, use_fast=True)
    return cast("Tokenizer", loaded.backend_tokenizer)
