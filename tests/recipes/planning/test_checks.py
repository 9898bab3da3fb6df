from __future__ import annotations

import pytest

from stillroom.recipes import Recipe, load
from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.checks import checks
from stillroom.recipes.planning.hardware import PROFILES, Hardware
from stillroom.recipes.planning.subjects import subjects

MED42 = ["teacher.model=m42-health/Llama3-Med42-8B"]
OTHER = ["student.layers=all", "student.layer_map=uniform"]
LLAMA_1B = ["student.start_from.model=meta-llama/Llama-3.2-1B", *OTHER]


def found(recipe: Recipe, machine: Hardware) -> dict[str, Finding]:
    return {finding.subject: finding for finding in checks(recipe, subjects(recipe), machine)}


def test_a_sound_recipe_has_nothing_to_note(recipe: Recipe, machine: Hardware) -> None:
    assert {finding.verdict for finding in found(recipe, machine).values()} == {"ok"}


def test_a_licence_that_forbids_the_student_is_told(machine: Hardware) -> None:
    told = found(load("quickstart", [*MED42, *LLAMA_1B]), machine)
    assert told["licences together"].verdict == "note"
    assert "1.b.v" in told["licences together"].found
    assert "Llama" in told["licence of meta-llama/Llama-3.2-1B"].found


def test_a_wide_gap_is_a_warning_and_never_a_limit(machine: Hardware) -> None:
    recipe = load("quickstart", [*MED42, "student.start_from.model=smollm2-135m-instruct", *OTHER])
    size = found(recipe, machine)["size"]
    assert size.verdict == "note"
    assert "59.7 : 1" in size.found


def test_two_vocabularies_are_noted(machine: Hardware) -> None:
    recipe = load("quickstart", ["teacher.model=google/medgemma-4b-it", *LLAMA_1B])
    told = found(recipe, machine)["vocabulary"]
    assert "262208" in told.found
    assert "128256" in told.found


def test_examples_longer_than_the_context_are_a_problem(machine: Hardware) -> None:
    told = found(load("quickstart", ["max_tokens=9000"]), machine)["length"]
    assert (told.verdict, told.edits) == ("problem", ("max_tokens=8192",))


def test_bfloat16_without_its_units_is_noted() -> None:
    told = found(load("quickstart", ["train.precision=bfloat16"]), PROFILES["t4x2"])
    assert told["train.precision"].edits == ("train.precision=float32",)


@pytest.mark.parametrize(
    "name", ["soft-targets", "same-family", "cross-architecture", "multi-granularity", "curriculum"]
)
def test_the_students_of_the_real_recipes_can_be_exported(name: str, machine: Hardware) -> None:
    assert found(load(f"{name}-8b"), machine)["export"].verdict == "ok"


def test_a_student_that_cannot_be_exported_is_a_problem(machine: Hardware) -> None:
    recipe = load("quickstart", ["student.start_from.model=google/gemma-3-270m", *OTHER])
    told = found(recipe, machine)["export"]
    assert (told.verdict, told.found) == ("problem", "google/gemma-3-270m is of the family gemma3_text")
    assert "the family llama" in told.advice
