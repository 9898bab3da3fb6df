"""The tokenizer that GenAI opens with a bundle, against the student's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from stillroom.export import Bundle
from stillroom.export.openvino_tokenizer import unmergeable, write_tokenizer

from .conftest import CLINICAL, PROMPTS

PARTS = st.sampled_from(
    [
        *CLINICAL,
        "mmol",
        "mmHg",
        "µg",
        " 1",
        "23",
        "4567",
        "'s",
        "'LL",
        "’s",
        "ſ",
        "\t",
        "\r\n",
        "\u00a0",
        "  ",
        "½",
        "٣",
    ]
)
TEXTS = st.lists(PARTS | st.text(max_size=6), max_size=8).map("".join)


@pytest.fixture(scope="module")
def pair(llama3_bundle: Bundle) -> Any:
    from openvino_genai import Tokenizer

    return Tokenizer(llama3_bundle.gguf_path("q8_0").parent)


@pytest.fixture(scope="module")
def plain_pair(bundle: Bundle) -> Any:
    from openvino_genai import Tokenizer

    return Tokenizer(bundle.gguf_path("q8_0").parent)


@pytest.fixture(scope="module")
def qwen_pair(qwen_tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from openvino_genai import Tokenizer

    folder = tmp_path_factory.mktemp("qwen")
    write_tokenizer(qwen_tokenizer, folder)
    return Tokenizer(folder)


def ids(pair: Any, text: str, *, special: bool = True) -> list[int]:
    found: list[int] = pair.encode(text, add_special_tokens=special).input_ids.data[0].tolist()
    return found


@pytest.mark.parametrize("text", [*CLINICAL, *PROMPTS])
def test_clinical_text_becomes_the_student_s_tokens(
    pair: Any, llama3_tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    assert ids(pair, text) == llama3_tokenizer(text)["input_ids"]
    assert ids(pair, text, special=False) == llama3_tokenizer(text, add_special_tokens=False)["input_ids"]


@settings(max_examples=300, deadline=None)
@given(text=TEXTS)
def test_any_text_becomes_the_student_s_tokens(
    pair: Any, llama3_tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    assert ids(pair, text) == llama3_tokenizer(text)["input_ids"]


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_so_it_does_where_digits_stand_alone(
    plain_pair: Any, tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    """The other kind of tokenizer that a student may have."""
    assert ids(plain_pair, text) == tokenizer(text)["input_ids"]


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_so_it_does_where_accents_are_composed(
    qwen_pair: Any, qwen_tokenizer: PreTrainedTokenizerFast, text: str
) -> None:
    assert ids(qwen_pair, text) == qwen_tokenizer(text)["input_ids"]


def test_a_whole_piece_is_one_token_though_no_merging_makes_it(
    pair: Any, llama3_tokenizer: PreTrainedTokenizerFast
) -> None:
    number = llama3_tokenizer.convert_tokens_to_ids("mmol")
    assert unmergeable(llama3_tokenizer) == {b"mmol": number}
    assert ids(pair, "mmol", special=False) == [number]
    assert number not in ids(pair, "xmmol mmolx mmolmmol")


def test_a_tokenizer_that_merges_always_has_no_such_piece(tokenizer: PreTrainedTokenizerFast) -> None:
    assert unmergeable(tokenizer) == {}


def test_tokens_become_the_text_again(pair: Any, llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    for text in CLINICAL[:4]:
        assert pair.decode(llama3_tokenizer(text)["input_ids"]) == text


def test_long_texts_are_kept_whole(pair: Any, llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    """GenAI's own reading of a GGUF file keeps the last 8,192 tokens."""
    text = "BP 120/80 mmHg; " * 1500
    assert ids(pair, text) == llama3_tokenizer(text)["input_ids"]
    assert len(ids(pair, text)) > 8192


def test_batches_are_padded_on_the_left(pair: Any, llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    batch = pair.encode([PROMPTS[0], "fits"])
    short = llama3_tokenizer("fits")["input_ids"]
    assert batch.input_ids.data[1, -len(short) :].tolist() == short
    assert np.array_equal(batch.attention_mask.data[1].nonzero()[0][0], batch.input_ids.shape[1] - len(short))


def test_the_chat_template_is_the_student_s(pair: Any, llama3_tokenizer: PreTrainedTokenizerFast) -> None:
    turns = [{"role": "user", "content": PROMPTS[0]}]
    wanted = llama3_tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    assert pair.apply_chat_template(turns, add_generation_prompt=True) == wanted
    assert pair.get_eos_token_id() == llama3_tokenizer.eos_token_id


def test_the_student_s_tokenizer_is_left_as_it_is(
    llama3_tokenizer: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    before = llama3_tokenizer.padding_side, llama3_tokenizer.backend_tokenizer.to_str()
    write_tokenizer(llama3_tokenizer, tmp_path)
    assert (llama3_tokenizer.padding_side, llama3_tokenizer.backend_tokenizer.to_str()) == before
