from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.deidentify.names import names
from stillroom.data.prepare.stages.deidentify.spans import settle


def found(text: str) -> list[str]:
    return [text[span.start : span.stop] for span in settle(names(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Okwuosa was seen by Dr. J. R. Lee-Wong, MD.", ["Okwuosa", "J. R. Lee-Wong"]),
        ("Mrs. May, Mr. Will Young and Dr. Ireland agreed.", ["May", "Will Young", "Ireland"]),
        ("Ms. van der Berg and Mr. O'Brien's son.", ["Berg", "O'Brien"]),
        ("Patient Name: DOE, JANE Q", ["DOE, JANE Q"]),
        ("Attending: Xu Weiming", ["Xu Weiming"]),
        ("Electronically signed by: Patel, Priya MD", ["Patel, Priya"]),
        ("His wife Siobhan called. Her son Blessing is well.", ["Siobhan", "Blessing"]),
        ("Xiomara Delacroix is a 45-year-old woman.", ["Xiomara Delacroix"]),
        ("Discussed with Oluwaseun Adeyemi.", ["Oluwaseun Adeyemi"]),
        ("My name is Ndidi. I'm Doctor Young.", ["Ndidi", "Young"]),
        ("dr. okonkwo and mr. brown agreed.", ["okonkwo", "brown"]),
        ("JOHN SMITH WAS SEEN. DR. SMITH WAS CALLED.", ["JOHN SMITH", "SMITH"]),
        ("Mark Brown saw Grace Kelly.", ["Mark Brown", "Grace Kelly"]),
        ("Ngozi denies any chest pain.", ["Ngozi"]),
        ("J. Smith and R.K. Patel signed.", ["J. Smith", "R.K. Patel"]),
        ("Hi Maria, how are you?", ["Maria"]),
        ("José Muñoz came with Zoë.", ["José Muñoz", "Zoë"]),
    ],
)
def test_names(text: str, expected: list[str]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Parkinson's disease, Crohn disease, Down syndrome, Hodgkin lymphoma and Wilson's disease.",
        "Foley catheter, Glasgow Coma Scale, Apgar 8, Murphy sign, Whipple procedure, Gleason score 7.",
        "Larsen syndrome and Adams Oliver syndrome; Duran ring; Ewing sarcoma.",
        "Referred to Speech Therapy and Nurse Practitioner. May take aspirin. Will return.",
        "Started Metoprolol, Lisinopril and Coumadin. H. Pylori negative, E. coli grew.",
        "The patient is a 45-year-old Hispanic woman. She is a 45-year-old. Patient: Yes. Doctor: Okay.",
        "CHIEF COMPLAINT: COUGH. ALLERGIES: NONE. Patient Name:",
        "Half-life was 190 ms. Thus, the dose was 5 mg. The doctor may decide; the nurse will call.",
        "On Monday in March, in New York, the American patient read French.",
    ],
)
def test_what_is_no_name_stays(text: str) -> None:
    assert found(text) == []


def test_what_was_found_once_is_found_again() -> None:
    text = (
        "Mr. Graves has Graves' disease. GRAVES is well; so Graves goes home. We met Mr. Okoro; okoro left."
    )
    assert found(text) == ["Graves", "Graves", "Okoro", "okoro"]


def test_many_capitals() -> None:
    assert found("The Patient Was Seen Today. " * 10_000) == []
