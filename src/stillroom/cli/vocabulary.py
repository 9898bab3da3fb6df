"""``stillroom vocabulary``: two tokenizers, compared before any training."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.tables import print_fields, print_table

if TYPE_CHECKING:
    from stillroom.data.vocabulary_report import CorpusCover, Cover, VocabularyReport

_HEAD = ("words", "looked at", "cut alike", "joined by bytes", "lost", "not in both vocabularies", "such as")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom vocabulary gemma3-270m smollm2-135m-instruct --corpus quickstart")(
        vocabulary
    )


def vocabulary(
    teacher: Annotated[str, typer.Argument(help="A packaged model, a folder, or owner/name of the hub.")],
    student: Annotated[str, typer.Argument(help="The same, of the student.")],
    corpus: Annotated[
        str | None,
        typer.Option(metavar="RECIPE", help="Compare on the training texts of a recipe's corpus too."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Compare two tokenizers: what they share, and how numbers, units, doses, negations, sides and drugs fare.

    Words are counted, never shown, where they come from a corpus.
    """
    from stillroom import data
    from stillroom.data.coverage import compare
    from stillroom.models import ModelSettings
    from stillroom.models.tokenizer import load_tokenizer
    from stillroom.recipes.loading import load_language

    theirs, mine = (load_tokenizer(ModelSettings(model=name)) for name in (teacher, student))
    if corpus is None:
        report = compare(theirs, mine)
    else:
        recipe = load_language(corpus)
        examples = data.load(recipe.corpus).splits["train"]
        report = compare(theirs, mine, examples, max_tokens=recipe.max_tokens)
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        print_report(report)


def print_report(report: VocabularyReport) -> None:
    """Print what a comparison tells."""
    print_fields(_fields(report))
    typer.echo("\nWord lists, each word alone and after a space:")
    print_table(_HEAD, _rows(report.words))
    if report.corpus is not None:
        typer.echo("\nThe corpus' responses:")
        print_fields(_corpus_fields(report.corpus))
        print_table(_HEAD[:-1], [row[:-1] for row in _rows(report.corpus.kinds)])
    for problem in report.problems:
        typer.echo(f"note: {problem}")


def _fields(report: VocabularyReport) -> Iterator[tuple[str, str]]:
    yield "teacher", f"{report.teacher_tokens:,} tokens, answers end with {report.ends[0]}"
    yield "student", f"{report.student_tokens:,} tokens, answers end with {report.ends[1]}"
    yield "vocabulary", "one and the same" if report.same else "two"
    yield "teacher's tokens", _shares(report.exact, report.decomposed, report.unmatched)


def _corpus_fields(corpus: CorpusCover) -> Iterator[tuple[str, str]]:
    yield "rows", f"{corpus.rows:,}"
    yield "tokens", f"{corpus.teacher_tokens:,} of the teacher, {corpus.student_tokens:,} of the student"
    yield "teacher's tokens", _shares(corpus.exact, corpus.decomposed, corpus.unmatched)
    yield "student's tokens", f"{corpus.at_boundary:.1%} begin where one of the teacher's does"


def _shares(exact: float, decomposed: float, unmatched: float) -> str:
    return (
        f"{exact:.1%} in both, {decomposed:.1%} spelled by several of the student's, {unmatched:.1%} by none"
    )


def _rows(covers: Sequence[Cover]) -> list[tuple[str, ...]]:
    return [
        (
            cover.kind,
            *(
                f"{number:,}"
                for number in (cover.words, cover.alike, cover.joined, cover.lost, cover.outside)
            ),
            ", ".join(repr(word) for word in cover.examples),
        )
        for cover in covers
    ]
