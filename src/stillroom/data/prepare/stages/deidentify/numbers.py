"""Numbers and codes that stand for a person or a thing of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stillroom.data.prepare.stages.deidentify.spans import Kind, Span

_LABELS: dict[Kind, str] = {
    "mrn": r"MRN|M\.R\.N|MR|med(?:ical)?\.?\s+rec(?:ord)?s?|chart|hospital|unit|record|patient|pt|HRN|NHS",
    "account": r"acc(?:oun)?t|policy|member(?:ship)?|subscriber|group(?=\s{0,2}(?:number|no|id|\#))"
    "|insurance|claim|medicare|medicaid|beneficiary|card"
    r"|health\s+plan|HICN?|MBI|FIN|CSN|encounter|visit|billing|invoice|certificate|IBAN|guarantor",
    "licence": r"licen[cs]e|DL|DEA|NPI|passport|permit|badge|employee|student|registration",
    "vehicle": r"VIN|vehicle(?:\s+identification)?|(?:licen[cs]e|number)?\s?plates?|tag",
    "device": r"serial|s/n|SN|UDI|device|implant|pacemaker|lot|model|prosthesis|pump",
    "ssn": r"SSN|SS|soc(?:ial)?\.?\s+sec(?:urity)?\.?",
    "number": (
        r"accession|specimen|sample|case|order|confirmation|requisition|file|ID|reference|ref|dictation|job"
        r"|subject"
    ),
}
_SURE: dict[Kind, str] = {
    "mrn": r"MRN|M\.R\.N\.|HRN",
    "account": "HICN|MBI|CSN|FIN|IBAN|acct",
    "licence": "DEA|NPI|DL",
    "vehicle": "VIN|licen[cs]e plate",
    "device": "UDI|s/n|SN",
    "ssn": "SSN|(?:SSN|social security number) ending in",
}
_NUMBER_WORD = (
    r"\s{0,2}(?:numbers?|no|num|nr|id|code|\#)(?![a-z])\.?(?:\s(?:is|was|of"
    r"|ending\sin))?\s{0,2}[:=\#.-]?\s{0,2}\#?"
)
_LINK = r"\s{0,2}[:\#=]\s{0,3}\#?"
_SURE_LINK = r"(?:\s(?:is|was))?\s{0,2}[-\#:]?"
_BEFORE: dict[Kind, re.Pattern[str]] = {
    kind: re.compile(
        rf"\b(?:(?:{words})(?:{_NUMBER_WORD}{'' if kind == 'mrn' else '|' + _LINK}|(?<=MR)\#)"
        + (rf"|(?:{_SURE[kind]})(?:{_LINK}|{_SURE_LINK})" if kind in _SURE else "")
        + (rf"|(?:med(?:ical)?\.?\s+rec(?:ord)?s?|chart|record|patient){_LINK}" if kind == "mrn" else "")
        + r")\s?$",
        re.I,
    )
    for kind, words in _LABELS.items()
}
_VALUE = re.compile(
    r"(?<![\w-])(?=(?-i:[A-Z]{1,4}[ ])?(?:[A-Z-]{0,6}\d[ /-]?){3})(?:(?-i:[A-Z]{1,4})[ ])?"
    r"[A-Z0-9](?:[A-Z0-9]|[-/](?=[A-Z0-9])|\s(?=\d{2})){2,24}(?!\w)",
    re.I,
)
_LOOKED_BACK = 48
_SSN = re.compile(r"(?<![\w-])\d{3}([- ])\d{2}\1\d{4}(?![\w-])")
_VIN = re.compile(r"\b(?=[A-Z\d]*\d[A-Z\d]*\d)(?=[A-Z\d]*[A-Z][A-Z\d]*[A-Z])[A-HJ-NPR-Z\d]{17}\b")
_CARD = re.compile(r"(?<![\w-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\w-])")
_LONG = re.compile(r"(?<![\w.,/+-])(?:[A-Z]{1,3}-?)?\d{7,}(?![\w%]|[.,/]\d)")
_COUNTED = re.compile(
    r"\s{0,2}(?:cells?|copies|units?|U\b|IU|/|people|patients|persons|dollars|times|x\b|per\b|m[lgL]\b)", re.I
)
_PUBLIC = re.compile(r"(?:PMID|PMC|OMIM|MIM|ISBN|ISSN|NCT|doi|ISRCTN|rs|NM_|NP_|ICD|CAS)[:\s\#]{0,2}$", re.I)
_PUBLIC_PREFIXES = ("NCT", "PMC", "RS", "GO", "HP", "CG", "OMI")


def numbers(text: str) -> Iterator[Span]:
    """Find record, account, licence, vehicle, device and social security numbers, and long numbers without a label.

    A number without a label is one of seven digits or more that is no count, no round number and no public
    identifier of a paper, a trial or a gene.

    >>> [(s.kind, "MRN: 00-12-34, seen"[s.start : s.stop]) for s in numbers("MRN: 00-12-34, seen")]
    [('mrn', '00-12-34')]
    """
    for found in _VALUE.finditer(text):
        kind = _labelled(text, found.start())
        if kind is not None:
            yield Span(found.start(), found.end(), kind)
    for kind, pattern in _UNLABELLED:
        for found in pattern.finditer(text):
            yield Span(found.start(), found.end(), kind)
    for found in _LONG.finditer(text):
        if not _is_count_or_public(text, found):
            yield Span(found.start(), found.end(), "number")


def _labelled(text: str, start: int) -> Kind | None:
    position = max(0, start - _LOOKED_BACK)
    return next((kind for kind, label in _BEFORE.items() if label.search(text, position, start)), None)


_UNLABELLED: tuple[tuple[Kind, re.Pattern[str]], ...] = (("ssn", _SSN), ("vehicle", _VIN), ("account", _CARD))


def _is_count_or_public(text: str, found: re.Match[str]) -> bool:
    return bool(
        found[0].endswith("0000")
        or found[0].upper().startswith(_PUBLIC_PREFIXES)
        or _COUNTED.match(text, found.end())
        or _PUBLIC.search(text, max(0, found.start() - 8), found.start())
    )
