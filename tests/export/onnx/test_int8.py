from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from bedside_cases import SOURCE, made_cohort, made_grids
from stillroom.export.onnx.bundle import OnnxBundle, write_bundle
from stillroom.export.onnx.int8 import write_int8
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import BackboneSettings, MlpSettings, SeparableSettings
from stillroom.types import ExportError
from stillroom.types.cases import Cohort


def written(settings: BackboneSettings, cohort: Cohort, path: Path) -> OnnxBundle:
    network = build_network(settings, Form.of(cohort), seed=3)
    network.fit_inputs(cohort.splits["train"])
    return write_bundle(
        network.eval(),
        Form.of(cohort),
        path,
        name="made",
        temperature=[1.0],
        thresholds=[],
        recipe_yaml="",
        parents={},
        data_sources=[SOURCE],
    )


@pytest.mark.parametrize(
    ("kind", "settings", "cohort"),
    [
        ("dynamic", MlpSettings(kind="mlp", widths=(16,)), made_cohort()),
        ("static", SeparableSettings(kind="separable", widths=(8, 16)), made_grids((8, 8, 1))),
    ],
)
def test_a_graph_in_eight_bits_answers_almost_alike(
    kind: str, settings: BackboneSettings, cohort: Cohort, tmp_path: Path
) -> None:
    bundle = written(settings, cohort, tmp_path / "bundle")
    train, test = cohort.splits["train"], cohort.splits["test"]
    calibration = [{name: values[None] for name, values in case.inputs.items()} for case in train]
    write_int8(bundle.graph_path, tmp_path / "int8.onnx", kind, calibration)
    weights = onnx.load(tmp_path / "int8.onnx").graph.initializer
    assert any(tensor.data_type == onnx.TensorProto.INT8 for tensor in weights)
    before, after = bundle.model().answers(test), OnnxModel(tmp_path / "int8.onnx").answers(test)
    np.testing.assert_allclose(np.stack(after), np.stack(before), atol=0.05)
    assert not np.array_equal(np.stack(after), np.stack(before))

    rounded = bundle.in_int8(tmp_path / "int8.onnx")
    assert rounded.manifest.precision == "int8"
    np.testing.assert_array_equal(np.stack(rounded.model().answers(test)), np.stack(after))


def test_what_is_no_graph_cannot_be_rounded(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ExportError, match="a graph that cannot be quantised"):
        write_int8(tmp_path / "model.onnx", tmp_path / "int8.onnx", "dynamic", [])
    assert not (tmp_path / "int8.onnx").exists()
