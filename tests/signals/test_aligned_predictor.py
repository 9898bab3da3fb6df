from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.special import log_softmax

from signals.two_readers import Case, made
from stillroom.data import encode_all, prompt_text
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.signals.aligned_predictor import AlignedPredictor
from stillroom.types import Encoded, Predictor, SignalError
from stillroom.validate import score_tokens


@pytest.fixture
def case(make_model: Callable[..., LanguageModel]) -> Case:
    return made(make_model(layers=2))


def predictor(case: Case) -> AlignedPredictor:
    tokenizer: Any = case.student.tokenizer
    prompts = [example.prompt for example in case.encoded.examples]
    return AlignedPredictor(
        case.teacher, TorchPredictor(case.teacher), tokenizer, prompts, vocab=len(tokenizer)
    )


def test_logits_are_whole_distributions_over_the_students_vocabulary(case: Case) -> None:
    rows = case.encoded.rows
    for row, logits in zip(rows, predictor(case).logits(iter(rows)), strict=True):
        assert logits.shape == (len(row.targets), len(case.student.tokenizer))
        assert np.exp(logits.astype(np.float64)).sum(1) == pytest.approx(1.0, abs=1e-4)


def test_a_teacher_of_the_students_own_tokens_is_measured_as_it_is(case: Case) -> None:
    """Every token is carried to itself, but for two special ones, whose share all others have alike."""
    alike, rows = replace(case, teacher=case.student), case.encoded.rows
    plain = TorchPredictor(case.student).logits(rows)
    for logits, found in zip(plain, predictor(alike).logits(rows), strict=True):
        wanted = np.exp(log_softmax(logits.astype(np.float64), axis=1))
        lost = wanted[:, :2].sum(1, keepdims=True) / wanted.shape[1]
        assert np.exp(found[:, 2:]) == pytest.approx((wanted + lost)[:, 2:], abs=1e-6)


def test_it_is_measured_beside_its_student(case: Case) -> None:
    subjects: dict[Any, Predictor] = {"teacher": predictor(case), "student": TorchPredictor(case.student)}
    scores = score_tokens(subjects, case.encoded.rows)
    assert np.isfinite(scores["teacher"].nll).all()
    assert (scores["student"].fidelity["teacher"].kl >= 0).all()


def test_a_row_that_it_does_not_read_tells_nothing(case: Case) -> None:
    tokenizer: Any = case.student.tokenizer
    long = replace(case.encoded.examples[0], response="no 5 mg, " * 30)
    (logits,) = predictor(case).logits(encode_all([long], tokenizer, 999).rows)
    assert np.ptp(logits) == 0.0


def test_it_answers_in_the_students_tokens(case: Case) -> None:
    tokenizer: Any = case.student.tokenizer
    prompt = case.encoded.examples[1].prompt
    ids = tokenizer(prompt_text(prompt, tokenizer), add_special_tokens=False)["input_ids"]
    theirs: Any = case.teacher.tokenizer
    asked = theirs(prompt_text(prompt, theirs), add_special_tokens=False)["input_ids"]
    (answer,) = TorchPredictor(case.teacher).generate([asked], 6)
    (found,) = predictor(case).generate([ids], 6)
    assert len(found) <= 6
    assert theirs.decode(answer, skip_special_tokens=True).startswith(tokenizer.decode(found))


def test_a_prompt_that_was_not_announced_is_refused(case: Case) -> None:
    with pytest.raises(
        SignalError, match="a prompt that was not announced to the teacher; expected one of 4"
    ):
        next(predictor(case).logits([Encoded(np.arange(5), 2)]))
