"""BC5CDR: chemicals and diseases named in abstracts."""

from __future__ import annotations

from functools import partial

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.parts import read_parts
from stillroom.data.prepare.sources.entities import NONE, entity_parts, entity_row
from stillroom.types import Source

_PROMPT = (
    "List the chemicals and diseases that the sentence names, in its order, one to a line, as 'chemical: name' or "
    f"'disease: name'; '{NONE}' where it names none."
)
_row = partial(entity_row, prompt=_PROMPT, separator="\n", with_kind=True)

ADAPTER = Adapter(
    name="bc5cdr",
    about=Source(
        "BioCreative V CDR corpus",
        "2016",
        "free to use; to be cited, this form of it CC BY 4.0",
        "https://github.com/cambridgeltl/MTL-Bioinformatics-2016",
        "Li et al., BioCreative V CDR task corpus: a resource for chemical disease relation extraction, Database 2016; "
        "Crichton et al., BMC Bioinformatics 18:368, 2017",
    ),
    summary="sentences of PubMed abstracts, and the chemicals and diseases that they name",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, entity_parts(_row)),
    expected={"train": 4560, "validation": 4581, "test": 4797},
    folder="ner_bc5cdr",
    files={
        "{train,devel,test}.tsv or {train,dev,test}.conll": "token, tag (O, B-/I-Chemical, B-/I-Disease); a blank line "
        "ends a sentence"
    },
    traps=(
        "the files are tokens: the text is put together with the usual spacing, so 'L - dopa' reads 'L-dopa', and a "
        "dash between words is lost",
        "nothing says which sentences are of one abstract: the published split keeps abstracts apart, so it must stay",
        "11 sentences, most of them fragments ('Case report.'), stand in several splits: left to the isolation stage",
        "a name that comes twice in a sentence is listed once for each kind",
    ),
)
