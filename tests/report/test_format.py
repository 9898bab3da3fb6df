"""Numbers are rounded to what they bear and keep unit and sign."""

from __future__ import annotations

import pytest

from stillroom.report.format import bare, gibibytes, seconds, show, significant
from stillroom.types import Metric
from stillroom.validate import spec


def metric(name: str, value: float, low: float | None = None, high: float | None = None) -> Metric:
    unit = spec(name)
    return Metric(name, "test", "student", value, low, high, 100, unit.unit, unit.higher_is_better)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("perplexity", 25.4637, "25.5"),
        ("perplexity", 1_234.5, "1,234"),
        ("perplexity", 2_812_000.0, "2.81 million"),
        ("log_perplexity", 3.23941, "3.239"),
        ("kl_to_student", 0.00123, "0.0012"),
        ("token_accuracy", 0.4551, "45.5 %"),
        ("ece", 0.034, "0.034"),
        ("bleu", 7.44, "7.4"),
        ("bytes_on_disk", 68_200_000, "68.2 MB"),
        ("bytes_on_disk", 1_520_000_000, "1.52 GB"),
        ("parameters", 63_700_000, "63.7 million"),
        ("prefill_ms", 81.23, "81.2 ms"),
        ("decode_tokens_per_second", 131.4, "131 tokens/s"),
        ("gap_closed_rougeL", 0.112, "11.2 %"),
        ("choice_above_chance", 0.112, "+11.2 points"),
        ("token_accuracy_minus_control", 0.0101, "+1.0 points"),
        ("log_perplexity_minus_control", -0.156, "−0.156"),
        ("log_perplexity_minus_control", 0.156, "+0.156"),
        ("log_perplexity_minus_control", -0.00001, "0.0000"),
        ("token_accuracy_minus_control", 0.0, "0.0 points"),
    ],
)
def test_a_value_is_shown_in_its_unit(name: str, value: float, expected: str) -> None:
    assert show(metric(name, value)) == expected


def test_the_ends_of_an_interval_leave_the_unit_to_the_value() -> None:
    shown = metric("token_accuracy", 0.5, 0.45, 0.55)
    assert (bare(shown, "low"), bare(shown, "high")) == ("45.0", "55.0")


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(2.6e6, 2.9e6, ("2.60", "2.90 million")), (0.9e6, 1.1e6, ("900,000", "1.10 million"))],
)
def test_a_size_is_said_once_where_it_is_shared(low: float, high: float, expected: tuple[str, str]) -> None:
    shown = metric("perplexity", 2.8e6, low, high)
    assert (bare(shown, "low"), bare(shown, "high")) == expected


def test_an_exact_figure_has_no_ends() -> None:
    with pytest.raises(ValueError, match="no interval"):
        show(metric("parameters", 3.0), "low")


@pytest.mark.parametrize(("value", "expected"), [(0.0, "0.00"), (9.87654, "9.88"), (-0.0456, "-0.0456")])
def test_significant_digits(value: float, expected: str) -> None:
    assert significant(value) == expected


def test_durations_and_memory() -> None:
    assert seconds(59.6).split() == ["1", "min", "0", "s"]
    assert gibibytes(8 * 2**30).split() == ["8.00", "GiB"]
