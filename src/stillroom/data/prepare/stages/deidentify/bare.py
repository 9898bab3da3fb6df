"""Names that the dictionary alone gives away."""

from __future__ import annotations

import re

from stillroom.data.prepare.stages.deidentify.listing import listed
from stillroom.data.prepare.stages.deidentify.runs import Run

_FOLLOWS_A_PERSON = re.compile(
    r"""(?:['’]s)?(?:\s*[^\s\w-]|\s*$|\s+(?:[A-Z]|is|was|has|had|have|will|would|can|could|should|may|might|did|does|do
    |also|and|or|who|whom|whose|that|to|in|on|at|for|with|as|by|from|of|the|a|an|if|but|then|when|while|after|before|because
    |about|again|back|here|there|today|now|says?|said|states?|stated|reports?|reported|denies|denied|presents?|presented
    |came|comes|went|goes|feels?|felt|complain\w*|told|tells?|asked|asks|wants?|wanted|needs?|needed|lives?|lived|works?
    |worked|takes?|took|underwent|called|calls|agreed|agrees|understands?|understood|recommend\w*|saw|sees|seen|got|gets|began
    |started|continues?|tolerated|remains?|remained|appears?|appeared|looks?|doesn|didn|isn|wasn|hasn|hadn|won|noted|notes
    |noticed|reviewed|explained|declined?s?|requests?|requested|experienced|developed|received|returns?|returned|arrived
    |thinks?|thought|knows?|knew|likes?|smokes?|drinks?|uses?|used|age|aged|\d)\b)""",
    re.X,
)
_GIVEN_WORDS = frozenset(
    listed("""mark grace will rose frank art dean grant chase may june april august faith hope joy summer autumn amber
        ruby pearl violet lily daisy ivy holly heather iris olive hazel ginger sandy dawn eve gene max miles
        drew pat jay guy norm victor clay cliff rich rusty chip chuck buddy curt hunter mason parker carter
        taylor tanner tyler jasper jade crystal don melody harmony destiny angel virginia georgia carolina
        dakota austin jordan christian mercy patience prudence charity trinity bishop duke earl rex roman
        sterling wade lance pierce reed brook brooke penny robin raven paris sierra ann savannah china asia
        india israel madison chelsea florence noel rod josh basil emery clement viola brandy misty patty jasmine
        candy fern laurel marina ebony opal flora myrtle rosemary margarita""")
)


_DOES_WHAT_PERSONS_DO = re.compile(
    r"""\s+(?:denies|denied|reports|reported|states|stated|says|said|tells|told|complains|complained|presents|tolerated
    |asks|asked|agrees|agreed|understands|understood|lives|lived|smokes|drinks|works|worked|wants|wanted|feels|felt|thinks
    |thought|called|calls|came|went|underwent|walked|ambulated|slept|ate|verbali[sz]ed|voiced|endorses|endorsed|refused
    |declined|expressed|appears|looks|enjoys|explained|noted|insisted|likes
    |would[ ]like|attends|attended|and[ ](?:her|his)|who[ ]is)\b""",
    re.X,
)


def does_what_persons_do(text: str, stop: int) -> bool:
    """Whether a verb follows that only persons have.

    >>> does_what_persons_do("Ngozi denies pain.", 5), does_what_persons_do("Zofran was given.", 6)
    (True, False)
    """
    return _DOES_WHAT_PERSONS_DO.match(text, stop) is not None


def follows_a_person(text: str, stop: int) -> bool:
    """Whether what follows may follow a person: a verb, a preposition, a mark."""
    return _FOLLOWS_A_PERSON.match(text, stop) is not None


def name_at(text: str, run: Run, place: int, stop: int) -> int:
    """Where a name ends that starts at a token of a run; ``place`` itself where none does.

    A name is a given and a family name, initials with a family name, or a sure name followed by what follows persons: a
    verb, a preposition, a mark; not by the noun that it qualifies (*Duran ring*).
    """
    following = place + 1
    while following < stop and run.is_initial(following):
        following += 1
    if following < stop and _is_joined(run, place, following):
        return following + 1
    if run.is_shouted(place) or run.is_initial(place):
        return place
    end = run.pieces[place].end()
    acts = run.is_unknown(place) and does_what_persons_do(text, end)
    return place + 1 if acts or (run.stands_alone(place) and follows_a_person(text, end)) else place


def _is_joined(run: Run, place: int, family: int) -> bool:
    """Whether a token and a family name behind it are one person's."""
    shouted = run.is_shouted(place)
    if run.is_initial(place):
        return run.pieces[family - 1][0].endswith(".") and run.is_name(family) and not run.is_word(family)
    if run.is_given(place):
        return not run.is_word(family) or (run.is_name(family) and not shouted)
    if run.is_word(place):
        return not shouted and run.parts[place] in _GIVEN_WORDS and run.is_family(family)
    if run.stands_alone(family):
        return run.is_unknown(place) or (run.is_name(place) and not shouted)
    return not shouted and run.is_unknown(place) and run.is_unknown(family)
