from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bedside_cases import made_grids
from stillroom.export.onnx.graph import write_graph
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import HybridSettings, ResNetSettings, SeparableSettings
from stillroom.types import ModelError
from stillroom.types.cases import Cohort

IMAGE, WAVE = made_grids((12, 12, 3)), made_grids((32, 2))
KINDS = [
    ResNetSettings(kind="resnet", widths=(8, 16), shift=1, dropout=0.5),
    SeparableSettings(kind="separable", widths=(8, 16), blocks=2, own_scale=True),
]


def network(settings: ResNetSettings | SeparableSettings | HybridSettings, cohort: Cohort) -> BedsideNetwork:
    made = build_network(settings, Form.of(cohort), seed=1)
    made.fit_inputs(cohort.splits["train"])
    return made.eval()


def inputs(cohort: Cohort, cases: int = 6) -> dict[str, torch.Tensor]:
    return {"grid": torch.from_numpy(np.stack([c.inputs["grid"] for c in cohort.splits["train"][:cases]]))}


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: settings.kind)
def test_each_stage_after_the_first_halves_the_grid(settings: ResNetSettings | SeparableSettings) -> None:
    shown = network(settings, IMAGE)(inputs(IMAGE))
    assert {name: tuple(of.shape) for name, of in shown.features.items()} == {
        "stage1": (6, 8, 12, 12),
        "stage2": (6, 16, 6, 6),
        "pooled": (6, 16),
    }
    assert shown.logits.shape == (6, 2)
    wave = network(settings, WAVE)(inputs(WAVE)).features
    assert (wave["stage1"].shape, wave["stage2"].shape) == ((6, 32, 8), (6, 16, 16))


@pytest.mark.parametrize("settings", KINDS, ids=lambda settings: settings.kind)
def test_the_answer_about_a_case_does_not_depend_on_the_others(
    settings: ResNetSettings | SeparableSettings,
) -> None:
    made = network(settings, IMAGE)
    together, alone = made(inputs(IMAGE)).logits, made(inputs(IMAGE, 1)).logits
    torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=1e-5)


def test_vectors_beside_the_grid_are_heard() -> None:
    def beside(cohort: Cohort, value: float) -> Cohort:
        cases = tuple(
            replace(case, inputs={**case.inputs, "rest": np.array([value + at], np.float32)})
            for at, case in enumerate(cohort.splits["train"])
        )
        return replace(cohort, splits={**cohort.splits, "train": cases})

    cohort = beside(WAVE, 0.0)
    made = network(KINDS[1], cohort)
    answers = [
        made({**inputs(WAVE), "rest": torch.full((6, 1), value)}).logits for value in (1.0, 8.0, torch.nan)
    ]
    assert not torch.allclose(answers[0], answers[1])
    assert answers[2].isfinite().all()


def test_separable_blocks_have_the_weights_of_their_formula() -> None:
    made = network(SeparableSettings(kind="separable", widths=(8, 16)), IMAGE)
    norms = 2 * 8 + (2 * 8 + 2 * 8) + (2 * 8 + 2 * 16)
    stem, first, second, head = 3 * 8 * 9, 8 * 9 + 8 * 8, 8 * 9 + 8 * 16, 16 * 2 + 2
    assert made.parameters_count == stem + first + second + head + norms


HYBRID = HybridSettings(kind="hybrid", widths=(4, 8), layers=1)


def test_a_hybrid_reads_what_its_convolutions_left_as_tokens(tmp_path: Path) -> None:
    made = network(HYBRID, IMAGE)
    shown = made(inputs(IMAGE))
    assert {name: tuple(of.shape) for name, of in shown.features.items()} == {
        "stage1": (6, 4, 6, 6),
        "stage2": (6, 8, 3, 3),
        "pooled": (6, 8),
    }
    together, alone = made(inputs(IMAGE)).logits, made(inputs(IMAGE, 1)).logits
    torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=1e-5)
    write_graph(made, Form.of(IMAGE), [1.0], tmp_path / "model.onnx")
    found = np.stack(OnnxModel(tmp_path / "model.onnx").answers(IMAGE.splits["train"][:6]))
    np.testing.assert_allclose(found, together.softmax(-1).detach().numpy(), atol=1e-5)


def test_a_hybrid_wants_one_image() -> None:
    with pytest.raises(ModelError, match="a hybrid for inputs"):
        build_network(HYBRID, Form.of(WAVE), seed=1)
