"""Tiers are data: the published thresholds, read and checked, the same for teacher, student and bundle."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.types import SUBJECTS, Evidence, Metric, RecipeError, Subject
from stillroom.validate import judge, load_tiers, outcome, tier_names
from stillroom.validate.gates.tiers import load_tier
from stillroom.validate.statistics.exact import clopper_pearson


def rate(name: str, subject: Subject, events: int, trials: int) -> Metric:
    low, high = clopper_pearson(events, trials)
    return Metric(name, "test", subject, events / trials, low, high, trials, "proportion", None, trials)


def evidence(*, misses: int = 0, positives: int = 400, ms: float = 50.0, teacher_misses: int = 0) -> Evidence:
    metrics = [
        Metric("latency_ms", "", who, ms, ms - 1, ms + 1, 20, "ms", False) for who in ("student", "bundle")
    ]
    metrics += [Metric("epsilon", "", who, 3.2, None, None, 1, "", False) for who in ("student", "bundle")]
    metrics.append(Metric("kept_accuracy", "test", "bundle", 1.0, 0.99, 1.01, 900, "ratio", True))
    for subject in ("teacher", "student", "bundle"):
        missed = teacher_misses if subject == "teacher" else misses
        metrics += [
            rate("accuracy", subject, 990, 1000),
            rate("fnr", subject, missed, positives),
            rate("fnr/sex:f", subject, 0, 200),
            rate("fnr/sex:m", subject, 0, 200),
            rate("fnr/class:rare", subject, 9, 10),
            Metric("ece", "test", subject, 0.02, 0.01, 0.03, 900, "probability", False),
            Metric("subgroup_gap_fnr/sex:f", "test", subject, 0.0, -0.01, 0.02, 200, "difference", False),
            Metric("subgroup_gap_fpr/sex:f", "test", subject, 0.0, -0.01, 0.02, 200, "difference", False),
        ]
    return Evidence(tuple(metrics))


@pytest.mark.parametrize(
    ("name", "accuracy", "fnr", "latency_ms"),
    [
        ("critical", 0.95, 0.02, 100),
        ("triage", 0.90, 0.05, 500),
        ("diagnostic", 0.85, 0.10, 2000),
        ("risk", 0.80, 0.15, 5000),
    ],
)
def test_the_tiers_ask_for_what_is_published(
    name: str, accuracy: float, fnr: float, latency_ms: float
) -> None:
    rules = load_tier(name).rules
    assert [(rule.metrics[0], rule.direction, rule.threshold) for rule in rules] == [
        ("accuracy", "at_least", accuracy),
        ("fnr", "at_most", fnr),
        ("latency_ms_p95", "at_most", latency_ms),
        *([("epsilon", "at_most", 4)] if name == "critical" else []),
    ]
    assert [tier.name for tier in load_tiers(name)] == [name, "general"]


@pytest.mark.parametrize("name", tier_names())
def test_every_tier_passes_where_everything_is_shown(name: str) -> None:
    gates = judge(evidence(), (), tiers=load_tiers(name)).gates
    assert {gate.verdict for gate in gates} == {"pass"}
    assert outcome(gates) == "pass"
    assert {gate.tier for gate in gates} == {name, "general"}


def test_teacher_student_and_bundle_go_through_the_same_rules() -> None:
    gates = judge(evidence(), (), tiers=load_tiers("critical")).gates
    asked = {
        subject: {gate.metric for gate in gates if gate.subject == subject and gate.tier == "critical"}
        for subject in SUBJECTS
    }
    assert asked["teacher"] == {"accuracy", "fnr"}
    assert asked["student"] == asked["bundle"] == {"accuracy", "fnr", "latency_ms", "epsilon"}
    assert not asked["control"]


def test_without_a_record_of_its_privacy_a_critical_use_is_not_demonstrated() -> None:
    whole = evidence()
    without = Evidence(tuple(metric for metric in whole.metrics if metric.name != "epsilon"))
    (found,) = [
        gate
        for gate in judge(without, (), tiers=[load_tier("critical")]).gates
        if gate.verdict != "pass" and gate.decides
    ]
    assert (found.metric, found.verdict, found.note) == ("epsilon", "not_demonstrated", "was not measured")


def test_a_teacher_that_misses_is_told_but_does_not_decide() -> None:
    gates = judge(evidence(teacher_misses=40), (), tiers=[load_tier("critical")]).gates
    (failed,) = [gate for gate in gates if gate.verdict == "fail"]
    assert (failed.subject, failed.decides) == ("teacher", False)
    assert outcome(gates) == "pass"


def test_the_bundle_decides_and_without_one_the_student() -> None:
    whole = evidence()
    alone = Evidence(tuple(metric for metric in whole.metrics if metric.subject != "bundle"))
    for found, product in ((whole, "bundle"), (alone, "student")):
        gates = judge(found, (), tiers=[load_tier("critical")]).gates
        assert {gate.subject for gate in gates if gate.decides} == {product}


def test_what_was_not_measured_is_not_demonstrated() -> None:
    untimed = Evidence(tuple(metric for metric in evidence().metrics if metric.unit != "ms"))
    gates = judge(untimed, (), tiers=[load_tier("critical")]).gates
    for missing in (gate for gate in gates if gate.verdict != "pass"):
        assert (missing.metric, missing.value, missing.bound) == ("latency_ms_p95", None, None)
        assert (missing.verdict, missing.note) == ("not_demonstrated", "was not measured")
    assert outcome(gates) == "not_demonstrated"


def test_a_slow_answer_fails() -> None:
    gates = judge(evidence(ms=101.5), (), tiers=[load_tier("critical")]).gates
    assert [gate.metric for gate in gates if gate.verdict == "fail"] == ["latency_ms"] * 2


def test_every_subgroup_is_held_to_the_rule_but_no_class() -> None:
    gates = judge(evidence(), (), tiers=[load_tier("general")]).gates
    student = [gate.metric for gate in gates if gate.subject == "student" and gate.metric.startswith("fnr/")]
    assert student == ["fnr/sex:f", "fnr/sex:m"]


def test_a_small_subgroup_says_how_many_it_needs() -> None:
    few = Evidence((rate("fnr/site:b", "student", 0, 12),))
    (gate,) = [
        gate for gate in judge(few, (), tiers=[load_tier("general")]).gates if gate.metric == "fnr/site:b"
    ]
    assert gate.verdict == "not_demonstrated"
    assert gate.note == "even without one miss it needs 59 independent cases, not 12"


class TestLoading:
    def test_a_tier_of_ones_own_is_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "ours.yaml"
        path.write_text(
            "name: ours\ndescription: ward 7\nalso: [risk]\nrules:\n"
            "- {name: area, metrics: [auroc], direction: at_least, threshold: 0.8}\n"
        )
        assert [tier.name for tier in load_tiers(path)] == ["ours", "risk", "general"]

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("name: [", "is not YAML"),
            ("name: ours\ndescription: x\nrules: []\n", "rules: Tuple should have at least 1 item"),
            (
                "name: ours\ndescription: x\nrules: [{name: a, metrics: [fnrr], direction: at_most, threshold: 1}]",
                "did you mean 'fnr'",
            ),
            (
                "name: ours\ndescription: x\nrules: [{name: a, metrics: [fnr], direction: below, threshold: 1}]",
                r"rules\.0\.direction: Input should be 'at_least' or 'at_most'",
            ),
            (
                "name: o\ndescription: x\nx: 1\nrules: [{name: a, metrics: [fnr], direction: at_most, threshold: 1}]",
                "x: Extra inputs",
            ),
        ],
    )
    def test_a_mistake_is_told_in_a_line(self, tmp_path: Path, text: str, line: str) -> None:
        path = tmp_path / "ours.yaml"
        path.write_text(text)
        with pytest.raises(RecipeError, match=line):
            load_tier(path)

    def test_an_unknown_name_is_refused_with_the_nearest(self) -> None:
        with pytest.raises(RecipeError, match="did you mean 'triage'"):
            load_tier("triagee")

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(RecipeError, match=r"no file .*missing\.yaml"):
            load_tier(tmp_path / "missing.yaml")
