"""A greedy attack on multiple choice: the words that matter most are misspelt until the answer turns wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from stillroom.data import encode_options
from stillroom.types import Example, Predictor
from stillroom.validate.choice import ChoiceItem, margin, option_scores
from stillroom.validate.robustness.perturb import typos
from stillroom.validate.robustness.settings import RobustnessSettings
from stillroom.validate.select import select
from stillroom.validate.statistics.bootstrap import Estimate, estimate, ratio, resample, sum_by_group
from stillroom.validate.tables import Key
from stillroom.validate.trial import Found, Trial

Margins = Callable[[Sequence[str]], Sequence[float]]
"""How far the right option lies ahead under each of several prompts."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_SPELLINGS = 3


@dataclass(frozen=True, slots=True)
class Attacked:
    """How an attack went: whether the answer was right before and after, and how many words were changed."""

    right_before: bool
    right_after: bool
    changed: int


def attack(prompt: str, margins: Margins, words: int, seed: int) -> Attacked:
    """Misspell the words whose absence hurts most, one after the other, each in the way that hurts most.

    After TextFooler (Jin et al. 2020, arXiv:1907.11932) with misspellings in place of synonyms, because a synonym in
    medicine is often another finding. What a greedy search does not find may still be there.

    Args:
        prompt: the question.
        margins: asks the model.
        words: most words that may be changed.
        seed: equal seeds try equal spellings.
    """
    (ahead,) = margins([prompt])
    if ahead <= 0:
        return Attacked(right_before=False, right_after=False, changed=0)
    random = np.random.default_rng(seed)
    for changed in range(1, words + 1):
        spans = [match.span() for match in _WORD.finditer(prompt)]
        if not spans:
            break
        without = margins([prompt[:start] + prompt[stop:] for start, stop in spans])
        start, stop = spans[int(np.argmin(without))]
        spellings = {typos(prompt[start:stop], 1.0, random) or prompt[start:stop] for _ in range(_SPELLINGS)}
        tried = [prompt[:start] + word + prompt[stop:] for word in sorted(spellings)]
        found = margins(tried)
        if min(found) < ahead:
            prompt, ahead = tried[int(np.argmin(found))], min(found)
        if ahead <= 0:
            return Attacked(right_before=True, right_after=False, changed=changed)
    return Attacked(right_before=True, right_after=True, changed=words)


def measure_attack(trial: Trial, settings: RobustnessSettings) -> Found:
    """Attack each subject's own weak points; the subjects see different prompts, so they are not compared in pairs."""
    eligible = [example for example in trial.examples if example.options]
    chosen = select(eligible, settings.attacked_items, trial.seed) if settings.attacked_items else []
    if not chosen:
        return {}, {}
    groups = [example.group for example in chosen]
    counts = resample(len(set(groups)), trial.repeats, trial.seed, "robustness attack")
    found: dict[Key, Estimate] = {}
    for done, (subject, predictor) in enumerate(trial.subjects.items(), 1):
        results = [
            attack(example.prompt, _asker(trial, predictor, example), settings.attack_words, trial.seed)
            for example in chosen
        ]
        before = np.array([float(result.right_before) for result in results])
        after = np.array([float(result.right_after) for result in results])
        for name, columns in (
            ("attacked_choice_accuracy", np.stack([after, np.ones_like(after)], axis=1)),
            ("attack_success", np.stack([before - after, before], axis=1)),
        ):
            sums = sum_by_group(columns, groups)
            holds = sums[:, 1] > 0
            if holds.any():
                found[name, "", subject] = estimate(sums[holds], ratio, counts[:, holds], is_rate=True)
        trial.progress("validate: attacks", done, len(trial.subjects))
    return found, {"attacked_items": len(chosen), "attack_words": settings.attack_words}


def _asker(trial: Trial, predictor: Predictor, example: Example) -> Margins:
    def margins(prompts: Sequence[str]) -> list[float]:
        items = [
            ChoiceItem(
                tuple(encode_options(replace(example, prompt=prompt), trial.tokenizer)), example.answer
            )
            for prompt in prompts
        ]
        return [margin(scores, example.answer) for scores in option_scores(predictor, items)]

    return margins
