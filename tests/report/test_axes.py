"""Other sites and attacks on privacy as a reader sees them."""

from __future__ import annotations

from dataclasses import replace

from stillroom.report import ReportContext, privacy, render, shift
from stillroom.report.figures import Figures
from stillroom.types import Curve, Evidence, Metric, Subject
from stillroom.validate import spec


def metric(name: str, subject: Subject, value: float, half: float = 0.05) -> Metric:
    of = spec(name)
    return Metric(name, "test", subject, value, value - half, value + half, 60, of.unit, of.higher_is_better)


SHIFTED = (
    metric("ood_auroc/energy", "student", 0.7),
    metric("ood_auroc/max_softmax", "student", 0.52),
    metric("shift_gap_auroc", "teacher", 0.02),
    metric("shift_gap_auroc", "student", 0.1),
    metric("extra_shift_gap_auroc", "student", 0.08),
    metric("shift_gap_auroc_minus_control", "student", 0.01),
    metric("shift_deferral_rate", "student", 0.3),
    metric("shift_abstention_gain", "student", 0.06),
)
ATTACKED = (
    metric("membership_auc/loss_threshold", "teacher", 0.9),
    metric("membership_auc/loss_threshold", "student", 0.52),
    metric("membership_tpr_at_1_percent/loss_threshold", "student", 0.02),
    metric("attribute_inference_auc/probe,sex", "bundle", 0.6),
)
FACTS: dict[str, str | int | float] = {
    "membership/loss_threshold/student/limits": "a stronger attack may find more",
    "membership/loss_threshold/student/tpr_at_01_percent": "not measurable with n = 184: needs 1,000 negatives",
}


def test_other_sites_are_told_in_words(evidence: Evidence) -> None:
    found = shift.section(Figures(replace(evidence, metrics=SHIFTED)))
    assert found is not None
    told = [str(sentence) for sentence in found.sentences]
    assert "energy tells cases outside" in told[0]
    assert "max softmax is not shown to tell" in told[1]
    assert "AUROC: outside, the student is worse" in told[2]
    assert "loses more than its teacher" in told[2]
    assert "is not shown to lose more than its control" in told[2]
    assert "leaves" in told[3]
    assert len(found.drawings) == 1


def test_what_is_not_measurable_is_said_in_place_of_a_number(evidence: Evidence) -> None:
    found = privacy.section(Figures(replace(evidence, metrics=ATTACKED, facts=FACTS)))
    assert found is not None
    told = " ".join(map(str, found.sentences))
    assert "the attack loss threshold is not shown to work" in told
    assert "not measurable with n = 184: needs 1,000 negatives" in told
    assert "a stronger attack may find more" in told
    heads = [head for head, _ in found.rows]
    assert "Area of attribute inference, probe, sex" in heads
    assert not any("0.1 %" in head for head in heads)


def test_both_stand_on_the_page_where_they_were_measured(evidence: Evidence, context: ReportContext) -> None:
    curve = Curve("membership", "student", (0.0, 1.0), (0.0, 1.0), "false alarms", "hits")
    more = replace(
        evidence,
        metrics=(*evidence.metrics, *SHIFTED, *ATTACKED),
        curves=(*evidence.curves, curve),
        facts={**(evidence.facts or {}), **FACTS},
    )
    page = render(more, context).html
    plain = render(evidence, context).html
    for place in ('id="shift"', 'id="privacy"', "losses-membership"):
        assert place in page
        assert place not in plain
