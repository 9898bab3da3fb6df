"""One classifier or several, measured on one split: the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Curve, Evidence, Split, Subject
from stillroom.validate.classification.cases import Cases, cases, require_groups
from stillroom.validate.classification.curves import curves_of
from stillroom.validate.classification.measures import MACRO
from stillroom.validate.classification.paired import paired_tests
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.subgroups import subgroup_gaps
from stillroom.validate.classification.thresholds import Thresholds
from stillroom.validate.classification.trainings import Trainings
from stillroom.validate.comparison import (
    Found,
    compared,
    draws_of,
    estimate_parts,
    mean_of,
    subgroup_parts,
    to_metric,
)
from stillroom.validate.seeds import by_seed
from stillroom.validate.statistics.bootstrap import Estimate

_CLASS = "class:"


def measure_classification(
    predictions: Mapping[Subject, Any],
    labels: Any,
    groups: Sequence[str],
    settings: ClassificationSettings,
    *,
    thresholds: Thresholds | None = None,
    subgroups: Mapping[str, Sequence[str]] | None = None,
    split: Split = "test",
) -> Evidence:
    """Measure classifiers on the same items: of two classes, of several, or of many labels.

    Labels of shape ``(items,)`` are class numbers; two class names make the task binary, the second is positive.
    Labels of shape ``(items, labels)`` hold 0 and 1. Rates have exact intervals, everything else those of a bootstrap
    over groups, with the same draws for all subjects: differences, ratios and shares of gaps are paired.

    Args:
        predictions: of each subject, probabilities of the second of two classes, shape ``(items,)``, or of every class
            or label, shape ``(items, classes)``.
        labels: what is true.
        groups: patient of each item (site, document …): items of one are not independent.
        settings: names of the classes, and how much is measured.
        thresholds: of each subject, from :func:`choose_thresholds` on validation data; 0.5 by default, and of several
            classes the likeliest.
        subgroups: value of each item by key, such as ``{"sex": [...]}``; each value is a part of the split, and its
            figures are named ``auroc/sex:female``, its gap to all others ``subgroup_gap_fnr/sex:female``. Those of a
            class or label are named ``fnr/class:sepsis``.
        split: the split's name.

    Returns:
        Metrics, curves (ROC, reliability, decision curve) and facts: thresholds, sizes of the parts, p-values of paired
        tests, and which figures are not defined.

    Raises:
        DataError: shapes do not fit, a value is no probability, or a label is no class.

    >>> settings = ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=100)
    >>> truth, found = [0, 0, 1, 1, 1], [0.1, 0.6, 0.4, 0.8, 0.9]
    >>> evidence = measure_classification({"student": found}, truth, list("abcde"), settings)
    >>> fnr = evidence.value("fnr", "student")
    >>> round(fnr.value, 3), fnr.n, round(fnr.ci_high, 3)
    (0.333, 3, 0.906)
    """
    given, keys = cases(predictions, labels, settings), subgroups or {}
    trainings = Trainings({0: given}, {} if thresholds is None else {0: thresholds}, settings)
    ((found, gaps),) = estimate_trainings(trainings, groups, keys)
    found |= compared(found) | gaps
    parts = subgroup_parts(keys, len(given.truth))
    curves, facts = curves_and_facts(given, groups, parts, settings, thresholds)
    return Evidence(
        tuple(to_metric(key, estimate, split) for key, estimate in found.items()),
        curves=curves,
        facts=facts | _undefined(found, parts),
        draws=draws_of(found),
    )


def estimate_trainings(
    trainings: Trainings, groups: Sequence[str], subgroups: Mapping[str, Sequence[str]]
) -> list[tuple[Found, Found]]:
    """Estimate every figure of every subject, overall and of each subgroup, and the gaps of subgroups.

    Returns:
        Figures and gaps of each training.

    Raises:
        DataError: groups or a subgroup key do not have one entry for each item.
    """
    for name, values in {"groups": groups, **subgroups}.items():
        require_groups(name, values, trainings.items)
    settings, parts = trainings.settings, subgroup_parts(subgroups, trainings.items)
    repeats, seed = settings.bootstrap_repeats, settings.seed
    found = estimate_parts(trainings.measures, trainings.distinct, groups, parts, repeats, seed)
    founds = [
        _with_means(of_seed, parts) | _means_of_rare(of_seed, settings.rare)
        for of_seed in by_seed(found, trainings.first)
    ]
    return list(zip(founds, subgroup_gaps(trainings, groups, parts), strict=True))


def curves_and_facts(
    given: Cases,
    groups: Sequence[str],
    parts: Mapping[str, NDArray[np.bool_]],
    settings: ClassificationSettings,
    thresholds: Thresholds | None,
) -> tuple[tuple[Curve, ...], dict[str, str | int | float]]:
    """Draw every subject's curves; tell thresholds, sizes of the parts, and p-values of paired tests."""
    curves = tuple(curve for who in given.probabilities for curve in curves_of(given, who, settings))
    facts = _facts(given, groups, parts, settings, thresholds)
    return curves, facts | paired_tests(given, groups, thresholds)


def _means_of_rare(found: Found, rare: Sequence[str]) -> Found:
    """Means over the rare classes alone, as ``f1_macro/tail:rare``."""
    of_rare: dict[tuple[str, Subject], list[Estimate]] = {}
    for (name, part, subject), estimate in found.items():
        if name in MACRO and part.removeprefix(_CLASS) in rare:
            of_rare.setdefault((MACRO[name], subject), []).append(estimate)
    return {(name, "tail:rare", subject): mean_of(these) for (name, subject), these in of_rare.items()}


def _with_means(found: Found, parts: Mapping[str, Any]) -> Found:
    """Add the means over classes; of parts of the split, only these are kept."""
    kept = {key: of for key, of in found.items() if not key[1].partition(",")[2].startswith(_CLASS)}
    for part in parts:
        prefix = f"{part},{_CLASS}" if part else _CLASS
        for (name, where, subject), _ in list(found.items()):
            mean_name = MACRO.get(name, "")
            if mean_name and where.startswith(prefix) and (mean_name, part, subject) not in kept:
                classes = [
                    of
                    for (figure, at, who), of in found.items()
                    if (figure, who) == (name, subject) and at.startswith(prefix)
                ]
                kept[mean_name, part, subject] = mean_of(classes)
    return kept


def _facts(
    given: Cases,
    groups: Sequence[str],
    parts: Mapping[str, NDArray[np.bool_]],
    settings: ClassificationSettings,
    thresholds: Thresholds | None,
) -> dict[str, str | int | float]:
    names = np.asarray(groups)
    facts: dict[str, str | int | float] = {
        "task": given.task,
        "interval": "95 %: exact (Clopper-Pearson) of rates, Newcombe's of AUROC, else percentiles over groups",
        "bootstrap_repeats": settings.bootstrap_repeats,
        "validation_seed": settings.seed,
        "ece_bins": settings.ece_bins,
        "specificity_wanted": settings.specificity,
        "threshold_rule": "0.5 or the likeliest class" if thresholds is None else settings.threshold.rule,
    }
    for part, inside in parts.items():
        where = f"/{part}" if part else ""
        facts |= {f"items{where}": int(inside.sum()), f"groups{where}": len(set(names[inside].tolist()))}
    for at, name in enumerate(settings.classes):
        facts[f"items/{_CLASS}{name}"] = int(given.truth[:, at].sum())
    for subject, limits in (thresholds or {}).items():
        for name, limit in zip(settings.classes if len(limits) > 1 else [""], limits, strict=True):
            facts[f"threshold_{subject}" + (f"/{_CLASS}{name}" if name else "")] = float(limit)
    return facts


def _undefined(found: Found, parts: Mapping[str, Any]) -> dict[str, str]:
    """Name the figures that the whole has and a part lacks: a class has no item there."""
    overall = {(name, subject) for name, part, subject in found if not part}
    return {
        f"undefined_{name}/{part}": "a class has no item, or no item is called so"
        for part in parts
        for name, subject in sorted(overall)
        if part and (name, part, subject) not in found
    }
