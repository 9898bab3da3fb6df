from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from stillroom.data.bedside.alignment import Span, pieces_of_words
from stillroom.data.bedside.tokenizers import FEWEST_PIECES, own_tokenizer

WORDS = st.lists(st.text("abcdé", min_size=1, max_size=6), min_size=1, max_size=6)


def places(words: list[str]) -> list[Span]:
    ends = [sum(len(word) + 1 for word in words[: at + 1]) - 1 for at in range(len(words))]
    return [(end - len(word), end) for word, end in zip(words, ends, strict=True)]


def oracle(words: list[Span], pieces: list[Span]) -> list[list[int]]:
    found = []
    for start, end in words:
        mine = [at for at, (a, b) in enumerate(pieces) if set(range(a, b)) & set(range(start, end))]
        found.append([mine[0], mine[-1] + 1] if mine else [0, 0])
    return found


@given(WORDS, st.lists(st.integers(0, 4), min_size=0, max_size=12))
def test_pieces_are_those_that_share_a_character(words: list[str], lengths: list[int]) -> None:
    spans = places(words)
    pieces: list[Span] = [(0, 0)]
    for length in lengths:
        start = pieces[-1][1]
        pieces.append((start, min(start + length, spans[-1][1])))
    pieces.append((0, 0))
    assert pieces_of_words(spans, pieces).tolist() == oracle(spans, pieces)


def test_two_tokenizers_speak_of_the_same_words() -> None:
    text, words = "new β-cells", [(0, 3), (4, 5), (5, 6), (6, 11)]
    whole = Tokenizer(models.WordLevel({"new": 0, "?": 1}, unk_token="?"))
    whole.pre_tokenizer = pre_tokenizers.Whitespace()
    # Between spaces and marks one piece; in bytes with a mark before each word, and two of the Greek letter.
    assert pieces_of_words(words, whole.encode(text).offsets).tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    characters = own_tokenizer(FEWEST_PIECES, [])
    assert pieces_of_words(words, characters.encode(text).offsets).tolist() == [
        [0, 4],
        [4, 7],
        [7, 9],
        [9, 15],
    ]


def test_a_piece_over_two_words_belongs_to_both() -> None:
    assert pieces_of_words([(0, 2), (3, 5)], [(0, 5)]).tolist() == [[0, 1], [0, 1]]
