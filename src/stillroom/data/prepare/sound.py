"""Whether a raw row can be a row of the corpus, and what is wrong with it if not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stillroom.data.prepare.rows import ROW
from stillroom.types import SPLITS

_COLUMNS = frozenset(ROW.names) - {"source"}
_OTHER = frozenset({"options", "benchmark"})
_NEEDED = ("id", "task", "prompt", "response")


def row_of(raw: Mapping[str, Any], source: str, longest_row_characters: int) -> dict[str, Any] | str:
    """Return the row that a raw row holds, or what is wrong with it; never its text.

    Args:
        raw: the columns of a row, empty ones left out.
        source: name of the source, which begins its rows' identifiers.
        longest_row_characters: most characters of prompt, context and response together.

    >>> row_of({"id": "7", "task": "note", "prompt": "What?", "response": "It."}, "mine", 99)["id"]
    'mine/7'
    >>> row_of({"id": "7", "task": "note", "prompt": "What?", "response": float("nan")}, "mine", 99)
    'response is not text but float'
    """
    wrong = _wrong_columns(raw) or _wrong_text(raw, longest_row_characters) or _wrong_choice(raw)
    if wrong:
        return wrong
    id = raw["id"]
    return {**raw, "source": source, "id": id if id.startswith(f"{source}/") else f"{source}/{id}"}


def _wrong_columns(raw: Mapping[str, Any]) -> str:
    for name in _NEEDED:
        if raw.get(name) is None:
            return f"no {name}"
    if unknown := raw.keys() - _COLUMNS:
        return f"unknown column {min(unknown)!r}"
    return ""


def _wrong_text(raw: Mapping[str, Any], longest_row_characters: int) -> str:
    for name, value in raw.items():
        if name not in _OTHER and not isinstance(value, str):
            return f"{name} is not text but {type(value).__name__}"
        if isinstance(value, str) and not _is_unicode(value):
            return f"{name} is not Unicode text"
    for name in _NEEDED:
        if not raw[name].strip():
            return f"empty {name}"
    characters = sum(len(raw.get(name, "")) for name in ("prompt", "context", "response"))
    if characters > longest_row_characters:
        return f"more than {longest_row_characters} characters"
    return ""


def _wrong_choice(raw: Mapping[str, Any]) -> str:
    options = raw.get("options") or []
    if not all(isinstance(option, str) and _is_unicode(option) for option in options):
        return "an option that is not text"
    if options and raw["response"] not in options:
        return "the response is none of the options"
    if raw.get("split", "") not in ("", *SPLITS):
        return "unknown split"
    return "" if isinstance(raw.get("benchmark", False), bool) else "benchmark is neither true nor false"


def _is_unicode(text: str) -> bool:
    """Whether it can be written as UTF-8: half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
