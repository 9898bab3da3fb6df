"""Adapters: they alone learn, and afterwards the network is an ordinary one; so it is where they learned beside
quantised matrices.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from stillroom.models.holding import hold_linear, release_linear
from stillroom.models.quantised import HeldLinear, held_bytes, held_matrices
from stillroom.train import fit
from stillroom.train.lora import adapted
from stillroom.train.settings import LoraSettings
from stillroom.types import MissingExtraError, TrainError
from train.tiny import model, rows, settings

pytest.importorskip("peft")
LORA = {"rank": 4, "alpha": 8.0, "dropout": 0.0, "targets": ("q_proj", "up_proj")}


def train(work: Path, **changes: object):
    student = model()
    record = fit(student, rows(), settings(**{"lora": LORA, **changes}), seed=1, work=work, key="run")
    return student, record


def test_only_the_named_matrices_change_and_the_loss_falls(tmp_path: Path) -> None:
    student, record = train(tmp_path, steps=60, learning_rate=0.02)
    before = dict(model().network.named_parameters())
    changed = {name for name, p in student.network.named_parameters() if not torch.equal(p, before[name])}
    assert {name.split(".")[-2] for name in changed} == {"q_proj", "up_proj"}
    assert record.points[-1].figures["loss"] < record.points[0].figures["loss"]


def test_afterwards_the_network_has_its_old_modules_and_is_saved_like_any_other(tmp_path: Path) -> None:
    student, _ = train(tmp_path)
    fresh = model()
    assert [name for name, _ in student.network.named_modules()] == [
        n for n, _ in fresh.network.named_modules()
    ]
    assert all(p.requires_grad for p in student.network.parameters())
    student.network.save_pretrained(tmp_path / "saved")
    loaded = type(fresh.network).from_pretrained(tmp_path / "saved")
    ids = torch.from_numpy(rows()[0].ids)[None]
    torch.testing.assert_close(loaded(ids).logits, student.network.eval()(ids).logits, rtol=0, atol=0)


def test_checkpoints_hold_the_adapters_alone_and_go_on_bit_for_bit(tmp_path: Path) -> None:
    from safetensors import safe_open

    straight, _ = train(tmp_path / "straight", lora=LORA | {"dropout": 0.1})
    train(tmp_path / "resumed", lora=LORA | {"dropout": 0.1}, checkpoint_seconds=1e-9, keep_checkpoints=3)
    newest = sorted((tmp_path / "resumed").glob("checkpoint-*"))
    with safe_open(newest[0], framework="pt") as file:
        assert all("lora_" in name for name in file.keys() if name.startswith("weight."))  # noqa: SIM118
    for file in newest[1:]:
        file.unlink()
    resumed, _ = train(tmp_path / "resumed", lora=LORA | {"dropout": 0.1})
    assert resumed.fingerprint() == straight.fingerprint()


def test_a_training_that_fails_takes_the_adapters_off_unmerged() -> None:
    student = model()
    with pytest.raises(KeyError), adapted(student.network, LoraSettings(**LORA), 1):  # type: ignore[arg-type]
        raise KeyError
    assert student.fingerprint() == model().fingerprint()


def test_unknown_matrices_and_an_absent_package_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(TrainError, match=r"lora\.targets"):
        train(tmp_path, lora=LORA | {"targets": ("q_projection",)})
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[lora\]"):
        train(tmp_path)


def quantised(base: str) -> LoraSettings:
    if base == "nf4":
        pytest.importorskip("bitsandbytes")
    return LoraSettings.model_validate({**LORA, "base": base})


def adapters(network: Any) -> dict[str, Any]:
    """Adapted layers by name; their second factors, which start at zero, are given values."""
    found = {name: module for name, module in network.named_modules() if hasattr(module, "lora_A")}
    for number, module in enumerate(found.values()):
        torch.manual_seed(number)
        torch.nn.init.normal_(module.lora_B["default"].weight, std=0.1)
    return found


@pytest.mark.parametrize("base", ["float32", "bfloat16", "int8", "nf4"])
def test_merging_adds_to_the_dequantised_matrix_and_is_exact_for_an_unquantised_one(base: str) -> None:
    """W = dequantise(quantise(W₀)) + alpha/rank · B·A, in float64 for the oracle."""
    student, rounded = model().network, model().network
    if base != "float32":
        hold_linear(rounded, base)  # type: ignore[arg-type]
        release_linear(rounded)
    deltas = {}
    with adapted(student, quantised(base), 1):
        for name, module in adapters(student).items():
            b, a = module.lora_B["default"].weight.double(), module.lora_A["default"].weight.double()
            deltas[name] = (b @ a).detach() * LORA["alpha"] / LORA["rank"]  # type: ignore[operator]
        before = student(torch.arange(3, 9)[None]).logits
    assert len(deltas) == 4
    for name, module in student.named_modules():
        if isinstance(module, torch.nn.Linear):
            expected = rounded.get_submodule(name).weight.double() + deltas.get(name, 0.0)
            torch.testing.assert_close(module.weight.double(), expected, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(student(torch.arange(3, 9)[None]).logits, before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("base", ["int8", "nf4"])
def test_beside_quantised_matrices_adapters_are_float32_and_learn_as_beside_the_dequantised(
    base: str,
) -> None:
    student, dense = model().network, model().network
    with adapted(student, quantised(base), 1):
        assert held_bytes(student) < 0.75 * held_bytes(dense)
        layers = adapters(student)
        assert {p.dtype for p in student.parameters() if p.requires_grad} == {torch.float32}
        assert len(held_matrices(student)) == 14
        twin = copy.deepcopy(student)
        release_linear(twin)
        ids = torch.arange(3, 9)[None]
        for network in (student, twin):
            network(ids).logits.square().sum().backward()
        for name, module in layers.items():
            gradient = module.lora_A["default"].weight.grad
            torch.testing.assert_close(gradient, twin.get_submodule(name).lora_A["default"].weight.grad)
            assert gradient.abs().max() > 0


@pytest.mark.parametrize("base", ["int8", "nf4"])
def test_a_student_beside_quantised_matrices_learns_resumes_and_is_an_ordinary_network(
    tmp_path: Path, base: str
) -> None:
    lora = quantised(base).model_dump()
    straight, record = train(tmp_path / "straight", lora=lora, steps=20, learning_rate=0.02)
    assert record.points[-1].figures["loss"] < record.points[0].figures["loss"]
    assert not held_matrices(straight.network)
    changes = {"lora": lora, "steps": 20, "learning_rate": 0.02}
    train(tmp_path / "resumed", **changes, checkpoint_seconds=1e-9, keep_checkpoints=20)
    for file in sorted((tmp_path / "resumed").glob("checkpoint-*"))[6:]:
        file.unlink()
    resumed, _ = train(tmp_path / "resumed", **changes)
    assert resumed.fingerprint() == straight.fingerprint()


def test_a_training_that_fails_leaves_a_network_without_adapters_or_held_matrices() -> None:
    network = model().network
    with pytest.raises(KeyError), adapted(network, quantised("int8"), 1):
        raise KeyError
    assert not any(
        isinstance(module, HeldLinear) or hasattr(module, "lora_A") for module in network.modules()
    )
