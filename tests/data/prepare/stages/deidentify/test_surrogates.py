from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.key import Draw
from stillroom.data.prepare.stages.deidentify.surrogates import Surrogates, tag

ONE = Surrogates(Draw(b"1" * 32), "p1", 364)
OTHER = Surrogates(Draw(b"1" * 32), "p2", 364)


def test_a_person_keeps_one_name_in_every_form() -> None:
    whole, family = ONE("name", "Jane Q. Okafor"), ONE("name", "Okafor")
    assert whole.split()[-1] == family
    assert ONE("name", "OKAFOR, JANE") == ", ".join(reversed(whole.upper().split()[::2]))
    assert "okafor" not in whole.lower()
    assert "jane" not in whole.lower()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("mrn", "A-123-45"),
        ("phone", "(617) 555-9876"),
        ("ssn", "123-45-6789"),
        ("device", "SN99"),
        ("account", "44-x"),
    ],
)
def test_numbers_keep_their_form_alone(kind: str, text: str) -> None:
    made = ONE(kind, text)  # type: ignore[arg-type]
    assert made != text
    assert [letter.isdigit() for letter in made] == [letter.isdigit() for letter in text]


def test_phones_are_of_the_range_for_fiction() -> None:
    assert ONE("phone", "617-234-9876")[-8:-2] == "555-01"


def test_patients_and_keys_differ() -> None:
    made = {
        Surrogates(Draw(key), patient, 364)("mrn", "1234567")
        for key in (b"1" * 32, b"2" * 32)
        for patient in "ab"
    }
    assert len(made) == 4


def test_dates_move_by_the_patients_days() -> None:
    assert ONE.shift_days() == ONE.shift_days() != OTHER.shift_days()
    assert all(
        Surrogates(Draw(b"1" * 32), str(n), 3).shift_days() in {-3, -2, -1, 1, 2, 3} for n in range(200)
    )
    assert ONE("date", "Feb 30, 2020") == "[DATE]"


def test_ages_become_a_class_either_way() -> None:
    assert ONE("age", "97") == tag("age", "97") == "90+"


def test_the_key_does_not_show() -> None:
    assert "111" not in repr(ONE)
