from __future__ import annotations

import json

import pytest

from stillroom.validate.suite.results import Figure, SuiteResult


def test_results_survive_json(result: SuiteResult) -> None:
    assert SuiteResult.from_dict(json.loads(json.dumps(result.to_dict()))) == result


def test_a_cell_is_found_or_refused(result: SuiteResult) -> None:
    assert result.cell("b", "hint").why == "the teacher shows no stage"
    assert [task.name for task, _ in result.of_method("hint")] == ["a", "c", "d"]
    with pytest.raises(KeyError, match="no cell of 'b' and 'nobody'"):
        result.cell("b", "nobody")


def test_an_interval_that_touches_zero_takes_no_side() -> None:
    assert [Figure(0.1, *ends).side for ends in ((0.0, 0.2), (0.01, 0.2), (-0.3, -0.1), (None, None))] == [
        0,
        1,
        -1,
        0,
    ]
