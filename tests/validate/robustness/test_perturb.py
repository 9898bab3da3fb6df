"""What a change of a prompt may touch, and what it must leave alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillroom.data.lexicon import negations, numbers, units
from stillroom.validate.robustness.abbreviations import SHORT_FORMS
from stillroom.validate.robustness.perturb import abbreviations, case, missing, neighbours, typos

NOTE = (
    "Patient with shortness of breath and no fever was given 12.5 mg twice daily. "
    "History of hypertension. What next?"
)


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def words(find, text: str) -> list[str]:
    return [text[start:stop] for start, stop in find(text)]


def test_beside_on_the_keyboard_is_mutual() -> None:
    near = neighbours()
    assert set(near) == set("abcdefghijklmnopqrstuvwxyz")
    assert all(letter in near[other] for letter in near for other in near[letter])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(alphabet=st.sampled_from("abcdefgh 12.mg no"), max_size=60),
    st.floats(0.05, 1.0),
    st.integers(0, 99),
)
def test_typing_errors_keep_length_numbers_units_and_negations(text: str, share: float, seed: int) -> None:
    changed = typos(text, share, generator(seed))
    if changed is not None:
        assert len(changed) == len(text)
        assert changed != text
        for start, stop in [span for find in (numbers, units, negations) for span in find(text)]:
            assert changed[start:stop] == text[start:stop]


def test_the_share_decides_how_many_words_are_mistyped() -> None:
    text = " ".join(["fever"] * 20)
    for share, wanted in ((0.05, 1), (0.5, 10), (1.0, 20)):
        changed = typos(text, share, generator())
        assert changed is not None
        assert sum(word != "fever" for word in changed.split()) == wanted
        assert all(word[0] == "f" for word in changed.split())


def test_equal_seeds_mistype_equally() -> None:
    assert typos(NOTE, 0.3, generator(4)) == typos(NOTE, 0.3, generator(4))
    assert typos(NOTE, 0.3, generator(4)) != typos(NOTE, 0.3, generator(5))


def test_terms_are_written_short() -> None:
    changed = abbreviations(NOTE, 1.0, generator())
    assert changed == "pt w/ SOB and no fever was given 12.5 mg bid. h/o HTN. What next?"
    assert abbreviations("Define seizure.", 1.0, generator()) is None


def test_no_short_form_is_the_long_form_of_another() -> None:
    assert not {short.lower() for short in SHORT_FORMS.values()} & set(SHORT_FORMS)


def test_capitals_leave_units_readable() -> None:
    assert case("give 5 mg/dL now", 1.0, generator()) == "GIVE 5 mg/dL NOW"
    assert case("ECG?", 1.0, generator()) is None


def test_a_sentence_goes_missing_but_never_the_question() -> None:
    for seed in range(20):
        changed = missing(NOTE, 1.0, generator(seed))
        assert changed is not None
        assert changed.endswith("What next?")
        assert len(changed) < len(NOTE)


def test_of_one_sentence_words_go_missing() -> None:
    assert missing("Define abnormal shape", 0.34, generator()) in {
        "abnormal shape",
        "Define shape",
        "Define abnormal",
    }
    assert missing("fits", 1.0, generator()) is None


@pytest.mark.parametrize("change", [typos, abbreviations, case, missing])
@pytest.mark.parametrize("text", ["", " ", "12.5", "???"])
def test_a_text_without_words_is_left_alone(change, text: str) -> None:
    assert change(text, 0.5, generator()) is None
