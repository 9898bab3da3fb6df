"""Words, names and eponyms that decide whether a capital starts somebody's name."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from stillroom.types import MissingExtraError

_MALE, _FEMALE, _FAMILY = "dist.male.first", "dist.female.first", "dist.all.last"
_COMMON_FAMILY_NAMES, _COMMON_GIVEN_NAMES = 12_000, 1_000
_SURROGATE_FAMILY_NAMES, _SURROGATE_GIVEN_NAMES = 1_500, 250
_MOSTLY_NAMES = """john jack martin roger rogers bobby tony terry warren brad nick mike ed rob bob ted tom jerry harry
    larry barry jimmy johnny billy bill lee dale glen hank dirk colleen patsy ray sue tim joe jim jean kelly
    kris smith miller cooper brooks sanders butler foster griffin ford fisher tucker mason burns pierce hart
    weaver peters wheeler fuller lynch welch bowman wade watts bates hale beck peter randy troy chad derrick
    hector rick ken matt josh maria carol sally eddy sherry bonnie walker wright turner cox wells hicks
    freeman mills stokes reeves hogan collier davenport parsons brenda"""
_NO_NAMES = """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday american african english german french italian irish dutch
    greek turkish chinese indian england france germany ireland israel canada brazil china japan india
    holland spain jordan mexico egypt russia europe asia africa america virginia carolina georgia dakota
    washington york jersey hampshire texas florida california ohio nevada montana columbia london paris
    berlin boston houston dallas denver cleveland rochester glasgow oxford cambridge stanford yale harvard
    francisco angeles diego jose vegas antonio christian catholic jewish muslim hispanic latino caucasian
    asian hopkins mayo kaiser medicare medicaid coli pylori difficile aureus diff doctor patient yes no hi
    hello okay mac tim lin bart epic mari vera ann allegra hmm ok uh um mhm yeah yep yup nope nah oh ah wow
    thus kong louis hong thai jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    mrn dob ssn dod doa acct pcp csn npi dea pt hx dx rx"""


@dataclass(frozen=True)
class Lexicon:
    """Words and names, in lower case.

    Attributes:
        words: words of English that are not mostly names.
        plain: those that are no names at all.
        given: given names.
        male: given names that more men have than women.
        family: family names.
        common_family: the most common family names, words or not.
        alone: common names that are no words, eponyms or places: a capital alone makes them somebody's.
        eponyms: persons that something clinical is called after.
        never: what is taken for a name only behind a title.
        surrogates: what a name is replaced with, by ``male``, ``female`` and ``family``.
    """

    words: frozenset[str]
    plain: frozenset[str]
    given: frozenset[str]
    male: frozenset[str]
    family: frozenset[str]
    common_family: frozenset[str]
    alone: frozenset[str]
    eponyms: frozenset[str]
    never: frozenset[str]
    surrogates: dict[str, tuple[str, ...]]


@cache
def lexicon() -> Lexicon:
    """Read the word list, the eponyms, and the names of the package ``names``: the census of the United States of 1990.

    The package is not imported; its three files list names, the most frequent first.

    Raises:
        MissingExtraError: the package is not installed.
    """
    spec = find_spec("names")
    if spec is None or spec.origin is None:
        raise MissingExtraError.of("names", "corpus")
    male, female, family = (_census(Path(spec.origin).parent / name) for name in (_MALE, _FEMALE, _FAMILY))
    words = frozenset(_shipped("words.txt.gz")) - set(_MOSTLY_NAMES.split())
    eponyms, never = frozenset(_shipped("eponyms.txt")), frozenset(_NO_NAMES.split())
    common = {*male[:_COMMON_GIVEN_NAMES], *female[:_COMMON_GIVEN_NAMES], *family[:_COMMON_FAMILY_NAMES]}
    return Lexicon(
        words=words,
        plain=words - set(male + female + family),
        given=frozenset(male + female),
        male=frozenset(_mostly(male, female)),
        family=frozenset(family),
        common_family=frozenset(family[:_COMMON_GIVEN_NAMES]),
        alone=frozenset(name for name in common - words - eponyms - never if len(name) > 2),
        eponyms=eponyms,
        never=never,
        surrogates={
            "male": _plain(male[:_SURROGATE_GIVEN_NAMES], words | never),
            "female": _plain(female[:_SURROGATE_GIVEN_NAMES], words | never),
            "family": _plain(family[:_SURROGATE_FAMILY_NAMES], words | never | eponyms),
        },
    )


def _census(file: Path) -> list[str]:
    return [line.split()[0].lower() for line in file.read_text(encoding="ascii").splitlines() if line.strip()]


def _shipped(name: str) -> list[str]:
    data = files(__package__).joinpath(name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("ascii")
    return [word for line in text.splitlines() if not line.startswith("#") for word in line.split()]


def _mostly(names: list[str], others: list[str]) -> list[str]:
    """Names that stand higher in one list than in another."""
    ranks = {name: rank for rank, name in enumerate(others)}
    return [name for rank, name in enumerate(names) if rank < ranks.get(name, len(others))]


def _plain(listed: list[str], unwanted: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in listed if name not in unwanted)
