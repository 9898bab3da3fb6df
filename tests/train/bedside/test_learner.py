from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from bedside_cases import made_cohort, made_grids, made_outlines
from stillroom.losses import LOSSES
from stillroom.losses.response.multi_label import multi_label_kl
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import GruSettings, MlpSettings, SeparableSettings, UNetSettings
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.collate import ReadCollate
from stillroom.train.bedside.fit import label_factors
from stillroom.train.bedside.learner import CaseLearner
from stillroom.train.bedside.objective import (
    CaseObjectiveSettings,
    CaseTemperatureSettings,
    CaseTermSettings,
    HardExampleSettings,
    LabelTemperatureSettings,
    hard_labels,
)
from stillroom.train.objective import ScheduleSettings
from stillroom.types import SignalError, TrainError
from stillroom.types.cases import LOGITS, Head

COHORT = made_cohort()
CASES = COHORT.splits["train"][:10]
SOFT = CaseTermSettings(loss="forward_kl", weight=1.0, hyper={"temperature": 2.0})


def network() -> BedsideNetwork:
    made = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(COHORT), seed=3)
    made.fit_inputs(COHORT.splits["train"])
    return made


def signals(cases=CASES) -> CaseSignals:
    said = np.random.default_rng(1).normal(size=(len(cases), 2)).astype(np.float32)
    return CaseSignals([case.sha256 for case in cases], {LOGITS: list(said)})


def learner(objective: CaseObjectiveSettings, told: CaseSignals | None = None) -> CaseLearner:
    made = CaseLearner(network(), objective, COHORT.head, told)
    made.size(ReadCollate(made.network, CASES)(CASES))
    return made.eval()


@torch.no_grad()
def loss(made: CaseLearner, cases=CASES) -> float:
    return float(made(ReadCollate(made.network, cases)(cases)).total)


@torch.no_grad()
def plain(made: CaseLearner, cases=CASES) -> torch.Tensor:
    batch = ReadCollate(made.network, cases)(cases)
    return made.network.show(batch.inputs).logits


def test_hard_labels_are_the_cross_entropy() -> None:
    made = learner(hard_labels("classes"))
    targets = torch.tensor([int(case.target) for case in CASES])
    assert loss(made) == pytest.approx(float(cross_entropy(plain(made), targets, reduction="sum")), rel=1e-6)


def test_cases_without_a_label_are_learned_from_through_the_teacher_alone() -> None:
    unlabelled = tuple(replace(case, target=np.asarray(-1)) for case in CASES[:4])
    mixed = (*unlabelled, *CASES[4:])
    hard = learner(hard_labels("classes"))
    assert loss(hard, mixed) == pytest.approx(loss(hard, CASES[4:]), rel=1e-6)
    soft = learner(CaseObjectiveSettings(terms={"soft": SOFT}), signals())
    assert loss(soft, mixed) == pytest.approx(loss(soft), rel=1e-6)


def test_a_step_does_not_depend_on_how_it_is_cut() -> None:
    objective = CaseObjectiveSettings(
        terms={"soft": SOFT, "hard": CaseTermSettings(loss="cross_entropy", weight=0.3, of="labels")}
    )
    made = learner(objective, signals())
    assert loss(made) == pytest.approx(loss(made, CASES[:3]) + loss(made, CASES[3:]), rel=1e-6)


def test_one_temperature_for_every_case_is_that_temperature() -> None:
    alike = CaseObjectiveSettings(
        terms={"soft": CaseTermSettings(loss="forward_kl", weight=1.0)},
        case_temperature=CaseTemperatureSettings(low=2.0, high=2.0),
    )
    usual = CaseObjectiveSettings(terms={"soft": SOFT})
    assert loss(learner(alike, signals())) == pytest.approx(loss(learner(usual, signals())), rel=1e-5)


def test_hard_examples_count_more_and_the_weights_have_mean_1() -> None:
    terms = {"soft": CaseTermSettings(loss="forward_kl", weight=1.0)}
    even = loss(learner(CaseObjectiveSettings(terms=terms), signals()))
    mined = CaseObjectiveSettings(terms=terms, hard_examples=HardExampleSettings(strength=5.0))
    # Where student and teacher disagree most the loss is largest, so its weighted mean grows.
    assert loss(learner(mined, signals())) > even


def test_weights_follow_their_schedule() -> None:
    falling = ScheduleSettings(schedule="linear", start=1.0, end=0.0)
    made = learner(
        CaseObjectiveSettings(terms={"soft": CaseTermSettings(loss="forward_kl", weight=falling)}), signals()
    )
    made.advance(2, 5)
    assert made.moving == {"soft.weight": 0.5}
    made.advance(4, 5)
    assert loss(made) == 0.0


def test_the_average_of_a_network_that_has_not_moved_says_the_same() -> None:
    objective = CaseObjectiveSettings(
        terms={"consistency": CaseTermSettings(loss="forward_kl", weight=1.0, of="average")}
    )
    made = learner(objective)
    assert loss(made) == pytest.approx(0.0, abs=1e-6)
    with torch.no_grad():
        made.network.head.bias[0].add_(1.0)
    moved = loss(made)
    assert moved > 0.0
    made.updated()
    assert loss(made) < moved


def test_features_may_be_projected_and_the_projector_is_no_part_of_the_network() -> None:
    pooled = np.random.default_rng(2).normal(size=(len(CASES), 12)).astype(np.float32)
    told = CaseSignals([case.sha256 for case in CASES], {LOGITS: list(pooled[:, :2]), "pooled": list(pooled)})
    term = CaseTermSettings(loss="hidden_mse", weight=1.0, at="pooled", project=True)
    made = learner(CaseObjectiveSettings(terms={"feature": term}), told)
    assert loss(made) > 0.0
    assert made.projectors["feature"].weight.shape == (12, 8)
    assert not any("projector" in name for name in made.network.state_dict())


def test_the_average_of_the_weights_may_be_what_is_kept() -> None:
    objective = CaseObjectiveSettings(
        terms={"hard": CaseTermSettings(loss="cross_entropy", weight=1.0, of="labels")}, publish_average=True
    )
    made = learner(objective)
    before = made.network.head.bias.detach().clone()
    with torch.no_grad():
        made.network.head.bias.add_(1.0)
    made.updated()
    made.finish()
    # After one update the average keeps a tenth of where it began.
    torch.testing.assert_close(made.network.head.bias.detach(), before + 0.9)


PICTURES = made_grids((8, 8, 1), classes=3)
SEEN = PICTURES.splits["train"]


def of_pictures(term: CaseTermSettings, told: dict[str, np.ndarray]) -> CaseLearner:
    settings = SeparableSettings(kind="separable", widths=(4, 8))
    made = build_network(settings, Form.of(PICTURES), seed=3)
    signals = CaseSignals(
        [case.sha256 for case in SEEN], {name: list(rows.astype(np.float32)) for name, rows in told.items()}
    )
    learner = CaseLearner(made, CaseObjectiveSettings(terms={"one": term}), PICTURES.head, signals)
    learner.size(ReadCollate(made, SEEN)(SEEN))
    return learner.eval()


def test_attention_transfer_compares_where_both_look() -> None:
    maps = np.random.default_rng(3).normal(size=(len(SEEN), 5, 4, 4))
    made = of_pictures(CaseTermSettings(loss="attention_transfer", weight=1.0, at="stage2"), {"stage2": maps})
    with torch.no_grad():
        batch = ReadCollate(made.network, SEEN)(SEEN)
        ours = (made.network.show(batch.inputs).features["stage2"].double().numpy() ** 2).sum(1)
    flat = [of.reshape(len(SEEN), -1) for of in (ours, (maps.astype(np.float32) ** 2).sum(1))]
    one, other = (of / np.linalg.norm(of, axis=1, keepdims=True) for of in flat)
    assert loss(made, SEEN) == pytest.approx(((one - other) ** 2).mean(1).sum(), rel=1e-4)


def test_a_loss_that_reads_labels_is_given_them() -> None:
    logits = np.random.default_rng(4).normal(size=(len(SEEN), 3))
    term = CaseTermSettings(loss="decoupled_kd", weight=1.0, hyper={"beta": 1.0, "temperature": 1.0})
    made = of_pictures(term, {LOGITS: logits})
    with torch.no_grad():
        batch = ReadCollate(made.network, SEEN)(SEEN)
        q = made.network.show(batch.inputs).logits.double().softmax(-1).numpy()
    p = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = 0.0
    for case, (teacher, student) in enumerate(zip(p, q, strict=True)):
        y = int(SEEN[case].target)
        for a, b in ((teacher[y], student[y]), (1 - teacher[y], 1 - student[y])):
            expected += a * np.log(a / b)
        rest = [np.delete(side, y) / (1 - side[y]) for side in (teacher, student)]
        expected += (rest[0] * np.log(rest[0] / rest[1])).sum()
    assert loss(made, SEEN) == pytest.approx(expected, rel=1e-4)


def test_a_contrastive_loss_knows_each_case_and_its_class_in_its_memory() -> None:
    pooled = np.random.default_rng(5).normal(size=(len(SEEN), 6))
    term = CaseTermSettings(loss="crd", weight=1.0, at="pooled", hyper={"memory": 16, "width": 4})
    made = of_pictures(term, {"pooled": pooled}).train()
    loss(made, SEEN[3:7])
    memory = made.objective.losses["one"].memory
    assert memory.owner[3:7].tolist() == [3, 4, 5, 6]
    assert memory.label[3:7].tolist() == [int(case.target) for case in SEEN[3:7]]
    assert (memory.owner[7:] == -1).all()


def test_stages_are_reviewed_together() -> None:
    random = np.random.default_rng(6)
    maps = {
        "stage1": random.normal(size=(len(SEEN), 3, 8, 8)),
        "stage2": random.normal(size=(len(SEEN), 5, 4, 4)),
    }
    term = CaseTermSettings(
        loss="review",
        weight=1.0,
        stages=("stage1", "stage2"),
        hyper={"mid_channels": 4},
    )
    made = of_pictures(term, maps)
    value = loss(made, SEEN)
    assert value > 0.0
    assert loss(made, SEEN[:5]) + loss(made, SEEN[5:]) == pytest.approx(value, rel=1e-5)


def test_the_router_of_stages_is_trained_by_the_labels_that_are_known() -> None:
    random = np.random.default_rng(6)
    maps = {
        "stage1": random.normal(size=(len(SEEN), 3, 8, 8)),
        "stage2": random.normal(size=(len(SEEN), 5, 4, 4)),
    }
    term = CaseTermSettings(
        loss="routed_features", weight=1.0, stages=("stage1", "stage2"), hyper={"width": 4}
    )
    made = of_pictures(term, maps)
    unlabelled = tuple(replace(case, target=np.asarray(-1)) for case in SEEN)
    assert loss(made, SEEN) > loss(made, unlabelled) > 0.0
    assert loss(made, SEEN[:5]) + loss(made, SEEN[5:]) == pytest.approx(loss(made, SEEN), rel=1e-5)


@pytest.mark.parametrize("changed", [{"at": "pooled"}, {"project": True}, {"of": "average"}])
def test_stages_are_named_alone(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="`stages` of the teacher, without"):
        CaseTermSettings(loss="review", weight=1.0, stages=("stage1", "stage2"), **changed)


@pytest.mark.parametrize(
    ("term", "head", "message"),
    [
        (CaseTermSettings(loss="forwrd_kl", weight=1.0), COHORT.head, "did you mean 'forward_kl'"),
        (SOFT, Head("labels", ("a", "b")), "makes outputs compete, for labels"),
        (CaseTermSettings(loss="rkd_angle", weight=1.0, of="labels"), COHORT.head, "rkd_angle of the labels"),
    ],
)
def test_a_term_that_cannot_be_meant_is_refused(term: CaseTermSettings, head: Head, message: str) -> None:
    with pytest.raises(TrainError, match=message):
        CaseLearner(network(), CaseObjectiveSettings(terms={"one": term}), head, signals())


def test_a_case_that_no_teacher_was_asked_about_is_told() -> None:
    with pytest.raises(SignalError, match="about 2 cases, the first 'made/8'"):
        learner(CaseObjectiveSettings(terms={"soft": SOFT}), signals(CASES[:8]))


def test_a_teacher_is_wanted_and_there_is_none() -> None:
    with pytest.raises(TrainError, match="but no signals"):
        learner(CaseObjectiveSettings(terms={"soft": SOFT}))


def test_attention_can_be_held_to_the_hours_that_a_task_calls_critical() -> None:
    made = build_network(GruSettings(kind="gru", width=5), Form.of(COHORT), seed=3)
    made.fit_inputs(COHORT.splits["train"])
    term = CaseTermSettings(loss="attention_kl", weight=1.0, of="focus", at="steps")
    attentive = CaseLearner(made, CaseObjectiveSettings(terms={"critical": term}), COHORT.head)
    batch = ReadCollate(made, CASES)(CASES)
    attentive.size(batch)
    attention = made.show(batch.inputs).attention["steps"].flatten(1)
    assert batch.focus is not None
    # A case asks for one hour alone, so its divergence is minus the log of the attention there.
    wanted = -attention[batch.focus.bool()].log().sum()
    assert torch.allclose(attentive(batch).total, wanted, rtol=1e-5)


def parity(loss_name: str, **more: object) -> CaseObjectiveSettings:
    return CaseObjectiveSettings(
        terms={"fair": CaseTermSettings(loss=loss_name, weight=2.0, of="labels")}, subgroups="sex", **more
    )


def test_a_term_of_parity_compares_the_subgroups_of_its_key() -> None:
    made = learner(parity("demographic_parity"))
    said = plain(made).softmax(-1)
    women = torch.tensor([case.keys["sex"] == "female" for case in CASES])
    expected = sum(
        of.float().mean() * (said[of].mean(0) - said.mean(0)).square().sum() for of in (women, ~women)
    )
    assert loss(made) == pytest.approx(2 * len(CASES) * float(expected), rel=1e-5)


def test_a_term_of_equalised_odds_leaves_cases_without_a_class_out() -> None:
    made = learner(parity("equalised_odds"))
    unknown = [replace(case, target=np.asarray(-1)) if at < 3 else case for at, case in enumerate(CASES)]
    # Its share of the pass's positions: 7 of 10.
    assert loss(made, unknown) == pytest.approx(loss(made, CASES[3:]), rel=1e-5)


def test_a_key_that_the_cases_lack_is_refused() -> None:
    objective = parity("demographic_parity").model_copy(update={"subgroups": "site"})
    with pytest.raises(TrainError, match=r"objective\.subgroups = 'site'.*expected one of sex"):
        learner(objective)


OUTLINES = made_outlines()
SLICES = OUTLINES.splits["train"][:4]


def of_pixels(term: CaseTermSettings, told: dict[str, np.ndarray]) -> CaseLearner:
    made = build_network(UNetSettings(kind="unet", widths=(4, 6)), Form.of(OUTLINES), seed=3)
    signals = CaseSignals(
        [case.sha256 for case in SLICES], {name: list(rows.astype(np.float32)) for name, rows in told.items()}
    )
    learner = CaseLearner(made, CaseObjectiveSettings(terms={"one": term}), OUTLINES.head, signals)
    learner.size(ReadCollate(made, SLICES)(SLICES))
    return learner.eval()


@torch.no_grad()
def seen(made: CaseLearner, name: str) -> torch.Tensor:
    shown = made.network.show(ReadCollate(made.network, SLICES)(SLICES).inputs)
    return {LOGITS: shown.logits, **shown.features}[name].double()


def test_a_loss_of_maps_reads_the_logits_of_pixels_as_a_map() -> None:
    teacher = np.random.default_rng(7).normal(size=(4, 8, 8, 3)).astype(np.float32)
    term = CaseTermSettings(loss="channel_wise", weight=1.0, at="logits", hyper={"temperature": 1.0})
    made = of_pixels(term, {LOGITS: teacher})
    p, q = (
        side.reshape(4, 64, 3).log_softmax(1)
        for side in (torch.from_numpy(teacher).double(), seen(made, LOGITS))
    )
    wanted = (p.exp() * (p - q)).sum(1).mean()
    # The mean over the slices counts at every one of their 64 pixels.
    assert loss(made, SLICES) / (4 * 64) == pytest.approx(float(wanted), rel=1e-4)


def test_a_term_of_features_weighs_the_same_however_a_step_is_cut() -> None:
    teacher = np.random.default_rng(8).normal(size=(4, 8, 8, 3))
    made = of_pixels(CaseTermSettings(loss="channel_wise", weight=1.0), {LOGITS: teacher})
    assert loss(made, SLICES) == pytest.approx(loss(made, SLICES[:1]) + loss(made, SLICES[1:]), rel=1e-5)


@pytest.mark.parametrize("name", ["intra_class_variation", "prototype"])
def test_centres_are_those_of_the_nearest_pixels_classes(name: str) -> None:
    maps = np.random.default_rng(9).normal(size=(4, 5, 4, 4))
    made = of_pixels(CaseTermSettings(loss=name, weight=1.0, at="stage2"), {"stage2": maps})
    # Of each site of 2 × 2 pixels the lower right one.
    targets = torch.from_numpy(np.stack([case.target[1::2, 1::2] for case in SLICES]))
    wanted = LOSSES[name](seen(made, "stage2"), torch.from_numpy(maps), targets=targets).mean()
    assert loss(made, SLICES) / (4 * 64) == pytest.approx(float(wanted), rel=1e-4)


def test_a_map_of_another_width_is_projected_site_by_site() -> None:
    maps = np.random.default_rng(10).normal(size=(4, 5, 4, 4))
    term = CaseTermSettings(loss="channel_wise", weight=1.0, at="stage2", project=True)
    made = of_pixels(term, {"stage2": maps})
    assert made.projectors["one"].weight.shape == (5, 6, 1, 1)
    assert loss(made, SLICES) > 0.0


def test_a_rare_label_is_softened_more_than_a_common_one() -> None:
    head = Head("labels", ("common", "between", "rare"))
    truth = np.zeros((100, 3), dtype=np.float32)
    truth[:100, 0] = truth[:10, 1] = truth[:1, 2] = 1.0
    cases = [replace(CASES[0], id=str(at), target=row) for at, row in enumerate(truth)]
    objective = CaseObjectiveSettings(
        terms={"soft": CaseTermSettings(loss="multi_label_kl", weight=1.0)},
        label_temperature=LabelTemperatureSettings(common=1.0, rare=4.0),
    )
    np.testing.assert_allclose(label_factors(objective, head, cases), [1.0, 2.0, 4.0], rtol=1e-6)
    with pytest.raises(TrainError, match="label_temperature for classes"):
        label_factors(objective, COHORT.head, CASES)


@torch.no_grad()
def test_the_temperatures_of_labels_reach_the_loss() -> None:
    head = Head("labels", ("common", "rare"))
    cases = [replace(case, target=np.array([1.0, at == 0], np.float32)) for at, case in enumerate(CASES)]
    objective = CaseObjectiveSettings(terms={"soft": CaseTermSettings(loss="multi_label_kl", weight=1.0)})
    factors, told = np.array([1.0, 3.0], np.float32), signals(tuple(cases))
    made = CaseLearner(network(), objective, head, told, factors)
    batch = ReadCollate(made.network, cases)(cases)
    made.size(batch)
    student = made.network(batch.inputs, already_read=True).logits
    wanted = multi_label_kl(student, told.of(LOGITS, cases), label_temperature=torch.from_numpy(factors))
    assert made.eval()(batch).total.item() == pytest.approx(wanted.sum().item(), rel=1e-5)


def test_hard_examples_and_case_temperatures_that_no_term_heeds_are_refused() -> None:
    mined = {"hard_examples": HardExampleSettings(strength=1.0)}
    tempered = {"case_temperature": CaseTemperatureSettings(low=1.0, high=2.0)}
    hard, coupled = hard_labels("classes").terms, {"soft": CaseTermSettings(loss="dist", weight=1.0)}
    with pytest.raises(TrainError, match=r"objective\.hard_examples, which no term heeds"):
        learner(CaseObjectiveSettings(terms=hard, **mined))
    with pytest.raises(TrainError, match=r"objective\.case_temperature, which no term heeds"):
        learner(CaseObjectiveSettings(terms=hard, **tempered))
    with pytest.raises(TrainError, match="that does not couple a batch"):
        learner(CaseObjectiveSettings(terms=coupled, **mined), signals())
    learner(CaseObjectiveSettings(terms=coupled, **tempered), signals())
