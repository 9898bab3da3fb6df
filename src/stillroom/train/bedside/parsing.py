"""From an objective's settings to its terms, with what does not go together refused."""

from __future__ import annotations

from typing import Any

from stillroom.losses import LOSSES, Term, parse_terms
from stillroom.train.bedside.compared import of_positions
from stillroom.train.bedside.objective import CaseObjectiveSettings, CaseTermSettings
from stillroom.types import TrainError, did_you_mean
from stillroom.types.cases import LOGITS, Head

_SINGLE = frozenset(
    {"multi_label_kl", "logit_mse", "logit_huber", "logit_cosine", "regression_kd", "survival_kd"}
)
"""Losses on logits that do not let outputs compete."""


def parsed(settings: CaseObjectiveSettings, head: Head) -> dict[str, Term]:
    """Read an objective's terms.

    Raises:
        TrainError: an unknown loss or hyper-parameter, a value out of range, or a loss that makes outputs compete which
            may hold together.
    """
    plain = {
        name: {**term.model_dump(include={"loss", "weight"}), "hyper": _hyper(term, head)}
        for name, term in settings.terms.items()
    }
    try:
        terms = parse_terms(plain)
    except ValueError as error:
        got, _, wanted = str(error).partition("; expected ")
        raise TrainError(
            f"objective.terms: {got}", wanted or "a loss of the registry", "run `stillroom losses`"
        ) from error
    for name, term in settings.terms.items():
        on_logits = term.at == LOGITS and not term.stages
        if on_logits and head.kind != "classes" and term.loss not in _SINGLE:
            raise TrainError(
                f"objective.terms.{name}: {term.loss}, which makes outputs compete, for {head.kind}",
                f"one of {', '.join(sorted(_SINGLE))}",
                "change its loss",
            )
        if unknown := sorted(set(term.outputs) - set(head.names)):
            raise TrainError(
                f"objective.terms.{name}.outputs: {unknown[0]!r}",
                f"some of {', '.join(head.names)}",
                did_you_mean(unknown[0], head.names),
            )
        if term.outputs and head.kind == "classes":
            raise TrainError(
                f"objective.terms.{name}.outputs of classes, which are one answer",
                "labels or values",
                "leave `outputs` out",
            )
        if term.of == "labels" and LOSSES[term.loss].family != "response":
            raise TrainError(
                f"objective.terms.{name}: {term.loss} of the labels", "a response loss", "set `of: teacher`"
            )
    _refuse_unheeded(settings, head)
    return terms


def _refuse_unheeded(settings: CaseObjectiveSettings, head: Head) -> None:
    """Refuse what is asked of terms when there is none that does it."""
    told = [
        term for term in settings.terms.values() if term.of in ("teacher", "average") and of_positions(term)
    ]
    heeding = {
        "case_temperature": told,
        "hard_examples": [term for term in told if LOSSES[term.loss].per_example],
    }
    for name, terms in heeding.items():
        if getattr(settings, name) is not None and not (terms and head.kind == "classes"):
            raise TrainError(
                f"objective.{name}, which no term heeds",
                "classes, and a term of the teacher's logits"
                + (" that does not couple a batch, such as forward_kl" if name == "hard_examples" else ""),
                f"add one, or leave {name} out",
            )


def _hyper(term: CaseTermSettings, head: Head) -> dict[str, Any]:
    """A term's hyper-parameters, with the number of classes if its loss asks for it."""
    asks = term.loss in LOSSES and "classes" in LOSSES[term.loss].hyper
    given: dict[str, Any] = term.model_dump()["hyper"]
    return {**given, "classes": len(head.names)} if asks else given
