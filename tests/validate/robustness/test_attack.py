"""A greedy attack finds the word that matters, and gives up where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from stillroom.validate.robustness.attack import attack

PROMPT = "Which finding suggests glaucoma in this patient"


def fragile(prompts: Sequence[str]) -> list[float]:
    """Right as long as one word is spelt right; every letter that is gone costs a little."""
    return [(1.0 if "glaucoma" in prompt else -1.0) + 0.001 * len(prompt) for prompt in prompts]


def test_one_word_is_enough_where_one_word_decides() -> None:
    found = attack(PROMPT, fragile, words=2, seed=0)
    assert (found.right_before, found.right_after, found.changed) == (True, False, 1)


def test_a_model_that_does_not_listen_cannot_be_misled() -> None:
    found = attack(PROMPT, lambda prompts: [1.0] * len(prompts), words=2, seed=0)
    assert (found.right_before, found.right_after) == (True, True)


def test_what_is_wrong_already_is_not_attacked() -> None:
    asked = 0

    def wrong(prompts: Sequence[str]) -> list[float]:
        nonlocal asked
        asked += len(prompts)
        return [-0.1] * len(prompts)

    assert attack(PROMPT, wrong, words=3, seed=0).right_before is False
    assert asked == 1


def test_words_that_matter_together_need_the_budget() -> None:
    def either(prompts: Sequence[str]) -> list[float]:
        return [("glaucoma" in prompt) + ("finding" in prompt) - 0.5 for prompt in prompts]

    assert attack(PROMPT, either, words=1, seed=0).right_after is True
    assert attack(PROMPT, either, words=2, seed=0).right_after is False
