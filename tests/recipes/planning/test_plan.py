from __future__ import annotations

from dataclasses import replace

import pytest

from stillroom.recipes import Recipe, load, names
from stillroom.recipes.planning.hardware import PROFILES, Hardware
from stillroom.recipes.planning.plan import Plan, plan
from stillroom.recipes.planning.workload import Row, Rows
from stillroom.types import RecipeError

STAGES = ["prepare", "teach", "gate", "signals", "control", "student", "export", "validate"]


def seconds(found: Plan) -> dict[str, float]:
    return {stage.name: stage.seconds for stage in found.stages}


def host(found: Plan) -> dict[str, int]:
    return {stage.name: stage.host_bytes for stage in found.stages}


def test_every_stage_is_planned(recipe: Recipe, rows: Rows, machine: Hardware) -> None:
    found = plan(recipe, machine, rows)
    assert [stage.name for stage in found.stages] == STAGES
    assert found.fits
    assert found.seconds == pytest.approx(sum(seconds(found).values()))


def test_twice_the_steps_take_twice_the_time(recipe: Recipe, rows: Rows, machine: Hardware) -> None:
    once = seconds(plan(load("quickstart", ["train.steps=200"]), machine, rows))
    twice = seconds(plan(load("quickstart", ["train.steps=400"]), machine, rows))
    assert (twice["student"] - 6) / (once["student"] - 6) == pytest.approx(2.0, rel=0.05)
    assert once["teach"] == twice["teach"]


def test_twice_the_speed_takes_half_the_time(recipe: Recipe, rows: Rows, machine: Hardware) -> None:
    faster = replace(machine, flops={"float32": 2e11}, bytes_per_second=2e10)
    slow, fast = seconds(plan(recipe, machine, rows)), seconds(plan(recipe, faster, rows))
    assert slow["teach"] - 6 == pytest.approx(2 * (fast["teach"] - 6), rel=1e-6)


def test_validation_counts_each_timed_answer(rows: Rows, machine: Hardware) -> None:
    alone, more, batches = (
        seconds(plan(load("quickstart", [f"evaluate.efficiency={asked}"]), machine, rows))["validate"]
        for asked in (
            "{throughput: false, repeats: 5}",
            "{throughput: false, repeats: 10}",
            "{throughput: true, repeats: 5}",
        )
    )
    assert alone < more < batches  # three rounds of nine answers


def test_options_of_one_question_share_its_prompt(machine: Hardware) -> None:
    def of(row: Row) -> float:
        rows = Rows(((60, 20),) * 8, ((60, 20),) * 8, ((60, 20),) * 8, (row,) * 480, 8, measured=True)
        return seconds(plan(load("quickstart"), machine, rows))["validate"]

    weights = 106e6 + 4 * 35e6  # of the layers of the teacher and of four students, one of them in the bundle
    each_alone = 480 * 72 * 2 * weights / machine.flops["float32"]
    assert of((80, 8)) - of((8, 8)) < 0.5 * each_alone


def test_recomputing_saves_memory_and_costs_time(rows: Rows, machine: Hardware) -> None:
    whole = plan(load("quickstart"), machine, rows)
    less = plan(load("quickstart", ["teach.gradient_checkpointing=true"]), machine, rows)
    assert host(less)["teach"] < host(whole)["teach"]
    assert seconds(less)["teach"] > seconds(whole)["teach"]


def test_a_device_holds_what_is_trained(recipe: Recipe, rows: Rows) -> None:
    found = plan(recipe, PROFILES["a10"], rows)
    trained = {stage.name for stage in found.stages if stage.device}
    assert trained >= {"teach", "control", "student"}
    assert found.to_dict()["hardware"]["name"] == "a10"


def test_two_devices_exchange_gradients(recipe: Recipe, rows: Rows) -> None:
    one, two = (replace(PROFILES["t4x2"], devices=number) for number in (1, 2))
    alone, together = plan(recipe, one, rows), plan(recipe, two, rows)
    needs = [{stage.name: stage.device_bytes for stage in found.stages} for found in (alone, together)]
    assert needs[1]["student"] > needs[0]["student"]


def test_a_student_cannot_keep_layers_that_are_not_there(recipe: Recipe, machine: Hardware) -> None:
    with pytest.raises(RecipeError, match="layers 0 to 29"):
        plan(load("quickstart", ["student.layers=[0, 30]"]), machine)


@pytest.mark.parametrize("name", [name for name in names() if isinstance(load(name), Recipe)])
def test_every_shipped_recipe_of_a_language_model_can_be_planned_without_its_weights(name: str) -> None:
    found = plan(load(name), PROFILES["h100"])
    assert found.fits
    assert found.seconds > 0


def test_a_teacher_that_is_taken_as_it_is_is_not_trained() -> None:
    found = plan(load("soft-targets-8b"), PROFILES["h100"])
    teach = next(stage for stage in found.stages if stage.name == "teach")
    assert "optimiser" not in teach.device
    assert teach.device["teacher"] / 2**30 == pytest.approx(5.32, rel=0.005)


def test_a_run_in_one_process_keeps_what_training_freed(
    recipe: Recipe, rows: Rows, machine: Hardware
) -> None:
    found = plan(recipe, machine, rows)
    assert found.peak_bytes > max(stage.host_bytes for stage in found.stages)
