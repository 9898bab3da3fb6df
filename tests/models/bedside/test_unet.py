from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from bedside_cases import made_outlines
from stillroom.export.onnx.graph import write_graph
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network, load_network, save_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import UNetSettings
from stillroom.train.bedside.asked import ask
from stillroom.types import ModelError
from stillroom.types.cases import Head

COHORT = made_outlines()
TEST = COHORT.splits["test"]
KINDS = [
    UNetSettings(kind="unet", widths=(4, 8, 16), dropout=0.5),
    UNetSettings(kind="unet", widths=(4, 8), convolution="separable"),
]
EVERY = pytest.mark.parametrize("settings", KINDS, ids=lambda settings: settings.convolution)


def network(settings: UNetSettings) -> BedsideNetwork:
    made = build_network(settings, Form.of(COHORT), seed=1)
    made.fit_inputs(COHORT.splits["train"])
    return made.eval()


def test_every_pixel_is_answered_and_each_level_halves_the_map() -> None:
    shown = network(KINDS[0])({"image": torch.rand(2, 8, 8, 1)})
    assert shown.logits.shape == (2, 8, 8, 3)
    assert {name: tuple(of.shape) for name, of in shown.features.items()} == {
        "stage1": (2, 4, 8, 8),
        "stage2": (2, 8, 4, 4),
        "stage3": (2, 16, 2, 2),
        "up2": (2, 8, 4, 4),
        "up1": (2, 4, 8, 8),
    }


@EVERY
def test_the_answer_about_an_image_depends_on_it_alone_and_survives_gaps(settings: UNetSettings) -> None:
    made = network(settings)
    together, alone = ask(made, TEST)["logits"][0], ask(made, TEST[:1])["logits"][0]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert made({"image": torch.full((1, 8, 8, 1), torch.nan)}).logits.isfinite().all()


@EVERY
def test_it_reads_back_and_its_graph_answers_alike(settings: UNetSettings, tmp_path: Path) -> None:
    made = network(settings)
    save_network(made, settings, Form.of(COHORT), tmp_path / "network")
    logits = torch.from_numpy(np.stack(ask(load_network(tmp_path / "network"), TEST)["logits"]))
    write_graph(made, Form.of(COHORT), [1.0], tmp_path / "model.onnx")
    found = np.stack(OnnxModel(tmp_path / "model.onnx").answers(TEST))
    np.testing.assert_allclose(found, logits.softmax(-1).numpy(), atol=1e-5)


def test_separable_levels_have_fewer_weights() -> None:
    full, separable = (
        network(UNetSettings(kind="unet", widths=(8, 16), convolution=kind)) for kind in ("full", "separable")
    )
    assert separable.parameters_count < full.parameters_count / 3


@pytest.mark.parametrize("shape", [(10, 8, 1), (8, 1)])
def test_images_that_cannot_be_halved_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="whose sides are multiples of 4"):
        build_network(KINDS[0], Form({"image": shape}, Head("classes", ("a", "b"))), seed=1)
