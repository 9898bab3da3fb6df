from __future__ import annotations

import pytest

from stillroom.data.hpo.names import branch_name, disease_name


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("MARFAN SYNDROME; MFS", "Marfan syndrome"),
        ("Marfan syndrome", "Marfan syndrome"),
        ("FANCONI ANEMIA, COMPLEMENTATION GROUP U", "Fanconi anemia, complementation group U"),
        ("GLYCOGEN STORAGE DISEASE IV", "Glycogen storage disease IV"),
        ("THIOPURINE S-METHYLTRANSFERASE DEFICIENCY", "Thiopurine S-methyltransferase deficiency"),
        ("OTOSCLEROSIS", "Otosclerosis"),
        ("PANDAS", "PANDAS"),
        ("ALG12-CDG", "ALG12-CDG"),
        ("Retinal coloboma,and  micrognathia", "Retinal coloboma, and micrognathia"),
    ],
)
def test_disease_names_are_cleaned_without_losing_abbreviations(given: str, clean: str) -> None:
    assert disease_name(given) == clean


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("Abnormality of the eye", "eye"),
        ("Abnormality of head or neck", "head or neck"),
        ("Abnormal cellular phenotype", "cellular phenotype"),
        ("Growth abnormality", "growth"),
        ("Neoplasm", "neoplasm"),
    ],
)
def test_branches_have_short_names(given: str, short: str) -> None:
    assert branch_name(given) == short
