"""A question before it has its wording and options."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked of one concept.

    Attributes:
        id: the item's identifier.
        kind: ``definition``, ``synonym`` or ``differential``.
        concept: identifier of the term or disease.
        subject: what the prompt names: the term, the synonym, or the listed findings.
        response: the right answer.
        findings: the term itself, or the findings shown of a disease.
    """

    id: str
    kind: str
    concept: str
    subject: str
    response: str
    findings: tuple[str, ...]
