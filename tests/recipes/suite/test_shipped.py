from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.data.bedside.tasks import TASKS
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.suite.join import NotApplicable, joined, recipe_of
from stillroom.recipes.suite.plan import plan_of
from stillroom.recipes.suite.settings import Objective
from stillroom.recipes.suite.shipped import load_suite
from stillroom.types import RecipeError
from stillroom.validate.metrics import METRICS

SUITE = load_suite()


def test_the_control_comes_first_and_learns_from_labels_alone() -> None:
    name, control = next(iter(SUITE.methods.items()))
    assert name == SUITE.rules.control
    assert isinstance(control.classes, Objective)
    assert all(term["of"] == "labels" for term in control.classes.terms.values())


@pytest.mark.parametrize("name", SUITE.tasks)
def test_a_task_makes_its_recipe_in_every_profile(name: str) -> None:
    task = SUITE.tasks[name]
    assert task.figure in METRICS
    assert set(task.profiles) <= set(SUITE.rules.seeds)
    for profile in task.profiles:
        recipe = recipe_of(task, profile, SUITE.rules, Path("data"))
        assert recipe.evaluate.gates == ()
        assert recipe.evaluate.bootstrap_repeats == SUITE.rules.repeats[profile]
        if isinstance(recipe, BedsideRecipe):
            assert recipe.seeds == SUITE.rules.seeds[profile]
            assert task.packaged or recipe.data.folder.parent == Path("data")
            assert TASKS[recipe.data.task].primary == task.figure


@pytest.mark.parametrize("name", SUITE.tasks)
def test_every_method_fits_a_task_or_says_why_not(name: str) -> None:
    task = SUITE.tasks[name]
    for profile in task.profiles:
        for method in SUITE.methods.values():
            made = joined(task, method, profile, SUITE.rules, None)
            assert not isinstance(made, NotApplicable) or made.why
        assert not isinstance(
            joined(task, SUITE.methods["soft-targets"], profile, SUITE.rules, None), NotApplicable
        )


def test_tasks_with_the_same_trainings_have_the_same_recipe() -> None:
    for task in SUITE.tasks.values():
        if task.shares:
            other = SUITE.tasks[task.shares]
            assert (task.recipe, task.profiles) == (other.recipe, other.profiles)


def test_a_file_of_ones_own_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: mine\nwhat: reverse KL\nsource: none\n"
        "classes: {terms: {soft: {loss: reverse_kl, weight: 1.0}}}\n"
    )
    suite = load_suite([path])
    assert suite.methods["mine"].what == "reverse KL"
    assert suite.fingerprint != SUITE.fingerprint
    made = joined(suite.tasks["icu-mortality"], suite.methods["mine"], "small", suite.rules, None)
    assert isinstance(made, BedsideRecipe)
    assert made.objective.terms["soft"].loss == "reverse_kl"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: a\nwhat: b\nsource: c\n", "either `as_shipped: true`, or an objective"),
        ("title: a\nwaht: b\nsource: c\nas_shipped: true\n", "unknown key 'waht'"),
        ("[1]", "holds list; expected keys and values"),
        ("a: [", "line 1"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=message):
        load_suite([path])


def test_a_method_of_an_unknown_loss_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        "title: a\nwhat: b\nsource: c\nclasses: {terms: {soft: {loss: forwardkl, weight: 1.0}}}\n"
    )
    suite = load_suite([path])
    with pytest.raises(RecipeError, match=r"unknown loss 'forwardkl'.* did you mean 'forward_kl'"):
        joined(suite.tasks["eye-state"], suite.methods["mine"], "small", suite.rules, None)


def test_names_that_are_taken_or_unknown_are_refused(tmp_path: Path) -> None:
    taken = tmp_path / "dist.yaml"
    taken.write_text("title: a\nwhat: b\nsource: c\nas_shipped: true\n")
    with pytest.raises(RecipeError, match="a second method 'dist'"):
        load_suite([taken])
    with pytest.raises(RecipeError, match=r"unknown task 'icu-mortalty'.* did you mean 'icu-mortality'"):
        SUITE.narrowed(["icu-mortalty"], [])
    with pytest.raises(RecipeError, match="unknown method 'distt'"):
        SUITE.narrowed([], ["distt"])


def test_the_control_is_always_kept_and_tasks_that_are_not_asked_for_are_told() -> None:
    suite = SUITE.narrowed(["eye-state"], ["dist"])
    assert list(suite.methods) == [SUITE.rules.control, "dist"]
    states = {task.name: task.why for task in plan_of(suite, "small", Path("absent"), Path("runs"))}
    assert states["eye-state"] == "no folder absent/eeg_eye_state"
    assert states["pneumonia"] == "not asked for"
