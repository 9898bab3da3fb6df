"""How the questions are put: a few short paraphrases per kind, one of them drawn by hash."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.data.hashing import choose
from stillroom.data.hpo.draft import Draft

OPTIONS_MARK = "\nOptions: "
TEMPLATES: Mapping[str, tuple[str, ...]] = {
    "definition": ("Define: {}", "What is meant by {}?", "Give the clinical definition of {}."),
    "synonym": (
        "Clinical term for: {}",
        'What is the clinical term for "{}"?',
        "{}: preferred clinical term?",
    ),
    "differential": (
        "Most likely disease? Findings: {}.",
        "A patient has {}. Most likely disease?",
        "Findings: {}. Which disease fits best?",
    ),
}


def listed(draft: Draft) -> bool:
    """Whether the prompt lists the options: only a differential is asked among given diseases."""
    return draft.kind == "differential"


def prompt_for(draft: Draft, options: tuple[str, ...], seed: int) -> str:
    """Word a question, with its options where they are listed."""
    asked = choose(TEMPLATES[draft.kind], "wording", seed, draft.id).format(draft.subject)
    return f"{asked}{OPTIONS_MARK}{'; '.join(options)}" if listed(draft) else asked
