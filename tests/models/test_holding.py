"""A teacher held in fewer bytes: how far its logits move, what it weighs, what it is called."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable

import pytest
import torch

from stillroom.models import LanguageModel, TeacherSettings, TorchPredictor
from stillroom.models.calibration import fit_temperature, fold_temperature
from stillroom.models.holding import hold, hold_linear, hold_teacher, release_linear
from stillroom.models.offload import offload_layers
from stillroom.models.quantised import HeldLinear, held_bytes
from stillroom.models.settings import Precision
from stillroom.types import Encoded, MissingExtraError, ModelError

CPU = torch.device("cpu")
FORMATS = ["bfloat16", "int8", "nf4"]
IDS = torch.arange(3, 15)[None]
Make = Callable[..., LanguageModel]


@pytest.fixture(params=FORMATS)
def precision(request: pytest.FixtureRequest) -> Precision:
    if request.param == "nf4":
        pytest.importorskip("bitsandbytes")
    found: Precision = request.param
    return found


def held(model: LanguageModel, precision: Precision) -> LanguageModel:
    return hold_teacher(model, TeacherSettings(model="tiny", precision=precision), CPU)


@torch.no_grad()
def logits(model: LanguageModel) -> torch.Tensor:
    found: torch.Tensor = model.network.eval()(IDS).logits
    return found


def dequantised(model: LanguageModel, original: LanguageModel) -> torch.nn.Module:
    """The original network in float64 with the matrices that the held one multiplies with."""
    network = copy.deepcopy(original.network).double()
    for name, module in model.network.named_modules():
        if isinstance(module, HeldLinear):
            network.get_submodule(name).weight = torch.nn.Parameter(module.weight.double())
    network.get_input_embeddings().weight = torch.nn.Parameter(
        model.network.get_input_embeddings().weight.double()
    )
    return network.eval()


def test_its_logits_are_those_of_the_dequantised_matrices(make_model: Make, precision: Precision) -> None:
    model = make_model()
    teacher = held(model, precision)
    expected = dequantised(teacher, model)(IDS).logits
    torch.testing.assert_close(logits(teacher).double(), expected, rtol=1e-4, atol=1e-5)


def test_the_fewer_the_bits_the_farther_the_logits_and_never_too_far(make_model: Make) -> None:
    pytest.importorskip("bitsandbytes")
    model = make_model()
    exact = logits(model)
    errors = [float((logits(held(model, p)) - exact).norm() / exact.norm()) for p in FORMATS]
    assert errors == sorted(errors)
    assert 0 < errors[0] < 0.01 < 0.02 < errors[2] < 0.3


def test_it_weighs_less_and_has_as_many_parameters(make_model: Make, precision: Precision) -> None:
    model = make_model()
    teacher = held(model, precision)
    assert held_bytes(teacher.network) < 0.55 * held_bytes(model.network)
    assert teacher.parameters == model.parameters


def test_it_has_a_fingerprint_of_its_own_and_the_full_model_keeps_its(
    make_model: Make, precision: Precision
) -> None:
    model = make_model()
    before = model.fingerprint()
    names = {held(model, precision).fingerprint() for _ in range(2)}
    assert len(names) == 1
    assert before not in names
    assert model.fingerprint() == before


def test_float32_is_the_model_itself(make_model: Make) -> None:
    model = make_model()
    assert held(model, "float32") is model


def test_a_temperature_is_fitted_and_folded_as_in_a_full_model(
    make_model: Make, rows: list[Encoded], precision: Precision
) -> None:
    teacher = held(make_model(), precision)
    before = logits(teacher)
    temperature = fit_temperature(teacher, rows)
    fold_temperature(teacher, temperature)
    torch.testing.assert_close(logits(teacher), before / temperature, rtol=1e-3, atol=1e-5)


def test_folding_into_a_held_model_leaves_the_full_one(make_model: Make) -> None:
    model = make_model()
    fold_temperature(held(model, "int8"), 2.0)
    assert model.fingerprint() == make_model().fingerprint()


def test_layers_that_wait_on_the_cpu_change_neither_logits_nor_fingerprint(
    make_model: Make, precision: Precision
) -> None:
    teacher, waiting = held(make_model(), precision), held(make_model(), precision)
    offload_layers(waiting.network, CPU)
    weights = list(waiting.network.base_model.layers.parameters())
    assert all(weight.is_meta for weight in weights)
    torch.testing.assert_close(logits(waiting), logits(teacher), rtol=0, atol=0)
    assert all(weight.is_meta for weight in waiting.network.base_model.layers.parameters())
    assert waiting.fingerprint() == teacher.fingerprint()


def test_offloading_needs_a_device_to_offload_from(make_model: Make) -> None:
    with pytest.raises(ModelError, match=r"teacher\.offload: false"):
        hold_teacher(make_model(), TeacherSettings(model="tiny", offload=True), CPU)


def test_a_held_model_is_not_saved(make_model: Make, tmp_path) -> None:
    with pytest.raises(ModelError, match="held in bfloat16, int8"):
        held(make_model(), "int8").save(tmp_path)


def test_released_layers_keep_the_rounding_and_nothing_else(make_model: Make) -> None:
    network = make_model().network
    names = [name for name, _ in network.named_parameters()]
    hold_linear(network, "int8")
    rounded = {n: m.weight for n, m in network.named_modules() if isinstance(m, HeldLinear)}
    release_linear(network)
    assert [name for name, _ in network.named_parameters()] == names
    assert "lm_head" not in rounded
    for name, weight in rounded.items():
        torch.testing.assert_close(network.get_submodule(name).weight, weight, rtol=0, atol=0)


def test_nf4_without_its_package_names_the_extra(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[quantised\]"):
        hold(make_model(), "nf4")


def test_a_held_teacher_predicts_and_writes(make_model: Make, rows: list[Encoded]) -> None:
    predictor = TorchPredictor(held(make_model(), "int8"))
    assert next(predictor.logits(rows[:1])).shape[1] == make_model().network.config.vocab_size
    assert len(next(predictor.generate([[3, 4, 5]], 4))) <= 4
