from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.models.licences import LICENCES, objections
from stillroom.models.roster import ROSTER, known_model
from stillroom.types import ModelError

BILLIONS = {
    "m42-health/Llama3-Med42-8B": 8.03,
    "meta-llama/Llama-3.1-8B": 8.03,
    "meta-llama/Llama-3.2-1B": 1.24,
    "google/medgemma-4b-it": 3.88,
    "google/gemma-3-270m": 0.268,
    "Qwen/Qwen2.5-0.5B-Instruct": 0.494,
    "Qwen/Qwen2.5-7B-Instruct": 7.616,
    "Qwen/Qwen3-0.6B": 0.596,
    "Qwen/Qwen3-8B": 8.191,
    "HuggingFaceTB/SmolLM2-135M-Instruct": 0.135,
}


@pytest.mark.parametrize("name", BILLIONS)
def test_sizes_are_the_published_ones(name: str) -> None:
    assert ROSTER[name].architecture.parameters / 1e9 == pytest.approx(BILLIONS[name], rel=0.005)


def test_medgemma_counts_its_output_matrix_once() -> None:
    model = ROSTER["google/medgemma-4b-it"].architecture
    image_part = 0.42e9
    twice = model.parameters + model.output_weights + image_part
    assert twice / 1e9 == pytest.approx(4.97, abs=0.01)


def test_licences_are_those_of_the_cards() -> None:
    named = {name: model.licence and model.licence.name for name, model in ROSTER.items()}
    assert named["m42-health/Llama3-Med42-8B"] == "llama3"
    assert named["google/medgemma-4b-it"] == "health-ai-developer-foundations"


def test_a_packaged_model_is_known_by_its_own_name() -> None:
    found = known_model("smollm2-135m-instruct")
    assert found is ROSTER["HuggingFaceTB/SmolLM2-135M-Instruct"]


def test_a_folder_is_known_by_its_config(tmp_path: Path) -> None:
    config = {
        "model_type": "llama",
        "num_hidden_layers": 2,
        "hidden_size": 8,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "vocab_size": 32,
        "max_position_embeddings": 64,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    found = known_model(str(tmp_path))
    assert (found.architecture.kv_heads, found.architecture.head_width, found.licence) == (2, 4, None)


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ModelError, match=r"meta-llama/Llama-3\.2-1B"):
        known_model("meta-llama/Llama-3.2-1b")


def test_llama_3_may_not_teach_others() -> None:
    assert objections(LICENCES["llama3"], LICENCES["llama3.2"])
    assert not objections(LICENCES["llama3"], LICENCES["llama3"])
    assert not objections(LICENCES["apache-2.0"], LICENCES["llama3.2"])
