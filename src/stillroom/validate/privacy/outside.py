"""Results of attacks that were run elsewhere, from a JSON file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, ValidationError, model_validator

from stillroom.types import DataError, Settings, Subject
from stillroom.types.files import file_sha256
from stillroom.validate.privacy.attack import Attack, Kind

_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]


class OutsideAttack(Settings):
    """One attack on one model: a score for each item, and the truth."""

    kind: Kind
    attack: _Name
    subject: Subject
    attribute: _Name | None = None
    scores: tuple[float, ...] = Field(min_length=2)
    positive: tuple[bool, ...]
    groups: tuple[str, ...] | None = None
    claims: str = Field(min_length=1)
    limits: str = Field(min_length=1)

    @model_validator(mode="after")
    def _items_fit(self) -> Self:
        if len(self.positive) != len(self.scores) or len(self.groups or self.scores) != len(self.scores):
            raise ValueError("as many entries of `positive` and `groups` as of `scores`")
        if len(set(self.positive)) < 2:
            raise ValueError("`positive` with both true and false")
        if (self.kind == "attribute_inference") != (self.attribute is not None):
            raise ValueError("`attribute` for attribute inference, and only then")
        return self


class OutsideAttacks(Settings):
    """The file."""

    attacks: tuple[OutsideAttack, ...] = Field(min_length=1)


def stamp_of(path: Path) -> str:
    """SHA-256 of the file.

    Raises:
        DataError: it cannot be read.
    """
    try:
        return file_sha256(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def read_attacks(path: Path) -> list[Attack]:
    """Read results of attacks.

    Raises:
        DataError: the file cannot be read, or says something else than results; its values are not told.
    """
    try:
        given = OutsideAttacks.model_validate_json(path.read_bytes())
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise DataError(
            f"{path.name}, {place}: {first['msg']}",
            "attacks with kind, attack, subject, scores, positive, claims and limits",
            "correct the file (docs/evidence.md)",
        ) from None
    return [
        Attack(
            of.kind,
            of.attack,
            of.subject,
            np.asarray(of.scores),
            np.asarray(of.positive),
            of.groups or tuple(map(str, range(len(of.scores)))),
            of.claims,
            of.limits,
            of.attribute or "",
        )
        for of in given.attacks
    ]


def _unreadable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot read {path}: {type(error).__name__}", "a JSON file", "correct `privacy.results`"
    )
