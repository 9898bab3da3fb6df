"""The datasheet as a page: Markdown, after Gebru et al. 2021, Datasheets for Datasets, arXiv:1803.09010."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from stillroom.data.prepare.datasheet.facts import TERMS
from stillroom.types import SPLITS

Facts = Mapping[str, Any]
_COUNT = re.compile(r"[*\d,]+|–")
_TITLES = {"kind": "Kinds of task", "specialty": "Specialties", "difficulty": "Difficulties"}


def page(facts: Facts) -> str:
    """Write the page of a corpus from its facts."""
    sections = {
        "Composition": _composition(facts),
        "Sources and licences": _sources(facts),
        "What the licences ask": _terms(facts),
        "Preparation": _stages(facts),
        "Splits": _splits(facts),
        "Lengths": _lengths(facts),
        **{title: _table(facts[tag]) for tag, title in _TITLES.items()},
        "Long tail": _long_tail(facts),
        "For the recipe": _for_the_recipe(facts),
        "Traps of the sources": _traps(facts),
        "Use": _USE,
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"# Datasheet: {facts['name']}\n\n{_head(facts)}\n\n{body}\n"


_USE = (
    "Research on knowledge distillation, and assistive tools whose every output a clinician reads. `review.jsonl` "
    "holds 20 rows of each source, chosen by hash: read them before you train. De-identification is measured on "
    "planted identifiers and misses some kinds: a corpus of patients' notes stays as private as the notes. What is "
    "said of licences is no legal advice."
)


def _head(facts: Facts) -> str:
    return (
        f"Prepared by Stillroom {facts['stillroom']}. Content hash `{facts['fingerprint']}`: the same sources and "
        "settings give the same bytes, by any number of workers."
    )


def _composition(facts: Facts) -> str:
    rows = [[source["name"], *(f"{source[split]:,}" for split in SPLITS)] for source in facts["sources"]]
    total = ["**all**", *(f"**{facts['items'][split]:,}**" for split in SPLITS)]
    return _markdown([["Source", *SPLITS], *rows, total])


def _sources(facts: Facts) -> str:
    head = ["Source", "Data set", "Version", "Licence", "Access", "Published rows", "Raw rows", "Quarantined"]
    rows = [
        [
            source["name"],
            f"[{source['title']}]({source['url']})" if source["url"] else source["title"],
            source["version"],
            source["licence"],
            source["access"],
            "–" if source["published_rows"] is None else f"{source['published_rows']:,}",
            f"{source['rows']:,}",
            f"{source['quarantined']:,}",
        ]
        for source in facts["sources"]
    ]
    cited = _bullets(
        f"{source['name']}: {source['citation']}" for source in facts["sources"] if source["citation"]
    )
    return f"{_markdown([head, *rows])}\n\n{cited}"


def _terms(facts: Facts) -> str:
    rows = [[term.replace("_", " "), TERMS[term], ", ".join(names)] for term, names in facts["terms"].items()]
    told = "They are part of the corpus and go on into the notice and the card of every student that learns from it."
    return (
        f"{told}\n\n{_markdown([['Term', 'What it asks', 'Sources'], *rows])}"
        if rows
        else "Nothing is known."
    )


def _stages(facts: Facts) -> str:
    head = ["Stage", "Rows in", "Rows out", "Changed", "Left out", "Further counts"]
    rows = [
        [
            step["stage"],
            *(f"{step[name]:,}" for name in ("rows_in", "rows_out", "changed")),
            f"{sum(step['dropped'].values()):,}",
            ", ".join(f"{name} {count:,}" for name, count in step["facts"].items()),
        ]
        for step in facts["stages"]
    ]
    reasons = [
        [step["stage"], reason, f"{count:,}"]
        for step in facts["stages"]
        for reason, count in sorted(step["dropped"].items(), key=lambda pair: -pair[1])
    ]
    names = [step["stage"] for step in facts["stages"]]
    by_source = [
        [line["source"], *(f"{line.get(name, 0):,}" for name in names)]
        for line in facts["left_out_by_source"]
    ]
    parts = [
        _markdown([head, *rows]),
        "Every row that was left out stands in `left_out.jsonl`, with stage and reason.",
    ]
    if reasons:
        parts += [
            _markdown([["Stage", "Reason", "Rows"], *reasons]),
            _markdown([["Left out of", *names], *by_source]),
        ]
    return "\n\n".join(parts)


def _splits(facts: Facts) -> str:
    split = facts["settings"].get("split")
    if split is None:
        return "As the sources say; rows of which they say nothing are training rows."
    own = (
        "Sources keep their own splits. "
        if split["keep_own_splits"]
        else "Sources' own splits are not kept. "
    )
    return (
        f"By group: what shares a patient, a document or a concept is on one side. {own}Where there is none, the hash "
        f"of the group's name decides: {split['validation_share']:.0%} validation, {split['test_share']:.0%} test. "
        "Benchmarks are test rows, and nothing of their groups is learned from."
    )


def _lengths(facts: Facts) -> str:
    tokens = facts["tokens"]
    return (
        f"![Lengths](token_lengths.svg)\n\nIn tokens ({tokens['counted']}): half of the rows have at most "
        f"{tokens['median_at_most']:,}, 95 % at most {tokens['p95_at_most']:,}, the longest {tokens['longest']:,}."
    )


def _long_tail(facts: Facts) -> str:
    lines = [
        f"{_TITLES[tag]} below 1 % of the training rows: "
        + ", ".join(f"{line[tag]} ({line['rows']:,})" for line in rare)
        for tag, rare in facts["long_tail"].items()
        if rare
    ]
    return _bullets(lines) or "No value of any tag has less than 1 % of the training rows."


def _for_the_recipe(facts: Facts) -> str:
    """Lines of a recipe that would lift rare specialties, and begin with what is easy."""
    weights = ", ".join(
        f"{json.dumps(name)}: {weight:g}" for name, weight in facts["specialty_weights"].items()
    )
    lessons = [
        f"    - {{until: {lesson['until']:g}, take: [{', '.join(lesson['take'])}]}}"
        for lesson in facts["curriculum"]
    ]
    taught = ["curriculum:", "  by: difficulty", "  lessons:", *lessons] if lessons else []
    lines = ["objective:", f"  specialty_weights: {{{weights}}}", *taught]
    told = "Lines that lift rare specialties, and begin with what is easy; whether they help is for a run to show."
    return "\n".join([told, "", "```yaml", *lines, "```"])


def _traps(facts: Facts) -> str:
    return (
        _bullets(f"{source['name']}: {trap}" for source in facts["sources"] for trap in source["traps"])
        or "None known."
    )


def _table(lines: Sequence[Mapping[str, Any]]) -> str:
    if not lines:
        return "None."
    tag = next(iter(lines[0]))
    rows = [[line[tag].replace("_", " "), *(f"{line[split]:,}" for split in SPLITS)] for line in lines]
    return _markdown([[tag, *SPLITS], *rows])


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = ([str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)
    counts = [all(_COUNT.fullmatch(row[at]) for row in body) for at in range(len(head))]
    rule = ["---:" if of_counts else ":---" for of_counts in counts]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
