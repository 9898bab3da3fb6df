"""Folders of safetensors, of any family."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

from models.families import FAMILIES, network
from stillroom.models.folder import load_network
from stillroom.types import ModelError

IDS = torch.arange(10, 18)[None]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_network_comes_back_with_its_logits(family: str, tmp_path: Path) -> None:
    made = network(family)
    made.save_pretrained(tmp_path)
    again = load_network(tmp_path).eval()
    assert type(again) is type(made)
    torch.testing.assert_close(again(IDS).logits, made(IDS).logits, rtol=0, atol=0)


def test_of_a_model_of_images_and_text_the_text_part_is_loaded(tmp_path: Path) -> None:
    text = network("Gemma3Text", num_hidden_layers=2).config.to_dict()
    vision = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Gemma3Config(
        text_config=text, vision_config={**vision, "image_size": 28, "patch_size": 14}, mm_tokens_per_image=4
    )
    whole = Gemma3ForConditionalGeneration(config).eval()
    whole.save_pretrained(tmp_path)
    part = load_network(tmp_path).eval()
    assert type(part).__name__ == "Gemma3ForCausalLM"
    torch.testing.assert_close(part(IDS).logits, whole(IDS).logits)


def test_a_missing_weight_is_not_made_up(tmp_path: Path) -> None:
    network("Llama").save_pretrained(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 weights, such as model.layers.1.mlp.up_proj.weight"):
        load_network(tmp_path)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    network("Llama").save_pretrained(tmp_path, max_shard_size="50KB")
    gone = sorted(tmp_path.glob("model-*.safetensors"))[1]
    gone.unlink()
    with pytest.raises(ModelError, match=f"lacks {gone.name}"):
        load_network(tmp_path)


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    made = network("Llama")
    made.config.save_pretrained(tmp_path)
    torch.save(made.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError, match="holds no model"):
        load_network(tmp_path)


def test_code_in_the_folder_is_not_run(tmp_path: Path) -> None:
    network("Llama").save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "made_up", "auto_map": {"AutoConfig": "evil.Config"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "evil.py").write_text("raise SystemExit('run')")
    with pytest.raises(ModelError, match=r"'made_up' model.*never run"):
        load_network(tmp_path)


def test_an_encoder_is_refused_before_its_weights_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ModelError, match="'bert'"):
        load_network(tmp_path)
