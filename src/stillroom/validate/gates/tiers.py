"""Tiers: what a use asks for, as data (``tiers/*.yaml``). The same rules for teacher, student and bundle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml
from pydantic import Field, ValidationError, field_validator

from stillroom.types import Metric, RecipeError, Settings, Subject, did_you_mean
from stillroom.validate.gates.settings import Direction, GateSettings, known_metric

_ANY = "/*"
_OF_CLASS = "class:"


class Rule(Settings):
    """A rule of a tier.

    Attributes:
        name: what it says.
        metrics: the figure, or several of which the first that was measured is taken; ``fnr/*`` stands for every
            subgroup that was measured.
        direction: at_least or at_most the threshold.
        threshold: in the metric's unit.
        subjects: who must meet it, as far as they were measured.
    """

    name: str = Field(min_length=1)
    metrics: tuple[str, ...] = Field(min_length=1)
    direction: Direction
    threshold: float
    subjects: tuple[Subject, ...] = ("teacher", "student", "bundle")

    @field_validator("metrics")
    @classmethod
    def _are_known(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known_metric(metric) for metric in metrics)


class Tier(Settings):
    """What a use asks for.

    Attributes:
        name: as it is named in a recipe.
        description: the use.
        also: tiers whose rules hold too.
        rules: what must be shown.
    """

    name: str = Field(pattern="^[a-z][a-z_-]*$")
    description: str = Field(min_length=1)
    also: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule for one figure of one subject.

    Attributes:
        rule: the rule.
        tier: which tier asks for it; ``""`` for a gate of one's own.
        decides: whether the verdict on the product hangs on it: that of the bundle, or of the student without one.
    """

    rule: GateSettings
    tier: str = ""
    decides: bool = True


def tier_names() -> list[str]:
    """List the shipped tiers.

    >>> tier_names()
    ['critical', 'diagnostic', 'general', 'risk', 'triage']
    """
    return sorted(Path(file.name).stem for file in _folder().iterdir() if file.name.endswith(".yaml"))


def load_tiers(name: str | Path) -> tuple[Tier, ...]:
    """Read a tier and those whose rules hold too.

    Raises:
        RecipeError: as of :func:`load_tier`.
    """
    found: dict[str, Tier] = {}
    names: list[str | Path] = [name]
    while names:
        tier = load_tier(names.pop(0))
        if tier.name not in found:
            found[tier.name] = tier
            names += tier.also
    return tuple(found.values())


@cache
def load_tier(name: str | Path) -> Tier:
    """Read a tier by the name of a shipped one, or by the path of a YAML file.

    Raises:
        RecipeError: there is none, or it is not YAML, lacks a key, has an unknown one, or a metric that nothing
            measures.

    >>> [(rule.metrics[0], rule.threshold) for rule in load_tier("triage").rules]
    [('accuracy', 0.9), ('fnr', 0.05), ('latency_ms_p95', 500.0)]
    """
    text, where = _read(name)
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise RecipeError(f"{where} is not YAML", "a tier of gates", "begin from a shipped tier") from error
    try:
        return Tier.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(str(part) for part in first["loc"]) or "the file"
        raise RecipeError(
            f"{where}: {at}: {first['msg']}",
            "a tier of gates",
            f"compare it with the tier {tier_names()[0]!r}",
        ) from error


def asked_of(tier: Tier, figures: Mapping[tuple[str, Subject], Metric]) -> Iterator[Asked]:
    """Ask a tier's rules of every subject that was measured.

    Args:
        tier: the rules.
        figures: what was measured, by name and subject.
    """
    measured = {subject for _, subject in figures}
    product = "bundle" if "bundle" in measured else "student"
    for rule in tier.rules:
        for subject in (subject for subject in rule.subjects if subject in measured):
            for metric in _metrics(rule, subject, figures):
                part = metric.partition("/")[2]
                gate = GateSettings(
                    name=f"{rule.name}, {part}"
                    if rule.metrics[0].endswith(_ANY) and part != "*"
                    else rule.name,
                    metric=metric,
                    subject=subject,
                    threshold=rule.threshold,
                    direction=rule.direction,
                )
                yield Asked(gate, tier.name, decides=subject == product)


def _metrics(rule: Rule, subject: Subject, figures: Mapping[tuple[str, Subject], Metric]) -> list[str]:
    """The figures that a rule means: those of the first metric that was measured, or its name if none was."""
    for metric in rule.metrics:
        base = metric.removesuffix(_ANY)
        if base == metric and (metric, subject) in figures:
            return [metric]
        parts = [
            name
            for name, who in figures
            if base != metric and who == subject and name.startswith(f"{base}/") and _OF_CLASS not in name
        ]
        if parts:
            return parts
    return [rule.metrics[0]]


def _read(name: str | Path) -> tuple[str, str]:
    path, known = Path(name), tier_names()
    if path.suffix in {".yaml", ".yml"}:
        if not path.is_file():
            raise RecipeError(f"no file {path}", "a tier of gates", f"name a shipped one: {', '.join(known)}")
        return path.read_text(encoding="utf-8"), str(path)
    if str(name) not in known:
        raise RecipeError(
            f"tier {str(name)!r}", "a shipped tier, or a YAML file", did_you_mean(str(name), known)
        )
    return (_folder() / f"{name}.yaml").read_text(encoding="utf-8"), f"tier {name}"


def _folder() -> Traversable:
    return files("stillroom.validate.gates") / "tiers"
