"""A bundle that reads texts: words in, probabilities out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.runtime import Array
from stillroom.types import ExportError
from stillroom.types.cases import TOKENS

TOKENIZER_FILE = "tokenizer.json"


class OnnxTexts:
    """The tokenizer and the graph of a bundle, on one core.

    Args:
        bundle: of a reader of texts.

    Raises:
        ExportError: the bundle holds no tokenizer.
        MissingExtraError: ONNX Runtime is absent.
    """

    def __init__(self, bundle: OnnxBundle) -> None:
        if TOKENIZER_FILE not in bundle.manifest.files:
            raise ExportError(
                f"{bundle.path} holds no {TOKENIZER_FILE}",
                "the bundle of a reader of texts",
                "use its model()",
            )
        self.names = bundle.manifest.names
        self._tokenizer = Tokenizer.from_file(str(bundle.path / TOKENIZER_FILE))
        self._model = bundle.model()

    def answer(self, texts: Sequence[str]) -> Array:
        """Probabilities of every class, ``(texts, classes)``; of a long text its beginning is read."""
        rows = [self._tokenizer.encode(text).ids for text in texts]
        inputs = [{TOKENS: np.array([ids], dtype=np.int64)} for ids in rows]
        return np.concatenate([self._model.answer(one) for one in inputs])
