from __future__ import annotations

import pyarrow as pa
import pytest

from stillroom.data.prepare.stages.tag.rules import by_rules


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("A stroke with seizures of the brain", "neurology"),
        ("Eczema, a rash of the skin", "dermatology"),
        ("Insulin for diabetes", "endocrinology"),
        ("Dialysis for kidney failure", "nephrology"),
        ("Metastatic carcinoma under chemotherapy", "oncology"),
        ("Retinal detachment of the eye", "ophthalmology"),
        ("Pregnancy with a breech fetus", "obstetrics and gynaecology"),
        ("Schizophrenia and anxiety", "psychiatry"),
        ("The heart and the kidney", "general"),
        ("", "general"),
    ],
)
def test_specialties(text: str, specialty: str) -> None:
    assert by_rules(pa.array([text])).tolist() == [specialty]


def test_no_texts() -> None:
    assert by_rules(pa.array([], pa.string())).tolist() == []
