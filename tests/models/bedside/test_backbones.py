from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bedside_cases import made_cohort
from stillroom.export.onnx.graph import write_graph
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network, load_network, save_network
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import (
    BackboneSettings,
    GruSettings,
    MlpSettings,
    TcnSettings,
    TransformerSettings,
)
from stillroom.train.bedside.asked import ask
from stillroom.types import ModelError
from stillroom.types.cases import Head

COHORT = made_cohort()
FORM = Form.of(COHORT)
TEST = COHORT.splits["test"]
SETTINGS: list[BackboneSettings] = [
    MlpSettings(kind="mlp", widths=(8, 4)),
    GruSettings(kind="gru", width=5),
    TcnSettings(kind="tcn", width=5, layers=2),
    TransformerSettings(kind="transformer", width=6, layers=1),
]
OF_HOURS = pytest.mark.parametrize("settings", SETTINGS[1:], ids=lambda settings: settings.kind)
EVERY = pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: settings.kind)


@EVERY
def test_logits_are_one_row_a_case_and_no_gap_makes_them_infinite(settings: BackboneSettings) -> None:
    network = build_network(settings, FORM, seed=1)
    network.fit_inputs(COHORT.splits["train"])
    nothing = {"series": torch.full((2, 6, 3), torch.nan), "static": torch.full((2, 2), torch.nan)}
    assert network.eval()(nothing).logits.shape == (2, 2)
    assert network(nothing).logits.isfinite().all()


@EVERY
def test_the_seed_alone_decides_the_start(settings: BackboneSettings) -> None:
    one, again, other = (build_network(settings, FORM, seed).head.weight for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@EVERY
def test_a_network_reads_back_with_its_scales(settings: BackboneSettings, tmp_path: Path) -> None:
    network = build_network(settings, FORM, seed=1)
    network.fit_inputs(COHORT.splits["train"])
    save_network(network, settings, FORM, tmp_path / "network")
    before, after = ask(network, TEST), ask(load_network(tmp_path / "network"), TEST)
    np.testing.assert_array_equal(before["logits"], after["logits"])


def test_attention_over_the_hours_is_a_distribution_and_the_graph_answers_alike(tmp_path: Path) -> None:
    network = build_network(GruSettings(kind="gru", width=5), FORM, seed=1)
    network.fit_inputs(COHORT.splits["train"])
    told = ask(network, TEST, ("logits", "steps"))
    np.testing.assert_allclose(np.stack(told["steps"]).sum(-1), 1.0, rtol=1e-5)
    write_graph(network.eval(), FORM, [1.0], tmp_path / "model.onnx")
    wanted = torch.from_numpy(np.stack(told["logits"])).softmax(-1).numpy()
    np.testing.assert_allclose(np.stack(OnnxModel(tmp_path / "model.onnx").answers(TEST)), wanted, atol=1e-6)


@OF_HOURS
def test_a_network_over_hours_without_a_series_is_refused(settings: BackboneSettings) -> None:
    with pytest.raises(ModelError, match="expected an input 'series'"):
        build_network(settings, Form({"static": (2,)}, Head("classes", ("a", "b"))), 1)


@pytest.mark.parametrize("settings", SETTINGS[2:], ids=lambda settings: settings.kind)
def test_the_graph_of_a_network_over_hours_answers_alike(settings: BackboneSettings, tmp_path: Path) -> None:
    network = build_network(settings, FORM, seed=1)
    network.fit_inputs(COHORT.splits["train"])
    wanted = torch.from_numpy(np.stack(ask(network, TEST)["logits"])).softmax(-1).numpy()
    write_graph(network.eval(), FORM, [1.0], tmp_path / "model.onnx")
    np.testing.assert_allclose(np.stack(OnnxModel(tmp_path / "model.onnx").answers(TEST)), wanted, atol=1e-5)


def test_a_causal_convolution_never_looks_ahead() -> None:
    network = build_network(SETTINGS[2], FORM, seed=1).eval()
    course = torch.randn(1, 6, network.course.width)
    changed = course.clone()
    changed[:, 4:] += 1.0
    others = torch.zeros(1, network.beside)
    before, after = (
        network.show({"course": of, "others": others}).features["states"] for of in (course, changed)
    )
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4:], after[:, 4:])


def test_a_transformer_wants_series_of_one_length() -> None:
    with pytest.raises(ModelError, match="series of several lengths"):
        build_network(SETTINGS[3], Form({"series": (None, 3)}, Head("classes", ("a", "b"))), 1)


def test_a_student_reads_the_inputs_that_it_names_and_its_graph_asks_for_no_others(tmp_path: Path) -> None:
    settings = MlpSettings(kind="mlp", widths=(4,), inputs=("series",))
    network = build_network(settings, FORM, seed=1)
    network.fit_inputs(COHORT.splits["train"])
    path = tmp_path / "model.onnx"
    write_graph(network.eval(), FORM.only(settings.inputs), [1.0], path, features=("pooled",))
    model = OnnxModel(path)
    assert model.inputs == ("series",)
    told, shown = ask(network, TEST, ("logits", "pooled")), model.shown(TEST)
    wanted = torch.from_numpy(np.stack(told["logits"])).softmax(-1).numpy()
    np.testing.assert_allclose(shown["answer"], wanted, atol=1e-6)
    np.testing.assert_allclose(shown["pooled"], np.stack(told["pooled"]), atol=1e-5)


def test_an_input_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match="did you mean 'series'"):
        build_network(MlpSettings(kind="mlp", widths=(4,), inputs=("serie",)), FORM, seed=1)
