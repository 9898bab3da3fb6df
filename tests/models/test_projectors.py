"""Maps from the student's width to the teacher's."""

from __future__ import annotations

import pytest
import torch

from models.families import language_model
from models.test_width import ROWS, SIZES
from stillroom.models import StudentSettings
from stillroom.models.projectors import LayerProjectors
from stillroom.models.student import cut_student
from stillroom.types import ModelError

STATES = torch.randn(3, 7, 20, generator=torch.Generator().manual_seed(0))


def test_each_pair_of_layers_has_its_own_map() -> None:
    projectors = LayerProjectors.create(3, 20, 32, start="he")
    wanted = [states @ matrix.T for states, matrix in zip(STATES, projectors.weight, strict=True)]
    torch.testing.assert_close(projectors(STATES), torch.stack(wanted))
    assert not torch.equal(projectors.weight[0], projectors.weight[1])


def test_orthogonal_maps_keep_lengths_and_angles() -> None:
    made = LayerProjectors.create(3, 20, 32, start="orthogonal")(STATES)
    torch.testing.assert_close(made @ made.transpose(1, 2), STATES @ STATES.transpose(1, 2))


def test_he_draws_with_the_variance_of_the_paper() -> None:
    weight = LayerProjectors.create(4, 100, 300, start="he").weight.detach()
    assert float(weight.var()) == pytest.approx(2.0 / 100, rel=0.05)


def test_a_student_cut_in_width_starts_on_the_channels_that_it_kept(tokenizer) -> None:
    teacher = language_model("Llama", tokenizer)
    settings = StudentSettings.model_validate({"layers": "all", "width": SIZES, "calibration_rows": 4})
    cut = cut_student(teacher, settings, ROWS)
    projectors = LayerProjectors.create(1, 20, 32, start="identity", channels=cut.channels)
    ids = torch.arange(10, 20)
    small, large = (model.network.get_input_embeddings()(ids) for model in (cut.model, teacher))
    found = projectors(small[None])[0]
    assert cut.channels is not None
    torch.testing.assert_close(found[:, list(cut.channels)], large[:, list(cut.channels)])
    assert found.count_nonzero() <= small.numel()


def test_equal_seeds_give_equal_maps_and_gradients_reach_them() -> None:
    first, second = (LayerProjectors.create(3, 20, 32, start="he", seed=5) for _ in range(2))
    assert torch.equal(first.weight, second.weight)
    first(STATES).square().sum().backward()
    assert first.weight.grad is not None


@pytest.mark.parametrize("start", ["identity", "orthogonal"])
def test_a_student_wider_than_its_teacher_cannot_start_so(start) -> None:
    with pytest.raises(ModelError, match="choose 'he'"):
        LayerProjectors.create(1, 32, 20, start=start)
