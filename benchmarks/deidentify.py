"""Recall, false finds and speed of de-identification: the tables of `docs/deidentification.md`.

    python benchmarks/deidentify.py FOLDER [--presidio]

FOLDER holds mts_dialog, medical_abstracts and medquad as JSON Lines, gzipped.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from pathlib import Path

from stillroom.data.prepare.stages.deidentify.held_out_forms import HELD_OUT
from stillroom.data.prepare.stages.deidentify.planted_forms import KNOWN
from stillroom.data.prepare.stages.deidentify.planting import Measured, measure
from stillroom.data.prepare.stages.deidentify.recognise import Recogniser, recognise

SETS = {
    "MTS-Dialog, notes": ("mts_dialog/train.jsonl.gz", "section_text"),
    "MTS-Dialog, conversations": ("mts_dialog/train.jsonl.gz", "dialogue"),
    "abstracts": ("medical_abstracts/abstracts.jsonl.gz", "text"),
    "MedQuAD": ("medquad/medquad.jsonl.gz", "answer"),
}
ROWS, SEED = 3_000, 0


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--presidio", action="store_true")
    chosen = parser.parse_args()
    further = presidio_alone() if chosen.presidio else ()
    texts = {name: read(chosen.folder / file, key) for name, (file, key) in SETS.items()}
    notes = texts["MTS-Dialog, notes"]
    for title, forms in (("known forms", KNOWN), ("held-out forms", HELD_OUT)):
        show_recall(title, measure(notes, forms, SEED, further))
        show_recall(f"{title}, in abstracts", measure(texts["abstracts"][:1_200], forms, SEED, further))
    for name, listed in texts.items():
        show_found(name, listed, further)
    show_eponyms(further)


def presidio_alone() -> tuple[Recogniser, ...]:
    """Presidio's patterns, added to the built-in recognisers."""
    from stillroom.data.prepare.stages.deidentify.presidio import presidio

    return (presidio(None),)


def read(file: Path, key: str) -> list[str]:
    """Texts of a file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line)[key] for line in lines][:ROWS]


def show_recall(title: str, measured: Measured) -> None:
    """A table by kind, and the forms that were missed."""
    print(f"\n{title}\n\n| kind | planted | found whole | touched | recall |\n|---|---|---|---|---|")
    for one in measured.recalls:
        print(f"| {one.kind} | {one.planted} | {one.whole} | {one.touched} | {one.recall:.3f} |")
    print("\nmissed:", "; ".join(f"{form} ({times})" for form, times in sorted(measured.missed.items())))


def show_found(name: str, texts: list[str], further: tuple[Recogniser, ...]) -> None:
    """What is found in texts as they came, and how fast."""
    started = time.process_time()
    spans = [span for text in texts for span in recognise(text, further)]
    seconds = time.process_time() - started
    words = sum(len(text.split()) for text in texts)
    kinds = {span.kind for span in spans}
    rates = {
        kind: round(1000 * sum(span.kind == kind for span in spans) / words, 3) for kind in sorted(kinds)
    }
    print(f"\n{name}: {len(texts)} texts, {words} words, {len(texts) / seconds:.0f} texts a processor second")
    print(f"found per 1000 words: {1000 * len(spans) / words:.3f}, of which {rates}")


def show_eponyms(further: tuple[Recogniser, ...]) -> None:
    """Sentences with eponyms, none of which may lose its name."""
    lost = [text for text in EPONYMS if recognise(text, further)]
    print(
        f"\neponyms and drugs: {len(EPONYMS) - len(lost)} of {len(EPONYMS)} sentences untouched",
        *lost,
        sep="\n  ",
    )


EPONYMS = (
    "Known Parkinson's disease on carbidopa.",
    "Crohn disease, on infliximab.",
    "Child with Down syndrome.",
    "Treated for Hodgkin lymphoma in remission.",
    "Wilson's disease was ruled out.",
    "Positive Murphy sign, negative Homans sign.",
    "Foley catheter in place, Hickman line removed.",
    "Glasgow Coma Scale 15, Apgar scores 8 and 9.",
    "History of Bell's palsy and Barrett esophagus.",
    "Graves disease, Hashimoto thyroiditis, Addison disease.",
    "Started on Coumadin, Lasix, Zoloft and Allegra.",
    "Ewing sarcoma of the femur, Gleason score 7.",
    "Tetralogy of Fallot repaired; Marfan syndrome.",
    "Whipple procedure, Billroth II, Roux-en-Y.",
    "Lynch syndrome and Gardner syndrome in the family.",
    "Alzheimer's dementia; Huntington chorea excluded.",
    "Babinski down-going, Romberg negative, Tinel positive.",
    "Guillain-Barre syndrome, then Charcot foot.",
)

if __name__ == "__main__":
    main()
