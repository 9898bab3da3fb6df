"""A GGUF file that stays packed: exactly the dequantised network, in the bytes of the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import LlamaForCausalLM

from stillroom.export import write_gguf
from stillroom.models import LanguageModel, TeacherSettings, load_held_teacher, load_teacher
from stillroom.models import store as packages
from stillroom.models.calibration import fold_temperature
from stillroom.models.gguf import load_gguf
from stillroom.models.quantised import HeldLinear, held_bytes
from stillroom.models.quantised_gguf import load_packed
from stillroom.types import ModelError, Source

IDS = torch.arange(3, 15)[None]
SOURCE = Source("tiny", "1", "Apache-2.0", "", "")


@pytest.fixture(params=["f16", "q8_0", "q4_1"])
def file(request: pytest.FixtureRequest, make_model: Callable[..., LanguageModel], tmp_path: Path) -> Path:
    model, path = make_model(layers=2), tmp_path / "tiny.gguf"
    write_gguf(model.network, model.tokenizer, path, request.param, name="tiny", sources=(SOURCE,))
    return path


@torch.no_grad()
def test_its_logits_are_exactly_those_of_the_dequantised_network(file: Path) -> None:
    packed, full = load_gguf(file, SOURCE, packed=True), load_gguf(file, SOURCE)
    torch.testing.assert_close(packed.network(IDS).logits, full.network(IDS).logits, rtol=0, atol=0)
    for name, module in packed.network.named_modules():
        if isinstance(module, HeldLinear):
            assert torch.equal(module.weight, full.network.get_submodule(name).weight)
    assert packed.parameters == full.parameters
    assert packed.fingerprint() != full.fingerprint()


def test_it_holds_the_bytes_of_the_file(file: Path) -> None:
    network = load_packed(file)
    assert held_bytes(network) < file.stat().st_size


@torch.no_grad()
def test_a_temperature_folds_into_it(file: Path) -> None:
    packed = load_gguf(file, SOURCE, packed=True)
    before = packed.network(IDS).logits
    fold_temperature(packed, 2.0)
    torch.testing.assert_close(packed.network(IDS).logits, before / 2, rtol=1e-5, atol=1e-6)


def test_a_file_without_a_weight_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gguf

    reader = gguf.GGUFReader(file, "c")
    reader.tensors = [tensor for tensor in reader.tensors if tensor.name != "blk.1.ffn_up.weight"]
    monkeypatch.setattr(gguf, "GGUFReader", lambda *_: reader)
    with pytest.raises(ModelError, match=r"layers\.1\.mlp\.up_proj\.weight"):
        load_packed(file)


def test_gguf_precision_is_for_gguf_files(tmp_path: Path, make_model: Callable[..., LanguageModel]) -> None:
    make_model(layers=1).save(tmp_path)
    with pytest.raises(ModelError, match="is no GGUF file"):
        load_held_teacher(TeacherSettings(model=str(tmp_path), precision="gguf"))


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
def test_a_folder_in_bfloat16_is_held_without_becoming_float32_first(
    tmp_path: Path, make_model: Callable[..., LanguageModel], precision: str
) -> None:
    model = make_model(layers=1)
    model.network.bfloat16()
    model.save(tmp_path)
    settings = TeacherSettings.model_validate({"model": str(tmp_path), "precision": precision})
    held, full = load_held_teacher(settings), load_teacher(settings)
    with torch.no_grad():
        difference = held.network(IDS).logits - full.network(IDS).logits
    assert held.network(IDS).logits.dtype == torch.float32
    assert difference.abs().max() < 0.05
    assert (difference == 0).all() == (precision != "int8")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_packaged_model_is_exact_too() -> None:
    name = "smollm2-135m-instruct"
    file = packages.cached_file(packages.packaged(name))
    if not file.is_file():
        pytest.skip(f"{name} is not in the cache: stillroom models get {name}")
    full = LlamaForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
    with torch.no_grad():
        assert torch.equal(load_packed(file)(IDS).logits, full.eval()(IDS).logits)
