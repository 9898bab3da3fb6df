"""Figures of explanations, from explainers whose answers are known."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from stillroom.types import Subject
from stillroom.validate import spec
from stillroom.validate.explain.explainer import Attributed
from stillroom.validate.explain.measure import Explained, measure_explanations, measure_fidelity
from stillroom.validate.explain.settings import ExplainSettings

CASES = 40
TRUE = np.abs(np.random.default_rng(1).normal(size=(CASES, 6))) + 0.1
SETTINGS = ExplainSettings(top=2)


@dataclass
class Sum:
    """Answers with the share of its true weights that is kept, and explains itself by some values."""

    values: np.ndarray
    units: tuple[str, ...] = tuple("abcdef")
    looks: np.ndarray | None = None
    present: np.ndarray = field(default_factory=lambda: np.ones((CASES, 6), dtype=bool))

    def attributed(self, outputs: np.ndarray) -> Attributed:
        return Attributed(self.values, self.values.sum(1) + 0.5)

    def scores(self, outputs: np.ndarray, kept: np.ndarray) -> np.ndarray:
        return (TRUE * kept).sum(1) / TRUE.sum(1)

    def attention(self) -> dict[str, np.ndarray]:
        return {} if self.looks is None else {"steps": self.looks}


def explained(**subjects: Sum) -> Explained:
    parts = ["class:ill" if number % 4 == 0 else "class:well" for number in range(CASES)]
    explainers: dict[Subject, dict[str, Sum]] = {who: {"": of} for who, of in subjects.items()}  # type: ignore[misc]
    return Explained(explainers, np.zeros(CASES, dtype=np.int64), parts, [str(n) for n in range(CASES)])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found():
    noise = np.random.default_rng(2).normal(size=TRUE.shape)
    subjects = explained(
        teacher=Sum(TRUE, looks=np.eye(6)[np.arange(CASES) % 6]),
        control=Sum(noise, looks=np.full((CASES, 6), 1 / 6)),
        student=Sum(3 * TRUE, looks=np.eye(6)[np.arange(CASES) % 6]),
    )
    return measure_explanations(subjects, SETTINGS, repeats=200, seed=0)


def test_a_true_attribution_beats_chance_and_a_made_up_one_does_not(found) -> None:
    estimates, _, _ = found
    for name in ("insertion_above_random", "deletion_below_random"):
        assert estimates[name, "", "student"].interval()[0] > 0.05
        low, high = estimates[name, "", "control"].interval()
        assert low < 0.05
        assert high < estimates[name, "", "student"].value


def test_a_student_that_attributes_as_its_teacher_agrees_wholly_and_more_than_its_control(found) -> None:
    estimates, _, _ = found
    for name in ("attribution_rank_agreement", "attribution_top_agreement", "attention_agreement"):
        assert estimates[name, "", "student"].value == pytest.approx(1.0)
        assert estimates[f"{name}_minus_control", "", "student"].interval()[0] > 0
    assert (("attribution_rank_agreement", "", "teacher")) not in estimates


def test_agreement_is_told_of_each_class_with_its_own_number_of_patients(found) -> None:
    estimates, _, _ = found
    assert estimates["attribution_rank_agreement", "class:ill", "student"].units == CASES / 4
    assert estimates["attribution_rank_agreement", "class:well", "control"].units == CASES * 3 / 4


def test_facts_tell_how_far_from_complete(found) -> None:
    _, facts, _ = found
    assert facts["explained_items"] == CASES
    assert facts["explain_incompleteness_teacher"] == pytest.approx(0.5 / np.mean(TRUE.sum(1) + 0.5))


def test_curves_go_from_nothing_to_all(found) -> None:
    _, _, curves = found
    (of_student,) = (curve for curve in curves if (curve.name, curve.subject) == ("insertion", "student"))
    assert of_student.y[0] == 0
    assert of_student.y[-1] == pytest.approx(1.0)


def test_models_that_speak_of_different_things_are_not_compared() -> None:
    subjects = explained(teacher=Sum(TRUE), student=Sum(TRUE, units=tuple("uvwxyz")))
    found, _, _ = measure_explanations(subjects, SETTINGS, repeats=100, seed=0)
    assert not any(name.startswith("attribution_") for name, _, _ in found)


def test_fidelity_by_the_teachers_class_worked_out_by_hand() -> None:
    teacher = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.2, 0.8]])
    student = np.array([[0.6, 0.4], [0.9, 0.1], [0.4, 0.6], [0.3, 0.7]])
    said = {"teacher": teacher, "control": teacher[:, ::-1], "student": student}
    found = measure_fidelity(said, list("abcd"), ("well", "ill"), repeats=100, seed=0)
    assert found["fidelity", "", "student"].value == pytest.approx(3 / 4)
    assert found["fidelity", "class:well", "student"].value == pytest.approx(2 / 3)
    assert found["fidelity", "class:well", "student"].units == 3
    assert found["fidelity_minus_control", "", "student"].value == pytest.approx(3 / 4)
    divergence = (teacher * np.log(teacher / student)).sum(1)
    assert found["fidelity_kl", "", "student"].value == pytest.approx(divergence.mean())


def test_every_figure_is_described(found) -> None:
    for name, _, _ in found[0]:
        assert spec(name).description
