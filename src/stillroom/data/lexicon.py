"""Where a clinical text holds what must not be got wrong: numbers, units, doses, negations, sides, drugs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

Spans = list[tuple[int, int]]


def _listed(*lines: str) -> tuple[str, ...]:
    return tuple(word for line in lines for word in line.split("|"))


AMBIGUOUS_UNITS = _listed("g|L|l|m|s|h|d|U|J|K|M|min|in")
UNITS = _listed(
    "kg|mg|µg|μg|mcg|ug|ng|pg|fg|dL|dl|mL|ml|µL|μL|uL|fL|cc|mol|mmol|µmol|μmol|umol|nmol|pmol|mEq|meq|mOsm",
    "IU|mIU|unit|units|km|cm|mm|µm|μm|nm|mmHg|cmH2O|kPa|Hz|kHz|bpm|kcal|kJ|Gy|mSv|mV|ms|sec|hr|hrs",
    "second|seconds|minute|minutes|hour|hours|day|days|week|weeks|month|months|year|years",
    "°C|°F|%|percent|drops|tablets|puffs",
)
NEGATIONS = _listed(
    "no|not|without|never|none|neither|nor|cannot|denies|denied|denying|declined|absent|lacks|lacking|unlikely",
    "absence of|negative for|free of|lack of|rule out|ruled out|rules out|fails to|failed to",
    "nonexistent|non-existent",
)
SIDES = _listed("left|right|leftward|rightward|leftwards|rightwards|leftmost|rightmost|lefthand|righthand")
BOTH_SIDES = _listed(
    "bilateral|bilaterally|unilateral|unilaterally|ipsilateral|ipsilaterally|contralateral|contralaterally"
)
SIDE_ABBREVIATIONS = _listed("Lt|Rt|LUQ|RUQ|LLQ|RLQ|LUL|LLL|RUL|RML|RLL|LUE|RUE|LLE|RLE|LHS|RHS|B/L|b/l")
_SIDED = _listed(
    "side|sided|knee|hip|eye|ear|arm|leg|hand|foot|finger|thumb|toe|heel|shoulder|breast|lung|kidney|wrist|elbow|ankle",
    "thigh|calf|groin|flank|ovary|lobe|lower|upper|lateral|medial|femur|tibia|humerus|radius|MCA|ICA|UE|LE|THR|TKR",
)
_SPENT_LEFT = _listed(
    "the|a|an|her|his|their|our|my|home|hospital|against|over|behind|out|off|untreated|alone|him|it|them|to|without|us",
    "unattended|work|town|in",
)
_OTHERWISE_RIGHT = _listed(
    "away|now|here|there|where|then|to|for|after|before|on|answer|answers|thing|dose|amount|choice|decision|direction",
    "time|place|way|kind|type|person|care|treatment|medicine|medication|words",
)
DRUG_STEMS = _listed(
    "cillin|mycin|micin|floxacin|cycline|azole|vir|pril|sartan|olol|dipine|statin|gliptin|gliflozin|glutide",
    "formin|parin|xaban|gatran|platin|taxel|rubicin|tinib|mab|cept|azepam|azolam|barbital|oxetine|caine",
    "triptan|setron|prazole|tidine|thiazide|semide|lukast|sone|solone|profen|coxib|codone|morphone|fentanil",
)
_LEAST_DRUG_LETTERS = 6

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_UNIT = re.compile(
    rf"(?<![^\W\d_])(?:{_any_of(UNITS)})(?![^\W\d_])"
    rf"|(?:(?<=\d)|(?<=\d[ -])|(?<=/))(?:{_any_of(AMBIGUOUS_UNITS)})(?![^\W_])"
)
_NEGATION = re.compile(rf"\b(?:{_any_of(NEGATIONS)})\b|\b[a-z]+n['’]t\b", re.IGNORECASE)
_SIDE = re.compile(
    rf"\b(?:(?i:{_any_of((*BOTH_SIDES, *SIDES[2:]))})|{_any_of(SIDE_ABBREVIATIONS)})\b|\([LR]\)"
    rf"|\b[LR](?=[ -](?i:{_any_of(_SIDED)})s?\b)"
    rf"|\b(?i:left)\b(?! (?:{_any_of(_SPENT_LEFT)})\b)"
    r"|(?<!\ball )(?<!['’]s )(?<!['’]re )(?<!that )(?<!sounds )\b(?i:right)\b(?!(?<=, right)\?)(?!(?<=Right)[.,!])"
    rf"(?! (?:{_any_of(_OTHERWISE_RIGHT)})\b)"
)
_STEM = re.compile(rf"^[a-z-]+(?:{_any_of(DRUG_STEMS)})$", re.IGNORECASE)


def numbers(text: str) -> Spans:
    """Numerals, decimal and thousands marks included.

    >>> numbers("0.75 to 1,000 of 3")
    [(0, 4), (8, 13), (17, 18)]
    """
    return [match.span() for match in _NUMBER.finditer(text)]


def units(text: str) -> Spans:
    """Units of measurement, as UCUM and prescriptions write them; a single letter only after a number or a slash.

    >>> text = "5 mg/dL at 3 h, a g"
    >>> [text[start:stop] for start, stop in units(text)]
    ['mg', 'dL', 'h']
    """
    return [match.span() for match in _UNIT.finditer(text)]


def doses(text: str) -> Spans:
    """A number, its unit, and what the unit is divided by.

    >>> text = "give 2.5 mg/kg or 500mg, not 7 times"
    >>> [text[start:stop] for start, stop in doses(text)]
    ['2.5 mg/kg', '500mg']
    """
    found: Spans = []
    by_start = dict(units(text))
    for start, stop in numbers(text):
        gap = 1 if text[stop : stop + 1] in (" ", "-") else 0
        end = by_start.get(stop + gap)
        while end is not None and text[end : end + 1] == "/" and end + 1 in by_start:
            end = by_start[end + 1]
        if end is not None:
            found.append((start, end))
    return found


def negations(text: str) -> Spans:
    """Words that deny a finding: the triggers of NegEx (Chapman et al. 2001) that are common, and contractions.

    >>> text = "No fever, wasn't seen; notable"
    >>> [text[start:stop] for start, stop in negations(text)]
    ['No', "wasn't"]
    """
    return [match.span() for match in _NEGATION.finditer(text)]


def sides(text: str) -> Spans:
    """Words and abbreviations that say on which side, or on both; not *left the ward* and *right away*.

    ``L`` and ``R`` count in brackets and before a part of the body. ``OD`` and ``OS`` are left out: they also mean once
    daily and overall survival. By patterns: a sense that these do not know is missed or taken wrongly.

    >>> text = "Pain in the left knee, R hip and RUQ; she left the ward right away. 5 L of air, bilaterally"
    >>> [text[start:stop] for start, stop in sides(text)]
    ['left', 'R', 'RUQ', 'bilaterally']
    """
    return [match.span() for match in _SIDE.finditer(text)]


def drugs(text: str) -> Spans:
    """Names of medicines: of the package ``drug-named-entity-recognition`` if it is installed, and by their stem.

    Stems are those of international non-proprietary names (WHO 2018).

    >>> text = "Amoxicillin or atenolol, in the evening"
    >>> [text[start:stop] for start, stop in drugs(text)]
    ['Amoxicillin', 'atenolol']
    """
    return [match.span() for match in _WORD.finditer(text) if _is_drug(match[0])]


def _is_drug(word: str) -> bool:
    if len(word) < _LEAST_DRUG_LETTERS:
        return False
    return word.lower() in _listed_drugs() or _STEM.match(word) is not None


@cache
def _listed_drugs() -> frozenset[str]:
    try:
        names = import_module("drug_named_entity_recognition.drugs_finder").drug_variant_to_canonical
    except ImportError:
        return frozenset()
    return frozenset(name for name in names if _WORD.fullmatch(name))


KINDS = MappingProxyType(
    {
        "number": numbers,
        "unit": units,
        "dose": doses,
        "negation": negations,
        "laterality": sides,
        "drug": drugs,
    }
)
"""What is looked for, by its name."""


def find_all(text: str) -> Mapping[str, Spans]:
    """Character spans of each kind."""
    return {kind: find(text) for kind, find in KINDS.items()}
