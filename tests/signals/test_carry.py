"""Targets carried between made vocabularies, against enumeration of everything the teacher might write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from stillroom.data.alignment import token_ends
from stillroom.data.pairs import Pair, Reading
from stillroom.data.spelling import Spelling
from stillroom.data.vocabulary_map import Splitter, VocabularyMap
from stillroom.signals.carry import Carrier
from stillroom.types import Encoded

Pieces = tuple[bytes | None, ...]
Texts = Sequence[bytes]


def longest_first(pieces: Pieces) -> Splitter:
    """A vocabulary whose tokenizer always takes the longest token."""

    def tokenize(texts: list[str]) -> list[list[int]]:
        return [list(cut(text.encode(), pieces) or ()) for text in texts]

    return Splitter(Spelling(pieces), tokenize)


def cut(text: bytes, pieces: Pieces) -> tuple[int, ...] | None:
    ids: list[int] = []
    while text:
        best = Spelling(pieces).longest(text)
        if best is None:
            return None
        ids.append(best)
        text = text[len(pieces[best] or b"") :]
    return tuple(ids)


def reading(text: bytes, ids: Sequence[int], pieces: Pieces, start: int = 0) -> Reading:
    spelled = [pieces[number] or b"" for number in ids]
    assert b"".join(spelled) == text[start:]
    return Reading(np.array([*ids, len(pieces) - 1]), token_ends([*spelled, b"\0"]) + start, start)


class World:
    """A teacher whose every distribution is known, and a student; in both the last token ends an answer."""

    def __init__(self, teacher: Texts, student: Texts, seed: int = 0) -> None:
        self.teacher: Pieces = (*teacher, None)
        self.student: Pieces = (*student, None)
        splitter = longest_first(self.student)
        spelling = Spelling(self.teacher)
        end = len(self.teacher) - 1
        table = VocabularyMap.between(spelling, splitter, ends=[end], end=len(self.student) - 1)
        self.carrier = Carrier(spelling, splitter, table, len(self.student))
        self.seed = seed

    @cache  # noqa: B019
    def next(self, history: tuple[int, ...]) -> tuple[float, ...]:
        random = np.random.default_rng([self.seed, *history])
        return tuple(random.dirichlet(np.ones(len(self.teacher))))

    def pair(self, text: bytes) -> Pair:
        sides = [reading(text, cut(text, pieces) or (), pieces) for pieces in (self.teacher, self.student)]
        return Pair(Encoded(np.arange(2), 1), text, *sides)

    def targets(self, pair: Pair) -> NDArray[np.float64]:
        ids = pair.teacher.ids.tolist()
        probs = np.array([self.next(tuple(ids[:at])) for at in range(len(ids))])
        return self.carrier.carry(probs, pair)

    def chance(self, wanted: Callable[[bytes, bool], bool | None]) -> float:
        """Probability of the texts that are wanted: told the text so far and whether it ended; None is undecided."""
        total = 0.0
        stack = [((), b"", 1.0)]
        while stack:
            history, text, mass = stack.pop()
            for number, p in enumerate(self.next(history)):
                piece = self.teacher[number]
                verdict = wanted(text + (piece or b""), piece is None)
                assert piece is not None or verdict is not None
                if verdict is None:
                    stack.append(((*history, number), text + (piece or b""), mass * p))
                elif verdict:
                    total += mass * p
        return total


def begins(beginning: bytes) -> Callable[[bytes, bool], bool | None]:
    def judge(text: bytes, ended: bool) -> bool | None:
        if text.startswith(beginning):
            return True
        return None if beginning.startswith(text) and not ended else False

    return judge


def ends_at(whole: bytes) -> Callable[[bytes, bool], bool | None]:
    def judge(text: bytes, ended: bool) -> bool | None:
        if ended:
            return text == whole
        return None if whole.startswith(text) else False

    return judge


PREFIX_FREE = (b"ab", b"acc", b"ba", b"c")
BYTES = (b"a", b"b", b"c")


@pytest.mark.parametrize("seed", range(3))
def test_a_student_of_single_bytes_gets_the_teachers_own_distribution_of_the_next_byte(seed: int) -> None:
    """Every first token is decided by the teacher's token alone: all is exact, inside tokens too."""
    world = World(PREFIX_FREE, BYTES, seed)
    text = b"abcaccbaab"
    found = world.targets(world.pair(text))
    for place in range(len(text) + 1):
        condition = world.chance(begins(text[:place]))
        wanted = [world.chance(begins(text[:place] + byte)) / condition for byte in BYTES]
        wanted.append(world.chance(ends_at(text[:place])) / condition)
        assert found[place] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_a_student_of_longer_tokens_gets_the_chain_along_the_text(seed: int) -> None:
    """The token that the text took, and those that differ from it in the last teacher token, are exact."""
    student = (b"aaa", b"aab", b"ab", b"ba", b"bb", b"c")
    world = World(BYTES, student, seed)
    text = b"aabcbaab"
    pair = world.pair(text)
    found = world.targets(pair)
    for row, place in enumerate(pair.student.starts.tolist()):
        condition = world.chance(begins(text[:place]))
        for number, piece in enumerate(student):
            on_the_way = text[place:].startswith(piece[:-1])
            wanted = world.chance(begins(text[:place] + piece)) / condition if on_the_way else 0.0
            assert found[row, number] == pytest.approx(wanted, abs=1e-12)
    assert found[-1, -1] == pytest.approx(world.chance(ends_at(text)) / world.chance(begins(text)), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_numerals_survive_a_student_that_joins_digits_its_teacher_keeps_apart(seed: int) -> None:
    """No numeral of the student stands in the teacher's vocabulary, yet each that shares the digits before has its
    whole chain of probabilities, and the tail holds nothing but the others."""
    digits = tuple(str(digit).encode() for digit in range(10))
    numerals = tuple(f"{number:03}".encode() for number in range(1000))
    world = World((*digits, b"mg"), (*numerals, *digits, b"mg"), seed)
    found = world.targets(world.pair(b"125mg"))[0]
    first, second, third = (
        dict(zip(world.teacher, world.next(past), strict=True)) for past in ((), (1,), (1, 2))
    )
    for digit in digits:
        wanted = first[b"1"] * second[b"2"] * third[digit]
        assert found[world.student.index(b"12" + digit)] == pytest.approx(wanted, abs=1e-15)
        assert found[world.student.index(b"12" + digit)] == pytest.approx(world.chance(begins(b"12" + digit)))


def test_equal_vocabularies_carry_everything_to_itself() -> None:
    world = World(PREFIX_FREE, PREFIX_FREE)
    pair = world.pair(b"abcaccba")
    ids = pair.teacher.ids.tolist()
    wanted = [world.next(tuple(ids[:at])) for at in range(len(ids))]
    assert world.targets(pair) == pytest.approx(np.array(wanted), abs=1e-15)


def test_what_no_token_of_the_student_spells_stays_with_none() -> None:
    world = World((b"a", b"z"), (b"a",))
    found = world.targets(world.pair(b"aa"))
    assert found.sum(1) == pytest.approx([1 - world.next((0,) * at)[1] for at in range(3)])


VOCABULARY = st.lists(
    st.sampled_from([b"aa", b"ab", b"aba", b"bb", b"abab", b"1", b"12", b"a1", b"2a"]), max_size=6
)


@settings(deadline=None)
@given(VOCABULARY, VOCABULARY, st.text("ab12", min_size=1, max_size=9), st.integers(0, 9))
def test_any_two_vocabularies(teacher: list[bytes], student: list[bytes], text: str, seed: int) -> None:
    """Nothing is made up, and the token that the text took has its chain of probabilities exactly."""
    letters = (b"a", b"b", b"1", b"2")
    world = World([*letters, *dict.fromkeys(teacher)], [*letters, *dict.fromkeys(student)], seed)
    pair = world.pair(text.encode())
    found = world.targets(pair)
    assert (found >= 0).all()
    assert (found.sum(1) <= 1 + 1e-12).all()
    for row, number in enumerate(pair.student.ids):
        assert found[row, number] >= taken(world, pair, row) - 1e-12


def taken(world: World, pair: Pair, row: int) -> float:
    """Product of the teacher's probabilities along a student's token, given what is spelled of the first."""
    start, end = pair.student.starts[row], pair.student.ends[row]
    ids, mass = pair.teacher.ids.tolist(), 1.0
    for at, (begin, reached) in enumerate(zip(pair.teacher.starts, pair.teacher.ends, strict=True)):
        if reached <= start or begin >= end:
            continue
        p, spelled = world.next(tuple(ids[:at])), pair.text[begin:start]
        consistent = sum(p[n] for n, piece in enumerate(world.teacher) if (piece or b"").startswith(spelled))
        mass *= p[ids[at]] / (consistent if begin < start else 1.0)
    return float(mass)


def test_a_space_that_only_one_side_spells() -> None:
    words = (b" ", b"a", b" a", b"ab", b" ab", b"b")
    world = World(words, words)
    text = b" aba"
    spaced, bare = [reading(text, cut(text[n:], world.teacher) or (), world.teacher, n) for n in (0, 1)]
    row = Encoded(np.arange(2), 1)

    teacher_spaced = world.targets(Pair(row, text, spaced, bare))[0]
    first = dict(zip(world.teacher, world.next(()), strict=True))
    spaces = first[b" "] + first[b" a"] + first[b" ab"]
    assert teacher_spaced[[1, 3]] == pytest.approx([first[b" a"] / spaces, first[b" ab"] / spaces])
    assert teacher_spaced.sum() == pytest.approx(1 - first[b" "] / spaces)

    student_spaced = world.targets(Pair(row, text, bare, spaced))[0]
    assert student_spaced[[2, 4]] == pytest.approx([first[b"a"], first[b"ab"]])


def test_only_the_likeliest_tokens_are_carried_off_the_text() -> None:
    world = World(PREFIX_FREE, (b"aba", b"abc", b"a", b"b", b"c"))
    pair = world.pair(b"abc")
    few = Carrier(world.carrier.teacher, world.carrier.student, world.carrier.table, world.carrier.vocab, 1)
    ids = pair.teacher.ids.tolist()
    probs = np.array([world.next(tuple(ids[:at])) for at in range(len(ids))])
    assert 0 < few.carry(probs, pair)[0].sum() < world.targets(pair)[0].sum()
