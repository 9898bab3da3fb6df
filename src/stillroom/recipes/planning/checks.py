"""What teacher, student and corpus settings must agree on, seen from their shapes and licences alone."""

from __future__ import annotations

from collections.abc import Iterator

from stillroom.data.coverage import compare
from stillroom.export.exportable import FAMILIES
from stillroom.models.licences import objections
from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.corpus_rows import local_tokenizer
from stillroom.recipes.planning.hardware import Hardware
from stillroom.recipes.planning.subjects import Subjects
from stillroom.recipes.schema import Recipe

WIDEST_RATIO = 10.0


def checks(recipe: Recipe, who: Subjects, hardware: Hardware) -> Iterator[Finding]:
    """Look at what can be known before any weight is loaded."""
    yield _sizes(who)
    yield from _licences(who)
    yield from _context(recipe, who)
    yield from _vocabulary(recipe, who)
    yield from _precision(recipe, hardware)
    yield _export(who)


def _sizes(who: Subjects) -> Finding:
    """Warn of a capacity gap of more than ten; it is a rule of thumb and never a limit."""
    ratio = who.capacity_ratio
    found = (
        f"{who.teacher.name} {_count(who.teacher.architecture.parameters)}, "
        f"student {_count(who.student_shape.parameters)}, ratio {ratio:.1f} : 1"
    )
    if ratio <= WIDEST_RATIO:
        return Finding("size", "ok", found)
    advice = f"above {WIDEST_RATIO:g} : 1 a student often stops short: a stage between, or a larger student"
    return Finding("size", "note", found, advice)


def _licences(who: Subjects) -> Iterator[Finding]:
    teacher, student = who.teacher.licence, who.student.licence
    for model in dict.fromkeys((who.teacher, who.student)):
        if model.licence is None:
            yield Finding(f"licence of {model.name}", "note", "not known", "read its terms before use")
            continue
        terms = [
            *model.licence.duties,
            *([f"forbids {model.licence.forbids}"] if model.licence.forbids else []),
        ]
        found = f"{model.licence.name}: {'; '.join(terms)} ({model.licence.url})"
        yield Finding(f"licence of {model.name}", "ok", found)
    if teacher is not None and student is not None:
        for objection in objections(teacher, student):
            advice = "have it cleared, or take a teacher whose licence allows it"
            yield Finding("licences together", "note", objection, advice)


def _context(recipe: Recipe, who: Subjects) -> Iterator[Finding]:
    context = min(who.teacher.architecture.context, who.student_shape.context)
    if recipe.max_tokens > context:
        found = f"max_tokens is {recipe.max_tokens}; teacher and student see {context}"
        yield Finding(
            "length", "problem", found, "longer examples cannot be read:", (f"max_tokens={context}",)
        )


def _vocabulary(recipe: Recipe, who: Subjects) -> Iterator[Finding]:
    """Tell what speaks against a pair of tokenizers; in full where both are on this machine."""
    if who.teacher is who.student:
        return
    theirs = local_tokenizer(recipe.teacher)
    mine = local_tokenizer(recipe.student.start_from or recipe.teacher) if theirs else None
    if theirs is None or mine is None:
        teacher, student = who.teacher.architecture.vocab, who.student_shape.vocab
        if teacher != student:
            found = f"the teacher's has {teacher} entries, the student's {student}"
            yield Finding(
                "vocabulary", "note", found, "compare them once both are here: stillroom vocabulary"
            )
        return
    report = compare(theirs, mine)
    if not report.same:
        shared = f"{report.exact:.1%} of the teacher's {report.teacher_tokens} tokens are the student's too"
        advice = (
            f"stillroom vocabulary {recipe.teacher.model} {who.student.name} tells how numbers and units fare"
        )
        yield Finding("vocabulary", "note", "; ".join((shared, *report.problems)), advice)


def _precision(recipe: Recipe, hardware: Hardware) -> Iterator[Finding]:
    for block, settings in (("teach", recipe.teach), ("train", recipe.train)):
        if settings and settings.precision == "bfloat16" and not hardware.computes_bfloat16:
            found = f"{hardware.name} has no fast bfloat16 products"
            yield Finding(f"{block}.precision", "note", found, "faster:", (f"{block}.precision=float32",))


def _export(who: Subjects) -> Finding:
    found = f"{who.student.name} is of the family {who.student_shape.family}"
    if who.student_shape.family in FAMILIES:
        return Finding("export", "ok", found)
    advice = (
        f"set student.start_from to a model of the family {' or '.join(FAMILIES)}: no other can be exported"
    )
    return Finding("export", "problem", found, advice)


def _count(parameters: int) -> str:
    """Write a number of parameters.

    >>> _count(1_235_814_400), _count(134_515_008)
    ('1.24 B', '135 M')
    """
    return f"{parameters / 1e9:.2f} B" if parameters >= 10**9 else f"{parameters / 1e6:.0f} M"
