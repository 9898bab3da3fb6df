"""What changed prompts do to a model that reads well, to one that reads badly, and to one that does not read at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import PreTrainedTokenizerFast

from stillroom.types import Encoded, Example, Predictor, Subject, silent
from stillroom.validate.robustness.measure import measure_robustness
from stillroom.validate.robustness.settings import RobustnessSettings
from stillroom.validate.robustness.variants import variants
from stillroom.validate.trial import Trial

WORDS = (
    "the",
    "patient",
    "with",
    "fever",
    "is",
    "given",
    "not",
    "without",
    "pressure",
    "valve",
    "rhythm",
    "kidney",
)
SETTINGS = RobustnessSettings(perturbations=("typos", "negation"), items=24, share=0.5)


class Reader:
    """Knows an answer as well as it knows the words of the question; ``care`` 0 does not look at the question."""

    runtime = "made"

    def __init__(self, vocab: int, care: float) -> None:
        self._vocab, self._care = vocab, care

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        for row in rows:
            random = np.random.default_rng(row.targets.tolist())
            values = random.normal(size=(len(row.targets), self._vocab)).astype(np.float32)
            known = float(np.mean(row.ids[: row.start] != 0))
            values[np.arange(len(row.targets)), row.targets] += 4.0 - self._care * 20.0 * (1 - known)
            yield values

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        raise NotImplementedError


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    specials = ["[unk]", "<|im_start|>", "<|im_end|>"]
    inner = Tokenizer(
        WordLevel(
            {word: at for at, word in enumerate([*specials, "user", "assistant", *WORDS])}, unk_token="[unk]"
        )
    )
    inner.pre_tokenizer = BertPreTokenizer()
    made = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="[unk]")
    made.add_special_tokens({"additional_special_tokens": specials[1:]})
    return made


def item(number: int) -> Example:
    words = np.random.default_rng(number).choice(WORDS[8:], size=4)
    options = tuple(f"{word} {WORDS[number % 4]}" for word in WORDS[8:])
    prompt = f"the patient with {' '.join(words)} is given"
    return Example(f"i{number}", prompt, options[number % 4], "k", "s", "basic", f"g{number // 2}", options)


ITEMS = tuple(item(number) for number in range(40))


def found(tokenizer: PreTrainedTokenizerFast, settings: RobustnessSettings = SETTINGS, **care: float):
    subjects: dict[Subject, Predictor] = {
        who: Reader(len(tokenizer), of)  # type: ignore[misc]
        for who, of in care.items()
    }
    return measure_robustness(Trial(subjects, ITEMS, tokenizer, 200, 0, silent), settings)


def test_a_model_that_reads_suffers_from_typing_errors(tokenizer: PreTrainedTokenizerFast) -> None:
    figures, facts = found(tokenizer, teacher=0.1, student=1.0)
    assert facts["robustness_items_typos"] == 24
    assert figures["degradation_log_perplexity", "typos", "student"].interval()[0] > 0
    extra = figures["extra_degradation_log_perplexity", "typos", "student"]
    ours, theirs = (figures["degradation_log_perplexity", "typos", who] for who in ("student", "teacher"))
    assert extra.value == pytest.approx(ours.value - theirs.value)
    assert extra.interval()[0] > 0
    assert ("extra_degradation_log_perplexity", "typos", "teacher") not in figures


def test_a_model_that_does_not_read_is_not_hurt_and_does_not_notice(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    figures, _ = found(tokenizer, student=0.0)
    assert figures["degradation_log_perplexity", "typos", "student"].interval() == (0.0, 0.0)
    assert figures["choice_changed", "typos", "student"].value == 0.0
    assert figures["meaning_sensitivity", "negation", "student"].interval() == (0.0, 0.0)
    assert figures["meaning_choice_changed", "negation", "student"].value == 0.0


def test_errors_beyond_the_fall_of_confidence_are_unnoticed(tokenizer: PreTrainedTokenizerFast) -> None:
    figures, _ = found(tokenizer, student=1.0)
    unnoticed, surer = (
        figures[name, "typos", "student"].value for name in ("unnoticed_errors", "confidence_drop")
    )
    assert unnoticed == pytest.approx(figures["degradation_token_accuracy", "typos", "student"].value - surer)


def test_turned_meanings_are_told_apart_from_degradation(tokenizer: PreTrainedTokenizerFast) -> None:
    figures, _ = found(tokenizer, student=1.0)
    assert {part for name, part, _ in figures if name.startswith("degradation")} == {"typos"}
    assert {part for name, part, _ in figures if name.startswith("meaning")} == {"negation"}


def test_what_applies_to_few_items_is_counted_and_not_measured(tokenizer: PreTrainedTokenizerFast) -> None:
    figures, facts = found(tokenizer, RobustnessSettings(perturbations=("numbers",)), student=1.0)
    assert facts["robustness_items_numbers"] == 0
    assert not figures


def test_an_attack_is_measured_where_it_is_asked_for(tokenizer: PreTrainedTokenizerFast) -> None:
    figures, facts = found(tokenizer, RobustnessSettings(perturbations=(), attacked_items=4), student=1.0)
    assert facts["attacked_items"] == 4
    assert 0 <= figures["attacked_choice_accuracy", "", "student"].value <= 1


def test_an_item_is_changed_alike_whatever_stands_beside_it() -> None:
    alone = variants(ITEMS[3:4], "typos", 0.5, 7)
    among = {old.id: new for old, new in variants(ITEMS, "typos", 0.5, 7)}
    assert alone[0][1] == among["i3"]
