"""Students of the Llama 3 kind in OpenVINO, whose reader of GGUF files does not know all that theirs says; Qwen's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from stillroom.export import Bundle, parity
from stillroom.export.openvino_folder import convert
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import Encoded, ExportError

from .conftest import CLINICAL, PROMPTS, SETTINGS, export


@pytest.fixture(scope="module")
def torch_logits(llama3: LanguageModel, llama3_rows: list[Encoded]) -> list[np.ndarray]:
    return list(TorchPredictor(llama3, batch_rows=1).logits(llama3_rows))


@pytest.mark.parametrize(
    ("quantisation", "least_agreement", "most_kl"), [("f16", 0.98, 1e-4), ("q8_0", 0.9, 0.01)]
)
def test_logits_are_those_of_the_network_far_into_a_text(
    llama3_bundle: Bundle,
    llama3_rows: list[Encoded],
    torch_logits: list[np.ndarray],
    quantisation: str,
    least_agreement: float,
    most_kl: float,
) -> None:
    assert min(len(row.ids) for row in llama3_rows) > 150
    found = parity(torch_logits, llama3_bundle.predictor(quantisation).logits(llama3_rows))
    assert found.top1_agreement >= least_agreement
    assert found.kl < most_kl


def test_generated_tokens_are_the_network_s(
    llama3_bundle: Bundle, llama3: LanguageModel, llama3_rows: list[Encoded]
) -> None:
    prompts = [row.ids.tolist() for row in llama3_rows]
    wanted = list(TorchPredictor(llama3, batch_rows=1).generate(prompts, 6))
    assert list(llama3_bundle.predictor("f16").generate(prompts, 6)) == wanted


def test_genai_opens_the_folder_and_says_the_same(
    llama3_bundle: Bundle, llama3_tokenizer: PreTrainedTokenizerFast, llama3: LanguageModel
) -> None:
    from openvino_genai import LLMPipeline

    folder = llama3_bundle.gguf_path("f16").parent
    pipeline = LLMPipeline(folder, "CPU", ATTENTION_BACKEND="SDPA", INFERENCE_PRECISION_HINT="f32")
    turns = [{"role": "user", "content": " ".join(PROMPTS)}]
    asked = llama3_tokenizer.apply_chat_template(turns, add_generation_prompt=True)["input_ids"]
    (wanted,) = TorchPredictor(llama3, batch_rows=1).generate([asked], 4)
    assert pipeline.generate(turns[0]["content"], max_new_tokens=4) == llama3_tokenizer.decode(
        wanted, skip_special_tokens=True
    )


def test_a_process_that_wrote_a_tokenizer_ends_well(llama3_bundle: Bundle, tmp_path: Path) -> None:
    """OpenVINO's extension crashes a process at its end where it outlives the core that loaded it."""
    script = (
        "import sys; from pathlib import Path; from transformers import PreTrainedTokenizerFast\n"
        "from stillroom.export.openvino_tokenizer import write_tokenizer\n"
        "write_tokenizer(PreTrainedTokenizerFast.from_pretrained(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    subprocess.run([sys.executable, "-c", script, llama3_bundle.float_path, tmp_path], check=True)


def test_a_file_that_is_no_gguf_is_refused_in_one_line(llama3: LanguageModel, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"not a model")
    with pytest.raises(ExportError, match=r"cannot load model\.gguf") as caught:
        convert(tmp_path / "model.gguf", llama3.network.config, llama3.tokenizer)
    assert "\n" not in str(caught.value)


def test_qwen_s_logits_and_tokens_are_the_student_s(qwen: LanguageModel, tmp_path: Path) -> None:
    from openvino_genai import Tokenizer

    settings = SETTINGS.model_copy(update={"quantisations": ("f16", "q8_0"), "default": "q8_0"})
    written = export(qwen, tmp_path / "bundle", settings)
    rows = [Encoded(np.array(qwen.tokenizer("\n".join(CLINICAL))["input_ids"], dtype=np.int64), start=2)]
    wanted = list(TorchPredictor(qwen, batch_rows=1).logits(rows))
    whole, rounded = (parity(wanted, written.predictor(kind).logits(rows)) for kind in ("f16", "q8_0"))
    assert whole.top1_agreement >= 0.98
    assert whole.kl < 1e-4
    assert rounded.kl < 0.01
    opened = Tokenizer(written.gguf_path().parent)
    for text in CLINICAL:
        assert opened.encode(text).input_ids.data[0].tolist() == qwen.tokenizer(text)["input_ids"], text
