"""Made evidence with the shape of a real run: all subjects, parts, differences, gates, curves and facts."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp

import pytest

from stillroom.report import ReportContext, StageFacts
from stillroom.types import SUBJECTS, Curve, Evidence, Metric, Source, Subject
from stillroom.validate import GateSettings, exact, judge, median, spec

Five = tuple[float, float, float, float, float]

MEASURED: dict[str, tuple[Five, float]] = {  # values of the five subjects, half width of the interval
    "perplexity": ((7.42, 2_812_000.0, 29.8, 25.5, 25.7), 0.06),
    "log_perplexity": ((2.004, 14.849, 3.395, 3.239, 3.246), 0.018),
    "token_accuracy": ((0.599, 0.011, 0.445, 0.455, 0.454), 0.02),
    "kl_to_teacher": ((0.0, 11.61, 1.212, 0.987, 0.993), 0.035),
    "top1_agreement": ((0.0, 0.013, 0.548, 0.587, 0.585), 0.015),
    "top5_overlap": ((0.0, 0.031, 0.511, 0.556, 0.555), 0.014),
    "choice_accuracy": ((0.548, 0.252, 0.341, 0.362, 0.360), 0.13),
    "choice_above_chance": ((0.298, 0.002, 0.091, 0.112, 0.110), 0.4),
    "ece": ((0.021, 0.176, 0.087, 0.034, 0.035), 0.2),
    "ece_equal_width": ((0.019, 0.181, 0.085, 0.031, 0.032), 0.2),
    "brier": ((0.151, 0.048, 0.182, 0.168, 0.168), 0.04),
    "rouge1": ((0.412, 0.004, 0.281, 0.304, 0.301), 0.06),
    "rouge2": ((0.213, 0.001, 0.112, 0.131, 0.129), 0.11),
    "rougeL": ((0.377, 0.004, 0.254, 0.272, 0.270), 0.06),
    "bleu": ((14.2, 0.02, 6.1, 7.4, 7.3), 0.12),
    "bleu1": ((36.3, 0.7, 24.8, 26.9, 26.6), 0.08),
    "exact_match": ((0.117, 0.0, 0.033, 0.05, 0.05), 0.5),
}
SPECIALTIES = {
    "nervous system": 96,
    "skeletal system": 71,
    "eye": 44,
    "metabolism": 33,
    "heart": 21,
    "ear": 7,
}


def _metric(name: str, subject: Subject, value: float, half: float, n: int) -> Metric:
    unit = spec(name)
    return Metric(
        name, "test", subject, value, value - half, value + half, n, unit.unit, unit.higher_is_better
    )


def _measured(part: str = "", n: int = 800, shift: float = 0.0) -> Iterator[Metric]:
    for name, (values, width) in MEASURED.items():
        for subject, value in zip(SUBJECTS, values, strict=True):
            if value or subject != "teacher":
                moved = value * (1 + shift)
                yield _metric(name + part, subject, moved, abs(moved) * width, n)


def _differences() -> Iterator[Metric]:
    for name, (values, width) in MEASURED.items():
        if name not in {"perplexity", "choice_above_chance"}:
            half = abs(values[3]) * width * 0.6
            yield _metric(f"{name}_minus_control", "student", values[3] - values[2], half, 800)
            yield _metric(f"{name}_minus_student", "bundle", values[4] - values[3], half / 3, 800)


def _retention() -> Iterator[Metric]:
    for name in ("token_accuracy", "choice_accuracy", "choice_above_chance", "rougeL", "bleu"):
        values = MEASURED[name][0]
        for subject, value in zip(SUBJECTS[1:], values[1:], strict=True):
            yield _metric(f"retention_{name}", subject, value / values[0], 0.04, 800)
            if subject != "student_untrained" and name != "choice_above_chance":
                share = (value - values[1]) / (values[0] - values[1])
                yield _metric(f"gap_closed_{name}", subject, share, 0.04, 800)
    for subject, share in (("student", 0.112), ("bundle", 0.107)):
        yield _metric("control_gap_closed_log_perplexity", subject, share, 0.03, 800)  # type: ignore[arg-type]


def _parity() -> Iterator[Metric]:
    yield _metric("kl_to_student", "bundle", 0.0012, 0.0001, 800)
    yield _metric("top1_agreement_with_student", "bundle", 0.9937, 0.0012, 800)
    yield _metric("top5_overlap_with_student", "bundle", 0.9902, 0.0011, 800)


def _efficiency() -> Iterator[Metric]:
    sizes = {
        "teacher": 134.5e6,
        "student_untrained": 63.7e6,
        "control": 63.7e6,
        "student": 63.7e6,
        "bundle": 63.7e6,
    }
    for subject, parameters in sizes.items():
        yield exact("parameters", subject, parameters)  # type: ignore[arg-type]
        yield exact("bytes_on_disk", subject, parameters * (4 if subject != "bundle" else 1.07))  # type: ignore[arg-type]
    times: dict[Subject, tuple[float, float]] = {
        "teacher": (312, 24.1),
        "student": (128, 58.7),
        "bundle": (81, 131.0),
    }
    for who, (prefill, decode) in times.items():
        yield median("prefill_ms", who, [prefill * (1 + 0.01 * at) for at in range(-4, 5)])
        yield median("decode_tokens_per_second", who, [decode * (1 + 0.01 * at) for at in range(-4, 5)])
    yield exact("peak_memory_bytes", "student", 0.61e9)
    yield exact("peak_memory_bytes", "bundle", 0.28e9)


def _curves() -> Iterator[Curve]:
    lies = {"teacher": 0.01, "student_untrained": 0.17, "control": 0.1, "student": 0.03, "bundle": 0.03}
    for subject, lie in lies.items():
        x = tuple(0.08 + 0.91 * (at / 14) ** 0.8 for at in range(15))
        y = tuple(max(0.0, c - lie * 2 * c * (1.15 - c)) for c in x)
        yield Curve("reliability", subject, x, y, "confidence", "accuracy", (800.0,) * 15)  # type: ignore[arg-type]
    steps = tuple(float(at) for at in range(0, 201, 4))
    for subject, start, end in (("teacher", 3.4, 1.9), ("control", 14.8, 3.2), ("student", 14.8, 3.1)):
        y = tuple(end + (start - end) * exp(-at / 18) for at in steps)
        yield Curve("training cross-entropy", subject, steps, y, "step", "nats/token")  # type: ignore[arg-type]
        sparse = tuple(value + 0.1 for value in y[::10])
        yield Curve("validation cross-entropy", subject, steps[::10], sparse, "step", "nats/token")  # type: ignore[arg-type]
    y = tuple(0.9 + 11.6 * exp(-at / 16) for at in steps)
    yield Curve("training KL to the teacher", "student", steps, y, "step", "nats/token")


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """A distillation that worked a little, whose multiple choice is left open."""
    metrics = [
        *_measured(),
        *_measured("/definition", 400, 0.05),
        *_measured("/synonym", 200, -0.04),
        *_measured("/differential", 200, 0.1),
        *(
            metric
            for at, (name, n) in enumerate(SPECIALTIES.items())
            for metric in _measured(f"/specialty:{name}", n, 0.03 * (at - 3))
            if metric.name.startswith(("perplexity", "choice_accuracy"))
        ),
        *_differences(),
        *_retention(),
        *_parity(),
        *_efficiency(),
    ]
    facts: dict[str, str | int | float] = {
        "interval": "95 % percentile bootstrap over groups of examples (concepts, documents, patients)",
        "token_items": 800,
        "response_tokens": 19_404,
        "choice_items": 400,
        "choice_chance": 0.25,
        "generation_items": 60,
        "decoding": "greedy, at most 64 new tokens",
        "rouge_settings": "rouge-score 0.1.2, F1, stemmer on",
        "bleu_settings": "sacrebleu 2.6.0, tokenizer 13a, mixed case, smoothing exp",
        "bootstrap_repeats": 1000,
        "parity_q8_0_top1_agreement": 0.9937,
        "parity_q8_0_kl": 0.0012,
        "runtime_teacher": "pytorch",
        "runtime_bundle": "openvino-genai",
    }
    gates = [
        ("The student beats the control", "log_perplexity_minus_control", "student", 0.0, "at_most"),
        ("The bundle answers as the student", "top1_agreement_with_student", "bundle", 0.99, "at_least"),
        ("Multiple choice clearly above chance", "choice_accuracy", "bundle", 0.33, "at_least"),
        ("Fits the ward's machine", "bytes_on_disk", "bundle", 50e6, "at_most"),
    ]
    rules = [
        GateSettings.model_validate(
            dict(zip(("name", "metric", "subject", "threshold", "direction"), gate, strict=True))
        )
        for gate in gates
    ]
    return judge(Evidence(tuple(metrics), curves=tuple(_curves()), facts=facts), rules)


@pytest.fixture(scope="session")
def context() -> ReportContext:
    """The run that the evidence belongs to."""
    counts = {"definition": (6000, 200, 400), "synonym": (3000, 100, 200), "differential": (1000, 100, 200)}
    splits = ("train", "validation", "test")
    return ReportContext(
        title="quickstart",
        description="Distil SmolLM2-135M into 10 of its 30 layers on the Human Phenotype Ontology, on a CPU.",
        student="10 of the teacher's 30 layers (2, 5, 8 … 29), tied embeddings",
        models=(
            Source(
                "SmolLM2-135M-Instruct",
                "1.7",
                "Apache-2.0",
                "https://example.org/smollm2",
                "Allal et al., SmolLM2, 2025",
            ),
        ),
        corpus={
            "name": "hpo",
            "fingerprint": "9c0f" * 16,
            "split_rule": "by concept: no term, synonym or disease of a test item occurs in training",
            "items": {"train": 10_000, "validation": 400, "test": 800},
            "groups": {"train": 7_214, "validation": 341, "test": 655},
            "counts": [
                {"split": split, "kind": kind, "specialty": "eye", "difficulty": "basic", "items": items}
                for kind, row in counts.items()
                for split, items in zip(splits, row, strict=True)
            ],
            "dropped": {"too_long": 12, "no_definition": 4_120},
            "sources": [
                {
                    "name": "Human Phenotype Ontology",
                    "version": "2024-04-26",
                    "licence": "HPO licence",
                    "url": "https://example.org/hpo",
                    "citation": "Gargano et al., The Human Phenotype Ontology in 2024",
                }
            ],
        },
        recipe_yaml="name: quickstart\nobjective:\n  alpha: 1.0\n  temperature: 1.0\n",
        recipe_fingerprint="1b7e" * 16,
        limits=(
            "The student knows an ontology, not patients.",
            "English only.",
            "Two of three kinds of task are new wordings of one source.",
        ),
        machine={"cpu": "an 8-bit abacus", "cores": 2, "memory": "8 GiB"},
        software={"stillroom": "0.1.0", "torch": "2.13.0"},
        seconds=812.0,
        peak_memory_bytes=5 * 2**30,
        stages=tuple(
            StageFacts(name, 60.0 + 31 * at, (1 + at % 4) * 2**30, f"{at}a7c" * 16)
            for at, name in enumerate(
                ("prepare", "teach", "signals", "control", "student", "export", "validate")
            )
        ),
        usage="stillroom answer bundle 'Define Arachnodactyly.'",
    )
