"""What the layers of a transformer teach those of a smaller one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from stillroom.losses import LOSSES
from stillroom.losses.attention.projections import Projections
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import PretrainedSettings, TextSettings
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.collate import collate
from stillroom.train.bedside.learner import CaseLearner
from stillroom.train.bedside.objective import CaseObjectiveSettings, CaseTermSettings
from stillroom.types.cases import Case, Head
from text_cases import WORDS, write_encoder

FORM = Form({"tokens": (None,)}, Head("classes", ("well", "ill")), {}, ("tokens",))
CASES = [
    Case(str(at), str(at), {"tokens": np.array(tokens)}, np.asarray(at % 2))
    for at, tokens in enumerate([[2, 4, 6, 7, 3], [2, 5, 3], [2, 6, 8, 3]])
]
SHOWN = ("layer1", "layer2", "sentences", "projections")


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> BedsideNetwork:
    encoder = write_encoder(tmp_path_factory.mktemp("encoder"))
    settings = PretrainedSettings(kind="pretrained", encoder=str(encoder), trained_layers=2)
    return build_network(settings, FORM, seed=1).eval()


def student() -> BedsideNetwork:
    small = {"kind": "text", "width": 8, "heads": 2, "layers": 2, "word_width": 4, "most_tokens": 8}
    settings = TextSettings.model_validate(small | {"vocabulary": len(WORDS), "unknown": 1})
    return build_network(settings, FORM, seed=2).eval()


def signals(teacher: BedsideNetwork) -> CaseSignals:
    return CaseSignals([case.sha256 for case in CASES], ask(teacher, CASES, SHOWN))


def test_a_text_keeps_the_tokens_that_it_has(teacher: BedsideNetwork, tmp_path: Path) -> None:
    signals(teacher).save(tmp_path / "said.safetensors")
    again = CaseSignals.load(tmp_path / "said.safetensors")
    for name, wide in (("layer2", (16,)), ("projections", (3, 2, 8))):
        assert [of.shape for of in again.each(name, CASES)] == [(tokens, *wide) for tokens in (5, 3, 4)]
    assert [of.shape for of in again.each("sentences", CASES)] == [(2, 16)] * 3


@torch.no_grad()
@pytest.mark.parametrize(
    ("loss", "at", "project"),
    [
        ("patient_kd", "sentences", True),
        ("hidden_mse", "layer2", True),
        ("minilm", "projections", False),
        ("minilm_v2", "projections", False),
    ],
)
def test_a_term_of_layers_is_what_each_text_by_itself_gives(
    teacher: BedsideNetwork, loss: str, at: str, project: bool
) -> None:
    hyper = {"relation_heads": 4} if loss == "minilm_v2" else {}
    term = CaseTermSettings(loss=loss, weight=1.0, at=at, project=project, hyper=hyper)
    learner = CaseLearner(
        student(), CaseObjectiveSettings(terms={"layers": term}), FORM.head, signals(teacher)
    )
    learner.size(collate(CASES))
    rows = []
    for case in CASES:
        inputs = collate([case]).inputs
        ours, theirs = (network(inputs).features[at] for network in (learner.eval().network, teacher))
        if at == "projections":
            ours, theirs = (Projections(*of.unbind(2)) for of in (ours, theirs))
        elif project:
            ours = learner.projectors["layers"](ours)
        rows.append(LOSSES[loss].function(ours, theirs, **hyper).flatten())
    # The mean over cases or tokens counts at every case.
    wanted = torch.cat(rows).mean().item() * len(CASES)
    assert learner(collate(CASES)).total.item() == pytest.approx(wanted, rel=1e-4)
