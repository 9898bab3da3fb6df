"""Every figure of a classifier equals scikit-learn's, on all items and on every draw."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as sk

from stillroom.types import DataError, Evidence
from stillroom.validate.classification.measure import measure_classification
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.metrics import METRICS, spec
from stillroom.validate.statistics.exact import clopper_pearson
from stillroom.validate.statistics.newcombe import auroc_interval

from .conftest import Made, made


def measured(given: Made, **options: object) -> Evidence:
    return measure_classification(given.predictions, given.labels, given.groups, given.settings, **options)


def values(evidence: Evidence, subject: str = "student") -> dict[str, float]:
    return {metric.name: metric.value for metric in evidence.metrics if metric.subject == subject}


class TestTwoClasses:
    def test_figures_are_scikit_learns(self, binary: Made) -> None:
        found, truth, scores = values(measured(binary)), binary.labels, binary.predictions["student"]
        called = (scores >= 0.5).astype(int)
        expected = {
            "accuracy": sk.accuracy_score(truth, called),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, called),
            "sensitivity": sk.recall_score(truth, called),
            "fnr": 1 - sk.recall_score(truth, called),
            "specificity": sk.recall_score(truth, called, pos_label=0),
            "fpr": 1 - sk.recall_score(truth, called, pos_label=0),
            "ppv": sk.precision_score(truth, called),
            "npv": sk.precision_score(truth, called, pos_label=0),
            "alarm_rate": called.mean(),
            "f1": sk.f1_score(truth, called),
            "f1_micro": sk.f1_score(truth, called, average="micro"),
            "mcc": sk.matthews_corrcoef(truth, called),
            "auroc": sk.roc_auc_score(truth, scores),
            "auprc": sk.average_precision_score(truth, scores),
            "log_loss": sk.log_loss(truth, scores),
            "brier_score": sk.brier_score_loss(truth, scores),
            "confidence": np.maximum(scores, 1 - scores).mean(),
            "certainty_inflation": np.maximum(scores, 1 - scores).mean() - ((scores > 0.5) == truth).mean(),
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)

    def test_sensitivity_at_a_specificity_is_read_from_the_roc_curve(self, binary: Made) -> None:
        false, true, _ = sk.roc_curve(binary.labels, binary.predictions["student"], drop_intermediate=False)
        expected = true[false <= 0.1 + 1e-12].max()
        assert values(measured(binary))["sensitivity_at_specificity"] == pytest.approx(expected)

    def test_rates_have_exact_intervals_and_carry_their_trials(self, binary: Made) -> None:
        found = measured(binary).value("fnr", "student")
        positives = int(binary.labels.sum())
        assert (found.n, found.trials) == (positives, positives)
        assert (found.ci_low, found.ci_high) == pytest.approx(
            clopper_pearson(round(found.value * positives), positives)
        )


class TestSeveralClasses:
    def test_figures_are_scikit_learns(self, multiclass: Made) -> None:
        found, truth, scores = (
            values(measured(multiclass)),
            multiclass.labels,
            multiclass.predictions["student"],
        )
        called, marks = scores.argmax(axis=1), np.eye(4)[multiclass.labels]
        expected = {
            "accuracy": sk.accuracy_score(truth, called),
            "balanced_accuracy": sk.balanced_accuracy_score(truth, called),
            "f1_micro": sk.f1_score(truth, called, average="micro"),
            "f1_macro": sk.f1_score(truth, called, average="macro"),
            "mcc": sk.matthews_corrcoef(truth, called),
            "auroc": sk.roc_auc_score(truth, scores, multi_class="ovr"),
            "auprc": sk.average_precision_score(marks, scores, average="macro"),
            "log_loss": sk.log_loss(truth, scores),
            "brier_score": sk.brier_score_loss(truth, scores, scale_by_half=False),
        } | {
            f"{name}/class:c{at}": value
            for name, score in (
                ("sensitivity", sk.recall_score),
                ("ppv", sk.precision_score),
                ("f1", sk.f1_score),
            )
            for at, value in enumerate(score(truth, called, average=None))
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)

    def test_critical_classes_are_told_from_the_others(self) -> None:
        given = made(4, critical=("c2", "c3"))
        found = values(measured(given))
        truth, scores = given.labels >= 2, given.predictions["student"][:, 2:].sum(axis=1)
        called = given.predictions["student"].argmax(axis=1) >= 2
        assert found["fnr"] == pytest.approx(1 - sk.recall_score(truth, called))
        assert found["auroc"] == pytest.approx(sk.roc_auc_score(truth, scores))

    def test_a_threshold_on_their_probability_decides_instead(self) -> None:
        given = made(4, critical=("c2", "c3"))
        found = values(measured(given, thresholds={"student": np.array([0.2])}))
        called = given.predictions["student"][:, 2:].sum(axis=1) >= 0.2
        assert found["fnr"] == pytest.approx(1 - sk.recall_score(given.labels >= 2, called))


class TestManyLabels:
    def test_figures_are_scikit_learns(self, multilabel: Made) -> None:
        limits = np.array([0.3, 0.5, 0.6])
        found = values(measured(multilabel, thresholds={"student": limits}))
        truth, scores = multilabel.labels, multilabel.predictions["student"]
        called = (scores >= limits).astype(int)
        expected = {
            "accuracy": sk.accuracy_score(truth, called),
            "f1_micro": sk.f1_score(truth, called, average="micro"),
            "f1_macro": sk.f1_score(truth, called, average="macro"),
            "auroc": sk.roc_auc_score(truth, scores),
            "auprc": sk.average_precision_score(truth, scores),
            "log_loss": np.mean([sk.log_loss(truth[:, at], scores[:, at]) for at in range(3)]),
            "brier_score": np.mean([sk.brier_score_loss(truth[:, at], scores[:, at]) for at in range(3)]),
        } | {f"f1/class:c{at}": value for at, value in enumerate(sk.f1_score(truth, called, average=None))}
        assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-12)

    def test_a_label_without_a_case_has_no_area_and_no_say_in_the_mean(self) -> None:
        given = made(3, labels=True)
        given.labels[:, 0] = 0
        found = values(measured(given))
        assert "auroc/class:c0" not in found
        assert found["auroc"] == pytest.approx(
            sk.roc_auc_score(given.labels[:, 1:], given.predictions["student"][:, 1:])
        )


class TestComparisons:
    def test_the_student_is_set_beside_everyone(self, binary: Made) -> None:
        found = values(measured(binary))
        area = {who: sk.roc_auc_score(binary.labels, of) for who, of in binary.predictions.items()}
        way = area["student"] - area["student_untrained"]
        expected = {
            "auroc_minus_control": area["student"] - area["control"],
            "auroc_minus_teacher": area["student"] - area["teacher"],
            "retention_auroc": area["student"] / area["teacher"],
            "gap_closed_auroc": way / (area["teacher"] - area["student_untrained"]),
            "control_gap_closed_auroc": (area["student"] - area["control"])
            / (area["teacher"] - area["control"]),
        }
        assert {name: found[name] for name in expected} == pytest.approx(expected)

    def test_the_bundle_is_held_to_the_student(self, binary: Made) -> None:
        found = values(measured(binary), "bundle")
        accuracy = {who: ((of >= 0.5) == binary.labels).mean() for who, of in binary.predictions.items()}
        assert found["kept_accuracy"] == pytest.approx(accuracy["bundle"] / accuracy["student"])
        assert found["accuracy_minus_student"] == pytest.approx(accuracy["bundle"] - accuracy["student"])

    def test_differences_are_narrower_than_what_they_are_made_of(self, binary: Made) -> None:
        evidence = measured(binary)
        paired = evidence.value("auroc_minus_student", "bundle")
        alone = evidence.value("auroc", "bundle")
        assert paired.ci_high - paired.ci_low < alone.ci_high - alone.ci_low

    def test_paired_tests_are_corrected_for_their_number(self, binary: Made) -> None:
        facts = measured(binary).facts
        assert (
            facts["p_accuracy_minus_control_student"] < facts["holm_p_accuracy_minus_control_student"] < 0.05
        )
        assert facts["holm_p_auroc_minus_student_bundle"] > 0.05

    def test_items_of_one_patient_are_not_tested_as_if_independent(self, binary: Made) -> None:
        groups = [f"patient {at // 2}" for at in range(len(binary.labels))]
        facts = measure_classification(binary.predictions, binary.labels, groups, binary.settings).facts
        assert "not independent" in facts["paired_tests"]


class TestParts:
    def test_a_subgroup_is_measured_as_if_alone(self, binary: Made) -> None:
        found = values(measured(binary, subgroups=binary.subgroups))
        of = np.array(binary.subgroups["sex"]) == "f"
        scores = binary.predictions["student"]
        assert found["auroc/sex:f"] == pytest.approx(sk.roc_auc_score(binary.labels[of], scores[of]))
        assert found["fnr/sex:f"] == pytest.approx(1 - sk.recall_score(binary.labels[of], scores[of] >= 0.5))

    def test_their_sizes_are_told(self, multilabel: Made) -> None:
        facts = measured(multilabel, subgroups=multilabel.subgroups).facts
        assert facts["items/sex:f"] + facts["items/sex:m"] == facts["items"] == 300
        assert facts["items/class:c0"] == multilabel.labels[:, 0].sum()

    def test_macro_figures_are_given_of_parts_but_single_classes_are_not(self, multiclass: Made) -> None:
        found = values(measured(multiclass, subgroups=multiclass.subgroups))
        of = np.array(multiclass.subgroups["sex"]) == "m"
        assert found["auroc/sex:m"] == pytest.approx(
            sk.roc_auc_score(multiclass.labels[of], multiclass.predictions["student"][of], multi_class="ovr")
        )
        assert not any("sex:" in name and "class:" in name for name in found)

    def test_a_part_with_one_class_says_that_it_has_no_area(self, binary: Made) -> None:
        ward = ["empty" if not label and at % 2 else "full" for at, label in enumerate(binary.labels)]
        evidence = measured(binary, subgroups={"ward": ward})
        assert "auroc/ward:empty" not in values(evidence)
        assert evidence.facts["undefined_auroc/ward:empty"]


class TestExtremes:
    def test_a_perfect_classifier_is_still_uncertain(self) -> None:
        truth = np.repeat([0, 1], [40, 20])
        settings = ClassificationSettings(classes=("no", "yes"), bootstrap_repeats=100)
        evidence = measure_classification(
            {"student": 0.1 + 0.8 * truth}, truth, [str(at) for at in range(60)], settings
        )
        area = evidence.value("auroc", "student")
        assert (area.ci_low, area.ci_high) == auroc_interval(1.0, 20, 40)
        for name in ("auprc", "f1", "balanced_accuracy", "sensitivity"):
            found = evidence.value(name, "student")
            assert (found.value, found.ci_high) == (1.0, 1.0)
            assert found.ci_low == pytest.approx(0.025 ** (1 / 20))

    def test_every_figure_is_finite_and_described(
        self, binary: Made, multiclass: Made, multilabel: Made
    ) -> None:
        for given in (binary, multiclass, multilabel):
            for metric in measured(given, subgroups=given.subgroups).metrics:
                assert spec(metric.name) is METRICS[metric.name.partition("/")[0]]
                assert all(math.isfinite(x) for x in (metric.value, metric.ci_low, metric.ci_high))

    def test_groups_are_drawn_whole(self, binary: Made) -> None:
        twice = {who: np.repeat(of, 2) for who, of in binary.predictions.items()}
        labels, groups = np.repeat(binary.labels, 2), [name for name in binary.groups for _ in range(2)]
        doubled = measure_classification(twice, labels, groups, binary.settings)
        once = measured(binary)
        for name in ("auroc", "auprc", "fnr", "brier_score"):
            ours, theirs = doubled.value(name, "student"), once.value(name, "student")
            assert (ours.value, ours.n) == pytest.approx((theirs.value, theirs.n))
            assert ours.ci_high - ours.ci_low == pytest.approx(theirs.ci_high - theirs.ci_low, rel=0.03)


class TestRefusals:
    SETTINGS = ClassificationSettings(classes=("no", "yes"))

    @pytest.mark.parametrize(
        ("predictions", "labels", "groups", "line"),
        [
            ({}, [0, 1], ["a", "b"], "predictions of 0 subjects"),
            ({"student": [0.1, 0.2]}, [0, 2], ["a", "b"], "the label of item 1 is not a class"),
            ({"student": [0.1, 0.2, 0.3]}, [0, 1], ["a", "b"], r"probabilities of student of shape \(3, 2\)"),
            ({"student": [0.1, math.nan]}, [0, 1], ["a", "b"], "1 rows of student that are no probabilities"),
            ({"student": [0.1, 1.2]}, [0, 1], ["a", "b"], "the first of item 1"),
            (
                {"student": [[0.5, 0.1]] * 2},
                [0, 1],
                ["a", "b"],
                "2 rows of student that are no probabilities",
            ),
            ({"student": [0.1, 0.2]}, [0, 1], ["a"], "1 entries of groups for 2 items"),
            ({"student": [[0.1, 0.2]] * 2}, [[0, 1], [0, 3]], ["a", "b"], "values other than 0 and 1"),
        ],
    )
    def test_what_cannot_be_measured_is_refused_in_a_line(
        self, predictions: dict, labels: list, groups: list[str], line: str
    ) -> None:
        with pytest.raises(DataError, match=line):
            measure_classification(predictions, labels, groups, self.SETTINGS)

    def test_subgroups_must_cover_every_item(self, binary: Made) -> None:
        with pytest.raises(DataError, match="3 entries of sex for 300 items"):
            measured(binary, subgroups={"sex": ["f", "m", "f"]})


def test_means_of_rare_labels_are_told_by_themselves() -> None:
    given = made(4, labels=True, rare=("c0", "c1"))
    found = values(measured(given))
    assert found["f1_macro/tail:rare"] == pytest.approx(np.mean([found[f"f1/class:c{at}"] for at in (0, 1)]))
    assert "f1_macro/tail:rare" not in values(measured(made(4, labels=True)))
