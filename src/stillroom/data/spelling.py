"""What each token of a vocabulary spells, in bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from stillroom.types import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_SPACE = "▁"
_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


@dataclass(frozen=True)
class Spelling:
    """The bytes of every token.

    A token that stands for no text (begin, end, turn, padding) spells None: it is known by its role, never by its name.

    Attributes:
        pieces: bytes by token id.
    """

    pieces: tuple[bytes | None, ...]

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast) -> Self:
        """Read a tokenizer's vocabulary.

        Two families keep every byte: byte-level BPE, whose tokens are written in an alphabet of 256 letters, and
        SentencePiece, which writes a space as ``▁`` and a byte as ``<0x..>``.

        Raises:
            ModelError: the tokenizer is of another family; its decoder loses bytes (spaces, case, unknown characters).
        """
        letters = _reader(tokenizer)
        added = tokenizer.added_tokens_decoder
        pieces: list[bytes | None] = [None] * (max(tokenizer.get_vocab().values()) + 1)
        for token, number in tokenizer.get_vocab().items():
            if number not in added:
                pieces[number] = letters(token)
            elif not added[number].special:
                pieces[number] = added[number].content.replace(_SPACE, " ").encode()
        return cls(tuple(pieces))

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.pieces)

    def spell(self, ids: Sequence[int] | NDArray[np.int64]) -> list[bytes | None]:
        """The bytes of each token."""
        return [self.pieces[number] for number in ids]

    @cached_property
    def by_bytes(self) -> Mapping[bytes, int]:
        """The token of each spelling; the first where several spell the same."""
        pairs = ((piece, number) for number, piece in enumerate(self.pieces) if piece)
        return dict(reversed(list(pairs)))

    def longest(self, data: bytes) -> int | None:
        """The token that spells the longest beginning of some bytes; None if no token does.

        >>> Spelling((b"a", b"ab", None)).longest(b"abc")
        1
        """
        lengths = range(min(len(data), self._longest_piece), 0, -1)
        return next((self.by_bytes[data[:n]] for n in lengths if data[:n] in self.by_bytes), None)

    @cached_property
    def ordered(self) -> tuple[list[bytes], NDArray[np.int64]]:
        """All spellings in the order of bytes, and their tokens; what begins alike stands together."""
        pairs = sorted((piece, number) for number, piece in enumerate(self.pieces) if piece)
        return [piece for piece, _ in pairs], np.array([number for _, number in pairs], dtype=np.int64)

    @cached_property
    def _longest_piece(self) -> int:
        return max(map(len, self.by_bytes), default=0)


def _reader(tokenizer: PreTrainedTokenizerFast) -> Callable[[str], bytes]:
    """How a token's letters become bytes."""
    kinds = {
        part["type"]: part
        for part in _decoders(json.loads(tokenizer.backend_tokenizer.decoder.__getstate__()))
    }
    if "ByteLevel" in kinds:
        alphabet = _alphabet()
        return lambda token: bytes(alphabet[letter] for letter in token)
    if "Metaspace" in kinds or kinds.get("Replace", {}).get("pattern") == {"String": _SPACE}:
        return _sentence_piece
    raise ModelError(
        f"the tokenizer decodes with {', '.join(kinds) or 'nothing'}, which loses bytes",
        "byte-level BPE, or SentencePiece with byte fallback",
        "choose a model whose tokenizer keeps every byte of a text",
    )


def _decoders(decoder: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if decoder is None:
        return
    yield from decoder.get("decoders", [decoder])


def _sentence_piece(token: str) -> bytes:
    byte = _BYTE.fullmatch(token)
    return bytes([int(byte[1], 16)]) if byte else token.replace(_SPACE, " ").encode()


def _alphabet() -> dict[str, int]:
    """The letters that byte-level BPE writes bytes with: printable ones stand for themselves (Radford et al. 2019)."""
    printable = {
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    }
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + rank): byte for rank, byte in enumerate(others)
    }
