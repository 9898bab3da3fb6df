"""Names of persons: by context, by dictionary, and again wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stillroom.data.prepare.stages.deidentify.bare import follows_a_person, name_at
from stillroom.data.prepare.stages.deidentify.capitals import RUN, TOKEN, plain
from stillroom.data.prepare.stages.deidentify.contexts import (
    CALLINGS,
    GREETINGS,
    HONORIFICS,
    TRIGGERS,
    Belief,
    after,
    before,
)
from stillroom.data.prepare.stages.deidentify.eponyms import names_a_thing
from stillroom.data.prepare.stages.deidentify.lexicon import Lexicon, lexicon
from stillroom.data.prepare.stages.deidentify.runs import Found, Run
from stillroom.data.prepare.stages.deidentify.spans import Span

_RUN = re.compile(RUN)
_GIVEN_BEHIND = re.compile(rf",[ ]{{0,2}}(?P<given>{TOKEN})(?:[ ][A-Z](?:\.|(?!\w)))?")
_LOWER_CASE = re.compile(
    r"\b(?P<title>(?:mr|mrs|ms|miss|dr|prof|doctor|nurse)\b\.?)[ \t]{1,2}(?P<name>[a-z][a-z'-]{2,})\b"
)
_INSIDE = re.compile(r"(?:[a-z,;(]|\b[A-Z]\.) $")
_TITLES = HONORIFICS | CALLINGS
_VERBS = frozenset({"may", "will"})
_LEAST_LETTERS, _SURE_LETTERS = 3, 5


def names(text: str) -> Iterator[Span]:
    """Find names of persons.

    What was found once is found again in the same text, with its possessive and in capitals, where it begins with a
    capital and no thing is called by it.

    >>> text = "Mr. Okwuosa, who has Crohn's disease, came with his son. OKWUOSA is better."
    >>> [text[s.start : s.stop] for s in sorted(names(text))]
    ['Okwuosa', 'OKWUOSA']
    """
    words = lexicon()
    found = [
        name
        for match in _RUN.finditer(text)
        if not _starts_a_line(text, match, words)
        for name in _in_run(text, Run(text, *match.span(), words))
    ]
    for match in _LOWER_CASE.finditer(text):
        is_word = match["name"] in words.words
        if not is_word or (match["title"].endswith(".") and match["name"] in words.common_family - _VERBS):
            found.append(Found(*match.span("name"), (match["name"],)))
    places = {(one.start, one.stop) for one in found}
    places |= {match.span() for match in _again(text, found, words)}
    yield from (Span(start, stop, "name") for start, stop in places)


def _starts_a_line(text: str, match: re.Match[str], words: Lexicon) -> bool:
    """Whether a run is one plain word that begins a line or follows a question: no name, whatever stands around it."""
    start = match.start()
    begins = start < 2 or text[start - 1] == "\n" or text[start - 2] in "?!"
    return begins and match[0].lower() in words.plain


def _in_run(text: str, run: Run) -> Iterator[Found]:
    """Names of a run: titles and greetings inside it part it, what stands around it speaks for its ends."""
    first, belief = 0, before(text, run.pieces[0].start())
    for place, part in enumerate(run.parts[:-1]):
        inside = _inside(part) or (before(text, run.pieces[place + 1].start()) if part in TRIGGERS else None)
        if inside:
            yield from _in_part(text, run, first, place, belief)
            first, belief = place + 1, inside
    yield from _in_part(text, run, first, len(run), belief)


def _inside(part: str) -> Belief | None:
    if part in HONORIFICS:
        return "titled"
    return "called" if part in CALLINGS else "known" if part in GREETINGS else None


def _in_part(text: str, run: Run, first: int, stop: int, belief: Belief | None) -> Iterator[Found]:
    if first >= stop or (all(map(run.is_plain_word, range(first, stop))) and belief is None):
        return
    end = run.trimmed(first, stop)
    if belief is None and after(text, run.pieces[end - 1].end()):
        belief = "no_word"
    if belief is not None:
        found = run.found(first, end, is_told=True)
        labelled = text[max(0, found.start - 6) : found.start].rstrip()[-1:] in {":", "="}
        listed = _with_given(text, found, labelled)
        is_followed = follows_a_person(text, found.stop)
        believed = run.believed(first, end, belief, is_followed) or listed is not found
        if believed and (belief in {"titled", "any"} or not names_a_thing(text, found.stop)):
            yield listed
            first = end
    if names_a_thing(text, run.pieces[-1].end()):
        return
    while first < stop:
        end = name_at(text, run, first, stop)
        if end > first:
            yield _with_given(text, run.found(first, end, is_told=False))
        first = max(end, first + 1)


def _with_given(text: str, found: Found, labelled: bool = False) -> Found:
    """A family name together with the given names behind its comma."""
    match = _GIVEN_BEHIND.match(text, found.stop)
    family = plain(text[found.start : found.stop])
    if match is None or " " in family:
        return found
    given, words = plain(match["given"]), lexicon()
    is_name = given in words.given and given not in words.never
    if labelled:
        is_name |= all(part not in words.words and part not in words.never for part in (given, family))
    return Found(found.start, match.end(), (*found.parts, given)) if is_name else found


def _again(text: str, found: Iterable[Found], words: Lexicon) -> Iterator[re.Match[str]]:
    parts = {part for one in found for part in one.parts if len(part) >= _LEAST_LETTERS} - _TITLES
    if not parts:
        return
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, parts)))})(?!\w)", re.I)
    for match in pattern.finditer(text):
        part = match[0].lower()
        is_word = part in words.words or part in words.never
        capital = text[match.start()].isupper()
        if is_word:
            believed = (
                capital
                and not match[0].isupper()
                and bool(_INSIDE.search(text, max(0, match.start() - 4), match.start()))
            )
        else:
            believed = capital or len(part) >= _SURE_LETTERS
        if believed and not names_a_thing(text, match.end()):
            yield match
