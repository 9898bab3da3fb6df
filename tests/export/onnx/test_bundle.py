from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from bedside_cases import SOURCE, made_cohort
from stillroom.export.onnx.bundle import OnnxBundle, write_bundle
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import MlpSettings
from stillroom.train.bedside.asked import ask
from stillroom.types import ExportError
from stillroom.types.calibrators import Isotonic, Platt
from stillroom.types.files import write_json

COHORT = made_cohort()
TEST = COHORT.splits["test"]


@pytest.fixture(scope="module")
def network() -> BedsideNetwork:
    made = build_network(MlpSettings(kind="mlp", widths=(8,)), Form.of(COHORT), seed=3)
    made.fit_inputs(COHORT.splits["train"])
    return made.eval()


@pytest.fixture(scope="module")
def bundle(network: BedsideNetwork, tmp_path_factory: pytest.TempPathFactory) -> OnnxBundle:
    return write_bundle(
        network,
        Form.of(COHORT),
        tmp_path_factory.mktemp("export") / "bundle",
        name="made",
        temperature=[2.0],
        thresholds=[0.4],
        recipe_yaml="",
        parents={},
        data_sources=[SOURCE],
    )


def test_the_bundle_answers_as_the_network_with_its_temperature(
    bundle: OnnxBundle, network: BedsideNetwork
) -> None:
    logits = torch.from_numpy(np.stack(ask(network, TEST)["logits"]))
    found = np.stack(bundle.model().answers(TEST))
    np.testing.assert_allclose(found, (logits / 2.0).softmax(-1).numpy(), atol=1e-6)


@pytest.mark.parametrize(
    "calibrator",
    [
        Platt(labels=False, slopes=(0.7, 0.7), intercepts=(0.2, -0.2)),
        Isotonic(labels=False, knots=((0.1, 0.9),) * 2, levels=((0.3, 0.6),) * 2),
    ],
    ids=lambda calibrator: calibrator.kind,
)
def test_a_calibrator_goes_with_the_bundle_and_is_applied_by_its_runtime(
    bundle: OnnxBundle, tmp_path: Path, calibrator: Platt | Isotonic
) -> None:
    told = bundle.manifest.model_copy(update={"calibrator": calibrator})
    shutil.copytree(bundle.path, tmp_path / "bundle")
    write_json(tmp_path / "bundle" / "manifest.json", told.model_dump(mode="json"))
    opened = OnnxBundle.open(tmp_path / "bundle")
    assert opened.manifest.calibrator == calibrator
    plain = np.stack(bundle.model().answers(TEST)).astype(np.float64)
    np.testing.assert_allclose(np.stack(opened.model().answers(TEST)), calibrator.apply(plain), atol=1e-6)


def test_what_it_would_answer_without_calibration_can_be_asked(
    bundle: OnnxBundle, network: BedsideNetwork
) -> None:
    logits = torch.from_numpy(np.stack(ask(network, TEST)["logits"]))
    np.testing.assert_allclose(np.stack(bundle.uncalibrated(TEST)), logits.softmax(-1).numpy(), atol=1e-5)


def test_one_case_is_answered_as_among_many(bundle: OnnxBundle) -> None:
    model = bundle.model()
    np.testing.assert_allclose(model.answers(TEST[:1])[0], model.answers(TEST)[0], atol=1e-7)


def test_a_case_without_any_measurement_still_gets_an_answer(bundle: OnnxBundle) -> None:
    nothing = {name: np.full_like(values, np.nan) for name, values in TEST[0].inputs.items()}
    found = bundle.model().answer({name: values[None] for name, values in nothing.items()})
    assert np.isfinite(found).all()


def test_the_manifest_says_what_goes_in_and_comes_out(bundle: OnnxBundle) -> None:
    manifest = bundle.manifest
    assert manifest.inputs == {"series": (6, 3), "static": (2,)}
    assert manifest.channels["series"] == ("a", "b", "c")
    assert (manifest.names, manifest.temperature, manifest.thresholds) == (("well", "ill"), (2.0,), (0.4,))


def test_every_answer_is_timed(bundle: OnnxBundle) -> None:
    times = bundle.model().milliseconds(TEST, 30)
    assert len(times) == 30
    assert min(times) > 0


def test_documents_go_with_a_copy(bundle: OnnxBundle, tmp_path: Path) -> None:
    copy = bundle.with_documents({"model_card.md": "# made"}, tmp_path / "copy")
    assert set(copy.manifest.files) == {*bundle.manifest.files, "model_card.md"}


def test_a_changed_graph_is_refused(bundle: OnnxBundle, tmp_path: Path) -> None:
    copy = bundle.with_documents({}, tmp_path / "copy")
    copy.graph_path.write_bytes(copy.graph_path.read_bytes() + b"x")
    with pytest.raises(ExportError, match=r"model\.onnx has been changed"):
        OnnxBundle.open(copy.path)


def test_what_is_no_graph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    with pytest.raises(ExportError, match="no ONNX graph"):
        OnnxModel(tmp_path / "model.onnx")
