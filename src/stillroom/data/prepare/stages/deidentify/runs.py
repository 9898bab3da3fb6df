"""Runs of capitalised words, judged token by token."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stillroom.data.prepare.stages.deidentify.capitals import PIECE, plain
from stillroom.data.prepare.stages.deidentify.contexts import CREDENTIALS, Belief
from stillroom.data.prepare.stages.deidentify.lexicon import Lexicon
from stillroom.data.prepare.stages.deidentify.listing import listed

_GRAMMAR = frozenset(
    listed("""a an the and or but nor if of in on at to for from by with as is was are were be been has have had do
        does did will would can could may should shall not no he she they it we you i his her their this that
        these those how what why today who which when where while then than so there here all any also after
        before during since until about into over per via""")
)
_MEDICAL = re.compile(
    r"""(?:itis|os[ei]s|a?emia|omas?|path(?:y|ic)|tomy|stomy|plast[iy]c?|scop[iy]c?|graph[iy]c?|gram|log(?:y|ist|ic)|therapy
    |trophic?|genic|static|blast(?:ic)?|cytes?|plegia|paresis|algia|rrh[eo]a|uria|ular|[nrgt]eal|(?<!v)ic|[nrti]al|idine|amine
    |azole|mab|statin|pril|sartan|olol|cillin|mycin|vir|axin|oxide|apine|azine|onazole|cycline|phylline|prazole|zepam|zolam
    |lukast|gliptin|ectomies|ective|oid|ous|ase|yl|ine)s?$""",
    re.X,
)
_ALSO_NAMES = frozenset({"may", "will"})
_LONE = frozenset({"I", "A"})


@dataclass(frozen=True)
class Found:
    """A name in a text, and those of its parts that are sure enough to be looked for elsewhere, in lower case."""

    start: int
    stop: int
    parts: tuple[str, ...]


class Run:
    """A run of capitalised words."""

    def __init__(self, text: str, start: int, stop: int, words: Lexicon) -> None:
        self.pieces = list(PIECE.finditer(text, start, stop))
        self.parts = [plain(piece[0]) for piece in self.pieces]
        self._words = words

    def __len__(self) -> int:
        return len(self.pieces)

    def is_initial(self, place: int) -> bool:
        """Whether a token is a single letter."""
        return len(self.parts[place]) == 1

    def is_word(self, place: int) -> bool:
        """Whether a token is a word, a place, a month or the like."""
        part = self.parts[place]
        if len(part) == 1:
            return False
        words = self._words.words
        return (
            part in words
            or part in self._words.never
            or ("-" in part and all(p in words for p in part.split("-")))
        )

    def is_plain_word(self, place: int) -> bool:
        """Whether a token is a word and no name at all."""
        return self.parts[place] in self._words.words and not self.is_name(place)

    def is_name(self, place: int) -> bool:
        """Whether a token stands in the dictionary of names, as given or family name."""
        part = self.parts[place]
        return len(part) > 1 and (part in self._words.given or part in self._words.family)

    def is_unknown(self, place: int) -> bool:
        """Whether a token is neither a word nor the name of a thing: perhaps a name that no dictionary has."""
        part = self.parts[place]
        return len(part) > 2 and not self._is_thing(place) and not _MEDICAL.search(part)

    def is_given(self, place: int) -> bool:
        """Whether a token is a given name and nothing else."""
        return (
            self.parts[place] in self._words.given
            and len(self.parts[place]) > 2
            and not self._is_thing(place)
        )

    def is_family(self, place: int) -> bool:
        """Whether a token is a common family name, a word or not."""
        return self.parts[place] in self._words.common_family

    def stands_alone(self, place: int) -> bool:
        """Whether a token is so surely a name that a capital is enough."""
        return self.parts[place] in self._words.alone

    def _is_thing(self, place: int) -> bool:
        return self.is_word(place) or self.parts[place] in self._words.eponyms

    def trimmed(self, first: int, stop: int) -> int:
        """Where a name ends that starts at a token."""
        end = first + 1
        while end < stop and self._goes_on(end):
            end += 1
        while end > first + 1 and self.pieces[end - 1][0] in _LONE:
            end -= 1
        return end

    def is_shouted(self, place: int) -> bool:
        """Whether a token is in capitals."""
        return len(self.parts[place]) > 1 and self.pieces[place][0].isupper()

    def _may_end(self, place: int) -> bool:
        return self.is_name(place) or not self._is_thing(place)

    def _goes_on(self, place: int) -> bool:
        if self.parts[place] in _GRAMMAR:
            return False
        if self.parts[place] in CREDENTIALS:
            return False
        return not self.is_word(place) or (self.is_name(place) and not self.is_shouted(place))

    def believed(self, first: int, stop: int, belief: Belief, is_followed: bool) -> bool:
        """Whether tokens are a name, given what stands before them and whether a person's verb or mark follows."""
        whole = [place for place in range(first, stop) if not self.is_initial(place)]
        if belief == "titled":
            return self.parts[first] not in _GRAMMAR or self.parts[first] in _ALSO_NAMES
        if belief == "any":
            return self.parts[first] not in _GRAMMAR and self.parts[first] not in self._words.never
        if not whole or self.parts[whole[0]] in _GRAMMAR or self.parts[whole[0]] in self._words.never:
            return False
        if any(self.is_given(place) or self.stands_alone(place) for place in whole):
            return belief not in {"two", "person", "known"} or len(whole) > 1 or not self.is_shouted(whole[0])
        names, words = sum(map(self.is_name, whole)), sum(map(self.is_word, whole))
        return {
            "called": names > 0 or not words,
            "no_word": (not words and (names > 0 or not self.is_shouted(whole[0]))) or names > 1,
            "two": len(whole) > 1 and not self._is_thing(whole[0]) and self._may_end(whole[-1]),
            "person": self.is_unknown(whole[0]) and not self.is_shouted(whole[0]) and is_followed,
            "known": False,
        }[belief if belief != "person" or len(whole) == 1 else "two"]

    def found(self, first: int, stop: int, is_told: bool) -> Found:
        """Tokens as a name: told by what stands beside it, or else sure where the dictionary has it."""
        sure = (
            place
            for place in range(first, stop)
            if is_told or self.is_given(place) or self.stands_alone(place)
        )
        parts = tuple(self.parts[place] for place in sure)
        return Found(self.pieces[first].start(), self.pieces[stop - 1].end(), parts)
