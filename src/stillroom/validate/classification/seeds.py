"""Classifiers trained from several seeds: the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stillroom.types import Evidence, Split, Subject
from stillroom.validate.classification.cases import cases
from stillroom.validate.classification.measure import curves_and_facts, estimate_trainings
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.thresholds import Thresholds
from stillroom.validate.classification.trainings import Trainings
from stillroom.validate.comparison import compared, draws_of, subgroup_parts, to_metric
from stillroom.validate.seeds import deviations, of_each_seed, over_seeds

_TOLD = ("auroc", "auprc", "accuracy", "balanced_accuracy", "f1_macro", "log_loss", "ece")


def measure_over_seeds(
    predictions: Mapping[int, Mapping[Subject, Any]],
    labels: Any,
    groups: Sequence[str],
    settings: ClassificationSettings,
    *,
    thresholds: Mapping[int, Thresholds] | None = None,
    subgroups: Mapping[str, Sequence[str]] | None = None,
    split: Split = "test",
) -> Evidence:
    """Measure classifiers of several trainings on the same items, as :func:`measure_classification` measures one.

    Every figure is the mean over trainings; its interval draws patients and trainings anew
    (:func:`stillroom.validate.seeds.over_seeds`). Curves, and facts such as p-values, are those of the first training;
    figures of each by itself are named ``auroc/seed:1``.

    Args:
        predictions: by seed, what each subject said; a subject that has no seeds said the same in all of them.
        labels: what is true.
        groups: patient of each item.
        settings: names of the classes, and how much is measured.
        thresholds: by seed, those of each subject.
        subgroups: value of each item by key.
        split: the split's name.

    Raises:
        DataError: as :func:`measure_classification` says.
    """
    given = {seed: cases(said, labels, settings) for seed, said in predictions.items()}
    limits, seeds = thresholds or {}, list(given)
    founds, gaps = zip(
        *estimate_trainings(Trainings(given, limits, settings), groups, subgroups or {}), strict=True
    )
    found = over_seeds(founds, settings.seed)
    told = {**found, **compared(found), **over_seeds(gaps, settings.seed)}
    metrics = [to_metric(key, estimate, split) for key, estimate in told.items()]
    each = of_each_seed(founds, seeds, _TOLD, split) if len(seeds) > 1 else ()
    first, whole = seeds[0], subgroup_parts({}, len(groups))
    curves, shared = curves_and_facts(given[first], groups, whole, settings, limits.get(first))
    facts: dict[str, str | int | float] = {
        **shared,
        **deviations(founds, _TOLD),
        "seeds": ", ".join(map(str, seeds)),
        "seeds_note": "figures are means over trainings, intervals draw patients and trainings anew; "
        "curves and p-values are those of the first",
    }
    return Evidence((*metrics, *each), curves=curves, facts=facts, draws=draws_of(told))
