"""What a run starts from."""

from __future__ import annotations

import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from models.families import SOURCE, language_model
from stillroom.models import LanguageModel, StudentSettings
from stillroom.models.settings import ModelSettings
from stillroom.recipes.pipeline import start
from stillroom.recipes.pipeline.start import (
    compared_layers,
    layer_map,
    loaded,
    require_exportable_student,
    untrained,
    with_start,
)
from stillroom.train import ObjectiveSettings
from stillroom.types import DataError, ExportError, ModelError


def run(
    student: dict[str, Any], rows: tuple[object, ...] = (), *, hidden_term: bool = True, mix: Any = None
) -> Any:
    settings = StudentSettings.model_validate(student)
    objective = SimpleNamespace(has_hidden_term=hidden_term, layer_mix=mix)
    return SimpleNamespace(
        recipe=SimpleNamespace(student=settings, objective=objective), rows=lambda model, split: rows
    )


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch, tokenizer: Any) -> LanguageModel:
    """Another model, in the place of any that a recipe names."""
    model = language_model("Qwen2", copy.deepcopy(tokenizer), num_hidden_layers=3)
    model = replace(model, sources=(replace(SOURCE, name="other"),))
    monkeypatch.setattr(start, "load_teacher", lambda settings: model)
    return model


def test_a_student_is_cut_from_the_model_that_the_recipe_names(make_model, other: LanguageModel) -> None:
    settings = {"layers": [0, 2], "start_from": {"model": "other/model"}, "layer_map": "uniform"}
    cut = untrained(run(settings), make_model(layers=6))
    assert cut.model.network.config.model_type == "qwen2"
    assert [source.name for source in cut.model.sources] == ["other", "tiny"]
    assert layer_map(run(settings), make_model(layers=6)).teacher == (2, 5)


def test_a_model_without_template_and_marks_is_one_line(other: LanguageModel, monkeypatch) -> None:
    other.tokenizer.chat_template = None
    monkeypatch.setattr(type(other.tokenizer), "added_tokens_decoder", {})
    with pytest.raises(DataError, match="has no chat template"):
        loaded(ModelSettings(model="other/model"))


def test_what_cannot_be_exported_is_refused_before_anything_is_trained(make_model, tokenizer) -> None:
    require_exportable_student(run({"layers": "all"}), make_model())
    with pytest.raises(ExportError, match=r"model_type='gemma3_text'.*distil into a Llama or Qwen network"):
        require_exportable_student(run({"layers": "all"}), language_model("Gemma3Text", tokenizer))


def test_hidden_states_of_two_widths_need_a_projection(make_model, rows) -> None:
    narrow = {"layers": "all", "width": {"hidden": 16}, "calibration_rows": 4}
    with pytest.raises(ModelError, match="hidden_weight with hidden states of width 16 and 32"):
        compared_layers(run(narrow, tuple(rows)), make_model())
    assert layer_map(run(narrow, tuple(rows), hidden_term=False), make_model()).student == (0, 1, 2, 3, 4, 5)


def test_a_map_that_leaves_layers_out_is_refused(make_model) -> None:
    with pytest.raises(ModelError, match="leaves out some of the student's 2 layers"):
        layer_map(run({"layers": [0, 3], "layer_map": [[1, 5]]}), make_model())


def test_layers_that_are_mixed_are_recorded_as_they_are_named(make_model) -> None:
    student, teacher = {"layers": [0, 3]}, make_model(layers=6)
    assert compared_layers(run(student, mix=(1, 3, 5)), teacher) == (1, 3, 5)
    assert compared_layers(run(student, mix="all"), teacher) == tuple(range(6))
    with pytest.raises(
        ModelError, match=r"objective.layer_mix is \[1, 6\]; expected teacher layers from 0 to 5"
    ):
        compared_layers(run(student, mix=(1, 6)), teacher)


def test_shares_of_mixed_layers_begin_about_the_layer_map(make_model, other: LanguageModel) -> None:
    mixed = ObjectiveSettings(
        alpha=0.5, divergence="forward_kl", temperature=1.0, hidden_weight=1.0, layer_mix="all"
    )
    teacher = make_model(layers=6)
    assert with_start(mixed, run({"layers": [0, 3]}), teacher).layer_mix_start == (2, 5)
    named = mixed.model_copy(update={"layer_mix_start": (0, 1)})
    assert with_start(named, run({"layers": [0, 3]}), teacher).layer_mix_start == (0, 1)
    without_a_map = {"layers": [0, 2], "start_from": {"model": "other/model"}}
    assert with_start(mixed, run(without_a_map), teacher) == mixed
