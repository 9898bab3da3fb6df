"""NCBI disease corpus: diseases named in abstracts."""

from __future__ import annotations

from functools import partial

from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.raw.parts import read_parts
from stillroom.data.prepare.sources.entities import NONE, entity_parts, entity_row
from stillroom.types import Source

_PROMPT = f"List the diseases that the sentence names, separated by semicolons; '{NONE}' where it names none."
_row = partial(entity_row, prompt=_PROMPT, separator="; ", with_kind=False)

ADAPTER = Adapter(
    name="ncbi_disease",
    about=Source(
        "NCBI disease corpus",
        "2014",
        "public domain; work of the US National Library of Medicine, this form of it CC BY 4.0",
        "https://github.com/cambridgeltl/MTL-Bioinformatics-2016",
        "Doğan, Leaman, Lu, NCBI disease corpus, Journal of Biomedical Informatics 47, 2014; Crichton et al., BMC "
        "Bioinformatics 18:368, 2017",
    ),
    summary="sentences of PubMed abstracts, and the diseases that they name",
    access="open",
    obligations=frozenset({"attribution"}),
    read=partial(read_parts, entity_parts(_row)),
    expected={"train": 5424, "validation": 923, "test": 940},
    folder="ner_ncbi_disease",
    files={
        "{train,devel,test}.tsv or {train,dev,test}.conll": "token, tag (O, B-Disease, I-Disease); a blank line "
        "ends a sentence"
    },
    traps=(
        "the files are tokens: the text is put together with the usual spacing, so 'ataxia - telangiectasia' reads "
        "'ataxia-telangiectasia', and a dash between words is lost",
        "nothing says which sentences are of one abstract: the published split keeps abstracts apart, so it must stay",
        "46 in 100 sentences name no disease: their answer is 'none', and the balance stage may thin them",
        "7 fragments ('RESULTS.', '3.') stand in several splits: left to the isolation stage",
        "a name that comes twice in a sentence is listed once",
    ),
)
