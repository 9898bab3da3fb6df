from __future__ import annotations

import pytest

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.suite.join import NotApplicable, joined
from stillroom.recipes.suite.shipped import load_suite

SUITE = load_suite()


@pytest.mark.parametrize(
    ("task", "method", "why"),
    [
        ("icu-mortality", "decoupled", "there are 2 classes; expected 3 or more"),
        ("icu-mortality", "hint", "teacher and student do not both show features with sites"),
        ("icu-mortality", "relational", "the teacher shows no embedding"),
    ],
)
def test_what_a_task_cannot_honour_has_its_reason(task: str, method: str, why: str) -> None:
    assert joined(SUITE.tasks[task], SUITE.methods[method], "small", SUITE.rules, None) == NotApplicable(why)


def test_members_with_channels_of_their_own_cannot_be_matched() -> None:
    made = joined(SUITE.tasks["pneumonia"], SUITE.methods["hint"], "full", SUITE.rules, None)
    assert isinstance(made, NotApplicable)
    assert "each of 3 members has its own" in made.why


def test_labels_have_the_reason_that_the_file_gives() -> None:
    task = SUITE.tasks["blood-cells"].model_copy(update={"head": "labels"})
    made = joined(task, SUITE.methods["dist"], "small", SUITE.rules, None)
    assert isinstance(made, NotApplicable)
    assert "labels" in made.why


def test_a_stage_is_the_one_that_the_task_names() -> None:
    made = joined(SUITE.tasks["pvc-beats"], SUITE.methods["hint"], "small", SUITE.rules, None)
    assert isinstance(made, BedsideRecipe)
    assert made.objective.terms["feature"].at == "stage2"
    assert made.objective.terms["hard"].at == "logits"


def test_all_methods_of_a_task_share_everything_but_the_objective() -> None:
    task = SUITE.tasks["blood-cells"]
    made = [joined(task, method, "small", SUITE.rules, None) for method in SUITE.methods.values()]
    blocks = [of.model_dump(exclude={"objective"}) for of in made if not isinstance(of, NotApplicable)]
    assert len(blocks) == len(SUITE.methods)
    assert all(block == blocks[0] for block in blocks)
