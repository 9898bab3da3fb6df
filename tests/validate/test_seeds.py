from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.classification.seeds import measure_over_seeds
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.seeds import over_seeds
from stillroom.validate.statistics.bootstrap import Estimate

SETTINGS = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=400)
RANDOM = np.random.default_rng(0)
TRUTH = RANDOM.integers(2, size=300)
GROUPS = [str(number) for number in range(300)]


def guesses(strength: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=300)
    return 1 / (1 + np.exp(-(strength * (2 * TRUTH - 1) + noise)))


def test_a_figure_is_the_mean_over_trainings_and_each_is_told() -> None:
    said = {seed: {"student": guesses(1.0, seed), "control": guesses(0.5, seed + 9)} for seed in (1, 2, 3)}
    evidence = measure_over_seeds(said, TRUTH, GROUPS, SETTINGS)
    each = [evidence.value(f"auroc/seed:{seed}", "student").value for seed in (1, 2, 3)]
    assert evidence.value("auroc", "student").value == pytest.approx(np.mean(each))
    difference = evidence.value("auroc_minus_control", "student").value
    controls = [evidence.value(f"auroc/seed:{seed}", "control").value for seed in (1, 2, 3)]
    assert difference == pytest.approx(np.mean(each) - np.mean(controls))
    assert evidence.facts is not None
    assert evidence.facts["auroc_seed_deviation_student"] == pytest.approx(np.std(each, ddof=1))


def test_a_subject_without_seeds_keeps_its_figures() -> None:
    teacher = guesses(2.0, 5)
    said = {seed: {"teacher": teacher, "student": guesses(1.0, seed)} for seed in (1, 2)}
    evidence = measure_over_seeds(said, TRUTH, GROUPS, SETTINGS)
    alone = measure_over_seeds({1: {"teacher": teacher}}, TRUTH, GROUPS, SETTINGS)
    assert evidence.value("auroc", "teacher") == alone.value("auroc", "teacher")


def test_trainings_that_differ_widen_the_interval() -> None:
    def width(values: list[float]) -> float:
        draws = np.random.default_rng(3).normal(0, 0.01, size=2000)
        founds = [{("auroc", "", "student"): Estimate(value, value + draws, 50)} for value in values]
        low, high = over_seeds(founds, seed=0)["auroc", "", "student"].interval()
        return high - low

    # Three trainings with deviation 0.1 add 0.1 / √3 · √(2/3) to the standard error of patients.
    apart, alike = width([0.7, 0.8, 0.9]), width([0.8, 0.8, 0.8])
    assert alike == pytest.approx(2 * 1.96 * 0.01, rel=0.1)
    assert apart == pytest.approx(2 * 1.96 * np.hypot(0.01, 0.1 * np.sqrt(2 / 3) / np.sqrt(3)), rel=0.15)
