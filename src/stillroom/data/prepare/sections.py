"""Sections of a clinical note, by their headers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stillroom.data.prepare.sentences import sentences

HEADERS = {
    "chief complaint": "cc|chief complaints?|presenting complaint|reason for (?:visit|admission|consultation)",
    "history of present illness": "hpi|hopi|genhx|history of (?:the )?present illness|present illness|interval history",
    "past medical history": "pmhx?|pastmedicalhx|past medical history|medical history|problem list|past history",
    "past surgical history": "pshx?|pastsurgical|past surgical history|surgical history",
    "obstetric and gynaecological history": "ob/?gyn history|gynhx|obstetrical history"
    "|gyn(?:a?ecologic(?:al)?)? history",
    "family history": "fhx?|fam hx|family history|family medical history",
    "social history": "shx?|soc hx|fam/sochx|social history|personal history|habits",
    "other history": "other_history|history",
    "allergies": "allergy|allergies|drug allergies|allergies and intolerances",
    "medications": (
        "meds|medications?(?: on admission| prior to admission)?|(?:current|home|discharge"
        "|outpatient) medications"
    ),
    "immunisations": "immuni[sz]ations?|vaccinations?",
    "review of systems": "ros|review of systems|systems review",
    "vital signs": "vs|vitals?|vital signs",
    "physical examination": "pe|exam|physical exam(?:ination)?|examination|objective|general appearance",
    "laboratory results": "labs?|lab(?:oratory)? (?:data|results|studies)|pertinent results|results",
    "imaging": "imaging|radiology|x-?rays?|imaging studies|diagnostic studies|studies",
    "procedures": "procedures?|operations?|major surgical or invasive procedure|operative findings",
    "emergency department course": "edcourse|ed course|emergency (?:department|room) course",
    "hospital course": "hospital course|brief hospital course|course in (?:the )?hospital",
    "assessment": (
        "a|assessment|impression|diagnos(?:is|es)|(?:admission|discharge|final|differential) diagnos(?:is|es)"
    ),
    "assessment and plan": "a/p|a&p|assessment (?:and|&) plan|assessment/plan|impression and plan",
    "plan": "p|plan|recommendations?|treatment plan|plan of care",
    "disposition": "disposition|discharge disposition|condition (?:on|at) discharge|discharge condition",
    "instructions": "(?:discharge|patient) instructions|follow[- ]?up(?: instructions| plans?)?",
    "subjective": "s|subjective",
    "objective findings": "o|objective findings",
}
"""Sections of SOAP notes, MIMIC's discharge summaries and MTS-Dialog, with the headers that open them."""

_KNOWN = re.compile("|".join(f"(?P<g{n}>{forms})" for n, forms in enumerate(HEADERS.values())), re.I)
_NAMES = tuple(HEADERS)
_HEADER = re.compile(
    r"^[ \t]*(?:\d{1,2}[.)][ ]?)?(?:[*#=_]{1,3}[ ]?)?(?P<header>[A-Za-z][A-Za-z/&_ '-]{0,48}?)"
    r"[ ]?[*_]{0,3}(?:(?P<colon>:)[*_]{0,3}(?=\s|$)|[ \t]*$)",
    re.M,
)


@dataclass(frozen=True)
class Section:
    """A part of a note: what it is called, and its text, header included.

    Attributes:
        name: one of :data:`HEADERS`, the header in lower case where it is none of them, or empty before the first.
        text: the text.
    """

    name: str
    text: str


def sections(text: str) -> list[Section]:
    r"""Cut a note before its headers; the texts joined are the note.

    A header stands at the start of a line, before a colon or alone. Those of :data:`HEADERS` are known in any case;
    others must be in capitals. Single letters (S, O, A, P) need a colon.

    >>> [(one.name, one.text) for one in sections("PMH:\nNone.\nWIDGETS:\nTwo.")]
    [('past medical history', 'PMH:\nNone.\n'), ('widgets', 'WIDGETS:\nTwo.')]
    """
    marks = [(found.start(), name) for found in _HEADER.finditer(text) if (name := _name(found))]
    if not marks or marks[0][0] > 0:
        marks.insert(0, (0, ""))
    ends = [start for start, _ in marks[1:]] + [len(text)]
    parts = (Section(name, text[start:stop]) for (start, name), stop in zip(marks, ends, strict=True))
    return [part for part in parts if part.text]


def _name(found: re.Match[str]) -> str:
    header = found["header"].strip()
    known = _KNOWN.fullmatch(header)
    if known and known.lastgroup and (len(header) > 2 or found["colon"]):
        return _NAMES[int(known.lastgroup[1:])]
    return header.lower() if len(header) > 3 and header.isupper() else ""


def pieces(text: str, most: int, least: int) -> list[Section]:
    """Sections of at most so many characters; a part of each section that is longer.

    Args:
        text: the note.
        most: characters of a part, where no sentence is longer.
        least: shorter sections go together with the next, a short last one with the one before, where that fits.
    """
    made: list[Section] = []
    for part in (part for section in sections(text) for part in _cut(section, most)):
        is_short = bool(made) and len(made[-1].text) < least
        if is_short and len(made[-1].text) + len(part.text) <= most:
            before = made.pop()
            made.append(Section(before.name or part.name, before.text + part.text))
        else:
            made.append(part)
    if len(made) > 1 and len(made[-1].text) < least and len(made[-2].text) + len(made[-1].text) <= most:
        last = made.pop()
        before = made.pop()
        made.append(Section(before.name, before.text + last.text))
    return made


def _cut(section: Section, most: int) -> Iterator[Section]:
    if len(section.text) <= most:
        yield section
        return
    for text in _packed(sentences(section.text), most):
        yield Section(section.name, text)


def _packed(parts: Sequence[str], most: int) -> Iterator[str]:
    """Sentences put together, in order, as long as they fit."""
    held: list[str] = []
    size = 0
    for part in parts:
        if held and size + len(part) > most:
            yield "".join(held)
            held, size = [], 0
        held.append(part)
        size += len(part)
    if held:
        yield "".join(held)
