"""Corpora: where examples come from, how they are split, stored, encoded and batched."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.data.batches import token_budget_batches as token_budget_batches
    from stillroom.data.encode import CHAT_TEMPLATE as CHAT_TEMPLATE
    from stillroom.data.encode import END_OF_TURN as END_OF_TURN
    from stillroom.data.encode import EncodedExamples as EncodedExamples
    from stillroom.data.encode import encode as encode
    from stillroom.data.encode import encode_all as encode_all
    from stillroom.data.encode import encode_options as encode_options
    from stillroom.data.encode import prompt_text as prompt_text
    from stillroom.data.file.settings import FileSettings as FileSettings
    from stillroom.data.hpo.settings import HpoSettings as HpoSettings
    from stillroom.data.hpo.settings import ItemCounts as ItemCounts
    from stillroom.data.loading import load as load
    from stillroom.data.settings import CorpusSettings as CorpusSettings
    from stillroom.data.sources import SOURCES as SOURCES
    from stillroom.data.store import load_saved as load_saved
    from stillroom.data.store import manifest as manifest
    from stillroom.data.store import save as save

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "CHAT_TEMPLATE": "encode",
        "END_OF_TURN": "encode",
        "SOURCES": "sources",
        "CorpusSettings": "settings",
        "EncodedExamples": "encode",
        "FileSettings": "file.settings",
        "HpoSettings": "hpo.settings",
        "ItemCounts": "hpo.settings",
        "encode": "encode",
        "encode_all": "encode",
        "encode_options": "encode",
        "load": "loading",
        "load_saved": "store",
        "manifest": "store",
        "prompt_text": "encode",
        "save": "store",
        "token_budget_batches": "batches",
    },
)
