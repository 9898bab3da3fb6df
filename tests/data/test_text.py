from __future__ import annotations

import pytest

from stillroom.data.text import content_words, series_key, text_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seizures", "seizure"),
        ("Abnormality of the kidney", "Kidney abnormality"),
        ("Anaemia", "Anemia"),
        ("Tumours of oesophagus", "Esophagus tumor"),
        ("Hypercalcaemia, familial", "familial hypercalcemia"),
        ("Grey hair colour", "Gray hair color"),
        ("Generalised oedema", "Generalized edema"),
        ("Muscle fibre atrophy", "Muscle fiber atrophy"),
        ("Sulphur odour", "Sulfur odor"),
        ("Dystrophies", "Dystrophy"),
        ("X-linked", "x linked"),
    ],
)
def test_texts_that_differ_in_form_only_share_a_key(one: str, other: str) -> None:
    assert text_key(one) == text_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Renal cyst", "Kidney cyst"),
        ("Short 2nd finger", "Short 3rd finger"),
        ("Increased height", "Decreased height"),
        ("Virus", "Viral infection"),
    ],
)
def test_texts_that_differ_in_meaning_do_not(one: str, other: str) -> None:
    assert text_key(one) != text_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Deafness, autosomal recessive 8", "Deafness, autosomal recessive 103"),
        ("Short 2nd finger", "Short 5th fingers"),
        ("Glycogen storage disease type IV", "Glycogen storage disease type IXa"),
        ("Spinocerebellar ataxia 15/16", "Spinocerebellar ataxia 31"),
    ],
)
def test_members_of_a_numbered_series_share_a_series_key(one: str, other: str) -> None:
    assert series_key(one) == series_key(other)
    assert text_key(one) != text_key(other)


def test_numbers_alone_make_no_series() -> None:
    assert series_key("47, XXY 2") == series_key("XXY")
    assert series_key("II 3") == ""


def test_content_words_are_without_articles() -> None:
    assert content_words("The size of an eye") == {"size", "eye"}
