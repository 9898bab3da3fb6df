"""The packaged SmolLM2-135M through the whole export: what tiny random networks cannot show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillroom.data import CHAT_TEMPLATE, prompt_text
from stillroom.export import OpenVinoPredictor, parity, write_gguf
from stillroom.export.openvino_folder import convert
from stillroom.models import LanguageModel, TeacherSettings, TorchPredictor, load_teacher
from stillroom.types import Encoded, ModelError

PAIRS = (
    ("What is asthma?", "A chronic inflammatory disease of the airways with reversible airflow obstruction."),
    (
        "Define hypertension.",
        "Blood pressure that is persistently above 140/90 mmHg in a 50-year-old patient.",
    ),
    ("Define hypoglycaemia.", "Blood sugar below 70 mg/dL (3.9 mmol/L): sweating, confusion and seizures."),
    ("Define anaemia.", "A lowered ability of the blood to carry oxygen: fewer red cells, less haemoglobin."),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    try:
        return load_teacher(TeacherSettings(model="smollm2-135m-instruct"), CHAT_TEMPLATE)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def real_rows(model: LanguageModel) -> list[Encoded]:
    rows = []
    for prompt, response in PAIRS:
        start = model.tokenizer(prompt_text(prompt, model.tokenizer))["input_ids"]
        ids = start + model.tokenizer(response)["input_ids"]
        rows.append(Encoded(np.array(ids, dtype=np.int64), start=len(start)))
    return rows


@pytest.mark.parametrize(
    ("quantisation", "least_agreement", "most_kl"), [("f16", 0.99, 1e-4), ("q8_0", 0.95, 5e-3)]
)
def test_logits_in_openvino_are_those_of_the_network(
    model: LanguageModel,
    real_rows: list[Encoded],
    tmp_path: Path,
    quantisation: str,
    least_agreement: float,
    most_kl: float,
) -> None:
    gguf = tmp_path / "model.gguf"
    write_gguf(model.network, model.tokenizer, gguf, quantisation, name="smollm2", sources=model.sources)
    graph = convert(gguf, model.network.config, model.tokenizer)
    predictor = OpenVinoPredictor(graph, end_of_turn=model.tokenizer.eos_token_id, precision="f32")
    found = parity(TorchPredictor(model, batch_rows=1).logits(real_rows), predictor.logits(real_rows))
    assert found.top1_agreement >= least_agreement
    assert found.kl <= most_kl


def test_the_file_s_tokenizer_splits_clinical_text_as_the_model_s_does(
    model: LanguageModel, tmp_path: Path
) -> None:
    from openvino_genai import Tokenizer

    gguf = tmp_path / "model.gguf"
    write_gguf(model.network, model.tokenizer, gguf, "q8_0", name="smollm2", sources=model.sources)
    tokenizer = Tokenizer(gguf)
    for text in (
        *sum(PAIRS, ()),
        "HbA1c 7.25 %, 1,200 mg b.i.d.; pO2 > 60mmHg",
        "naïve β-blocker — 2024-10-07\n\n ok",
    ):
        ids = tokenizer.encode(text, add_special_tokens=False).input_ids.data[0].tolist()
        assert ids == model.tokenizer(text)["input_ids"], text
