"""What raters are asked, and the case that any kit begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

QUESTIONS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "comprehensiveness": ("Does it say what the question needs?", ("complete", "partly", "no")),
        "accuracy": ("Is what it says true?", ("true", "partly", "false")),
        "critical_error": ("Would acting on it harm a patient?", ("no", "yes")),
        "terminology": ("Are medical terms used rightly?", ("right", "partly", "wrong")),
        "omission": ("Is something left out that matters?", ("no", "yes")),
    }
)
"""Column → question and its answers, the best first. Each is judged by itself: a complete answer may be dangerous."""


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A question and the answers to it, by who gave them.

    Attributes:
        id: identifier, safe to log.
        prompt: the question.
        reference: the answer that counts as right.
        answers: by model, such as ``teacher`` and ``student``.
    """

    id: str
    prompt: str
    reference: str
    answers: Mapping[str, str]


KNOWN_WRONG = ReviewItem(
    id="test-item/parathyroid-hormone",
    prompt="A patient has a high calcium and a low parathyroid hormone. What is the most likely diagnosis?",
    reference="Hypercalcaemia that does not come from the parathyroid glands, such as that of malignancy or vitamin D. "
    "In primary hyperparathyroidism the hormone is high, or normal where it should be low.",
    answers=MappingProxyType(
        {
            "known_wrong": "Primary hyperparathyroidism.",
            "known_right": "Hypercalcaemia of malignancy or another cause outside the parathyroid glands: the hormone "
            "is rightly suppressed.",
        }
    ),
)
"""A published answer that its reviewer passed as good, and which is a critical error; a kit asks it of every rater."""

KNOWN_CRITICAL: Mapping[str, str] = MappingProxyType({"known_wrong": "yes", "known_right": "no"})
"""What a rater must find of the test item's answers."""
