from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.truncate import TruncateSettings
from stillroom.data.prepare.stages.truncate import Truncate
from stillroom.data.prepare.token_count import CharacterRule, TokenizerCount

FILLER = "Nothing of note was seen on that day. "
FACT = "The serum potassium was 6.1 mmol/l. "


def small(**settings: Any) -> Truncate:
    chosen = {"max_tokens": 60, "template_tokens": 0, "min_context_tokens": 8} | settings
    return Truncate(TruncateSettings(**chosen))


def row(**columns: Any) -> dict[str, Any]:
    return {"id": "a/1", "source": "a", "prompt": "What was the potassium?", "response": "6.1"} | columns


def words(folder: Path) -> str:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return str(folder)


def test_the_sentence_that_the_question_is_about_is_kept() -> None:
    outcome = small().apply(table([row(context=FILLER * 20 + FACT + FILLER * 20)]))
    made = outcome.rows.to_pylist()[0]
    assert FACT.strip() in made["context"]
    assert (made["prompt"], made["response"]) == ("What was the potassium?", "6.1")
    assert outcome.changed == 1
    assert outcome.facts["sentences left out"] > 30


def test_sentences_stay_in_their_order_with_gaps_marked() -> None:
    context = "First potassium day. " + FILLER * 20 + "Second potassium day. " + FILLER
    made = small().apply(table([row(context=context)])).rows["context"][0].as_py()
    assert made.startswith(f"First potassium day. {FILLER}")
    assert made.endswith("[…] Second potassium day. […]")


def test_where_nothing_tells_them_apart_the_first_are_kept() -> None:
    made = small().apply(
        table([row(prompt="Summarise.", context="".join(f"Line {n}.\n" for n in range(99)))])
    )
    assert made.rows["context"][0].as_py().startswith("Line 0.\nLine 1.\n")


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    made = small().apply(table([row(context="potassium " * 200)])).rows["context"][0].as_py()
    assert set(made.split()) == {"potassium"}
    assert 30 < len(made) < 240


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"response": "long " * 60}, "question and answer are longer than 60 tokens"),
        ({"options": ["long " * 40, "longer " * 40]}, "question and answer are longer than 60 tokens"),
        ({"response": "x" * 200, "context": FILLER * 9}, "fewer than 8 tokens are left for the context"),
    ],
)
def test_a_row_that_does_not_fit_is_left_out(columns: dict[str, Any], reason: str) -> None:
    outcome = small().apply(table([row(**columns), row(id="a/2")]))
    assert outcome.dropped.to_pylist() == [{"id": "a/1", "reason": reason, "because_of": ""}]
    assert outcome.rows["id"].to_pylist() == ["a/2"]


def test_no_rows() -> None:
    assert small().apply(table([])).rows.schema == ROW


@pytest.mark.parametrize("own_tokenizer", [False, True])
def test_every_real_row_fits_and_twice_is_once(
    dialogues: pa.Table, abstracts: pa.Table, tmp_path: Path, own_tokenizer: bool
) -> None:
    where = words(tmp_path) if own_tokenizer else None
    stage = Truncate(TruncateSettings(max_tokens=256, tokenizer=where))
    count = TokenizerCount(where) if where else CharacterRule(4.0)
    for rows in (dialogues, abstracts.slice(0, 500)):
        outcome = stage.apply(rows)
        assert outcome.changed > 0
        assert outcome.rows.num_rows + outcome.dropped.num_rows == rows.num_rows
        texts = [outcome.rows[name].to_pylist() for name in ("prompt", "context", "response")]
        assert max(map(sum, zip(*map(count, texts), strict=True))) <= 256 - 32
        again = stage.apply(outcome.rows)
        assert again.rows.equals(outcome.rows)
        assert again.changed == again.dropped.num_rows == 0


def test_the_cut_of_the_table_does_not_matter(dialogues: pa.Table) -> None:
    stage = Truncate(TruncateSettings(max_tokens=256))
    parts = [stage.apply(dialogues.slice(start, 300)).rows for start in range(0, 1201, 300)]
    assert pa.concat_tables(parts).equals(stage.apply(dialogues).rows)


def test_a_row_of_ten_megabytes() -> None:
    made = small().apply(table([row(context=FILLER * 260_000 + FACT)])).rows["context"][0].as_py()
    assert FACT.strip() in made
