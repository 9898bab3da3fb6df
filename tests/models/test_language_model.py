"""Saving, loading and naming a model by its weights."""

from __future__ import annotations

import json

import pytest
import torch

from stillroom.models import LanguageModel
from stillroom.types import ModelError


def test_a_saved_model_comes_back_with_weights_template_and_lineage(make_model, tmp_path) -> None:
    model = make_model()
    model.save(tmp_path)
    again = LanguageModel.load(tmp_path)
    assert again.fingerprint() == model.fingerprint()
    assert again.sources == model.sources
    assert again.tokenizer.chat_template == model.tokenizer.chat_template


def test_the_fingerprint_sees_a_single_changed_weight(make_model) -> None:
    model = make_model()
    before = model.fingerprint()
    with torch.no_grad():
        model.network.model.norm.weight[0] += 1e-6
    assert model.fingerprint() != before


def test_tied_matrices_are_counted_once(make_model) -> None:
    model = make_model(layers=1)
    assert model.parameters == sum(p.numel() for p in set(model.network.parameters()))


def test_a_folder_without_a_model_is_refused(tmp_path) -> None:
    with pytest.raises(ModelError, match="holds no model"):
        LanguageModel.load(tmp_path)


def test_another_architecture_is_refused(tmp_path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(ModelError, match="'bert'"):
        LanguageModel.load(tmp_path)
