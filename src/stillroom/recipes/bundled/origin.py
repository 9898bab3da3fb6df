"""Whether a bundle is measured on the data that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

CORPUS = "corpus"
"""Under what name a bundle's manifest has the fingerprint of its data."""


class _Made(Protocol):
    @property
    def parents(self) -> Mapping[str, str]:
        """Fingerprints of what it was made from."""


def origin(manifest: _Made, fingerprint: str) -> dict[str, str]:
    """A fact that says whether the test split is the one that was kept from the training."""
    made_from = manifest.parents.get(CORPUS)
    if made_from == fingerprint:
        told = "the data it was made from: nothing of the test split was learned from"
    else:
        known = "other data than it was made from" if made_from else "the bundle does not tell its data"
        told = f"{known}: nothing shows that no test item was learned from"
    return {"corpus_sha256": fingerprint, "data": told}
