"""Attributions of bedside networks: complete, right where the answer is known, and equal to a slow twin's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from bedside_cases import made_cohort, made_grids
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.mlp import Mlp
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import (
    GruSettings,
    MlpSettings,
    PretrainedSettings,
    ResNetSettings,
    SeparableSettings,
    TextSettings,
)
from stillroom.train.bedside.collate import collate
from stillroom.types import SPLITS, ModelError
from stillroom.types.cases import Case, Cohort, Head
from stillroom.validate.explain.explainer import Committee
from stillroom.validate.explain.networks import GradCamExplainer, NetworkExplainer, described
from text_cases import WORDS, write_encoder

TABULAR = {
    "mlp": MlpSettings(kind="mlp", widths=(8, 4)),
    "gru": GruSettings(kind="gru", width=6),
}
GRIDS = {
    "resnet": ResNetSettings(kind="resnet", widths=(4, 8)),
    "separable": SeparableSettings(kind="separable", widths=(4, 8), own_scale=True),
}


def explained(network: BedsideNetwork, cohort: Cohort, steps: int = 64) -> NetworkExplainer:
    inputs, reference = (collate(cohort.splits[split]).inputs for split in ("test", "train"))
    return NetworkExplainer(network, described(network, Form.of(cohort), inputs, reference, 3), steps)


def built(settings: object, cohort: Cohort) -> BedsideNetwork:
    network = build_network(settings, Form.of(cohort), seed=0)  # type: ignore[arg-type]
    network.fit_inputs(cohort.splits["train"])
    return network.eval()


def texts() -> Cohort:
    random = np.random.default_rng(3)
    cases = tuple(
        Case(
            f"text/{number}",
            f"group {number}",
            {"tokens": random.integers(2, len(WORDS), size=3 + number % 4)},
            np.asarray(number % 2),
        )
        for number in range(12)
    )
    return Cohort("texts", (), Head("classes", ("a", "b")), {}, dict.fromkeys(SPLITS, cases), {}, {}, "")


@pytest.mark.parametrize("settings", TABULAR.values(), ids=TABULAR)
def test_attributions_add_up_to_what_the_case_changes(settings: object) -> None:
    cohort = made_cohort()
    explainer = explained(built(settings, cohort), cohort)
    found = explainer.attributed(np.ones(len(explainer.present), dtype=np.int64))
    assert found.change is not None
    np.testing.assert_allclose(found.values.sum(1), found.change, atol=2e-4)
    assert explainer.units == ("a", "b", "c", "d", "e")


@pytest.mark.parametrize("shape", [(12, 2), (9, 9, 1)])
@pytest.mark.parametrize("settings", GRIDS.values(), ids=GRIDS)
def test_patches_add_up_the_better_the_finer_the_path(settings: object, shape: tuple[int, ...]) -> None:
    # A mean image is flat, and what normalises a flat image is steep: the path must be fine at its beginning.
    cohort = made_grids(shape)
    network, errors = built(settings, cohort), []
    for steps in (32, 1024):
        explainer = explained(network, cohort, steps)
        found = explainer.attributed(np.zeros(len(explainer.present), dtype=np.int64))
        assert found.change is not None
        assert len(explainer.units) == 3 ** (len(shape) - 1)
        errors.append(np.abs(found.values.sum(1) - found.change).max())
    assert errors[1] < min(errors[0] / 5, 0.01)


@pytest.mark.parametrize("layers", [0, 1])
def test_tokens_of_a_text_student_add_up_too(layers: int) -> None:
    cohort = texts()
    settings = TextSettings(
        kind="text", width=8, layers=layers, word_width=4, vocabulary=len(WORDS), most_tokens=8, unknown=1
    )
    explainer = explained(built(settings, cohort), cohort)
    found = explainer.attributed(np.zeros(12, dtype=np.int64))
    assert found.change is not None
    assert explainer.present.sum(1).tolist() == [3 + number % 4 for number in range(12)]
    assert not found.values[~explainer.present].any()
    np.testing.assert_allclose(found.values.sum(1), found.change, atol=1e-4)


@pytest.mark.parametrize("trained", [0, 1])
def test_attributions_of_a_pretrained_encoder_go_through_its_frozen_layers(
    trained: int, tmp_path: Path
) -> None:
    cohort = texts()
    settings = PretrainedSettings(
        kind="pretrained", encoder=str(write_encoder(tmp_path / "encoder")), trained_layers=trained
    )
    network = built(settings, cohort)
    explainer = explained(network, cohort, steps=128)
    everything = explainer.scores(np.zeros(12, dtype=np.int64), explainer.present)
    with torch.no_grad():
        plain = network(collate(cohort.splits["test"]).inputs).logits.softmax(-1)[:, 0]
    np.testing.assert_allclose(
        everything, plain, atol=2e-2
    )  # the frozen layers compute in bfloat16 where they may
    found = explainer.attributed(np.zeros(12, dtype=np.int64))
    assert found.change is not None
    np.testing.assert_allclose(found.values.sum(1), found.change, atol=1e-3)


def linear(cohort: Cohort) -> Mlp:
    """A perceptron without a hidden layer's curve: its logits are linear in what it reads."""
    network = built(MlpSettings(kind="mlp", widths=(5,)), cohort)
    assert isinstance(network, Mlp)
    network.layers = nn.Sequential(network.layers[0])
    return network.eval()


def test_of_a_linear_model_they_are_weight_times_difference() -> None:
    cohort = made_cohort()
    network = linear(cohort)
    read, usual = (
        network.read(collate(cohort.splits[split]).inputs)["flat"].double() for split in ("test", "train")
    )
    weight = (network.head.weight @ network.layers[0].weight).detach().double()  # type: ignore[operator]
    centred = weight[1] - weight.mean(0)
    each = ((read - usual.mean(0)) * centred).numpy()
    series, static, lost = each[:, :27].reshape(20, 9, 3).sum(1), each[:, 27:29], each[:, 29:]
    expected = np.concatenate([series + lost[:, :3], static + lost[:, 3:]], axis=1)
    found = explained(network, cohort, steps=4).attributed(np.ones(20, dtype=np.int64)).values
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_integrated_gradients_are_those_of_a_slow_twin() -> None:
    cohort = made_cohort()
    network = built(TABULAR["mlp"], cohort).double()
    read, usual = (
        network.read(
            {name: values.double() for name, values in collate(cohort.splits[split]).inputs.items()}
        )["flat"]
        for split in ("test", "train")
    )
    start, end = usual.mean(0), read[0]
    gradient = torch.zeros_like(end)
    for step in range(2000):
        point = (start + (step + 0.5) / 2000 * (end - start)).requires_grad_()
        logits = network.show({"flat": point[None]}).logits[0]
        gradient += torch.autograd.grad(logits[1] - logits.mean(), point)[0] / 2000
    each = ((end - start) * gradient).numpy()
    expected = [each[at:27:3].sum() + each[29 + at] for at in range(3)]
    found = explained(network.float(), cohort).attributed(np.ones(20, dtype=np.int64)).values[0, :3]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_channel_that_is_not_kept_is_told_by_no_number() -> None:
    cohort = made_cohort()
    network = built(TABULAR["gru"], cohort)
    explainer = explained(network, cohort)
    outputs, kept = np.ones(20, dtype=np.int64), np.ones((20, 5), dtype=bool)
    kept[:, 1] = False
    changed = [
        Case(case.id, case.group, {**case.inputs, "series": series}, case.target)
        for case in cohort.splits["test"]
        for series in [case.inputs["series"] * np.array([1, -3, 1], np.float32)]
    ]
    inputs, reference = collate(changed).inputs, collate(cohort.splits["train"]).inputs
    other = NetworkExplainer(network, described(network, Form.of(cohort), inputs, reference, 3), 8)
    np.testing.assert_allclose(explainer.scores(outputs, kept), other.scores(outputs, kept), atol=1e-6)
    assert np.abs(explainer.scores(outputs, ~kept) - other.scores(outputs, ~kept)).max() > 1e-4


def test_grad_cam_is_the_weighted_sum_of_the_last_maps() -> None:
    cohort = made_grids((9, 9, 1))
    network = built(GRIDS["resnet"], cohort)
    inputs = collate(cohort.splits["test"]).inputs
    cases = described(network, Form.of(cohort), inputs, collate(cohort.splits["train"]).inputs, 3)
    found = GradCamExplainer(network, cases, 8).attributed(np.zeros(12, dtype=np.int64))
    shown = network(inputs)
    maps = shown.features["stage2"]
    centred = shown.logits[:, 0] - shown.logits.mean(1)
    weights = torch.autograd.grad(centred.sum(), maps)[0].mean((2, 3), keepdim=True)
    drawn = nn.functional.interpolate((weights * maps).sum(1, keepdim=True).relu(), (9, 9), mode="bilinear")
    expected = nn.functional.avg_pool2d(drawn, 3)[:, 0].flatten(1).detach().numpy()
    np.testing.assert_allclose(found.values, expected, atol=1e-6)
    assert found.change is None


def test_a_committee_is_the_mean_of_its_members() -> None:
    cohort = made_cohort()
    members = [
        explained(build_network(TABULAR["gru"], Form.of(cohort), seed).eval(), cohort) for seed in (1, 2)
    ]
    outputs = np.ones(20, dtype=np.int64)
    committee = Committee(members)
    one, two = (member.attributed(outputs).values for member in members)
    np.testing.assert_allclose(committee.attributed(outputs).values, (one + two) / 2)
    np.testing.assert_allclose(committee.attention()["steps"].sum(1), 1.0, atol=1e-6)
    scores = [member.scores(outputs, members[0].present) for member in members]
    np.testing.assert_allclose(committee.scores(outputs, committee.present), np.mean(scores, axis=0))


def test_a_network_that_nothing_is_known_of_is_refused() -> None:
    with pytest.raises(ModelError, match="an explanation of a BedsideNetwork"):
        described(BedsideNetwork(), Form({}, Head("classes", ("a", "b"))), {}, {}, 3)
