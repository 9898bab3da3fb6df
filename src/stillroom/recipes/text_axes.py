"""Axes of language models that need their insides or their training items: explanations, and attacks on privacy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from stillroom.data import encode_all
from stillroom.data.hashing import digest
from stillroom.models import LanguageModel
from stillroom.recipes.told import Told
from stillroom.types import Corpus, Evidence, Example, Predictor, Subject
from stillroom.validate import ValidateSettings
from stillroom.validate.explain.language import LanguageExplainer
from stillroom.validate.explain.measure import Explained, measure_explanations
from stillroom.validate.explain.settings import ExplainSettings
from stillroom.validate.privacy.outside import read_attacks
from stillroom.validate.privacy.settings import PrivacySettings
from stillroom.validate.privacy.texts import attacks_on_texts
from stillroom.validate.trial import Facts

_EXPLAINED: tuple[Subject, ...] = ("teacher", "control", "student")


def with_axes(
    evidence: Evidence,
    models: Mapping[Subject, LanguageModel],
    subjects: Mapping[Subject, Predictor],
    corpus: Corpus,
    settings: ValidateSettings,
    max_tokens: int,
) -> Evidence:
    """Add what the settings ask for.

    Raises:
        DataError: a file of results cannot be read.
        MissingExtraError: captum is absent.
    """
    told = Told(evidence)
    if settings.explain is not None:
        _explain(told, models, corpus.splits["test"], settings, settings.explain, max_tokens)
    if settings.privacy is not None:
        _attack(told, models["student"], subjects, corpus, settings, settings.privacy, max_tokens)
    return told.evidence


def _explain(
    told: Told,
    models: Mapping[Subject, LanguageModel],
    examples: Sequence[Example],
    settings: ValidateSettings,
    asked: ExplainSettings,
    max_tokens: int,
) -> None:
    """Explain test items by every model that reads them as the student does."""
    chosen = encode_all(
        _chosen(examples, asked.items, "explain", settings.seed), models["student"].tokenizer, max_tokens
    )
    explainers, facts = {}, Facts()
    for subject in (who for who in _EXPLAINED if who in models):
        rows = encode_all(chosen.examples, models[subject].tokenizer, max_tokens).rows
        alike = len(rows) == len(chosen.rows) and all(
            np.array_equal(mine.ids, theirs.ids) for mine, theirs in zip(rows, chosen.rows, strict=True)
        )
        if alike:
            explainers[subject] = {"": LanguageExplainer(models[subject], rows, asked.steps)}
        else:
            facts[f"explain_left_out_{subject}"] = "reads other tokens than the student"
    explained = Explained(
        explainers,
        np.zeros(len(chosen.rows), dtype=np.int64),
        [example.kind for example in chosen.examples],
        [example.group for example in chosen.examples],
    )
    found, more, curves = measure_explanations(explained, asked, settings.bootstrap_repeats, settings.seed)
    told.add(found, facts | more, curves)


def _attack(
    told: Told,
    student: LanguageModel,
    subjects: Mapping[Subject, Predictor],
    corpus: Corpus,
    settings: ValidateSettings,
    asked: PrivacySettings,
    max_tokens: int,
) -> None:
    learned, unseen = (
        encode_all(
            _chosen(corpus.splits[split], asked.items, "privacy", settings.seed),
            student.tokenizer,
            max_tokens,
        )
        for split in ("train", "test")
    )
    attacks = [*attacks_on_texts(subjects, learned, unseen)]
    attacks += read_attacks(Path(asked.results)) if asked.results is not None else []
    for attack in attacks:
        told.add_attack(attack, settings.bootstrap_repeats, settings.seed)


def _chosen(examples: Sequence[Example], most: int | None, *parts: object) -> list[Example]:
    """Some examples by hash."""
    return sorted(examples, key=lambda example: digest(*parts, example.id))[:most]
