"""One student, several tasks: each has terms of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from bedside_cases import made_cohort
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import MlpSettings
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.balance import balanced
from stillroom.train.bedside.collate import ReadCollate
from stillroom.train.bedside.learner import CaseLearner
from stillroom.train.bedside.objective import CaseObjectiveSettings, CaseTermSettings
from stillroom.types import TrainError
from stillroom.types.cases import LOGITS, Case, Head

HEAD = Head("labels", ("died", "long stay"))
RANDOM = np.random.default_rng(4)


def two_tasks(case: Case, number: int) -> Case:
    """The second label of every other case is not known."""
    long = np.nan if number % 2 else float(number % 4 == 0)
    return replace(case, target=np.array([float(case.target), long], dtype=np.float32))


PLAIN = made_cohort()
COHORT = replace(
    PLAIN,
    head=HEAD,
    splits={
        split: tuple(two_tasks(case, number) for number, case in enumerate(cases))
        for split, cases in PLAIN.splits.items()
    },
)
CASES = COHORT.splits["train"][:10]
SAID = RANDOM.normal(size=(10, 2)).astype(np.float32)
SIGNALS = CaseSignals([case.sha256 for case in CASES], {LOGITS: list(SAID)})


def term(weight: float = 1.0, **changes: object) -> CaseTermSettings:
    return CaseTermSettings.model_validate({"loss": "multi_label_kl", "weight": weight, **changes})


def learner(**terms: CaseTermSettings) -> CaseLearner:
    network = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(COHORT), seed=3)
    network.fit_inputs(CASES)
    made = CaseLearner(network, CaseObjectiveSettings(terms=terms), HEAD, SIGNALS)
    made.size(ReadCollate(network, CASES)(CASES))
    return made.eval()


@torch.no_grad()
def loss(made: CaseLearner) -> float:
    return float(made(ReadCollate(made.network, CASES)(CASES)).total)


def test_terms_of_each_task_add_up_to_the_term_of_all() -> None:
    died, long = term(0.5, outputs=["died"]), term(0.5, outputs=["long stay"])
    assert loss(learner(died=died, long=long)) == pytest.approx(loss(learner(both=term())), rel=1e-5)


def test_a_task_weighs_what_its_term_says() -> None:
    died, long = term(1.0, outputs=["died"]), term(1.0, outputs=["long stay"])
    apart = loss(learner(died=died)), loss(learner(long=long))
    weighed = learner(died=died, long=term(0.25, outputs=["long stay"]))
    assert loss(weighed) == pytest.approx(apart[0] + 0.25 * apart[1], rel=1e-5)


def test_a_case_whose_other_label_is_not_known_still_teaches_its_task() -> None:
    hard = term(outputs=["died"], of="labels")
    made = learner(hard=hard)
    batch = ReadCollate(made.network, CASES)(CASES)
    with torch.no_grad():
        odds = made.network.show(batch.inputs).logits[:, 0]
        wanted = torch.nn.functional.binary_cross_entropy_with_logits(
            odds, batch.target[:, 0], reduction="sum"
        )
    assert loss(made) == pytest.approx(float(wanted), rel=1e-4)


@pytest.mark.parametrize("outputs", [(), ("days",)])
def test_a_number_is_bounded_by_the_teachers_error_where_the_truth_is_known(outputs: tuple[str, ...]) -> None:
    head = Head("values", ("days", "doses"))
    bounded = term(loss="regression_kd", outputs=outputs)
    network = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(replace(COHORT, head=head)), seed=3)
    network.fit_inputs(CASES)
    made = CaseLearner(network, CaseObjectiveSettings(terms={"bounded": bounded}), head, SIGNALS)
    batch = ReadCollate(network, CASES)(CASES)
    made.size(batch)
    read = slice(0, 1) if outputs else slice(0, 2)
    ours, truth = network.show(batch.inputs).logits[:, read].detach().numpy(), batch.target[:, read].numpy()
    errors, bounds = (((of - truth) ** 2).sum(1) for of in (ours, SAID[:, read]))
    wanted = np.where(np.isfinite(truth).all(1) & (errors > bounds), errors, 0.0).sum()
    assert loss(made) == pytest.approx(float(wanted), rel=1e-4)


@pytest.mark.parametrize(
    ("outputs", "head", "message"),
    [
        (["dead"], HEAD, "did you mean 'died'"),
        (["ill"], Head("classes", ("well", "ill")), "which are one answer"),
    ],
)
def test_outputs_that_cannot_be_meant_are_refused(outputs: list[str], head: Head, message: str) -> None:
    loss_of = "multi_label_kl" if head.kind == "labels" else "forward_kl"
    objective = CaseObjectiveSettings(terms={"one": term(loss=loss_of, outputs=outputs)})
    network = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(COHORT), seed=3)
    with pytest.raises(TrainError, match=message):
        CaseLearner(network, objective, head, SIGNALS)


def test_prototypes_of_classes_are_compared_over_the_cases_of_a_batch() -> None:
    features = {LOGITS: list(SAID), "pooled": list(RANDOM.normal(size=(10, 5)).astype(np.float32))}
    cases = PLAIN.splits["train"][:10]
    network = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(PLAIN), seed=3)
    network.fit_inputs(cases)
    terms = {"prototypes": CaseTermSettings(loss="prototype", weight=1.0, at="pooled")}
    told = CaseSignals([case.sha256 for case in cases], features)
    made = CaseLearner(network, CaseObjectiveSettings(terms=terms), PLAIN.head, told)
    made.size(ReadCollate(network, cases)(cases))
    total = made(ReadCollate(network, cases)(cases)).total.detach()
    assert 0 < float(total) < 4 * len(cases)


def test_rare_classes_weigh_more_and_the_mean_stays() -> None:
    cases = [
        replace(case, target=np.asarray(int(number < 2))) for number, case in enumerate(PLAIN.splits["train"])
    ]
    weights = np.array([case.weight for case in balanced(cases, 0.5)])
    assert weights.mean() == pytest.approx(1.0)
    assert weights[0] / weights[-1] == pytest.approx((58 / 2) ** 0.5)
    assert all(case.weight == 1.0 for case in balanced(cases, 0.0))
