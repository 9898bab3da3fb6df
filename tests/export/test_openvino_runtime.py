from __future__ import annotations

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from stillroom.export import Bundle, OpenVinoPredictor, parity
from stillroom.export.openvino_graph import GRAPH
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
    graph = bundle.gguf_path("f16").with_name(GRAPH)
    (free,) = OpenVinoPredictor(graph, end_of_turn=-1, precision="f32").generate([prompt], 6)
    stopping = OpenVinoPredictor(graph, end_of_turn=free[2], precision="f32")
    assert next(stopping.generate([prompt], 6)) == free[: free.index(free[2])]


def test_genai_opens_the_gguf_file_and_says_the_same(
    bundle: Bundle, predictor: OpenVinoPredictor, tokenizer: PreTrainedTokenizerFast
) -> None:
    """The file alone, in the pipeline that users know: tokenizer, weights and rotary order are all inside."""
    from openvino_genai import LLMPipeline

    pipeline = LLMPipeline(
        bundle.gguf_path("f16"), "CPU", ATTENTION_BACKEND="SDPA", INFERENCE_PRECISION_HINT="f32"
    )
    ids = pipeline.get_tokenizer().encode(PROMPTS[0])
    assert ids.input_ids.data[0].tolist() == tokenizer(PROMPTS[0])["input_ids"]
    (response,) = predictor.generate([ids.input_ids.data[0].tolist()], 4)
    (said,) = pipeline.generate(ids, max_new_tokens=4, ignore_eos=True).tokens
    assert said == response


@pytest.mark.usefixtures("no_network")
def test_no_socket_is_opened(bundle: Bundle, rows: list[Encoded]) -> None:
    assert len(list(bundle.predictor().logits(rows))) == len(rows)


def test_tokens_read_one_at_a_time_get_the_logits_of_the_whole_row(
    bundle: Bundle, rows: list[Encoded]
) -> None:
    """Batch 1, one token a step, is how text is written: the case that a quantised key-value cache would change."""
    predictor = bundle.predictor("q8_0")
    for row in rows:
        whole = next(predictor.logits([Encoded(row.ids, start=1)])).argmax(axis=-1).tolist()
        ids = row.ids[:-1].tolist()
        assert [predictor.prefill(ids[:1]), *map(predictor.decode, ids[1:])] == whole
