"""All recognisers over one text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from stillroom.data.prepare.stages.deidentify.addresses import addresses
from stillroom.data.prepare.stages.deidentify.ages import ages
from stillroom.data.prepare.stages.deidentify.contacts import contacts
from stillroom.data.prepare.stages.deidentify.dates import dates
from stillroom.data.prepare.stages.deidentify.names import names
from stillroom.data.prepare.stages.deidentify.numbers import numbers
from stillroom.data.prepare.stages.deidentify.spans import Span, settle

Recogniser = Callable[[str], Iterator[Span]]
RECOGNISERS: tuple[Recogniser, ...] = (contacts, numbers, dates, ages, addresses, names)


def recognise(text: str, further: Sequence[Recogniser] = ()) -> list[Span]:
    """Find every place of a text that points at a person; places do not overlap.

    >>> text = "Dr. Adeyemi saw the 94-year-old on 3/4/2021."
    >>> [(s.kind, text[s.start : s.stop]) for s in recognise(text)]
    [('name', 'Adeyemi'), ('age', '94'), ('date', '3/4/2021')]
    """
    return settle(span for recogniser in (*RECOGNISERS, *further) for span in recogniser(text))
