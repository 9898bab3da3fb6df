"""What holds of every source."""

from __future__ import annotations

import pickle

import pytest

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.adapters import ADAPTERS, adapter_named
from stillroom.types import SPLITS, DataError

OWN = {"jsonl", "csv", "parquet", "huggingface"}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> Adapter:
    chosen: Adapter = request.param
    return chosen


def test_every_source_that_is_asked_for_is_there() -> None:
    named = "mmlu_medical medmcqa medqa pubmedqa covid_qa medical_meadow medquad chatdoctor mimic3_notes mimic4_notes"
    more = "mts_dialog meqsum medical_abstracts ncbi_disease bc5cdr hpo icd10cm"
    assert set(ADAPTERS) == {*named.split(), *more.split(), *OWN}


def test_it_tells_where_it_comes_from_and_on_what_terms(adapter: Adapter) -> None:
    assert adapter.about.licence
    assert adapter.summary
    assert adapter.files
    assert adapter.traps
    if adapter.name not in OWN:
        assert adapter.about.url.startswith("https://")
        assert adapter.about.citation
        assert "attribution" in adapter.obligations


def test_expected_counts_are_of_splits(adapter: Adapter) -> None:
    assert set(adapter.expected) <= {"", *SPLITS}


def test_it_can_go_to_another_process(adapter: Adapter) -> None:
    assert pickle.loads(pickle.dumps(adapter)).name == adapter.name


def test_credentialed_data_is_never_passed_on(adapter: Adapter) -> None:
    assert adapter.access == "open" or "no_redistribution" in adapter.obligations


def test_an_unknown_name_is_one_line_with_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'medquad'"):
        adapter_named("medquat")
