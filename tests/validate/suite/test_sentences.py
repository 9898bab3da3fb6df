from __future__ import annotations

from dataclasses import replace

from stillroom.validate.suite.results import SuiteResult
from stillroom.validate.suite.sentences import sentences


def test_sentences_claim_what_the_intervals_bear(result: SuiteResult) -> None:
    told = sentences(result)
    assert told[0] == "Better than the control on some of 4 tasks: soft <b>, dist <b>, hint <b>."
    assert told[1] == "Soft <b>: better than the control on a, c, d, not told apart on 1 of 4."
    assert told[3].startswith("Hint <b>: better than the control on c, worse than the control on d, not told")
    assert not any(sentence.startswith("Control") for sentence in told)
    assert any("Of 11 differences to the control, 6 leave out zero" in sentence for sentence in told)
    assert any("about 1 would by chance" in sentence for sentence in told)


def test_where_nothing_helps_the_first_sentence_says_so(result: SuiteResult) -> None:
    methods = tuple(method for method in result.methods if method.name == "control")
    alone = replace(result, methods=methods)
    assert sentences(alone)[0].startswith("No method is shown to be better than the control")


def test_ranks_inside_the_critical_difference_are_called_so(result: SuiteResult) -> None:
    told = sentences(result)
    assert any("soft <b> before control <b>" in sentence for sentence in told)
    assert any("critical difference 2.71" in s and "not demonstrated" in s for s in told)


def test_what_was_not_measured_is_named(result: SuiteResult) -> None:
    assert sentences(result)[-1] == "Not measured: e (no folder e)."
