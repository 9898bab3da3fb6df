from __future__ import annotations

import pytest

from stillroom.data.hpo.annotations import Annotations, read_annotations, share_of_patients
from stillroom.types import DataError


def test_one_disease_under_one_name_whichever_databases_list_it(annotations: Annotations) -> None:
    assert {id: disease.name for id, disease in annotations.diseases.items()} == {
        "OMIM:100": "Small eye syndrome",
        "ORPHA:8": "Fits of infancy",
    }


def test_negated_unseen_and_obsolete_findings_are_excluded(annotations: Annotations) -> None:
    assert annotations.diseases["OMIM:100"].findings == {"HP:0000568", "HP:0001250", "HP:0002197"}
    assert annotations.diseases["ORPHA:8"].findings == frozenset()


def test_rare_findings_are_known_but_not_shown(annotations: Annotations) -> None:
    assert annotations.diseases["OMIM:100"].frequent == {"HP:0000568", "HP:0002197"}


def test_what_is_left_out_is_counted(annotations: Annotations) -> None:
    assert annotations.version == "2025-01-01"
    assert annotations.dropped == {
        "annotation: inheritance, onset, course or modifier": 1,
        "annotation: negated or seen in no patient": 3,
        "annotation: obsolete term, or none in particular": 1,
    }


@pytest.mark.parametrize(
    ("frequency", "share"),
    [("", 1.0), ("0/5", 0.0), ("2/8", 0.25), ("12.5%", 0.125), ("HP:0040285", 0.0), ("HP:0040281", 1.0)],
)
def test_frequencies_are_read_in_all_their_forms(frequency: str, share: float) -> None:
    assert share_of_patients(frequency) == share


@pytest.mark.parametrize("text", ["", "#version: 1", "disease\tname\n"])
def test_what_is_no_annotation_file_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="column names; expected database_id"):
        read_annotations(text.splitlines(), {})
