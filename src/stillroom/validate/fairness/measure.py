"""The fairness of every subject: subgroups, gaps, amplification, and the worst off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from stillroom.types import Example, Subject
from stillroom.validate.axes import FAIR
from stillroom.validate.fairness.gaps import Subgroup, split_off, worst
from stillroom.validate.fairness.membership import membership
from stillroom.validate.fairness.settings import FairnessSettings
from stillroom.validate.metric_spec import SHARE
from stillroom.validate.statistics.bootstrap import Estimate, resample
from stillroom.validate.tables import Key, Table
from stillroom.validate.trial import SHOWN, Facts

Found = dict[Key, Estimate]


def measure_fairness(
    tables: Mapping[Subject, Sequence[Table]],
    examples: Sequence[Example],
    settings: FairnessSettings,
    repeats: int,
    seed: int,
) -> tuple[Found, Facts]:
    """Compare the subgroups of every attribute.

    Args:
        tables: the tables of each subject; rows are ``examples``. Those of ``FAIR`` are used.
        examples: what the rows are.
        settings: which subgroups.
        repeats: number of resamples.
        seed: seed of the resamples.

    Returns:
        Figures by ``attribute:subgroup``, and facts that name the worst subgroup of each attribute. An attribute with
        one value alone has no subgroups. Amplification is told where the teacher is measured too.
    """
    found: Found = {}
    facts: Facts = {"fairness_small_units": settings.small}
    groups = [example.group for example in examples]
    counts = resample(len(set(groups)), repeats, seed, "fairness")
    for attribute, names in membership(examples, settings).items():
        if len(set(names)) < 2:
            continue
        members = {name: np.array(names) == name for name in sorted(set(names))}
        for subject in (subject for subject in SHOWN if subject in tables):
            for table in (table for table in tables[subject] if table.name in FAIR):
                is_rate = FAIR[table.name][0] == SHARE
                split = {
                    name: split_off(table.columns, table.figure, groups, counts, member, is_rate=is_rate)
                    for name, member in members.items()
                }
                found |= dict(_of_subgroups(table.name, attribute, subject, split))
                told, fact = _worst(table.name, attribute, subject, split, settings.small)
                found |= told
                facts |= fact
    return found | _amplified(found), facts


def _of_subgroups(
    figure: str, attribute: str, subject: Subject, split: Mapping[str, Subgroup]
) -> Iterator[tuple[Key, Estimate]]:
    for name, subgroup in split.items():
        part = f"{attribute}:{name}"
        yield (f"subgroup_{figure}", part, subject), subgroup.inside
        yield (f"subgroup_gap_{figure}", part, subject), subgroup.gap(higher_is_better=FAIR[figure][1])


def _worst(
    figure: str, attribute: str, subject: Subject, split: Mapping[str, Subgroup], small: int
) -> tuple[Found, Facts]:
    """The worst of the subgroups that are not small; nothing where all are, or all but one."""
    sized = {name: subgroup.inside for name, subgroup in split.items() if subgroup.inside.units >= small}
    if len(sized) < 2:
        return {}, {}
    name, estimate = worst(sized, higher_is_better=FAIR[figure][1])
    key = f"worst_subgroup_{figure}"
    return {(key, attribute, subject): estimate}, {f"{key}/{attribute}/{subject}": name}


def _amplified(found: Mapping[Key, Estimate]) -> Found:
    prefix = "subgroup_gap_"
    return {
        (name.replace(prefix, "amplification_"), part, subject): gap - found[name, part, "teacher"]
        for (name, part, subject), gap in found.items()
        if name.startswith(prefix) and subject != "teacher" and (name, part, "teacher") in found
    }
