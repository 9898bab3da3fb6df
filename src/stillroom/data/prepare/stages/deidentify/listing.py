"""Lists of words, written as text."""

from __future__ import annotations


def listed(text: str, mark: str | None = None) -> tuple[str, ...]:
    """The words of a text, or what stands between marks.

    >>> listed("one two"), listed("one|two three", "|")
    (('one', 'two'), ('one', 'two three'))
    """
    return tuple(text.split(mark))
