"""A student cut from its teacher's layers."""

from __future__ import annotations

import pytest
import torch

from stillroom.models import StudentSettings, build_student
from stillroom.models.student import every_kth
from stillroom.types import ModelError


def test_keeping_every_layer_gives_the_teacher_itself(make_model) -> None:
    teacher = make_model(layers=3)
    student = build_student(teacher, StudentSettings(layers=(0, 1, 2)))
    ids = torch.arange(10)[None]
    torch.testing.assert_close(student.network(ids).logits, teacher.network(ids).logits)


def test_the_chosen_layers_are_copied_in_order(make_model) -> None:
    teacher = make_model(layers=6)
    student = build_student(teacher, StudentSettings(layers=(1, 4)))
    for kept, original in zip(student.network.model.layers, (1, 4), strict=True):
        source = teacher.network.model.layers[original].state_dict()
        assert all(torch.equal(value, source[name]) for name, value in kept.state_dict().items())


def test_embeddings_stay_tied_and_nothing_is_shared_with_the_teacher(make_model) -> None:
    teacher = make_model()
    student = build_student(teacher, StudentSettings(layers=(0,)))
    assert student.network.lm_head.weight is student.network.model.embed_tokens.weight
    before = teacher.fingerprint()
    with torch.no_grad():
        for parameter in student.network.parameters():
            parameter.zero_()
    assert teacher.fingerprint() == before


def test_the_student_generates_with_its_own_cache(make_model) -> None:
    student = build_student(make_model(), StudentSettings(layers=(1, 3, 5)))
    out = student.network.generate(
        torch.arange(4)[None], max_new_tokens=3, do_sample=False, eos_token_id=None
    )
    assert out.shape == (1, 7)


@pytest.mark.parametrize("layers", [(3, 1), (0, 6), (-1, 2), (2, 2)])
def test_impossible_layers_are_refused(make_model, layers: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match="ascending indices from 0 to 5"):
        build_student(make_model(layers=6), StudentSettings(layers=layers))


def test_every_kth_ends_at_the_last_layer() -> None:
    assert every_kth(30, 10)[-1] == 29
    with pytest.raises(ValueError, match="equal blocks"):
        every_kth(30, 7)
