"""Splits by hash: who is in each, with the truth; a changed split is refused."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.types import SPLITS, Corpus, DataError, Split
from stillroom.types.cases import Cohort
from stillroom.types.files import fingerprint


def hashes(of: Cohort | Corpus) -> dict[Split, str]:
    """SHA-256 of each split.

    Of a case its identifier, group and truth count, of an example all of its text. Inputs are left out: their last bits
    may differ between processors, and the cohort's fingerprint, which the results carry, tells them.
    """
    return {split: fingerprint(sorted(_members(of, split))) for split in SPLITS}


def verify(task: str, of: Cohort | Corpus, wanted: Mapping[Split, str]) -> None:
    """Compare the splits with those that the suite fixes.

    Raises:
        DataError: one of them is another.
    """
    found = hashes(of)
    changed = [split for split in SPLITS if found[split] != wanted.get(split)]
    if changed:
        name = changed[0]
        raise DataError(
            f"{task}: the {' and '.join(changed)} split of {of.name} is another than the suite's "
            f"(SHA-256 of {name} {found[name][:12]}…)",
            f"{wanted.get(name, 'none')[:12]}…",
            "take the data that the suite names, unchanged",
        )


def _members(of: Cohort | Corpus, split: Split) -> list[list[str]]:
    if isinstance(of, Cohort):
        return [[case.id, case.group, str(case.target.tolist())] for case in of.splits[split]]
    return [[row.id, row.group, row.kind, row.prompt, row.response, *row.options] for row in of.splits[split]]
