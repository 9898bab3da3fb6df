from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from stillroom.models.bedside.dictionary import Dictionary, found, words_of
from stillroom.models.bedside.settings import DictionarySettings
from stillroom.types import ModelError
from stillroom.types.cases import Case, Head
from stillroom.types.iob import decode, tags_of

HEAD = Head("classes", tags_of(["Chemical", "Disease"]))
SETTINGS = DictionarySettings(kind="dictionary")


def case(pieces: list[list[int]], tags: list[str]) -> Case:
    ends = np.cumsum([len(of) for of in pieces])
    spans = np.stack([ends - [len(of) for of in pieces], ends], 1)
    target = np.array([HEAD.names.index(tag) for tag in tags])
    return Case("a", "a", {"tokens": np.concatenate(pieces), "words": spans}, target)


ASTHMA, HEART, FAILURE, THE = [7], [8], [9, 10], [1]
TOLD = [
    case([THE, ASTHMA], ["O", "B-Disease"]),
    case([THE, ASTHMA], ["O", "B-Disease"]),
    case([HEART, FAILURE, THE], ["B-Disease", "I-Disease", "O"]),
    case([THE, HEART], ["O", "O"]),
    case([ASTHMA, THE], ["O", "O"]),
]


def test_a_name_is_as_sure_as_it_was_in_training() -> None:
    dictionary = Dictionary.fit(SETTINGS, TOLD, HEAD)
    name = words_of(case([ASTHMA], ["O"]))
    assert dictionary.names[name] == ("Disease", 3 / 5)  # 2 hits at 3 places


def test_words_without_a_name_are_as_often_entities_as_names_are_new() -> None:
    # Without the name seen once, eight words are left: B, I and six of O; each tag is counted once more.
    unnamed = Dictionary.fit(SETTINGS, TOLD, HEAD).unnamed
    assert dict(zip(HEAD.names, unnamed * (8 + 5), strict=True)) == pytest.approx(
        {"O": 7, "B-Chemical": 1, "I-Chemical": 1, "B-Disease": 2, "I-Disease": 2}
    )


def test_answers_are_distributions_and_name_the_longest() -> None:
    dictionary = Dictionary.fit(SETTINGS, TOLD, HEAD)
    logits = dictionary.logits(case([THE, HEART, FAILURE], ["O"] * 3))
    np.testing.assert_allclose(np.exp(logits).sum(-1), 1.0, rtol=1e-6)
    assert decode(np.exp(logits), HEAD.names) == ["O", "B-Disease", "I-Disease"]


def test_rare_names_can_be_left_out() -> None:
    often = Dictionary.fit(SETTINGS.model_copy(update={"least_count": 2}), TOLD, HEAD)
    assert list(often.names) == [((7,),)]


def test_names_do_not_overlap() -> None:
    words = ((1,), (2,), (1,), (2,))
    assert list(found({((1,), (2,)): "", ((2,), (1,)): ""}, words)) == [(0, 2), (2, 4)]


def test_it_is_written_as_numbers(tmp_path: Path) -> None:
    Dictionary.fit(SETTINGS, TOLD, HEAD).save(tmp_path / "names.json")
    assert json.loads((tmp_path / "names.json").read_text())["names"][0] == [[[7]], "Disease", 0.6]


def test_untagged_cases_are_refused() -> None:
    plain = Case("a", "a", {"tokens": np.array([1])}, np.asarray(0))
    with pytest.raises(ModelError, match="a dictionary for untagged cases"):
        Dictionary.fit(SETTINGS, [plain], HEAD)
