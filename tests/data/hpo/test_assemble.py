"""What the corpus promises, checked on the real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import sqrt

import pytest

from stillroom.data import HpoSettings, load
from stillroom.data.hpo.annotations import Annotations
from stillroom.data.hpo.assemble import build_from
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.wording import OPTIONS_MARK
from stillroom.data.text import content_words, series_key
from stillroom.types import Corpus, Example

KINDS = ("definition", "synonym", "differential")


def multiple_choice(corpus: Corpus, kind: str) -> list[Example]:
    held_out = (*corpus.splits["validation"], *corpus.splits["test"])
    return [example for example in held_out if example.kind == kind and example.options]


def accuracy(examples: list[Example], score: Callable[[Example, str], float]) -> float:
    """Accuracy of the rule "take the option with the highest score"; equals share the point."""
    points = 0.0
    for example in examples:
        scores = [score(example, option) for option in example.options]
        best = max(scores)
        points += (scores[example.answer] == best) / scores.count(best)
    return points / len(examples)


def echo(example: Example, option: str) -> int:
    return len(content_words(example.prompt.split(OPTIONS_MARK)[0]) & content_words(option))


RULES: dict[str, Callable[[Example, str], float]] = {
    "longest": lambda example, option: len(option),
    "shortest": lambda example, option: -len(option),
    "most words": lambda example, option: len(option.split()),
    "fewest words": lambda example, option: -len(option.split()),
    "most echo": echo,
    "least echo": lambda example, option: -echo(example, option),
    "first": lambda example, option: -example.options.index(option),
    "last": lambda example, option: example.options.index(option),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", RULES)
def test_no_rule_of_form_beats_chance_by_more_than_sampling_error(real: Corpus, kind: str, rule: str) -> None:
    examples = multiple_choice(real, kind)
    three_sigma = 3 * sqrt(0.25 * 0.75 / len(examples))
    assert len(examples) >= 150
    assert accuracy(examples, RULES[rule]) < 0.25 + three_sigma


@pytest.mark.parametrize("rule", ["longest", "shortest"])
def test_rules_of_length_score_chance_over_all_kinds(real: Corpus, rule: str) -> None:
    examples = [example for kind in KINDS for example in multiple_choice(real, kind)]
    assert accuracy(examples, RULES[rule]) == pytest.approx(0.25, abs=3 * sqrt(0.1875 / len(examples)))


def test_no_option_of_a_held_out_item_was_an_answer_in_training(real: Corpus) -> None:
    learned = {example.response for example in real.splits["train"]}
    options = {
        option for kind in KINDS for example in multiple_choice(real, kind) for option in example.options
    }
    assert not learned & options


def test_splits_share_no_concept_name_synonym_or_definition(real: Corpus) -> None:
    homes: dict[str, set[str]] = {}
    for split, rows in real.splits.items():
        for example in rows:
            homes.setdefault(example.group, set()).add(split)
            homes.setdefault(series_key(example.response), set()).add(split)
    assert {key for key, splits in homes.items() if len(splits) > 1} == set()


def test_held_out_items_of_a_kind_are_of_different_groups(real: Corpus) -> None:
    for split in ("validation", "test"):
        counts = Counter((example.kind, example.group) for example in real.splits[split])
        assert set(counts.values()) == {1}


def test_every_wrong_disease_fits_the_findings_strictly_worse(
    real: Corpus, real_files: tuple[Ontology, Annotations]
) -> None:
    ontology, annotations = real_files
    findings = {disease.name: disease.findings for disease in annotations.diseases.values()}
    by_name = {ontology.terms[id].name.lower(): id for id in ontology.branch}

    def fit(disease: str, shown: list[str]) -> int:
        implied = findings[disease].union(*(ontology.ancestors[id] for id in findings[disease]))
        return sum(finding in implied for finding in shown)

    for example in multiple_choice(real, "differential"):
        shown = [by_name[name] for name in listed_findings(example.prompt.lower())]
        fits = {option: fit(option, shown) for option in example.options}
        assert 4 <= len(shown) <= 6
        assert fits.pop(example.response) == len(shown)
        assert all(1 <= worse <= len(shown) - 2 for worse in fits.values())


def listed_findings(prompt: str) -> list[str]:
    asked = prompt.split(OPTIONS_MARK.lower())[0]
    for words in ("most likely disease?", "which disease fits best?", "findings:", "a patient has"):
        asked = asked.replace(words, "")
    return asked.strip(" .").split("; ")


def test_a_differential_lists_its_options_in_training_too(real: Corpus) -> None:
    for split in real.splits.values():
        for example in (row for row in split if row.kind == "differential"):
            assert example.prompt.endswith(OPTIONS_MARK + "; ".join(example.options))
            assert example.response in example.options


def test_loading_again_gives_the_same_corpus(real: Corpus, settings: HpoSettings) -> None:
    assert load(settings).fingerprint == real.fingerprint


def test_another_seed_gives_other_items_and_the_same_split(
    real: Corpus, real_files: tuple[Ontology, Annotations], settings: HpoSettings
) -> None:
    other = build_from(*real_files, settings.model_copy(update={"seed": 1}))
    home = {example.group: split for split, rows in real.splits.items() for example in rows}
    again = {example.group: split for split, rows in other.splits.items() for example in rows}
    assert other.fingerprint != real.fingerprint
    assert {group for group in home.keys() & again.keys() if home[group] != again[group]} == set()


def test_provenance_is_that_of_the_installed_files(real: Corpus) -> None:
    assert [source.version for source in real.sources] == ["hp/releases/2025-01-16", "2025-01-16", "4.0.0"]
    assert "https://hpo.jax.org/app/license" in real.sources[0].licence


def test_prompts_are_short(real: Corpus) -> None:
    words = {
        kind: max(len(e.prompt.split()) for rows in real.splits.values() for e in rows if e.kind == kind)
        for kind in KINDS
    }
    assert words["definition"] <= 30
    assert words["differential"] <= 80
