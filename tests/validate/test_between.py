"""Two runs are compared as far as they can be, and no further."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stillroom.types import Evidence, Metric
from stillroom.validate import ClassificationSettings, measure_classification
from stillroom.validate.between import Compared, Comparison, Side, compare

MACHINE = {"cpu": "an 8-bit abacus", "cores": 2}
CLASSES = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=400)
NUMBER = 120
TRUTH = np.arange(NUMBER) % 2
GROUPS = [f"patient {number // 2}" for number in range(NUMBER)]


def said(skill: float, seed: int = 0) -> np.ndarray[Any, Any]:
    """Probabilities that know the truth by ``skill``, with hard and easy patients shared by all."""
    shared = np.random.default_rng(7).normal(size=NUMBER)
    own = np.random.default_rng(seed).normal(size=NUMBER)
    return 1 / (1 + np.exp(-(skill * (2 * TRUTH - 1) + shared + 0.2 * own)))


def side(skill: float, **facts: Any) -> Side:
    evidence = measure_classification({"bundle": said(skill)}, TRUTH, GROUPS, CLASSES)
    told = replace(
        evidence, facts={**(evidence.facts or {}), "primary": "auroc", "items_sha256": "i", **facts}
    )
    return Side(told, evidence.draws, MACHINE)


def found(comparison: Comparison, name: str) -> Compared:
    (row,) = [row for row in comparison.shared if row.first.name == name]
    return row


def ends(compared: Compared) -> tuple[float, float]:
    assert compared.difference
    assert compared.difference.ci_low is not None
    assert compared.difference.ci_high is not None
    return compared.difference.ci_low, compared.difference.ci_high


def test_a_run_is_no_different_from_itself() -> None:
    comparison = compare(side(1.0), side(1.0))
    assert {row.basis for row in comparison.shared} == {"paired"}
    assert all(row.difference and row.difference.value == 0 for row in comparison.shared)
    assert comparison.only_first == comparison.only_second == ()


def test_the_difference_is_the_seconds_minus_the_firsts_with_the_interval_of_one_evidence() -> None:
    """The same models as two subjects of one evaluation give the same paired difference."""
    both = measure_classification({"student": said(1.2), "control": said(0.8, 1)}, TRUTH, GROUPS, CLASSES)
    first = side(0.8)
    first = Side(
        replace(
            measure_classification({"bundle": said(0.8, 1)}, TRUTH, GROUPS, CLASSES),
            facts=first.evidence.facts,
        ),
        measure_classification({"bundle": said(0.8, 1)}, TRUTH, GROUPS, CLASSES).draws,
    )
    for name in ("auroc", "log_loss", "brier_score"):
        row, expected = found(compare(first, side(1.2)), name), both.value(f"{name}_minus_control", "student")
        assert row.difference
        assert row.difference.value == pytest.approx(expected.value)
        assert ends(row) == pytest.approx((expected.ci_low, expected.ci_high), abs=1e-6)


def test_without_resamples_the_difference_is_unpaired_and_wider() -> None:
    first, second = side(0.8), side(1.2)
    paired, unpaired = (
        found(compare(first, other), "auroc") for other in (second, replace(second, draws={}))
    )
    assert (paired.basis, unpaired.basis) == ("paired", "unpaired")
    assert ends(unpaired)[1] - ends(unpaired)[0] > ends(paired)[1] - ends(paired)[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"items_sha256": "other"}, "not measured on the same test items"),
        ({"primary": "mae"}, "answer different questions"),
    ],
)
def test_other_items_or_questions_are_not_compared(change: dict[str, str], told: str) -> None:
    comparison = compare(side(0.8), side(1.2, **change))
    assert {row.basis for row in comparison.shared} == {"none"}
    assert all(row.difference is None for row in comparison.shared)
    assert told in comparison.grounds[0]


def test_items_that_are_not_known_to_be_the_same_are_not_compared() -> None:
    first, second = (replace(side(s).evidence, facts={"primary": "auroc"}) for s in (0.8, 1.2))
    assert {row.basis for row in compare(Side(first), Side(second)).shared} == {"none"}


def test_resamples_drawn_otherwise_are_not_paired() -> None:
    assert found(compare(side(0.8), side(1.2, validation_seed=5)), "auroc").basis == "unpaired"


def metric(
    name: str, value: float, half: float | None = 0.1, subject: Any = "bundle", split: str = "test"
) -> Metric:
    low, high = (None, None) if half is None else (value - half, value + half)
    return Metric(name, split, subject, value, low, high, 20, "", False)


def language(*metrics: Metric, tokens: str = "t", cpu: str = "abacus") -> Side:
    facts: dict[str, str | int | float] = {"items_sha256": "i", "tokens_sha256": tokens}
    return Side(Evidence(metrics, facts=facts), {}, {"cpu": cpu, "cores": 2})


def test_figures_of_tokens_need_the_same_tokens_and_choices_do_not() -> None:
    both = [
        language(metric("perplexity", 20.0), metric("choice_accuracy/synonym", 0.4), tokens=tokens)
        for tokens in "ab"
    ]
    comparison = compare(*both)
    assert [row.basis for row in comparison.shared] == ["none", "unpaired"]
    assert "different tokens" in comparison.grounds[1]


def test_sizes_are_counted_and_times_need_the_same_processor() -> None:
    figures = (metric("bytes_on_disk", 5e6, None, split=""), metric("prefill_ms", 80.0, 2.0, split=""))
    near, far = (compare(language(*figures), language(*figures, cpu=cpu)) for cpu in ("abacus", "loom"))
    assert [row.basis for row in near.shared] == ["exact", "unpaired"]
    assert [row.basis for row in far.shared] == ["exact", "none"]
    assert "not known that both runs had the same kind" in far.grounds[-1]


def test_figures_of_another_version_are_left_out() -> None:
    comparison = compare(language(metric("rougeL", 0.3), metric("from_the_future", 1.0)), language())
    assert [m.name for m in comparison.only_first] == ["rougeL"]


def test_what_only_one_run_has_is_listed() -> None:
    comparison = compare(language(metric("rougeL", 0.3)), language(metric("perplexity", 9.0)))
    assert [m.name for m in comparison.only_first] == ["rougeL"]
    assert [m.name for m in comparison.only_second] == ["perplexity"]
