"""Corpora: where examples come from, how they are split, stored, encoded and batched."""

from stillroom.data.batches import token_budget_batches
from stillroom.data.encode import (
    CHAT_TEMPLATE,
    END_OF_TURN,
    EncodedExamples,
    encode,
    encode_all,
    encode_options,
    prompt_text,
)
from stillroom.data.loading import load
from stillroom.data.settings import CorpusSettings, ItemCounts
from stillroom.data.sources import SOURCES

__all__ = [
    "CHAT_TEMPLATE",
    "END_OF_TURN",
    "SOURCES",
    "CorpusSettings",
    "EncodedExamples",
    "ItemCounts",
    "encode",
    "encode_all",
    "encode_options",
    "load",
    "prompt_text",
    "token_budget_batches",
]
