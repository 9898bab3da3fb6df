"""A student cut from its teacher's layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.families import FAMILIES, language_model
from stillroom.models import StudentSettings, build_student
from stillroom.models.student import cut_student, output_similarity, student_layer_map
from stillroom.types import Encoded, ModelError

IDS = torch.arange(10, 20)[None]
ROWS = [Encoded(np.random.default_rng(at).integers(3, 320, size=9 + at), 3) for at in range(8)]


def student(**changes: object) -> StudentSettings:
    return StudentSettings.model_validate({"layers": (1, 4), **changes})


@pytest.mark.parametrize("family", FAMILIES)
def test_keeping_every_layer_gives_the_teacher_itself(family: str, tokenizer) -> None:
    teacher = language_model(family, tokenizer)
    for layers in ("all", (0, 1, 2, 3, 4, 5)):
        same = build_student(teacher, student(layers=layers))
        torch.testing.assert_close(same.network(IDS).logits, teacher.network(IDS).logits, rtol=0, atol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_chosen_layers_are_copied_in_order(family: str, tokenizer) -> None:
    teacher = language_model(family, tokenizer)
    cut = build_student(teacher, student(layers=(1, 4)))
    for kept, original in zip(cut.network.model.layers, (1, 4), strict=True):
        source = teacher.network.model.layers[original].state_dict()
        assert all(torch.equal(value, source[name]) for name, value in kept.state_dict().items())


def test_a_layer_takes_its_kind_of_attention_with_it(tokenizer) -> None:
    teacher = language_model("Gemma3Text", tokenizer)
    assert teacher.network.config.layer_types[5] == "full_attention"
    cut = build_student(teacher, student(layers=(0, 5)))
    assert cut.network.config.layer_types == ["sliding_attention", "full_attention"]


@pytest.mark.parametrize("family", ["Llama", "Gemma3Text"])
def test_embeddings_stay_tied_and_nothing_is_shared_with_the_teacher(family: str, tokenizer) -> None:
    teacher = language_model(family, tokenizer, tie_word_embeddings=True)
    cut = build_student(teacher, student(layers=(0,)))
    assert cut.network.lm_head.weight is cut.network.model.embed_tokens.weight
    before = teacher.fingerprint()
    with torch.no_grad():
        for parameter in cut.network.parameters():
            parameter.zero_()
    assert teacher.fingerprint() == before


def test_the_student_generates_with_its_own_cache(make_model) -> None:
    cut = build_student(make_model(), student(layers=(1, 3, 5)))
    out = cut.network.generate(torch.arange(4)[None], max_new_tokens=3, do_sample=False, eos_token_id=None)
    assert out.shape == (1, 7)


@pytest.mark.parametrize("layers", [(3, 1), (0, 6), (-1, 2), (2, 2)])
def test_impossible_layers_are_refused(make_model, layers: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="ascending indices from 0 to 5"):
        build_student(make_model(layers=6), student(layers=layers))


def test_layers_that_do_nothing_are_left_out_by_similarity(tokenizer) -> None:
    teacher = language_model("Llama", tokenizer)
    with torch.no_grad():
        for idle in (1, 2, 4):
            teacher.network.model.layers[idle].self_attn.o_proj.weight.zero_()
            teacher.network.model.layers[idle].mlp.down_proj.weight.zero_()
    cut = cut_student(teacher, student(layers={"choose": "similarity", "count": 3}, calibration_rows=8), ROWS)
    assert cut.layers == (0, 3, 5)
    torch.testing.assert_close(cut.model.network(IDS).logits, teacher.network(IDS).logits)


def test_a_map_by_similarity_finds_the_layers_that_a_student_kept(tokenizer) -> None:
    teacher = language_model("Llama", tokenizer)
    settings = student(layers=(0, 1, 2, 5), layer_map="similarity", calibration_rows=8)
    cut = cut_student(teacher, settings, ROWS)
    similarity = output_similarity(cut.model, teacher, settings, ROWS, ROWS)
    found = student_layer_map(cut.layers, 6, settings, similarity)
    assert found.pairs == ((0, 0), (1, 1), (2, 2), (3, 5))


def test_maps_by_rule_by_list_and_by_cut() -> None:
    def pairs(**changes: object) -> tuple[tuple[int, int], ...]:
        return student_layer_map((1, 4), 6, student(**changes)).pairs

    assert pairs() == ((0, 3), (1, 5))
    assert pairs(layer_map="uniform") == ((0, 2), (1, 5))
    assert pairs(layer_map=((1, 4),)) == ((1, 4),)
    with pytest.raises(ModelError, match=r"student.layer_map is \[\[2, 4\]\]"):
        pairs(layer_map=((2, 4),))
    with pytest.raises(ModelError, match="null for a student that starts from another model"):
        pairs(start_from={"model": "gemma3-270m"})


def test_what_is_measured_needs_rows(make_model) -> None:
    with pytest.raises(ValueError, match="calibration_rows"):
        student(layers={"choose": "similarity", "count": 2})
    with pytest.raises(ValueError, match="calibration_rows"):
        student(width={"hidden": 16})
    with pytest.raises(ModelError, match="0 rows to measure"):
        build_student(make_model(), student(width={"hidden": 16}, calibration_rows=4))


def test_models_of_different_tokens_have_no_map_by_similarity(make_model) -> None:
    settings = student(layer_map="similarity", calibration_rows=4)
    with pytest.raises(ModelError, match="read different tokens"):
        output_similarity(make_model(), make_model(), settings, ROWS[:4], ROWS[4:])
