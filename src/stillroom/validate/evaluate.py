"""The evidence of one split: every subject measured on the same items, with paired intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stillroom.data import encode_all
from stillroom.types import (
    DataError,
    Evidence,
    Example,
    Predictor,
    Progress,
    Split,
    Subject,
    silent,
)
from stillroom.validate.comparison import draws_of, to_metric
from stillroom.validate.families import Bench, Measured, measure_choices, measure_texts, measure_tokens
from stillroom.validate.metrics import CONTRASTS, PAIRED, difference
from stillroom.validate.retention import retention
from stillroom.validate.robustness.measure import measure_robustness
from stillroom.validate.settings import ValidateSettings
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.tables import Key, is_specialty
from stillroom.validate.trial import SHOWN, Trial

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_FAMILIES = (measure_tokens, measure_choices, measure_texts)


def evaluate(
    subjects: Mapping[Subject, Predictor],
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
    *,
    max_tokens: int,
    split: Split = "test",
    progress: Progress = silent,
) -> Evidence:
    """Measure subjects on a split.

    Every subject sees the same items, and all intervals of a part of the split come from the same resamples,
    so differences and ratios between subjects are paired. Fidelity, differences and retention are measured
    where the subjects they need are among the measured.

    Args:
        subjects: who is measured, each in its own runtime.
        examples: the split's examples.
        tokenizer: the tokenizer that all subjects share.
        settings: how much to measure. Gates are not judged here, because they may speak of sizes and speeds:
            add those to the evidence, then call ``judge``.
        max_tokens: examples longer than this are left out and counted in the facts.
        split: the split's name, noted with each metric.
        progress: told of the items done.

    Returns:
        Metrics with 95 % intervals overall, by kind and (perplexity and multiple choice) by specialty; paired
        differences; retention; reliability curves; facts on how it was measured.

    Raises:
        DataError: no subject, or no example that fits.
        ModelError: a subject's logits are not finite or have a wrong shape.
        MissingExtraError: free answers are to be scored and the extra ``evaluate`` is not installed.
    """
    encoded = encode_all(examples, tokenizer, max_tokens)
    if not subjects or not encoded.rows:
        raise DataError(
            f"{len(subjects)} subjects and {len(encoded.rows)} {split} examples within {max_tokens} tokens",
            "at least 1 of each",
            "check the corpus' splits and max_tokens",
        )
    bench = Bench(subjects, encoded.examples, encoded.rows, tokenizer, settings, progress)
    families = [*(measure(bench) for measure in _FAMILIES), *_axes(bench)]
    found = {key: estimate for family in families for key, estimate in family.found.items()}
    found |= _differences(found) | retention(found)
    facts = {name: fact for family in families for name, fact in family.facts.items()}
    return Evidence(
        metrics=tuple(to_metric(key, estimate, split) for key, estimate in found.items()),
        curves=tuple(curve for family in families for curve in family.curves),
        facts=facts | _facts(bench, max_tokens, len(encoded.dropped)),
        draws=draws_of(found),
    )


def _axes(bench: Bench) -> Iterator[Measured]:
    """The axes that measure on items of their own making, where they are asked for."""
    settings = bench.settings
    subjects = {who: bench.subjects[who] for who in SHOWN if who in bench.subjects}
    trial = Trial(
        subjects, bench.examples, bench.tokenizer, settings.bootstrap_repeats, settings.seed, bench.progress
    )
    if settings.robustness is not None and subjects:
        found, facts = measure_robustness(trial, settings.robustness)
        yield Measured(found, facts=facts)


def _differences(found: Mapping[Key, Estimate]) -> dict[Key, Estimate]:
    pairs = ((key, CONTRASTS[key[2]]) for key in found if key[0] in PAIRED and key[2] in CONTRASTS)
    return {
        (difference(name, subject), part, subject): found[name, part, subject] - found[name, part, other]
        for (name, part, subject), other in pairs
        if (name, part, other) in found and not is_specialty(part)
    }


def _facts(bench: Bench, max_tokens: int, dropped: int) -> dict[str, str | int | float]:
    settings = bench.settings
    return {
        "interval": "95 % percentile bootstrap over groups of examples (concepts, documents, patients); "
        "exact (Clopper-Pearson) of shares of items",
        "bootstrap_repeats": settings.bootstrap_repeats,
        "validation_seed": settings.seed,
        "ece_bins": settings.ece_bins,
        "max_tokens": max_tokens,
        "examples_too_long": dropped,
        **{f"runtime_{subject}": predictor.runtime for subject, predictor in bench.subjects.items()},
    }
