from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.vocabularies import byte_level, sentence_piece
from stillroom.data.alignment import Alignment, align, token_ends
from stillroom.data.spelling import Spelling


@st.composite
def cut_twice(draw: st.DrawFn) -> tuple[list[bytes], list[bytes]]:
    """One text, cut in two ways; characters may be cut, tokens may be empty."""
    text = draw(st.text(min_size=1, max_size=40)).encode()

    def cut() -> list[bytes]:
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
        return [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]

    return cut(), cut()


def groups(
    alignment: Alignment, left: list[bytes], right: list[bytes]
) -> list[tuple[list[bytes], list[bytes]]]:
    bounds = zip([0, *alignment.left], alignment.left, [0, *alignment.right], alignment.right, strict=False)
    return [(left[a:b], right[c:d]) for a, b, c, d in bounds]


@given(cut_twice())
def test_groups_partition_both_sides_spell_the_same_and_cannot_be_split(
    cut: tuple[list[bytes], list[bytes]],
) -> None:
    left, right = cut
    found = groups(align(token_ends(left), token_ends(right)), left, right)
    assert [token for group, _ in found for token in group] == left
    assert [token for _, group in found for token in group] == right
    for one, other in found:
        assert one
        assert other
        assert b"".join(one) == b"".join(other)
        inner = [
            set(np.cumsum([len(token) for token in side])) - {0, len(b"".join(side))} for side in (one, other)
        ]
        assert not inner[0] & inner[1]


@given(st.text(min_size=1, max_size=30).filter(lambda text: "▁" not in text and "<" not in text))
def test_two_families_of_tokenizers_meet_at_every_shared_boundary(text: str) -> None:
    sides = []
    for tokenizer in (byte_level_once, sentence_piece_once):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        sides.append([piece or b"" for piece in SPELLING[id(tokenizer)].spell(ids)])
    found = groups(align(*map(token_ends, sides)), *sides)
    assert b"".join(token for group, _ in found for token in group) == text.encode()
    assert all(b"".join(one) == b"".join(other) for one, other in found)


byte_level_once, sentence_piece_once = byte_level(), sentence_piece()
SPELLING = {id(tokenizer): Spelling.of(tokenizer) for tokenizer in (byte_level_once, sentence_piece_once)}


def test_the_same_tokens_give_groups_of_one() -> None:
    ends = token_ends([b"a", b"bc", b"d"])
    found = align(ends, ends)
    assert found.left.tolist() == found.right.tolist() == [1, 2, 3]


def test_sides_that_spell_different_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="spell 3 and 2 bytes; expected the same text on both"):
        align(np.array([1, 3]), np.array([2]))
    with pytest.raises(ValueError, match="spell 0 and 2 bytes"):
        align(np.array([], dtype=np.int64), np.array([2]))
