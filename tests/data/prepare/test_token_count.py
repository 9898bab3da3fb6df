from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from stillroom.data.prepare.token_count import CharacterRule, TokenizerCount
from stillroom.types import DataError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def test_a_tokenizer_by_file_or_folder(file: Path) -> None:
    for where in (file, file.parent):
        assert TokenizerCount(str(where))(["one two, three", ""]) == [4, 0]


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_no_tokenizer_there(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(DataError, match="no readable tokenizer"):
        TokenizerCount(str(tmp_path))(["one"])


def test_the_rule_rounds_up() -> None:
    assert CharacterRule(4)(["", "a", "abcd", "abcde"]) == [0, 1, 1, 2]
