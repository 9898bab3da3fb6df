"""Presidio's recognisers beside the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillroom.data.prepare.stages.deidentify.recognise import Recogniser
from stillroom.data.prepare.stages.deidentify.spans import Kind, Span
from stillroom.types import DataError, MissingExtraError

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngine

KINDS_OF: dict[str, Kind] = {
    "PERSON": "name",
    "LOCATION": "address",
    "DATE_TIME": "date",
    "PHONE_NUMBER": "phone",
    "US_SSN": "ssn",
    "US_ITIN": "ssn",
    "UK_NHS": "mrn",
    "MEDICAL_LICENSE": "licence",
    "US_PASSPORT": "licence",
    "US_DRIVER_LICENSE": "licence",
    "CREDIT_CARD": "account",
    "IBAN_CODE": "account",
    "US_BANK_NUMBER": "account",
    "CRYPTO": "account",
    "IP_ADDRESS": "ip",
    "MAC_ADDRESS": "ip",
}
"""Our kinds for Presidio's. E-mail and web addresses are not asked for: its recognisers of those fetch a"
" list of domains."""

_LEAST_SCORE = 0.4


def presidio(spacy_model: str | None) -> Recogniser:
    """Presidio's analyser as a recogniser: its patterns and, with a model, its names, places and dates.

    Args:
        spacy_model: name or folder of an installed spaCy model; None for patterns alone.

    Raises:
        MissingExtraError: Presidio is not installed.
        DataError: the model is not installed. Presidio would fetch it; this does not.
    """
    engine = _engine(spacy_model)
    known = [kind for kind in KINDS_OF if kind in engine.get_supported_entities()]

    def found(text: str) -> Iterator[Span]:
        for result in engine.analyze(text, language="en", entities=known, score_threshold=_LEAST_SCORE):
            yield Span(result.start, result.end, KINDS_OF[result.entity_type])

    return found


@cache
def _engine(spacy_model: str | None) -> AnalyzerEngine:
    try:
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    except ImportError as error:
        raise MissingExtraError.of("presidio-analyzer", "presidio") from error
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    for name in ("EmailRecognizer", "UrlRecognizer"):
        registry.remove_recognizer(name)
    return AnalyzerEngine(
        registry=registry, nlp_engine=_blank() if spacy_model is None else _spacy(spacy_model)
    )


def _spacy(model: str) -> NlpEngine:
    import spacy.util
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    if not spacy.util.is_package(model) and not Path(model).is_dir():
        raise DataError(
            f"no spaCy model {model!r}",
            "the name or folder of an installed model",
            "install it as a package, or set `spacy_model: null`",
        )
    models = [{"lang_code": "en", "model_name": model}]
    return NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()


def _blank() -> NlpEngine:
    """An engine that knows nothing of language: patterns need none."""
    from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

    class Blank(NlpEngine):  # type: ignore[misc]
        """No tokens, no entities."""

        def load(self) -> None:
            """Nothing to load."""

        def is_loaded(self) -> bool:
            return True

        def process_text(self, text: str, language: str) -> NlpArtifacts:
            return NlpArtifacts([], [], [], [], self, language, scores=[])

        def process_batch(
            self, texts: Any, language: str, **options: Any
        ) -> Iterator[tuple[str, NlpArtifacts]]:
            return ((text, self.process_text(text, language)) for text in texts)

        def is_stopword(self, word: str, language: str) -> bool:
            return False

        def is_punct(self, word: str, language: str) -> bool:
            return False

        def get_supported_entities(self) -> list[str]:
            return []

        def get_supported_languages(self) -> list[str]:
            return ["en"]

    return Blank()
