from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from data.vocabularies import sentence_piece


@pytest.fixture
def folders(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> tuple[str, str]:
    places = tmp_path / "teacher", tmp_path / "student"
    for place, made in zip(places, (sentence_piece(), tokenizer), strict=True):
        made.save_pretrained(place)
    return str(places[0]), str(places[1])


def test_two_vocabularies_are_compared(stillroom: Callable[..., Any], folders: tuple[str, str]) -> None:
    ended = stillroom("vocabulary", *folders)
    assert ended.code == 0
    assert "answers end with <end_of_turn>" in ended.out
    assert "answers end with <|im_end|>" in ended.out
    assert "multi-digit numeral" in ended.out
    assert "note: the teacher's end of text, <eos>, is not its end of turn, <end_of_turn>" in ended.out


def test_a_program_can_read_it(stillroom: Callable[..., Any], folders: tuple[str, str]) -> None:
    report = json.loads(stillroom("vocabulary", *folders, "--json").out)
    assert report["exact"] + report["decomposed"] + report["unmatched"] == pytest.approx(1.0)
    assert report["corpus"] is None


def test_an_unknown_model_is_an_error_of_one_line(
    stillroom: Callable[..., Any], folders: tuple[str, str]
) -> None:
    ended = stillroom("vocabulary", "gemma3-270n", folders[1])
    assert ended.code == 1
    assert "unknown model 'gemma3-270n'" in ended.err
