"""What a run keeps of its teacher."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from stillroom.models import LanguageModel, TeacherSettings
from stillroom.models.calibration import fold_temperature
from stillroom.models.holding import hold
from stillroom.models.taught import keep_adapted, keep_as_it_is, load_full, load_taught

Make = Callable[..., LanguageModel]
TEMPERATURE = 1.25
IDS = torch.arange(3, 15)[None]


@pytest.fixture(params=["float32", "int8"])
def settings(request: pytest.FixtureRequest, tmp_path: Path, make_model: Make) -> TeacherSettings:
    """A model in a folder, to be held so."""
    source = tmp_path / "source"
    source.mkdir()
    make_model().save(source)
    return TeacherSettings(model=str(source), precision=request.param)


def calibrated(make_model: Make) -> LanguageModel:
    model = make_model()
    fold_temperature(model, TEMPERATURE)
    return model


def test_an_adapted_teacher_is_kept_whole_and_held_as_it_is_loaded(
    settings: TeacherSettings, make_model: Make, tmp_path: Path
) -> None:
    model = calibrated(make_model)
    keep_adapted(model, tmp_path, settings)
    expected = model if settings.precision == "float32" else hold(model, "int8")
    assert load_taught(tmp_path).fingerprint() == expected.fingerprint()
    assert load_full(tmp_path).fingerprint() == model.fingerprint()


def test_a_teacher_that_is_used_as_it_is_is_kept_as_a_name_and_a_temperature(
    settings: TeacherSettings, make_model: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "teacher"
    folder.mkdir()
    named = settings.model_copy(update={"model": "source"})
    keep_as_it_is(make_model(), folder, named, TEMPERATURE)
    assert not list(folder.glob("*.safetensors"))
    monkeypatch.chdir("/")
    model = calibrated(make_model)
    expected = model if settings.precision == "float32" else hold(model, "int8")
    assert load_taught(folder).fingerprint() == expected.fingerprint()
    assert load_full(folder).fingerprint() == model.fingerprint()


def test_its_tokenizer_comes_back_with_the_template_that_it_was_given(
    settings: TeacherSettings, make_model: Make, tmp_path: Path
) -> None:
    model = make_model()
    given, model.tokenizer.chat_template = model.tokenizer.chat_template, "{{ 'another' }}"
    try:
        keep_as_it_is(model, tmp_path, settings, TEMPERATURE)
    finally:
        model.tokenizer.chat_template = given
    assert load_taught(tmp_path).tokenizer.chat_template == "{{ 'another' }}"
    assert load_full(tmp_path).tokenizer.chat_template == "{{ 'another' }}"
