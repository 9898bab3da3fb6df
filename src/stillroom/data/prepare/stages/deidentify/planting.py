"""Recall of de-identification, measured on identifiers that were planted into real texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stillroom.data.hashing import choose, digest
from stillroom.data.prepare.sentences import sentences
from stillroom.data.prepare.stages.deidentify.dates import MONTHS
from stillroom.data.prepare.stages.deidentify.planted_forms import Forms
from stillroom.data.prepare.stages.deidentify.recognise import Recogniser, recognise
from stillroom.data.prepare.stages.deidentify.spans import Kind, Span

_TENS = ("ninety", "ninety-one", "ninety-three", "ninety-six", "ninety-nine")
_FIELD = re.compile(r"\{(\w+)\}")
_PLACE = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class Planted:
    """A text with one identifier of nobody in it.

    Attributes:
        text: the text.
        span: where the identifier stands.
        form: the sentence that it was planted with.
    """

    text: str
    span: Span
    form: str


@dataclass(frozen=True)
class Recall:
    """How many planted identifiers of a kind were found.

    Attributes:
        kind: their kind.
        planted: how many there were.
        whole: how many were found with every letter and digit.
        touched: how many were found in part at least.
    """

    kind: Kind
    planted: int
    whole: int
    touched: int

    @property
    def recall(self) -> float:
        """Share that was found whole."""
        return self.whole / self.planted


@dataclass(frozen=True)
class Measured:
    """What de-identification finds.

    Attributes:
        recalls: by kind.
        missed: how often each form was not found whole; forms hold no text of the corpus.
        words: words of the texts as they came.
        found: places that were found in them, by kind. Texts without identifiers have false ones only.
    """

    recalls: tuple[Recall, ...]
    missed: Mapping[str, int]
    words: int
    found: Mapping[Kind, int]

    @property
    def found_per_1000_words(self) -> float:
        """Places found in the texts as they came, of all kinds."""
        return 1000 * sum(self.found.values()) / max(self.words, 1)


def plant(texts: Sequence[str], forms: Forms, seed: int) -> Iterator[Planted]:
    """Plant one identifier into each text, behind one of its sentences; forms take turns.

    What is planted, and where, depends on the seed and the text's place alone.
    """
    turns = [(kind, form) for kind, listed in forms.sentences.items() for form in listed]
    for number, text in enumerate(texts):
        kind, form = turns[number % len(turns)]
        yield _planted(text, kind, form, forms, digest(seed, number))


def measure(texts: Sequence[str], forms: Forms, seed: int, further: Sequence[Recogniser] = ()) -> Measured:
    """Measure recall by kind on planted identifiers, and what is found in the texts as they came.

    Args:
        texts: real texts.
        forms: what is planted.
        seed: what planting is drawn from.
        further: recognisers besides those that are built in.
    """
    tried: Counter[Kind] = Counter()
    whole, touched, missed = Counter[Kind](), Counter[Kind](), Counter[str]()
    for planted in plant(texts, forms, seed):
        kind, share = planted.span.kind, _covered(planted, recognise(planted.text, further))
        tried[kind] += 1
        whole[kind] += share == 1
        touched[kind] += share > 0
        missed[planted.form] += share < 1
    found = Counter(span.kind for text in texts for span in recognise(text, further))
    recalls = tuple(
        Recall(kind, tried[kind], whole[kind], touched[kind]) for kind in forms.sentences if tried[kind]
    )
    words = sum(len(text.split()) for text in texts)
    return Measured(recalls, +missed, words, found)


def _planted(text: str, kind: Kind, form: str, forms: Forms, salt: int) -> Planted:
    fields = _fields(forms, salt)
    filled = _FIELD.sub(lambda field: _value(field[1], fields, salt, field.start()), form)
    marked = _PLACE.search(filled)
    assert marked is not None
    sentence = filled.replace("<", "").replace(">", "")
    pieces = sentences(text)
    behind = digest(salt, "place") % (len(pieces) + 1)
    before = "".join(pieces[:behind]).rstrip(" ")
    joint = " " if before and not before.endswith("\n") else ""
    start = len(before) + len(joint) + marked.start()
    rest = "".join(pieces[behind:])
    return Planted(f"{before}{joint}{sentence} {rest}", Span(start, start + len(marked[1]), kind), form)


def _fields(forms: Forms, salt: int) -> dict[str, str]:
    month = 1 + digest(salt, "month") % 12
    day, year = 1 + digest(salt, "day") % 28, 1930 + digest(salt, "year") % 95
    given, family = choose(forms.given, salt, "given"), choose(forms.family, salt, "family")
    return {
        "given": given, "GIVEN": given.upper(), "given_lower": given.lower(),
        "initial": choose(forms.given, salt, "initial")[0],
        "family": family, "FAMILY": family.upper(), "family_lower": family.lower().replace("'", ""),
        "m": str(month), "mm": f"{month:02d}", "Month": MONTHS[month - 1], "Mon": MONTHS[month - 1][:3],
        "MONTH": MONTHS[month - 1].upper(), "d": str(day), "dd": f"{day:02d}", "Y": str(year), "y": f"{year % 100:02d}",
        "age": str(90 + digest(salt, "age") % 16), "words": choose(_TENS, salt, "words"),
        "street": choose(forms.streets, salt, "street"), "city": choose(forms.cities, salt, "city"),
        "state": choose(forms.states, salt, "state"), "house": str(1 + digest(salt, "house") % 9_999),
        "zip": f"{10_000 + digest(salt, 'zip') % 89_999}",
    }  # fmt: skip


def _value(name: str, fields: Mapping[str, str], salt: int, place: int) -> str:
    """A field: a fixed one of the identifier, or letters (``L``) and digits (``n4``, ``p3``) of their own."""
    if name in fields:
        return fields[name]
    drawn = digest(salt, name, place)
    if name == "L":
        return "ABCDEFGHJKLMNPRSTUVWXYZ"[drawn % 23]
    length = int(name[1:])
    lowest = 2 * 10 ** (length - 1) if name[0] == "p" else 10 ** (length - 1)
    return str(lowest + drawn % (10**length - lowest))


def _covered(planted: Planted, spans: Iterable[Span]) -> float:
    """Share of the letters and digits of what was planted that lie in a span."""
    places = [
        place for place in range(planted.span.start, planted.span.stop) if planted.text[place].isalnum()
    ]
    inside = sum(any(span.start <= place < span.stop for span in spans) for place in places)
    return inside / len(places)
