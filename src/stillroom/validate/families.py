"""The three ways of measuring: the reference's tokens, multiple choice, and free answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from stillroom.data import encode_options
from stillroom.types import Curve, Encoded, Example, Predictor, Progress, Subject
from stillroom.validate.calibration.binned import bin_sums, equal_mass_edges, reliability
from stillroom.validate.choice import ChoiceItem, chance, score_choices
from stillroom.validate.fairness.measure import measure_fairness
from stillroom.validate.safety import mark_tokens
from stillroom.validate.select import select
from stillroom.validate.settings import ValidateSettings
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.tables import (
    Key,
    Table,
    choice_tables,
    estimate_tables,
    marked_tables,
    text_tables,
    token_tables,
)
from stillroom.validate.text import describe, score_texts
from stillroom.validate.tokens import TokenScores, score_tokens

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


@dataclass(frozen=True, slots=True)
class Measured:
    """What a family found: estimates, curves to draw, and facts on how it measured."""

    found: dict[Key, Estimate] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    facts: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """Who is measured, on what and how; ``rows`` are the encoded ``examples``."""

    subjects: Mapping[Subject, Predictor]
    examples: tuple[Example, ...]
    rows: tuple[Encoded, ...]
    tokenizer: PreTrainedTokenizerFast
    settings: ValidateSettings
    progress: Progress

    def narrowed(self, items: int | None, *, with_options: bool = False) -> Bench:
        """Keep chosen items only."""
        eligible = [example for example in self.examples if example.options or not with_options]
        chosen = {example.id for example in select(eligible, items, self.settings.seed)}
        kept = [at for at, example in enumerate(self.examples) if example.id in chosen]
        return replace(
            self,
            examples=tuple(self.examples[at] for at in kept),
            rows=tuple(self.rows[at] for at in kept),
        )

    def measured(
        self,
        tables: Mapping[Subject, list[Table]],
        facts: Mapping[str, str | int | float],
        curves: tuple[Curve, ...] = (),
    ) -> Measured:
        """Estimate tables whose rows are the examples, on all parts and, if asked for, between subgroups."""
        repeats, seed, fairness = self.settings.bootstrap_repeats, self.settings.seed, self.settings.fairness
        found = estimate_tables(tables, self.examples, repeats, seed)
        gaps, told = (
            ({}, {}) if not fairness else measure_fairness(tables, self.examples, fairness, repeats, seed)
        )
        return Measured(found | gaps, curves, {**facts, **told})


def measure_tokens(bench: Bench) -> Measured:
    """Likelihood, accuracy, calibration and fidelity on the tokens of the reference responses."""
    bench = bench.narrowed(bench.settings.token_items)
    bins = bench.settings.ece_bins
    scores = score_tokens(bench.subjects, bench.rows, bench.progress)
    marks = mark_tokens(bench.examples, bench.rows, bench.tokenizer)
    tables = {subject: [*token_tables(of, bins), *marked_tables(of, marks)] for subject, of in scores.items()}
    return bench.measured(
        tables,
        {"token_items": len(bench.rows), "response_tokens": sum(len(row.targets) for row in bench.rows)},
        tuple(_reliability_curve(subject, of, bins) for subject, of in scores.items()),
    )


def measure_choices(bench: Bench) -> Measured:
    """Multiple-choice accuracy; nothing where no item has options or none is asked for."""
    bench = bench.narrowed(bench.settings.choice_items, with_options=True)
    if not bench.examples:
        return Measured()
    options = [encode_options(example, bench.tokenizer) for example in bench.examples]
    items = [
        ChoiceItem(tuple(rows), example.answer) for rows, example in zip(options, bench.examples, strict=True)
    ]
    guess, right = chance(items), {}
    for done, (subject, predictor) in enumerate(bench.subjects.items(), 1):
        right[subject] = score_choices(predictor, items)
        bench.progress("validate: multiple choice", done, len(bench.subjects))
    tables = {subject: choice_tables(of, guess) for subject, of in right.items()}
    return bench.measured(tables, {"choice_items": len(items), "choice_chance": float(np.mean(guess))})


def measure_texts(bench: Bench) -> Measured:
    """ROUGE, BLEU and exact match of greedy responses; nothing where none are asked for."""
    bench = bench.narrowed(bench.settings.generation_items)
    if not bench.examples:
        return Measured()
    references = [example.response for example in bench.examples]
    longest = bench.settings.max_new_tokens
    tables = {}
    for done, (subject, predictor) in enumerate(bench.subjects.items(), 1):
        tables[subject] = text_tables(score_texts(_generate(bench, predictor), references))
        bench.progress("validate: free answers", done, len(bench.subjects))
    facts = describe() | {
        "generation_items": len(references),
        "decoding": f"greedy, at most {longest} new tokens",
    }
    return bench.measured(tables, facts)


def _generate(bench: Bench, predictor: Predictor) -> list[str]:
    prompts = [row.ids[: row.start].tolist() for row in bench.rows]
    answers = predictor.generate(prompts, bench.settings.max_new_tokens)
    return [str(bench.tokenizer.decode(ids, skip_special_tokens=True)).strip() for ids in answers]


def _reliability_curve(subject: Subject, scores: TokenScores, bins: int) -> Curve:
    edges = equal_mass_edges(scores.confidence, bins)
    points = reliability(bin_sums(scores.confidence, scores.right, scores.rows, edges))
    x, y, weight = (tuple(float(value) for value in axis) for axis in points)
    return Curve("reliability", subject, x, y, "confidence", "accuracy", weight)
