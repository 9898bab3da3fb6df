"""The packaged models themselves, where they have been fetched."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from stillroom.models import LanguageModel, ModelSettings, load_teacher
from stillroom.models.store import PACKAGED, cached_file

TEXT = (
    "The heart is a muscular organ that pumps blood through the blood vessels of the circulatory system. "
    "The pumped blood carries oxygen and nutrients to the body."
)
MIXED = "5 mg/dL, ½ of 3 µg, naïve 心臓  two  spaces\n\nand a line"


def loaded(name: str) -> LanguageModel:
    if not cached_file(PACKAGED[name]).is_file():
        pytest.skip(f"stillroom models get {name}")
    return load_teacher(ModelSettings(model=name))


def perplexity(model: LanguageModel, text: str) -> float:
    start = [model.tokenizer.bos_token_id]
    ids = torch.tensor([start + model.tokenizer(text, add_special_tokens=False).input_ids])
    with torch.inference_mode():
        return math.exp(model.network(ids, labels=ids).loss)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("name", "parameters"), [("smollm2-135m-instruct", 134.5), ("gemma3-270m", 268.1)])
def test_a_packaged_model_reads_english_and_survives_saving(
    name: str, parameters: float, tmp_path: Path
) -> None:
    model = loaded(name)
    assert model.parameters / 1e6 == pytest.approx(parameters, abs=0.1)
    assert perplexity(model, TEXT) < 30  # a norm that is off by one, or no first token, gives hundreds
    ids = model.tokenizer(MIXED, add_special_tokens=False).input_ids
    assert model.tokenizer.decode(ids) == MIXED
    model.save(tmp_path)
    again = LanguageModel.load(tmp_path)
    assert again.fingerprint() == model.fingerprint()
    assert again.tokenizer(MIXED).input_ids == model.tokenizer(MIXED).input_ids
    assert again.sources == model.sources
