"""A bundle that finds entities: text in, names with their places out."""

from __future__ import annotations

from dataclasses import dataclass

from tokenizers import Tokenizer

from stillroom.data.bedside.entities import inputs_of, words_of_text
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.texts import TOKENIZER_FILE
from stillroom.types import ExportError
from stillroom.types.cases import WORDS_OF
from stillroom.types.iob import decode, entities_of


@dataclass(frozen=True, slots=True)
class Entity:
    """A mention in a text.

    Attributes:
        kind: its type.
        start: its first character.
        end: the character after its last.
        probability: of its least sure word, that the word has this tag.
    """

    kind: str
    start: int
    end: int
    probability: float


class OnnxEntities:
    """The tokenizer and the graph of a bundle that tags words, on one core.

    Args:
        bundle: of a tagger.

    Raises:
        ExportError: the bundle is no tagger's.
        MissingExtraError: ONNX Runtime is absent.
    """

    def __init__(self, bundle: OnnxBundle) -> None:
        inputs, files = bundle.manifest.inputs, bundle.manifest.files
        tokens = next((name for name, words in WORDS_OF.items() if words in inputs), None)
        if tokens is None or TOKENIZER_FILE not in files:
            raise ExportError(f"{bundle.path} tags no words", "the bundle of a tagger", "use its model()")
        self._tokens, self._tags = tokens, bundle.manifest.names
        self._tokenizer = Tokenizer.from_file(str(bundle.path / TOKENIZER_FILE))
        self._model = bundle.model()

    def find(self, text: str) -> list[Entity]:
        """Find the entities of a sentence or a short text; what the tokenizer cuts off is not read."""
        words = words_of_text(text)
        encoded = self._tokenizer.encode(text)
        read = max((end for _, end in encoded.offsets), default=0)
        places = [place for _, place in words if place[1] <= read]
        if not places:
            return []
        inputs = inputs_of(encoded, places, self._tokens)
        said = self._model.answer({name: values[None] for name, values in inputs.items()})[0]
        tags = decode(said, self._tags)
        return [
            Entity(
                kind,
                places[first][0],
                places[past - 1][1],
                min(float(said[at, self._tags.index(tags[at])]) for at in range(first, past)),
            )
            for kind, first, past in entities_of(tags)
        ]
