"""The registry of sources of prepared corpora: adding one is one file, and one line here."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.sources import (
    bc5cdr,
    chatdoctor,
    covid_qa,
    hpo,
    icd10cm,
    medical_abstracts,
    medical_meadow,
    medmcqa,
    medqa,
    medquad,
    meqsum,
    mimic3_notes,
    mimic4_notes,
    mmlu_medical,
    mts_dialog,
    ncbi_disease,
    own_files,
    pubmedqa,
)
from stillroom.types import DataError, did_you_mean

_ALL = (
    mmlu_medical.ADAPTER,
    medmcqa.ADAPTER,
    medqa.ADAPTER,
    pubmedqa.ADAPTER,
    covid_qa.ADAPTER,
    medical_meadow.ADAPTER,
    medquad.ADAPTER,
    chatdoctor.ADAPTER,
    mimic3_notes.ADAPTER,
    mimic4_notes.ADAPTER,
    mts_dialog.ADAPTER,
    meqsum.ADAPTER,
    medical_abstracts.ADAPTER,
    ncbi_disease.ADAPTER,
    bc5cdr.ADAPTER,
    hpo.ADAPTER,
    icd10cm.ADAPTER,
    own_files.JSONL,
    own_files.CSV,
    own_files.PARQUET,
    own_files.HUGGINGFACE,
)
ADAPTERS: Mapping[str, Adapter] = {adapter.name: adapter for adapter in _ALL}


def adapter_named(name: str) -> Adapter:
    """Find a source.

    Raises:
        DataError: there is none of that name.
    """
    try:
        return ADAPTERS[name]
    except KeyError:
        raise DataError(
            f"no source {name!r}", "one of `stillroom data`", did_you_mean(name, ADAPTERS)
        ) from None
