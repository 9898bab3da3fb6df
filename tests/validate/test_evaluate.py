"""The whole of a validation, on made predictors: complete, paired, repeatable, written down."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import PreTrainedTokenizerFast

from stillroom.data import encode_all
from stillroom.types import SUBJECTS, DataError, Evidence, Example, Predictor, Subject
from stillroom.types.files import canonical_json
from stillroom.validate import METRICS, ValidateSettings, evaluate
from stillroom.validate.axes import EXPLANATIONS, PRIVACY, ROBUSTNESS, SHIFT
from stillroom.validate.fairness.settings import FairnessSettings
from stillroom.validate.metrics import DIFFERENCES, EFFICIENCY
from stillroom.validate.predicted import PREDICTED, PREDICTED_COMPARISONS
from stillroom.validate.robustness.settings import RobustnessSettings

from .conftest import WORDS, MadePredictor

MAX_TOKENS = 40
STRENGTH: dict[Subject, float] = {
    "teacher": 4.0,
    "student_untrained": 0.5,
    "control": 2.0,
    "student": 3.0,
    "bundle": 3.0,
}


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    specials = ["[unk]", "<|im_start|>", "<|im_end|>"]
    vocabulary = {word: at for at, word in enumerate([*specials, "user", "assistant", *WORDS])}
    inner = Tokenizer(WordLevel(vocabulary, unk_token="[unk]"))
    inner.pre_tokenizer = BertPreTokenizer()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[unk]")
    made.add_special_tokens({"additional_special_tokens": specials[1:]})
    return made


@pytest.fixture(scope="module")
def subjects(examples: list[Example], tokenizer: PreTrainedTokenizerFast) -> dict[Subject, Predictor]:
    rows = encode_all(examples, tokenizer, MAX_TOKENS).rows
    return {name: MadePredictor(len(tokenizer), STRENGTH[name], at, rows) for at, name in enumerate(SUBJECTS)}


@pytest.fixture(scope="module")
def settings() -> ValidateSettings:
    return ValidateSettings(
        token_items=None,
        choice_items=30,
        generation_items=60,
        max_new_tokens=12,
        bootstrap_repeats=100,
        fairness=FairnessSettings(small=5),
    )


@pytest.fixture(scope="module")
def evidence(
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> Evidence:
    return evaluate(subjects, examples, tokenizer, settings, max_tokens=MAX_TOKENS)


def names(evidence: Evidence) -> set[str]:
    return {metric.name.partition("/")[0] for metric in evidence.metrics}


def test_emits_every_metric_of_the_table_and_no_other(evidence: Evidence) -> None:
    axes = {*ROBUSTNESS, *EXPLANATIONS, *PRIVACY, *SHIFT, "epsilon"}
    of_others = {*EFFICIENCY, *axes, *PREDICTED, *PREDICTED_COMPARISONS} - set(DIFFERENCES)
    assert names(evidence) == set(METRICS) - of_others


def test_measures_overall_by_kind_and_by_specialty(evidence: Evidence) -> None:
    parts = {metric.name for metric in evidence.metrics if metric.subject == "student"}
    assert {"perplexity", "perplexity/definition", "perplexity/naming"} <= parts
    assert {"perplexity/specialty:cardiology", "choice_accuracy/specialty:cardiology"} <= parts
    assert "bleu/specialty:cardiology" not in parts


def test_measures_all_subjects(evidence: Evidence) -> None:
    for subject in SUBJECTS:
        assert evidence.value("perplexity", subject).n == 30


def test_every_value_lies_in_its_interval(evidence: Evidence) -> None:
    for metric in evidence.metrics:
        assert metric.ci_low is not None
        assert metric.ci_high is not None
        assert metric.ci_low <= metric.value <= metric.ci_high, metric.name


def test_perplexity_is_that_of_all_tokens_together(
    evidence: Evidence,
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    rows = encode_all(examples, tokenizer, MAX_TOKENS).rows
    nats = []
    for row, logits in zip(rows, subjects["student"].logits(rows), strict=True):
        values = logits.astype(np.float64)
        log_probs = values - np.log(np.exp(values).sum(axis=1, keepdims=True))
        nats += [-log_probs[at, target] for at, target in enumerate(row.targets)]
    assert evidence.value("perplexity", "student").value == pytest.approx(np.exp(np.mean(nats)), rel=1e-5)
    assert evidence.facts is not None
    assert evidence.facts["response_tokens"] == len(nats)


def test_the_stronger_model_wins_with_a_paired_interval_that_excludes_zero(evidence: Evidence) -> None:
    for name in ("log_perplexity_minus_control", "kl_to_teacher_minus_control"):
        difference = evidence.value(name, "student")
        assert difference.ci_high is not None
        assert difference.ci_high < 0
    assert evidence.value("log_perplexity_minus_untrained", "teacher").value < 0


def test_a_difference_is_the_difference_of_what_is_shown(evidence: Evidence) -> None:
    for name in ("log_perplexity", "choice_accuracy", "bleu", "ece"):
        shown = evidence.value(name, "student").value - evidence.value(name, "control").value
        assert evidence.value(f"{name}_minus_control", "student").value == pytest.approx(shown)


def test_gap_closed_follows_from_what_is_shown(evidence: Evidence) -> None:
    student, control, teacher = (
        evidence.value("log_perplexity", subject).value for subject in ("student", "control", "teacher")
    )
    share = evidence.value("control_gap_closed_log_perplexity", "student").value
    assert share == pytest.approx((control - student) / (control - teacher))


def test_draws_a_reliability_curve_of_every_subject(evidence: Evidence) -> None:
    assert [curve.subject for curve in evidence.curves] == list(SUBJECTS)
    for curve in evidence.curves:
        assert evidence.facts is not None
        assert sum(curve.weight) == evidence.facts["response_tokens"]


def test_facts_say_how_it_was_measured(evidence: Evidence) -> None:
    assert evidence.facts is not None
    assert evidence.facts["choice_chance"] == 0.25
    assert evidence.facts["decoding"] == "greedy, at most 12 new tokens"
    assert evidence.facts["runtime_bundle"] == "made"


def test_is_plain_data_that_survives_a_file(evidence: Evidence) -> None:
    assert Evidence.from_dict(json.loads(canonical_json(evidence.to_dict()))) == evidence


def test_is_repeatable(
    evidence: Evidence,
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    assert evaluate(subjects, examples, tokenizer, settings, max_tokens=MAX_TOKENS) == evidence


def test_one_subject_alone_is_measured_without_comparisons(
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    alone = evaluate(
        {"bundle": subjects["bundle"]},
        examples,
        tokenizer,
        settings,
        max_tokens=MAX_TOKENS,
        split="validation",
    )
    assert alone.value("perplexity", "bundle", split="validation").value > 1
    assert not any("_minus_" in name or "teacher" in name or "closed" in name for name in names(alone))


def test_families_that_are_not_asked_for_are_left_out(
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    small = settings.model_copy(update={"choice_items": 0, "generation_items": 0, "token_items": 10})
    found = evaluate(subjects, examples, tokenizer, small, max_tokens=MAX_TOKENS)
    assert not any(name.startswith(("choice", "rouge", "bleu", "exact")) for name in names(found))
    assert found.facts is not None
    assert found.facts["token_items"] == 10


def test_long_examples_are_left_out_and_counted(
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    lengths = sorted(len(row.ids) for row in encode_all(examples, tokenizer, MAX_TOKENS).rows)
    found = evaluate(subjects, examples, tokenizer, settings, max_tokens=lengths[30])
    assert found.facts is not None
    assert found.facts["examples_too_long"] == sum(length > lengths[30] for length in lengths) > 0


@pytest.mark.parametrize("empty", ["subjects", "examples"])
def test_nothing_to_measure_is_an_error(
    empty: str,
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    with pytest.raises(DataError, match=f"{'0' if empty == 'subjects' else '5'} subjects and"):
        evaluate(
            {} if empty == "subjects" else subjects,
            [] if empty == "examples" else examples,
            tokenizer,
            settings,
            max_tokens=MAX_TOKENS,
        )


def test_changed_prompts_are_measured_where_they_are_asked_for(
    subjects: dict[Subject, Predictor],
    examples: list[Example],
    tokenizer: PreTrainedTokenizerFast,
    settings: ValidateSettings,
) -> None:
    asked = settings.model_copy(update={"robustness": RobustnessSettings(perturbations=("typos", "missing"))})
    found = evaluate(subjects, examples, tokenizer, asked, max_tokens=MAX_TOKENS)
    assert found.value("degradation_log_perplexity/missing", "bundle").value > 0
    assert found.value("extra_degradation_token_accuracy/typos", "student").n == 30
