"""What a run measures: quality of all five subjects, size and speed, parity of the exported files, and gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from stillroom import data
from stillroom.export import Bundle, parity
from stillroom.export.settings import PARITY_ROWS
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.recipes.cost import measure_cost
from stillroom.recipes.predictors import predictor_of
from stillroom.recipes.text_axes import with_axes
from stillroom.types import (
    Corpus,
    Curve,
    Encoded,
    Evidence,
    Example,
    GateError,
    Metric,
    Predictor,
    Progress,
    Subject,
)
from stillroom.types.files import fingerprint
from stillroom.types.record import TrainRecord
from stillroom.validate import ValidateSettings, evaluate, exact, judge, load_tiers


def require_better_teacher(
    teacher: LanguageModel,
    untrained: LanguageModel,
    corpus: Corpus,
    settings: ValidateSettings,
    *,
    max_tokens: int,
    precision: torch.dtype,
    progress: Progress,
) -> Evidence:
    """Measure teacher and untrained student on validation data; refuse a teacher that is not better.

    Raises:
        GateError: the paired 95 % interval of the difference in log-perplexity does not lie below zero.
    """
    examples = corpus.splits["validation"]
    prompts = [example.prompt for example in examples]
    subjects: dict[Subject, Predictor] = {
        "teacher": predictor_of(teacher, untrained, prompts, precision),
        "student_untrained": predictor_of(untrained, untrained, prompts, precision),
    }
    likelihood_only = settings.model_copy(
        update={"choice_items": 0, "generation_items": 0, "fairness": None, "robustness": None}
    )
    evidence = evaluate(
        subjects,
        examples,
        untrained.tokenizer,
        likelihood_only,
        max_tokens=max_tokens,
        split="validation",
        progress=progress,
    )
    difference = evidence.value("log_perplexity_minus_untrained", "teacher", "validation")
    if difference.ci_high is None or difference.ci_high >= 0.0:
        raise GateError(
            f"the teacher's log-perplexity minus the untrained student's is {difference.value:.3f} "
            f"[{difference.ci_low:.3f}, {difference.ci_high:.3f}] nats/token on validation data",
            "an interval below zero",
            "train the teacher longer (`teach.steps`) or choose a better one (`teacher.model`)",
        )
    return evidence


def measure_all(
    models: Mapping[Subject, LanguageModel],
    bundle: Bundle,
    corpus: Corpus,
    settings: ValidateSettings,
    *,
    max_tokens: int,
    precision: torch.dtype,
    making_seconds: Mapping[Subject, float],
    progress: Progress,
) -> Evidence:
    """Measure every model in PyTorch and the bundle in its own runtime, on the same test items.

    Args:
        models: teacher, untrained student, control and student.
        bundle: the exported student.
        corpus: the corpus whose test split is used.
        settings: how much to measure, and the gates.
        max_tokens: longer examples are left out and counted.
        precision: number format of PyTorch's matrix products.
        making_seconds: how long it took to adapt the teacher and to distil the student.
        progress: is told of the items done.
    """
    test, tokenizer = corpus.splits["test"], models["student"].tokenizer
    prompts = [example.prompt for example in test]
    subjects: dict[Subject, Predictor] = {
        subject: predictor_of(model, models["student"], prompts, precision)
        for subject, model in models.items()
    }
    subjects["bundle"] = bundle.predictor()
    evidence = evaluate(subjects, test, tokenizer, settings, max_tokens=max_tokens, progress=progress)
    rows = data.encode_all(test, tokenizer, max_tokens).rows
    progress("validate: size and speed", 0, 1)
    cost, told = measure_cost(models, bundle, rows, settings.efficiency, making_seconds)
    metrics = (*evidence.metrics, *_sizes(models, bundle), *cost)
    parities = _parities(models["student"], bundle, rows[:PARITY_ROWS])
    facts = {**(evidence.facts or {}), **told, **parities, **items_of(test, rows)}
    progress("validate: size and speed", 1, 1)
    measured = replace(evidence, metrics=metrics, facts=facts)
    measured = with_axes(measured, models, subjects, corpus, settings, max_tokens)
    tiers = load_tiers(settings.tier) if settings.tier else ()
    return judge(measured, settings.gates, tiers=tiers, ceilings=settings.ceilings)


def items_of(examples: Sequence[Example], rows: Sequence[Encoded]) -> dict[str, str]:
    """Facts that say whether two runs were measured on the same items, and in the same tokens."""
    told = [[e.id, e.group, e.kind, e.specialty, e.prompt, e.response] for e in examples]
    return {
        "items_sha256": fingerprint(told),
        "tokens_sha256": fingerprint([row.ids.tolist() for row in rows]),
    }


def training_curves(records: Mapping[Subject, TrainRecord]) -> tuple[Curve, ...]:
    """Losses of each training: per step, and on validation data."""
    wanted = {
        "cross_entropy": "training cross-entropy",
        "forward_kl": "training KL to the teacher",
        "validation_cross_entropy": "validation cross-entropy",
        "validation_forward_kl": "validation KL to the teacher",
    }
    curves = [
        Curve(name, subject, *_points(record, figure), "step", "nats/token")
        for subject, record in records.items()
        for figure, name in wanted.items()
    ]
    return tuple(curve for curve in curves if any(curve.y))


def _points(record: TrainRecord, figure: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    points = [point for point in record.points if figure in point.figures]
    return tuple(float(point.step) for point in points), tuple(point.figures[figure] for point in points)


def _sizes(models: Mapping[Subject, LanguageModel], bundle: Bundle) -> list[Metric]:
    float_bytes = {subject: 4 * model.parameters for subject, model in models.items()}
    return [
        *(exact("parameters", subject, model.parameters) for subject, model in models.items()),
        exact("parameters", "bundle", models["student"].parameters),
        *(exact("bytes_on_disk", subject, size) for subject, size in float_bytes.items()),
        exact("bytes_on_disk", "bundle", bundle.gguf_path().stat().st_size),
    ]


def _parities(student: LanguageModel, bundle: Bundle, rows: Sequence[Encoded]) -> dict[str, float]:
    """Hold every exported file against the float32 student, on logits, in the final runtime at batch 1."""
    facts: dict[str, float] = {}
    for quantisation in bundle.manifest.quantisations:
        found = parity(TorchPredictor(student).logits(rows), bundle.predictor(quantisation).logits(rows))
        facts[f"parity_{quantisation}_top1_agreement"] = found.top1_agreement
        facts[f"parity_{quantisation}_kl"] = found.kl
        facts[f"bytes_{quantisation}"] = bundle.gguf_path(quantisation).stat().st_size
    return facts
