"""Rows of clinical notes: what a note asks for depends on its sections; two sources have them."""

from __future__ import annotations

import re

_IMPRESSION = re.compile(r"^[ \t]*IMPRESSION:[ \t]*", re.M)
_COURSE = re.compile(r"^[ \t]*Brief Hospital Course:?[ \t]*\n", re.M | re.I)
_AFTER_COURSE = re.compile(
    r"^[ \t]*(?:Medications on Admission|Discharge (?:Medications|Disposition|Diagnos[ie]s|Condition|Instructions))\b",
    re.M | re.I,
)
_FEWEST_CHARACTERS = 40
"""A part with less says nothing: 'IMPRESSION: as above'."""


def note_columns(text: str, kind: str) -> dict[str, str]:
    r"""Make task, prompt, context and response of a note.

    A radiology report with an impression is a summarisation of what stands before it; a discharge summary with a
    hospital course, the same of what led to it; every other note is to be learned as it stands.

    Args:
        text: the note.
        kind: what it is, as ``radiology``, ``discharge summary`` or ``nursing``.

    >>> made = note_columns("FINDINGS: A right lower lobe opacity with air bronchograms is seen.\n"
    ...     "IMPRESSION: Right lower lobe pneumonia, to be followed to resolution.", "radiology report")
    >>> made["task"], made["response"]
    ('summarisation', 'Right lower lobe pneumonia, to be followed to resolution.')
    """
    if "radiology" in kind:
        parts, prompt = _split(text, _IMPRESSION, None), "Write the impression of the radiology report."
    elif "discharge" in kind:
        parts, prompt = (
            _split(text, _COURSE, _AFTER_COURSE),
            "Write the brief hospital course of the patient.",
        )
    else:
        parts, prompt = None, ""
    if parts is None:
        return {"task": "note", "prompt": f"Write a clinical note. Kind: {kind}.", "response": text.strip()}
    return {"task": "summarisation", "prompt": prompt, "context": parts[0], "response": parts[1]}


def _split(text: str, header: re.Pattern[str], after: re.Pattern[str] | None) -> tuple[str, str] | None:
    """What stands before a section, and the section; None unless both say something."""
    begin = header.search(text)
    if begin is None:
        return None
    end = after.search(text, begin.end()) if after else None
    before, section = text[: begin.start()].strip(), text[begin.end() : end.start() if end else None].strip()
    return (before, section) if min(len(before), len(section)) >= _FEWEST_CHARACTERS else None
