"""What changed prompts do to each subject, on the same items and resamples as unchanged ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import maxsize

import numpy as np

from stillroom.data import encode_all, encode_options
from stillroom.types import Example, Predictor, Subject
from stillroom.validate.axes import FAIR
from stillroom.validate.choice import ChoiceItem, margin, option_scores
from stillroom.validate.metric_spec import SHARE
from stillroom.validate.robustness.attack import measure_attack
from stillroom.validate.robustness.settings import Perturbation, RobustnessSettings
from stillroom.validate.robustness.variants import TURNS_MEANING, variants
from stillroom.validate.select import select
from stillroom.validate.statistics.bootstrap import Array, Estimate, estimate, ratio, resample, sum_by_group
from stillroom.validate.tables import Key
from stillroom.validate.tokens import score_tokens
from stillroom.validate.trial import Facts, Found, Trial

LEAST_ITEMS = 10
"""A perturbation that applies to fewer items is told as a fact, not measured."""

Estimates = dict[Key, Estimate]


@dataclass(frozen=True, slots=True)
class Pair:
    """A figure on unchanged and on changed prompts, from the same resamples."""

    before: Estimate
    after: Estimate

    def fall(self, *, higher_is_better: bool) -> Estimate:
        """How much worse it is after."""
        return self.before - self.after if higher_is_better else self.after - self.before


def measure_robustness(trial: Trial, settings: RobustnessSettings) -> Found:
    """Measure every perturbation of the settings, and the attack.

    Args:
        trial: who and what; the subjects are measured on the same changed items.
        settings: which changes, and how many items.

    Returns:
        Figures by perturbation, and facts on how many items each applied to.
    """
    found: Estimates = {}
    facts: Facts = {"robustness_share": settings.share}
    for done, name in enumerate(settings.perturbations, 1):
        pairs = variants(trial.examples, name, settings.share, trial.seed)
        chosen = {example.id for example in select([old for old, _ in pairs], settings.items, trial.seed)}
        pairs = [pair for pair in pairs if pair[0].id in chosen]
        facts[f"robustness_items_{name}"] = len(pairs)
        if len(pairs) >= LEAST_ITEMS:
            found |= _perturbed(trial, name, pairs)
        trial.progress("validate: changed prompts", done, len(settings.perturbations))
    attacked, told = measure_attack(trial, settings)
    return found | attacked, facts | told


def _perturbed(
    trial: Trial,
    name: Perturbation,
    pairs: Sequence[tuple[Example, Example]],
) -> Estimates:
    groups = [old.group for old, _ in pairs]
    counts = resample(len(set(groups)), trial.repeats, trial.seed, f"robustness {name}")
    columns = (
        _columns(trial, [old for old, _ in pairs]),
        _columns(trial, [new for _, new in pairs]),
    )
    found: Estimates = {}
    for subject in trial.subjects:
        before, after = (side[subject] for side in columns)
        measured = {
            figure: Pair(*(_estimate(side[figure], groups, counts, figure) for side in (before, after)))
            for figure in before
            if figure != "chosen"
        }
        found |= {(figure, name, subject): value for figure, value in _told(name, measured)}
        if "chosen" in before:
            holds = before["chosen"][:, 1]
            changed = np.stack([(before["chosen"][:, 0] != after["chosen"][:, 0]) * holds, holds], axis=1)
            key = "meaning_choice_changed" if name in TURNS_MEANING else "choice_changed"
            found[key, name, subject] = _estimate(changed, groups, counts, "choice_accuracy")
    return found | _beyond_teacher(found)


def _told(name: Perturbation, measured: Mapping[str, Pair]) -> Iterator[tuple[str, Estimate]]:
    """How much worse it got, or, where the meaning was turned round, whether that was noticed."""
    if name in TURNS_MEANING:
        yield "meaning_sensitivity", measured["log_perplexity"].fall(higher_is_better=False)
        return
    for figure, (_, better, _) in FAIR.items():
        if figure in measured:
            yield f"perturbed_{figure}", measured[figure].after
            yield f"degradation_{figure}", measured[figure].fall(higher_is_better=better)
    surer = measured["confidence"].fall(higher_is_better=True)
    yield "confidence_drop", surer
    yield "unnoticed_errors", measured["token_accuracy"].fall(higher_is_better=True) - surer


def _beyond_teacher(found: Estimates) -> Estimates:
    return {
        (f"extra_{figure}", part, subject): value - found[figure, part, "teacher"]
        for (figure, part, subject), value in found.items()
        if figure.startswith("degradation_") and subject != "teacher" and (figure, part, "teacher") in found
    }


def _columns(trial: Trial, examples: Sequence[Example]) -> dict[Subject, dict[str, Array]]:
    """Additive statistics of each example; ``chosen`` holds the option and whether there are options at all."""
    rows = encode_all(examples, trial.tokenizer, maxsize).rows
    scores = score_tokens(trial.subjects, rows)
    tokens = np.array([float(len(row.targets)) for row in rows])
    found = {}
    for subject, of in scores.items():
        values = {"log_perplexity": of.nll, "token_accuracy": of.right, "confidence": of.confidence}
        found[subject] = {
            figure: np.stack([of.per_example(value), tokens], axis=1) for figure, value in values.items()
        }
        found[subject] |= _choices(trial, trial.subjects[subject], examples)
    return found


def _choices(trial: Trial, predictor: Predictor, examples: Sequence[Example]) -> dict[str, Array]:
    at = [index for index, example in enumerate(examples) if example.options]
    if len(at) < LEAST_ITEMS:
        return {}
    items = [
        ChoiceItem(tuple(encode_options(examples[index], trial.tokenizer)), examples[index].answer)
        for index in at
    ]
    right, chosen = np.zeros((len(examples), 2)), np.zeros((len(examples), 2))
    for index, item, scores in zip(at, items, option_scores(predictor, items), strict=True):
        right[index] = margin(scores, item.answer) > 0, 1
        chosen[index] = scores.argmax(), 1
    return {"choice_accuracy": right, "chosen": chosen}


def _estimate(columns: Array, groups: Sequence[str], counts: Array, figure: str) -> Estimate:
    is_rate = figure in FAIR and FAIR[figure][0] == SHARE
    sums = sum_by_group(columns, groups)
    holds = sums[:, 1] > 0
    return estimate(sums[holds], ratio, counts[:, holds], is_rate=is_rate)
