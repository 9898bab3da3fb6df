from __future__ import annotations

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from stillroom.export import Bundle, OpenVinoPredictor, parity
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import Encoded

from .conftest import PROMPTS


@pytest.fixture(scope="module")
def torch_logits(student: LanguageModel, rows: list[Encoded]) -> list[np.ndarray]:
    return list(TorchPredictor(student, batch_rows=1).logits(rows))


@pytest.fixture(scope="module")
def predictor(bundle: Bundle) -> OpenVinoPredictor:
    return bundle.predictor("f16")


def test_16_bit_weights_give_the_network_s_logits(
    predictor: OpenVinoPredictor, rows: list[Encoded], torch_logits: list[np.ndarray]
) -> None:
    found = parity(torch_logits, predictor.logits(rows))
    assert found.top1_agreement >= 0.98
    assert found.kl < 1e-4
    assert found.positions == sum(len(row.targets) for row in rows)


def test_8_bit_weights_stay_close_to_the_network(
    bundle: Bundle, rows: list[Encoded], torch_logits: list[np.ndarray]
) -> None:
    found = parity(torch_logits, bundle.predictor("q8_0").logits(rows))
    assert found.top1_agreement >= 0.9
    assert found.kl < 0.01


def test_fewer_bits_stray_further(
    bundle: Bundle, rows: list[Encoded], torch_logits: list[np.ndarray]
) -> None:
    strayed = [
        parity(torch_logits, bundle.predictor(kind).logits(rows)).kl for kind in ("f16", "q8_0", "q4_1")
    ]
    assert strayed == sorted(strayed)


def test_a_row_s_logits_do_not_depend_on_the_rows_before_it(
    predictor: OpenVinoPredictor, rows: list[Encoded]
) -> None:
    alone = [next(predictor.logits([row])) for row in rows]
    for one, other in zip(alone, predictor.logits(rows), strict=True):
        assert np.array_equal(one, other)


def test_only_the_response_is_predicted(predictor: OpenVinoPredictor, rows: list[Encoded]) -> None:
    whole = next(predictor.logits([Encoded(rows[0].ids, start=1)]))
    part = next(predictor.logits([Encoded(rows[0].ids, start=4)]))
    assert part == pytest.approx(whole[3:], abs=1e-4)


def test_generated_tokens_are_the_network_s(
    predictor: OpenVinoPredictor, student: LanguageModel, tokenizer: PreTrainedTokenizerFast
) -> None:
    prompts = [tokenizer(text)["input_ids"] for text in PROMPTS]
    wanted = list(TorchPredictor(student, batch_rows=1).generate(prompts, 6))
    assert list(predictor.generate(prompts, 6)) == wanted


def test_generation_stops_before_the_end_of_turn(bundle: Bundle, tokenizer: PreTrainedTokenizerFast) -> None:
    prompt = tokenizer(PROMPTS[0])["input_ids"]
    free = OpenVinoPredictor(
        bundle.gguf_path("f16").with_name("openvino_model.xml"), end_of_turn=-1, precision="f32"
    )
    (response,) = free.generate([prompt], 6)
    third = response[2]
    stopping = OpenVinoPredictor(
        bundle.gguf_path("f16").with_name("openvino_model.xml"), end_of_turn=third, precision="f32"
    )
    assert next(stopping.generate([prompt], 6)) == response[: response.index(third)]


def test_genai_opens_the_gguf_file_and_says_the_same(
    bundle: Bundle, predictor: OpenVinoPredictor, tokenizer: PreTrainedTokenizerFast
) -> None:
    """The file alone, in the pipeline that users know: tokenizer, weights and rotary order are all inside."""
    from openvino_genai import LLMPipeline

    pipeline = LLMPipeline(bundle.gguf_path("f16"), "CPU")
    ids = pipeline.get_tokenizer().encode(PROMPTS[0]).input_ids.data[0].tolist()
    assert ids == tokenizer(PROMPTS[0])["input_ids"]
    (response,) = predictor.generate([ids], 6)
    said = pipeline.generate(PROMPTS[0], max_new_tokens=6, apply_chat_template=False, ignore_eos=True)
    assert str(said).startswith(tokenizer.decode(response[:3], skip_special_tokens=True)[:2])


@pytest.mark.usefixtures("no_network")
def test_no_socket_is_opened(bundle: Bundle, rows: list[Encoded]) -> None:
    assert len(list(bundle.predictor().logits(rows))) == len(rows)
