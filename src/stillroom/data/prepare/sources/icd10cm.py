"""ICD-10-CM: diagnosis codes, their titles and inclusion terms, from an installed package."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.parts import Part, read_parts
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.xml_items import xml_items
from stillroom.data.text import text_key
from stillroom.types import MissingExtraError, Source

_PACKAGE = "simple_icd_10_cm"
_CATEGORY_CHARACTERS = 3


def _titles(root: Element) -> Iterator[Mapping[str, str]]:
    """What each listed code means."""
    for code, title, _ in _codes(root):
        yield {
            "id": f"title-{code}",
            "code": code,
            "prompt": f"What does the ICD-10-CM code {code} stand for?",
            "response": title,
            "task": "code_meaning",
        }


def _terms(root: Element) -> Iterator[Mapping[str, str]]:
    """The code of each title and inclusion term that belongs to one code alone."""
    named = [
        (code, title, number, term, text_key(term))
        for code, title, terms in _codes(root)
        for number, term in enumerate((title, *terms))
    ]
    codes = Counter(key for key, _ in {(key, code) for code, *_, key in named})
    for code, title, number, term, key in named:
        if codes[key] == 1:
            yield {
                "id": f"code-{code}-{number}",
                "code": code,
                "prompt": f"Give the ICD-10-CM code: {term}",
                "response": f"{code} {title}",
                "task": "coding",
            }


def _codes(root: Element) -> Iterator[tuple[str, str, list[str]]]:
    for entry in root.iter("diag"):
        terms = [note.text.strip() for note in entry.iterfind("inclusionTerm/note") if note.text]
        yield entry.findtext("name") or "", entry.findtext("desc") or "", terms


def _row(record: Record) -> Mapping[str, Any]:
    columns = {name: record.text(name) for name in ("id", "task", "prompt", "response")}
    return {**columns, "concept": record.text("code")[:_CATEGORY_CHARACTERS]}


_PARTS = tuple(
    Part("icd10c*tabular*.xml", partial(xml_items, items=items), _row) for items in (_titles, _terms)
)


def locate() -> Path:
    """Find the package's data without importing the package.

    Raises:
        MissingExtraError: it is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError.of("simple-icd-10-cm", "icd")
    return Path(spec.submodule_search_locations[0]) / "data"


ADAPTER = Adapter(
    name="icd10cm",
    about=Source(
        "ICD-10-CM, tabular list",
        "April 2026 (simple-icd-10-cm 1.5.0)",
        "public domain; of the US National Center for Health Statistics, ICD-10 itself is WHO's. Package: MIT",
        "https://www.cdc.gov/nchs/icd/icd-10-cm/files.html",
        "National Center for Health Statistics, ICD-10-CM Tabular List of Diseases and Injuries, April 2026; Travasci, "
        "simple_icd_10_cm",
    ),
    summary="what a diagnosis code means, and which code a diagnosis has",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, _PARTS),
    expected={"": 46881 + 57368},
    folder="icd10cm",
    files={"icd10c*tabular*.xml": "diag: name, desc, inclusionTerm, further diag; of the package or of NCHS"},
    traps=(
        "51,305 of the package's 98,505 codes are made by adding a seventh character: they have no title of their own "
        "and are no rows",
        "a title or term of several codes has no one answer: it is not asked for its code",
        "codes below one category are near copies of each other: a row's concept is the category of three characters",
        "notes on what is included and excluded are not read",
    ),
    locate=locate,
)
